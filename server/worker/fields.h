// Defines how results that are names and values are written:
//   Field        a name and a value, for people and for programs
//   FieldsText   all of them: aligned on a terminal, lines of name, tab, value in a pipe
//   WithThousands, ShownBytes   numbers for people, the same in every locale

#ifndef MD2_SERVER_WORKER_FIELDS_H_
#define MD2_SERVER_WORKER_FIELDS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace md2::worker {

struct Field {
  std::string name;
  std::string value;
  std::string shown = "";  // instead of `value` on a terminal; empty: the same
};

std::string FieldsText(const std::vector<Field>& fields, bool is_terminal);

// 1866919792 -> "1,866,919,792". REQUIRES: value is not negative.
std::string WithThousands(int64_t value);

// Three digits and a power of 1000: 3733839584 -> "3.73 GB"; below 1000 "512 B".
std::string ShownBytes(uint64_t bytes);

}  // namespace md2::worker

#endif  // MD2_SERVER_WORKER_FIELDS_H_
