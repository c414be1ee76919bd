#include "core/text/tokenizer.h"

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/text/golden_file.h"
#include "tests/unit/core/text/naive_bpe.h"

namespace md2::text {
namespace {

using base::Reason;
using ::testing::ElementsAre;
using testing::HasReason;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::MemFileEnv;
using testing::StatusIs;

constexpr DecodeOptions kExact = {.skip_special = false, .clean_up = false};

TEST(TokenizerTest, LoadsAFile) {
  MemFileEnv env;
  env.Put("/m/tokenizer.json", AsJson(BytesOnly()));
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::Load(env, "/m/tokenizer.json"));
  EXPECT_THAT(tokenizer->Encode("hi"), IsOkAndHolds(ElementsAre('h', 'i')));
  EXPECT_EQ(tokenizer->num_ids(), 256u);
  EXPECT_EQ(tokenizer->end_of_text_id(), std::nullopt);
}

TEST(TokenizerTest, AMissingOrUnreadableFileIsSaidToBeSo) {
  MemFileEnv env;
  EXPECT_THAT(Tokenizer::Load(env, "/m/tokenizer.json"), HasReason(Reason::kFileNotFound));
  env.Put("/m/tokenizer.json", "{}");
  env.FailPath("/m/tokenizer.json",
               base::MakeError(absl::StatusCode::kPermissionDenied, Reason::kFilePermission, "no"));
  EXPECT_THAT(Tokenizer::Load(env, "/m/tokenizer.json"), HasReason(Reason::kFilePermission));
}

TEST(TokenizerTest, ErrorsNameTheFile) {
  MemFileEnv env;
  env.Put("/m/tokenizer.json", "{}");
  EXPECT_THAT(Tokenizer::Load(env, "/m/tokenizer.json"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected a byte-level BPE tokenizer, found otherwise in /m/tokenizer.json:"
                       "\n  model: missing\n  pre_tokenizer: missing\n  decoder: missing"));
}

TEST(TokenizerTest, MergesThatAreNotExactAreRefused) {
  TokenizerSpec spec = BytesOnly();
  AddMerge(spec, "a", "b");
  AddMerge(spec, "b", "c");
  AddMerge(spec, "a", "bc");
  const auto result = Tokenizer::FromJson(AsJson(spec), "t.json");
  EXPECT_THAT(result, HasReason(Reason::kTokenizerInvalid));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument,
                               "expected byte-pair merges that give every token in exactly one "
                               "way, found otherwise in t.json:\n  token 258 \"abc\" does not "
                               "tokenise to itself: merge 0 (\"a\" + \"b\") comes in the way of "
                               "merge 2 (\"a\" + \"bc\")"));
}

TEST(TokenizerTest, EmptyTextHasNoIds) {
  EXPECT_THAT(Published().Encode(""), IsOkAndHolds(IsEmpty()));
  EXPECT_EQ(Published().Decode({}), "");
}

TEST(TokenizerTest, TextThatIsNotUtf8IsRefused) {
  const auto result = Published().Encode("abc\xFF");
  EXPECT_THAT(result, HasReason(Reason::kQuestionInvalid));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument,
                               "expected a text in UTF-8, found the byte 0xff at offset 3"));
  EXPECT_THAT(Published().Encode("a\xED\xA0\x80"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "expected a text in UTF-8, found the byte 0xed at offset 1"));
}

TEST(TokenizerTest, TextThatIsTooLongIsRefused) {
  EXPECT_THAT(Published().CheckText(std::string(kMaxTextBytes, 'a')), IsOk());
  const absl::Status status = Published().CheckText(std::string(kMaxTextBytes + 1, 'a'));
  EXPECT_THAT(status, HasReason(Reason::kQuestionInvalid));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "expected a text of at most 16777216 bytes, found 16777217"));
}

TEST(TokenizerTest, IdsThatAreNoTokensDecodeToNothing) {
  EXPECT_EQ(Published().Decode({64, 50295, 51199, -1, INT32_MAX, INT32_MIN, 65}), "ab");
}

TEST(TokenizerTest, SpecialTokensAreLeftOutOnRequest) {
  EXPECT_EQ(Published().Decode({64, 50256, 65}), "ab");
  EXPECT_EQ(Published().Decode({64, 50256, 65}, {.skip_special = false}), "a<|endoftext|>b");
}

TEST(TokenizerTest, HalfCharactersDecodeToReplacements) {
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, Published().Encode("😀"));
  ASSERT_GT(ids.size(), 1u);
  EXPECT_EQ(Published().Decode({ids[0], 64}), "\uFFFDa");
  EXPECT_EQ(Published().Decode({ids[0]}), "\uFFFD");
}

TEST(TokenizerTest, DecodingTidiesUpUnlessToldNotTo) {
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, Published().Encode(" Yes , it 's so ."));
  EXPECT_EQ(Published().Decode(ids), " Yes, it's so.");
  EXPECT_EQ(Published().Decode(ids, kExact), " Yes , it 's so .");
}

TEST(TokenizerTest, ALongRunWithoutABreakIsEncoded) {
  const std::string text(300'000, 'a');
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, Published().Encode(text));
  EXPECT_EQ(Published().Decode(ids, kExact), text);
}

TEST(TokenizerTest, ManyThreadsMayShareIt) {
  const auto rows = ReadGoldenRows("codegen-encode.jsonl");
  std::vector<int> num_wrong(4);
  std::vector<std::thread> threads;
  for (int& wrong : num_wrong) {
    threads.emplace_back([&rows, &wrong] {
      for (const base::Json& row : rows) {
        const auto ids = Published().Encode(row.at("text").get<std::string>());
        wrong += !ids.ok() || *ids != row.at("ids").get<std::vector<TokenId>>();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(num_wrong, ElementsAre(0, 0, 0, 0));
}

void AppendUtf8(uint64_t c, std::string* text) {
  const auto trail = [](uint64_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    text->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text->append({static_cast<char>(0xC0 | (c >> 6)), trail(c)});
  } else if (c < 0x10000) {
    text->append({static_cast<char>(0xE0 | (c >> 12)), trail(c >> 6), trail(c)});
  } else {
    text->append({static_cast<char>(0xF0 | (c >> 18)), trail(c >> 12), trail(c >> 6), trail(c)});
  }
}

// Characters of every length, with much white space, ASCII and markers between.
std::string RandomText(std::mt19937& random) {
  std::string text;
  for (size_t i = random() % 30; i > 0; --i) {
    switch (random() % 6) {
      case 0:
        text += ' ';
        break;
      case 1:
        AppendUtf8(random() % 0x80, &text);
        break;
      case 2:
        AppendUtf8(random() % 0x800, &text);
        break;
      case 3:
        AppendUtf8(random() % 0xD800, &text);
        break;
      case 4:
        AppendUtf8(0xE000 + random() % (0x110000 - 0xE000), &text);
        break;
      default:
        text += random() % 8 == 0 ? "<|endoftext|>" : "\t \n";
    }
  }
  return text;
}

TEST(TokenizerTest, DecodingGivesBackAnyText) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = RandomText(random);
    ASSERT_EQ(FindInvalidUtf8(text), std::nullopt);
    MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, Published().Encode(text));
    ASSERT_EQ(Published().Decode(ids, kExact), text);
  }
}

}  // namespace
}  // namespace md2::text
