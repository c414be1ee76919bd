#include "core/base/atomic_folder.h"

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/mem_file_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/core/base/each_disk.h"

namespace md2::base {
namespace {

using ::testing::ElementsAre;
using testing::HasMessage;
using testing::HasReason;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::MemFileEnv;

absl::Status WriteFolder(FileEnv& env, const std::string& path, absl::string_view content,
                         AtomicFolderOptions options = {}) {
  options.kind = "test";
  MD2_ASSIGN_OR_RETURN(const auto folder, AtomicFolder::Create(env, path, options));
  MD2_RETURN_IF_ERROR(folder->WriteFile("a", content));
  MD2_RETURN_IF_ERROR(folder->WriteFile("sub/b", content));
  return folder->Commit({{"made_by", "a test"}});
}

TEST(AtomicFolder, HoldsItsFilesAndTheirManifest) {
  MemFileEnv env;
  ASSERT_THAT(WriteFolder(env, "/out/f", "content"), IsOk());
  EXPECT_THAT(env.Files(), ElementsAre("/out/f/a", "/out/f/manifest.json", "/out/f/sub/b"));
  MD2_ASSERT_OK_AND_ASSIGN(const Manifest manifest, ReadManifest(env, "/out/f", "test"));
  EXPECT_EQ(manifest.about["made_by"], "a test");
  EXPECT_EQ(manifest.files.size(), 2u);
  EXPECT_EQ(manifest.files.at("sub/b").size_bytes, 7u);
  EXPECT_THAT(VerifyFiles(env, "/out/f", manifest), IsOk());
}

TEST(AtomicFolder, ThePathIsAbsentUntilCommitAndWithoutIt) {
  MemFileEnv env;
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto folder, AtomicFolder::Create(env, "/out/f", {}));
    ASSERT_THAT(folder->WriteFile("a", "x"), IsOk());
    EXPECT_THAT(env.Stat("/out/f"), HasReason(Reason::kFileNotFound));
  }
  EXPECT_THAT(env.Files(), ElementsAre());
  EXPECT_THAT(env.ListDirectory("/out"), IsOkAndHolds(ElementsAre()));
}

TEST(AtomicFolder, AFolderWithContentIsRefusedUnlessItMayBeReplaced) {
  MemFileEnv env;
  env.Put("/out/f/old", "mine");
  EXPECT_THAT(WriteFolder(env, "/out/f", "new"), HasReason(Reason::kFileExists));
  EXPECT_THAT(WriteFolder(env, "/out/f", "new"),
              HasMessage("expected a folder that is empty or absent, name another: /out/f"));
  EXPECT_EQ(env.Get("/out/f/old"), "mine");
  ASSERT_THAT(WriteFolder(env, "/out/f/", "new", {.may_replace = true}), IsOk());
  EXPECT_EQ(env.Get("/out/f/a"), "new");
  EXPECT_EQ(env.Get("/out/f/old"), absl::nullopt);
  EXPECT_THAT(env.ListDirectory("/out"), IsOkAndHolds(ElementsAre("f")));
}

TEST(AtomicFolder, AnEmptyFolderIsTaken) {
  MemFileEnv env;
  ASSERT_THAT(env.CreateDirectories("/out/f"), IsOk());
  EXPECT_THAT(WriteFolder(env, "/out/f", "new"), IsOk());
}

TEST(AtomicFolder, WhatADeadWriterLeftIsRemoved) {
  MemFileEnv env;
  env.Put("/out/.tmp.f/half", "x");
  env.Put("/out/.tmp.f.old/deep/half", "x");
  ASSERT_THAT(WriteFolder(env, "/out/f", "new"), IsOk());
  EXPECT_THAT(env.ListDirectory("/out"), IsOkAndHolds(ElementsAre("f")));
  EXPECT_EQ(env.Get("/out/f/half"), absl::nullopt);
}

