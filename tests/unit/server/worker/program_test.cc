#include "server/worker/program.h"

#include <new>
#include <sstream>
#include <stdexcept>
#include <streambuf>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/server/worker/worker_run.h"

namespace md2::worker {
namespace {

Command Say(const std::string& name) {
  return {.name = name,
          .summary = "says " + name,
          .description = "Says it.\n",
          .examples = {"md2-worker " + name},
          .settings = {Required(Flag("word", "TEXT", "what to say")), Switch("loud", "says it so"),
                       OutputSetting()},
          .run = [](const base::ResolvedSettings& settings, Surroundings& surroundings) {
            surroundings.out << *settings.GetString("word") << "\n";
            return absl::OkStatus();
          }};
}

Command Doing(const std::string& name, const std::function<absl::Status()>& work) {
  return {.name = name,
          .summary = name,
          .description = "",
          .examples = {},
          .settings = {},
          .run = [work](const base::ResolvedSettings&, Surroundings&) { return work(); }};
}

std::vector<Command> Commands() { return {Say("inspect"), Say("datagen model")}; }

constexpr char kProgramHelp[] =
    "Usage: md2-worker COMMAND [flags]\n"
    "\n"
    "Commands:\n"
    "  inspect        says inspect\n"
    "  datagen model  says datagen model\n"
    "\n"
    "  COMMAND --help  what a command takes, with examples\n"
    "  --version       version, commit, compiler and LibTorch of this program\n"
    "\n"
    "Results go to stdout, notes and errors to stderr. Exit codes: 0 done, 1 other, 2 "
    "interrupted,\n"
    "3 usage or bad input, 4 permission, 5 not found, 6 conflict, 7 unavailable, 8 out of storage\n"
    "or memory, 9 deadline.\n";

TEST(ProgramTest, HelpListsTheCommands) {
  for (const char* flag : {"--help", "-h"}) {
    EXPECT_THAT(WorkerRun(Commands())({flag}), Succeeded(kProgramHelp, ""));
  }
}

TEST(ProgramTest, WithoutACommandHelpGoesToStderr) {
  const Ran ran = WorkerRun(Commands())({});
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.notes, std::string(kProgramHelp) + "md2-worker: expected a command, found none\n");
}

TEST(ProgramTest, VersionIsPrinted) {
  EXPECT_THAT(WorkerRun(Commands())({"--version"}), Succeeded("md2-worker 1.2.3\n", ""));
}

TEST(ProgramTest, HelpOfACommandShowsFlagsAndExamples) {
  EXPECT_THAT(
      WorkerRun(Commands())({"datagen", "model", "--help"}),
      Succeeded("Usage: md2-worker datagen model --word TEXT [--loud] [--output text|json]\n"
                "\n"
                "Says it.\n"
                "\n"
                "Flags:\n"
                "  --word TEXT             what to say\n"
                "  --loud                  says it so\n"
                "  -o, --output text|json  a table on a terminal and plain lines in a pipe, "
                "or JSON (default text)\n"
                "\n"
                "Each flag reads the variable MD2_<NAME> when it is not given; dashes and "
                "underscores are\n"
                "the same in flags.\n"
                "\n"
                "Examples:\n"
                "  md2-worker datagen model\n",
                ""));
}

TEST(ProgramTest, HelpOfAGroupListsItsCommands) {
  EXPECT_THAT(WorkerRun(Commands())({"datagen", "--help"}),
              Succeeded("Usage: md2-worker datagen COMMAND [flags]\n"
                        "\n"
                        "Commands:\n"
                        "  datagen model  says datagen model\n",
                        ""));
}

TEST(ProgramTest, CommandsOfOneAndOfTwoWordsAreFound) {
  EXPECT_THAT(WorkerRun(Commands())({"inspect", "--word", "a"}), Succeeded("a\n", ""));
  EXPECT_THAT(WorkerRun(Commands())({"datagen", "model", "--word", "b"}), Succeeded("b\n", ""));
}

TEST(ProgramTest, AnUnknownCommandNamesTheNearest) {
  WorkerRun run(Commands());
  EXPECT_THAT(run({"inspekt"}), Failed(3,
                                       "expected a command, found \"inspekt\"; did you mean "
                                       "inspect? (md2-worker --help lists them)"));
  EXPECT_THAT(run({"datagen", "modle"}), Failed(3,
                                                "expected a command, found \"datagen modle\"; did "
                                                "you mean datagen model? (md2-worker --help lists "
                                                "them)"));
  EXPECT_THAT(run({"datagen"}),
              Failed(3, "expected a command, found \"datagen\" (md2-worker --help lists them)"));
  EXPECT_THAT(run({"--word", "a", "inspect"}),
              Failed(3, "expected a command, found \"--word\" (md2-worker --help lists them)"));
}

TEST(ProgramTest, TheExitCodeIsThatOfTheStatus) {
  WorkerRun run({Doing("lose", [] {
    return base::MakeError(absl::StatusCode::kNotFound, base::Reason::kFileNotFound, "no such");
  })});
  EXPECT_THAT(run({"lose"}), Failed(5, "no such"));
}

TEST(ProgramTest, WhatIsThrownBecomesAnError) {
  WorkerRun run({Doing("swell", []() -> absl::Status { throw std::bad_alloc(); }),
                 Doing("break", []() -> absl::Status { throw std::runtime_error("spring"); })});
  EXPECT_THAT(run({"swell"}),
              Failed(8, "out of memory; close other programs or use a larger machine"));
  EXPECT_THAT(run({"break"}), Failed(1, "a bug of md2-worker; report it with this text: spring"));
}

// A full disk behind stdout.
class FullBuffer : public std::streambuf {};

TEST(ProgramTest, ResultsThatCannotBeWrittenAreAnError) {
  FullBuffer full;
  std::ostream out(&full);
  std::istringstream in;
  std::ostringstream notes;
  Surroundings surroundings = {.files = *base::RealFileEnv(),
                               .clock = *base::RealClock(),
                               .in = in,
                               .out = out,
                               .notes = notes,
                               .environment = nullptr,
                               .catch_interrupt = nullptr};
  EXPECT_EQ(RunProgram({"md2-worker", "1.2.3\n", Commands()}, {"--version"}, surroundings), 7);
  EXPECT_EQ(notes.str(),
            "md2-worker: cannot write to stdout, the results are incomplete; look for a full "
            "disk\n");
}

}  // namespace
}  // namespace md2::worker
