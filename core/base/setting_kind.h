// Defines SettingKind: which texts a setting takes.

#ifndef MD2_CORE_BASE_SETTING_KIND_H_
#define MD2_CORE_BASE_SETTING_KIND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace md2::base {

// Immutable, share freely.
class SettingKind {
 public:
  // Any text, the empty one included.
  static SettingKind Text();
  // A text that `accepts`; `expectation` ends "expected ...", as in "an address such as
  // 127.0.0.1:80".
  static SettingKind Checked(std::string expectation,
                             std::function<bool(absl::string_view)> accepts);
  static SettingKind Choice(std::vector<std::string> words);
  // true, yes, on, 1, or false, no, off, 0, in any case.
  static SettingKind Bool();
  // Ranges hold both ends.
  static SettingKind Int(int64_t min, int64_t max);
  static SettingKind Double(double min, double max);
  // As core/base/byte_size.h reads them.
  static SettingKind Bytes(uint64_t min, uint64_t max);

  // This kind, which takes these words too, such as "auto".
  SettingKind OrWords(std::vector<std::string> words) const;

  bool Accepts(absl::string_view text) const;
  bool IsWord(absl::string_view text) const;

  // Ends "expected ...": "a whole number from 1 to 64, or auto".
  std::string Expectation() const;

  // Nothing when `text` cannot be read so, whatever the range.
  static absl::optional<bool> ParseBool(absl::string_view text);
  static absl::optional<int64_t> ParseInt(absl::string_view text);
  static absl::optional<double> ParseDouble(absl::string_view text);  // finite ones only

 private:
  SettingKind() = default;

  std::string expectation_;
  std::function<bool(absl::string_view)> accepts_;
  std::vector<std::string> words_;
};

}  // namespace md2::base

#endif  // MD2_CORE_BASE_SETTING_KIND_H_