TEST(AtomicFolder, OneWriterAtATime) {
  MemFileEnv env;
  MD2_ASSERT_OK_AND_ASSIGN(const auto folder, AtomicFolder::Create(env, "/out/f", {}));
  EXPECT_THAT(WriteFolder(env, "/out/f", "new"),
              HasMessage("another process is writing this folder: /out/f"));
  ASSERT_THAT(folder->WriteFile("a", "mine"), IsOk());
  EXPECT_THAT(folder->Commit({}), IsOk());
}

TEST(AtomicFolder, AFileThatWasNotCommittedIsABug) {
  MemFileEnv env;
  MD2_ASSERT_OK_AND_ASSIGN(const auto folder, AtomicFolder::Create(env, "/out/f", {}));
  ASSERT_THAT(folder->CreateFile("a"), IsOk());
  EXPECT_THAT(folder->Commit({}), HasReason(Reason::kInternal));
}

TEST(AtomicFolder, AFolderThatSomeoneReadsIsNotRemoved) {
  MemFileEnv env;
  ASSERT_THAT(WriteFolder(env, "/out/f", "x", {.keeps_lock = true}), IsOk());
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto reading, env.LockShared("/out/f/.lock"));
    EXPECT_THAT(RemoveFolderAtomically(env, "/out/f"), HasReason(Reason::kFileExists));
    EXPECT_EQ(env.Get("/out/f/a"), "x");
  }
  EXPECT_THAT(RemoveFolderAtomically(env, "/out/f"), IsOk());
  EXPECT_THAT(RemoveFolderAtomically(env, "/out/f"), IsOk());
  EXPECT_THAT(env.ListDirectory("/out"), IsOkAndHolds(ElementsAre()));
}

TEST(AtomicFolder, RemoveUnfinishedLeavesWhatIsPublished) {
  MemFileEnv env;
  env.Put("/out/.tmp.f/half", "x");
  env.Put("/out/config.json.tmp.4711.0", "x");
  env.Put("/out/f/a", "x");
  env.Put("/out/my.tmp.x.1", "x");
  EXPECT_THAT(RemoveUnfinished(env, "/out"), IsOk());
  EXPECT_THAT(RemoveUnfinished(env, "/none"), IsOk());
  EXPECT_THAT(env.Files(), ElementsAre("/out/f/a", "/out/my.tmp.x.1"));
}

// --- What a disk must do for it, asked of the real one too.

class AtomicFolderDiskTest : public EachDiskTest {
 protected:
  std::string path() const { return File("f"); }
  std::vector<std::string> Names(const std::string& dir) {
    return env().ListDirectory(dir).value();
  }
};

TEST_P(AtomicFolderDiskTest, HoldsItsFilesAndNothingIsLeftBesideIt) {
  ASSERT_THAT(WriteFolder(env(), path(), "content"), IsOk());
  EXPECT_THAT(Names(folder()), ElementsAre("f"));
  EXPECT_THAT(Names(path()), ElementsAre("a", "manifest.json", "sub"));
  EXPECT_THAT(Read(path() + "/sub/b"), IsOkAndHolds("content"));
  MD2_ASSERT_OK_AND_ASSIGN(const Manifest manifest, ReadManifest(env(), path(), "test"));
  EXPECT_THAT(VerifyFiles(env(), path(), manifest), IsOk());
}

TEST_P(AtomicFolderDiskTest, WithoutCommitNothingIsLeft) {
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto written, AtomicFolder::Create(env(), path(), {}));
    ASSERT_THAT(written->WriteFile("sub/a", "x"), IsOk());
    EXPECT_THAT(env().Stat(path()), HasReason(Reason::kFileNotFound));
  }
  EXPECT_THAT(Names(folder()), ElementsAre());
}

TEST_P(AtomicFolderDiskTest, ReplacesAFolderWithAllThatIsInIt) {
  ASSERT_THAT(WriteFolder(env(), path(), "old"), IsOk());
  ASSERT_THAT(env().CreateDirectories(path() + "/more/below"), IsOk());
  EXPECT_THAT(WriteFolder(env(), path(), "new"), HasReason(Reason::kFileExists));
  ASSERT_THAT(WriteFolder(env(), path(), "new", {.may_replace = true}), IsOk());
  EXPECT_THAT(Names(path()), ElementsAre("a", "manifest.json", "sub"));
  EXPECT_THAT(Read(path() + "/a"), IsOkAndHolds("new"));
  EXPECT_THAT(Names(folder()), ElementsAre("f"));
}

