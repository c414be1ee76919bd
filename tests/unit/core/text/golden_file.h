// Defines reading of tests/golden/tokenizer.

#ifndef MD2_TESTS_UNIT_CORE_TEXT_GOLDEN_FILE_H_
#define MD2_TESTS_UNIT_CORE_TEXT_GOLDEN_FILE_H_

#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/text/tokenizer.h"

namespace md2::text {

// The content of that file; ends the test program with a message when it cannot be read.
std::string ReadGolden(const std::string& name);

// One JSON value a line.
std::vector<base::Json> ReadGoldenRows(const std::string& name);

// tests/golden/tokenizer/NAME-tokenizer.json; "codegen" is the published one.
std::unique_ptr<const Tokenizer> LoadGoldenTokenizer(const std::string& name);

// The published tokenizer, loaded once in the test program.
const Tokenizer& Published();

}  // namespace md2::text

#endif  // MD2_TESTS_UNIT_CORE_TEXT_GOLDEN_FILE_H_
