#include "server/worker/tokenize_command.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/worker/byte_tokenizer.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

// A model folder m whose ids are bytes.
class TokenizeCommandTest : public ::testing::Test {
 protected:
  TokenizeCommandTest() : run_({TokenizeCommand()}) {
    run_.files.Put("m/tokenizer.json", ByteTokenizerJson());
  }

  Ran Tokenize(const std::string& in, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"tokenize", "--model", "m"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_(arguments, in);
  }

  WorkerRun run_;
};

TEST_F(TokenizeCommandTest, EachLineIsAList) {
  EXPECT_THAT(Tokenize("ab\n\n c\r\nlast"),
              Succeeded("[97,98]\n[]\n[32,99,13]\n[108,97,115,116]\n", ""));
  EXPECT_THAT(Tokenize(""), Succeeded("", ""));
}

TEST_F(TokenizeCommandTest, OutputIsTheSameOnATerminalAndAsJson) {
  run_.out_is_terminal = true;
  EXPECT_THAT(Tokenize("ab\n"), Succeeded("[97,98]\n", ""));
  EXPECT_THAT(Tokenize("ab\n", {"-o", "json"}), Succeeded("[97,98]\n", ""));
}

TEST_F(TokenizeCommandTest, DecodeIsTheExactInverse) {
  const std::string text = "a  b .\n<|endoftext|> n't\n\xE2\x82\xAC\n";
  const std::string ids = Tokenize(text).out;
  EXPECT_THAT(Tokenize(ids, {"--decode"}), Succeeded(text, ""));
}

TEST_F(TokenizeCommandTest, CleanUpDecodesAsAnswersAre) {
  EXPECT_THAT(Tokenize("[97,32,46,256]\n", {"--decode", "--clean-up"}), Succeeded("a.\n", ""));
}

TEST_F(TokenizeCommandTest, JsonTextsHoldNewlines) {
  EXPECT_THAT(Tokenize("\"a\\nb\"\n\"\\u20ac\"\n", {"--json-texts"}),
              Succeeded("[97,10,98]\n[226,130,172]\n", ""));
  EXPECT_THAT(Tokenize("[97,10,98]\n[34]\n", {"--decode", "--json-texts"}),
              Succeeded("\"a\\nb\"\n\"\\\"\"\n", ""));
  EXPECT_THAT(Tokenize("[97,10]\n", {"--decode", "-o", "json"}), Succeeded("\"a\\n\"\n", ""));
}

TEST_F(TokenizeCommandTest, IdsThatAreNoTokensGiveNothing) {
  EXPECT_THAT(Tokenize("[97, 50294, 2147483647, 98]\n[]\n", {"--decode"}), Succeeded("ab\n\n", ""));
}

TEST_F(TokenizeCommandTest, ABadLineEndsItWithItsNumber) {
  const Ran ran = Tokenize("a\n\xFF\nb\n");
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(ran.out, "[97]\n");
  EXPECT_EQ(ran.notes,
            "md2-worker: line 2: expected a text in UTF-8, found the byte 0xff at offset 0\n");
}

TEST_F(TokenizeCommandTest, WhatIsNoListOfIdsIsRefused) {
  for (const auto& [line, found] :
       std::vector<std::pair<std::string, std::string>>{{"97", "97"},
                                                        {"{\"a\":1}", "{\\\"a\\\":1}"},
                                                        {"[97,\"a\"]", "\\\"a\\\""},
                                                        {"[-1]", "-1"},
                                                        {"[1.5]", "1.5"},
                                                        {"[2147483648]", "2147483648"}}) {
    EXPECT_THAT(Tokenize(line + "\n", {"--decode"}),
                Failed(3,
                       "line 1: expected a JSON list of token ids, such as [15496,995], found "
                       "\"" +
                           found + "\""));
  }
}

TEST_F(TokenizeCommandTest, WhatIsNoJsonTextIsRefused) {
  EXPECT_THAT(Tokenize("1\n", {"--json-texts"}),
              Failed(3, "line 1: expected a JSON string, such as \"two\\nlines\", found \"1\""));
}

TEST_F(TokenizeCommandTest, OnlyTheTokenizerIsNeeded) {
  EXPECT_THAT(run_({"tokenize", "--model", "none"}),
              Failed(5, "cannot open for reading, no such file or folder: none/tokenizer.json"));
}

}  // namespace
}  // namespace md2::worker
