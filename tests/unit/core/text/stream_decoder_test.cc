#include "core/text/stream_decoder.h"

#include <random>
#include <string>
#include <vector>

#include "core/text/tokenizer.h"
#include "core/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/text/golden_file.h"

namespace md2::text {
namespace {

using ::testing::ElementsAre;

constexpr DecodeOptions kExact = {.skip_special = false, .clean_up = false};

TEST(StreamDecoderTest, NeverGivesHalfACharacter) {
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, Published().Encode("😀日"));
  ASSERT_GT(ids.size(), 2u);
  StreamDecoder decoder(Published());
  std::vector<std::string> pieces;
  for (const TokenId id : ids) {
    const std::string piece = decoder.Feed(id);
    if (!piece.empty()) pieces.push_back(piece);
  }
  EXPECT_EQ(decoder.Finish(), "");
  EXPECT_THAT(pieces, ElementsAre("😀", "日"));
}

TEST(StreamDecoderTest, HoldsBackWhatMayBeCleanedAway) {
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> ids, Published().Encode(" cat ,"));
  ASSERT_EQ(ids.size(), 2u);
  MD2_ASSERT_OK_AND_ASSIGN(const std::vector<TokenId> space, Published().Encode(" "));
  StreamDecoder decoder(Published());
  EXPECT_EQ(decoder.Feed(ids[0]), " cat");
  EXPECT_EQ(decoder.Feed(space[0]), "");
  EXPECT_EQ(decoder.Feed(ids[1]), " ,");  // of two spaces the nearer one goes
  EXPECT_EQ(decoder.Finish(), "");
}

TEST(StreamDecoderTest, RandomIdsGiveTheTextOfDecode) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const DecodeOptions options :
       {DecodeOptions{}, kExact, DecodeOptions{.skip_special = false}}) {
    StreamDecoder decoder(Published(), options);
    for (int round = 0; round < 1500; ++round) {
      std::vector<TokenId> ids;
      // Many of the first ids: single bytes, punctuation, parts of contractions.
      for (size_t i = random() % 16; i > 0; --i) {
        ids.push_back(static_cast<TokenId>(random() % (i % 2 == 0 ? 300 : 50300)));
      }
      std::string text;
      for (const TokenId id : ids) {
        const std::string piece = decoder.Feed(id);
        ASSERT_EQ(FindInvalidUtf8(piece), std::nullopt);
        text += piece;
      }
      text += decoder.Finish();
      ASSERT_EQ(text, Published().Decode(ids, options)) << ::testing::PrintToString(ids);
    }
  }
}

}  // namespace
}  // namespace md2::text
