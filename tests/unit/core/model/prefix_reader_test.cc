#include "core/model/prefix_reader.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tiny_model.h"

namespace md2::model {
namespace {

using base::Reason;
using testing::HasReason;
using testing::IsOk;
using ::testing::SizeIs;

class PrefixReaderTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<Session>> Read(const std::string& image, std::vector<int64_t> prompt) {
    return reader_.Read(image, {.prompts = {std::move(prompt)}, .max_new_tokens = 2},
                        [this]() -> absl::StatusOr<at::Tensor> {
                          ++num_encoded_;
                          MD2_RETURN_IF_ERROR(failure_);
                          const Sizes& sizes = model_->sizes();
                          return testing::RandomValues({sizes.image_tokens(), sizes.text.dim}, 1);
                        });
  }

  std::unique_ptr<const Moondream> model_ = testing::MakeTinyModel();
  PrefixReader reader_{*model_, AttentionKind::kCausal};
  int num_encoded_ = 0;
  absl::Status failure_;
};

TEST_F(PrefixReaderTest, AnImageIsEncodedOnceForQuestionsThatFollow) {
  EXPECT_THAT(Read("a", {5}), IsOk());
  EXPECT_THAT(Read("a", {6}), IsOk());
  EXPECT_EQ(num_encoded_, 1);
  EXPECT_THAT(Read("b", {6}), IsOk());
  EXPECT_THAT(Read("a", {6}), IsOk());
  EXPECT_EQ(num_encoded_, 3);
}

TEST_F(PrefixReaderTest, AFurtherQuestionIsReadAsTheFirstIs) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto first, Read("a", {5, 6}));
  MD2_ASSERT_OK_AND_ASSIGN(const auto second, Read("a", {5, 6}));
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_LT(first[0].logits().sub(second[0].logits()).abs().max().item<float>(), 1e-5);
}

TEST_F(PrefixReaderTest, AfterAFailureTheImageIsEncodedAgain) {
  EXPECT_THAT(Read("a", {5}), IsOk());
  failure_ = base::MakeError(absl::StatusCode::kNotFound, Reason::kFileNotFound, "no image");
  EXPECT_THAT(Read("b", {5}), HasReason(Reason::kFileNotFound));
  failure_ = absl::OkStatus();
  EXPECT_THAT(Read("a", {5}), IsOk());
  EXPECT_EQ(num_encoded_, 3);
}

TEST_F(PrefixReaderTest, AQuestionThatIsTooLongIsTheModelsError) {
  EXPECT_THAT(Read("a", std::vector<int64_t>(100, 5)), HasReason(Reason::kContextOverflow));
  EXPECT_THAT(Read("a", {5}), IsOk());
}

}  // namespace
}  // namespace md2::model
