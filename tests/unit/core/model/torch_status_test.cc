#include "core/model/torch_status.h"

#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

#include <new>
#include <stdexcept>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace md2::model {
namespace {

using absl::StatusCode;
using base::Reason;
using ::testing::AllOf;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using ::testing::StartsWith;
using testing::StatusIs;

constexpr char kOutOfMemory[] =
    "doing it: memory ran out; use a smaller precision or batch, or a larger machine: ";

template <typename Work>
absl::Status Caught(Work work) {
  return CatchTorch("doing it", [&]() -> absl::Status {
    work();
    return absl::OkStatus();
  });
}

TEST(CatchTorchTest, ReturnsTheStatusOfTheWork) {
  EXPECT_THAT(Caught([] {}), IsOk());
  const absl::Status error = base::MakeError(StatusCode::kNotFound, Reason::kFileNotFound, "none");
  EXPECT_EQ(CatchTorch("doing it", [&] { return absl::Status(error); }), error);
}

TEST(CatchTorchTest, AnErrorOfLibTorchIsInternalWithoutItsBacktrace) {
  const absl::Status status = Caught([] { TORCH_CHECK(false, "two sizes\ndiffer"); });
  EXPECT_THAT(status, HasReason(Reason::kInternal));
  EXPECT_THAT(status, StatusIs(StatusCode::kInternal, "doing it: two sizes"));
}

TEST(CatchTorchTest, AnyOtherExceptionIsInternal) {
  const absl::Status status = Caught([] { throw std::runtime_error("one\ntwo"); });
  EXPECT_THAT(status, HasReason(Reason::kInternal));
  EXPECT_THAT(status, StatusIs(StatusCode::kInternal, "doing it: one"));
}

TEST(CatchTorchTest, AFullDeviceIsOutOfMemory) {
  const absl::Status status =
      Caught([] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory\nmore"); });
  EXPECT_THAT(status, HasReason(Reason::kOutOfMemory));
  EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted,
                               std::string(kOutOfMemory) + "CUDA out of memory"));
}

TEST(CatchTorchTest, AFullHostIsOutOfMemory) {
  absl::Status status = Caught([] { throw std::bad_alloc(); });
  EXPECT_THAT(status, HasReason(Reason::kOutOfMemory));
  EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted, StartsWith(kOutOfMemory)));
  status = Caught([] { at::empty({int64_t{1} << 46}, at::kFloat); });
  EXPECT_THAT(status, HasReason(Reason::kOutOfMemory));
  EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted,
                               AllOf(StartsWith(kOutOfMemory), HasSubstr("DefaultCPUAllocator"),
                                     Not(HasSubstr("\n")))));
}

TEST(CatchTorchTest, WhatOneDnnSaysWithoutMemoryIsOutOfMemory) {
  for (const char* text : {"could not create a primitive", "could not execute a primitive"}) {
    const absl::Status status = Caught([&] { throw std::runtime_error(text); });
    EXPECT_THAT(status, HasReason(Reason::kOutOfMemory));
    EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted, std::string(kOutOfMemory) + text));
  }
}

}  // namespace
}  // namespace md2::model