TEST_P(AtomicFolderDiskTest, IsNotRemovedWhileSomeoneReadsIt) {
  ASSERT_THAT(WriteFolder(env(), path(), "x", {.keeps_lock = true}), IsOk());
  {
    MD2_ASSERT_OK_AND_ASSIGN(const auto reading, env().LockShared(path() + "/.lock"));
    EXPECT_THAT(RemoveFolderAtomically(env(), path()), HasReason(Reason::kFileExists));
    EXPECT_THAT(Read(path() + "/a"), IsOkAndHolds("x"));
  }
  EXPECT_THAT(RemoveFolderAtomically(env(), path()), IsOk());
  EXPECT_THAT(Names(folder()), ElementsAre());
}

TEST_P(AtomicFolderDiskTest, HasOneWriterAtATime) {
  MD2_ASSERT_OK_AND_ASSIGN(const auto writing, AtomicFolder::Create(env(), path(), {}));
  EXPECT_THAT(WriteFolder(env(), path(), "new"),
              HasMessage("another process is writing this folder: " + path()));
}

TEST_P(AtomicFolderDiskTest, WhatAWriterLeftThatDiedIsRemoved) {
  ASSERT_THAT(env().CreateDirectories(File(".tmp.f/sub")), IsOk());
  Write(File(".tmp.f/sub/half"), "x");
  ASSERT_THAT(WriteFolder(env(), path(), "new"), IsOk());
  EXPECT_THAT(Names(folder()), ElementsAre("f"));
  EXPECT_THAT(Names(path() + "/sub"), ElementsAre("b"));
}

INSTANTIATE_TEST_SUITE_P(Disks, AtomicFolderDiskTest, ::testing::Values(Disk::kReal, Disk::kMemory),
                         NameOf);

TEST(Manifest, EveryFileThatDiffersIsNamed) {
  MemFileEnv env;
  ASSERT_THAT(WriteFolder(env, "/f", "content"), IsOk());
  MD2_ASSERT_OK_AND_ASSIGN(const Manifest manifest, ReadManifest(env, "/f", "test"));
  env.Put("/f/a", "CONTENT");
  env.Put("/f/sub/b", "longer content");
  const absl::Status status = VerifyFiles(env, "/f", manifest);
  EXPECT_THAT(status, HasReason(Reason::kFileDamaged));
  EXPECT_THAT(status, HasMessage(HasSubstr("a: expected the SHA-256 ed7002b4")));
  EXPECT_THAT(status, HasMessage(HasSubstr("sub/b: expected 7 bytes, found 14")));
  ASSERT_THAT(env.RemoveFile("/f/a"), IsOk());
  EXPECT_THAT(VerifyFiles(env, "/f", manifest), HasMessage(HasSubstr("a: missing")));
}

TEST(Manifest, OneThatCannotBeReadSaysWhy) {
  MemFileEnv env;
  EXPECT_THAT(ReadManifest(env, "/f", "test"), HasReason(Reason::kFileNotFound));
  for (const char* text :
       {"{", "[]", R"({"kind":"test","version":2,"files":{}})", R"({"version":1,"files":{}})",
        R"({"kind":"test","version":1,"files":{"../x":{"bytes":1,"sha256":""}}})",
        R"({"kind":"test","version":1,"files":{"x":{"bytes":-1}}})",
        R"({"kind":"other","version":1,"files":{}})"}) {
    env.Put("/f/manifest.json", text);
    const absl::Status status = ReadManifest(env, "/f", "test").status();
    EXPECT_THAT(status, HasReason(Reason::kFileDamaged)) << text;
    EXPECT_THAT(status, HasMessage(HasSubstr("/f/manifest.json"))) << text;
  }
}

}  // namespace
}  // namespace md2::base
