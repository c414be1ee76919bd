#include "server/worker/byte_tokenizer.h"

#include "core/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::worker {
namespace {

using ::testing::ElementsAre;
using testing::IsOkAndHolds;

TEST(ByteTokenizerTest, EachByteIsItsOwnId) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto tokenizer,
                           text::Tokenizer::FromJson(ByteTokenizerJson(), "bytes"));
  EXPECT_EQ(tokenizer->num_ids(), 257u);
  EXPECT_EQ(tokenizer->end_of_text_id(), 256);
  EXPECT_THAT(tokenizer->Encode("a \xC3\xA9<|endoftext|>"),
              IsOkAndHolds(ElementsAre(97, 32, 0xC3, 0xA9, 256)));
}

}  // namespace
}  // namespace md2::worker
