// Defines EachDiskTest, a fixture that asks the same of the real disk and of the one in memory.

#ifndef MD2_TESTS_UNIT_CORE_BASE_EACH_DISK_H_
#define MD2_TESTS_UNIT_CORE_BASE_EACH_DISK_H_

#include <cstdint>
#include <string>

#include "absl/types/span.h"
#include "core/base/file_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_folder.h"

namespace md2::base {

inline absl::Span<const uint8_t> Bytes(absl::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string Text(absl::Span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

enum class Disk { kReal, kMemory };

class EachDiskTest : public ::testing::TestWithParam<Disk> {
 protected:
  EachDiskTest() {
    if (GetParam() == Disk::kMemory) {
      EXPECT_THAT(memory_.CreateDirectories(folder()), testing::IsOk());
    }
  }

  FileEnv& env() { return GetParam() == Disk::kReal ? *RealFileEnv() : memory_; }
  const std::string& folder() const { return temp_.path(); }
  std::string File(const std::string& name) const { return temp_.File(name); }

  void Write(const std::string& path, absl::string_view content) {
    MD2_ASSERT_OK_AND_ASSIGN(const auto file, env().CreateForWrite(path));
    ASSERT_THAT(file->Append(Bytes(content)), testing::IsOk());
    ASSERT_THAT(file->Sync(), testing::IsOk());
    ASSERT_THAT(file->Close(), testing::IsOk());
  }

  absl::StatusOr<std::string> Read(const std::string& path) {
    return ReadWholeFile(env(), path, 1 << 20);
  }

 private:
  testing::TempFolder temp_;
  testing::MemFileEnv memory_;
};

inline std::string NameOf(const ::testing::TestParamInfo<Disk>& param) {
  return param.param == Disk::kReal ? "Real" : "Memory";
}

}  // namespace md2::base

#endif  // MD2_TESTS_UNIT_CORE_BASE_EACH_DISK_H_
