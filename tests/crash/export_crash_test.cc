// Exports with the k-th disk operation failing, and with the power lost there, for every k: the
// folder is whole or absent.

#include <cerrno>
#include <string>

#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/manifest.h"
#include "core/train/export_adapter.h"
#include "core/train/export_model.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/train/some_export.h"

namespace md2::train {
namespace {

using testing::IsOk;
using testing::MemFileEnv;
using testing::PowerLoss;

constexpr char kOut[] = "/out/export";

absl::Status DiskError() { return base::ErrnoToStatus(EIO, "do what the test forbids", kOut); }

bool IsAbsent(base::FileEnv& env) {
  return base::ReasonOf(env.Stat(kOut).status()) == base::Reason::kFileNotFound;
}

// By the kind of export.
class ExportCrash : public ::testing::TestWithParam<const char*> {
 protected:
  // Opens the base anew, since what was open fails after a power loss.
  static absl::Status Export(MemFileEnv& env, int64_t fail_from) {
    const auto base = model::OpenModelFolder(env, kBaseDir);
    EXPECT_THAT(base, IsOk());
    const ExportSource source = SourceOf(*base, SomeAdapter());
    if (fail_from >= 0) env.FailFrom(fail_from, DiskError());
    return std::string(GetParam()) == kModelKind ? ExportModel(env, kOut, source)
                                                 : ExportAdapter(env, kOut, source);
  }

  static bool IsWhole(base::FileEnv& env) {
    const auto manifest = base::ReadManifest(env, kOut, GetParam());
    return manifest.ok() && base::VerifyFiles(env, kOut, *manifest).ok();
  }
};

TEST_P(ExportCrash, TheFolderIsWholeOrAbsent) {
  MemFileEnv undisturbed;
  BaseFolder(undisturbed, model::Dtype::kF16);
  const int64_t before = undisturbed.num_operations();
  ASSERT_THAT(Export(undisturbed, -1), IsOk());
  const int64_t num_operations = undisturbed.num_operations() - before;
  for (const bool loses_power : {false, true}) {
    for (const PowerLoss loss : {PowerLoss::kDataAndNames, PowerLoss::kDataOnly}) {
      for (int64_t k = 0; k <= num_operations; ++k) {
        SCOPED_TRACE(k);
        MemFileEnv env;
        BaseFolder(env, model::Dtype::kF16);
        const bool is_done = Export(env, k).ok();
        env.ClearFaults();
        if (loses_power) env.DropUnsynced(loss);
        EXPECT_TRUE(IsWhole(env) || (!is_done && IsAbsent(env)));
        if (!IsAbsent(env)) continue;
        EXPECT_THAT(Export(env, -1), IsOk());
        EXPECT_EQ(env.ListDirectory("/out")->size(), 1u);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ExportCrash, ::testing::Values(kModelKind, kAdapterKind),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace md2::train
