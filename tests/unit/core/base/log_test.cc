#include "core/base/log.h"

#include <cstdio>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "core/base/json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"

namespace md2::base {
namespace {

using testing::HasReason;
using testing::IsOkAndHolds;
using testing::StatusIs;

class LoggerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Logger> Make(LogFormat format, LogLevel level = LogLevel::kInfo) {
    LogOptions options;
    options.format = format;
    options.level = level;
    return MakeLogger(options, stream_, clock_);
  }
  std::string Written() const { return stream_.str(); }

  testing::FakeClock clock_;
  std::ostringstream stream_;
};

TEST_F(LoggerTest, TextLineHoldsTimeLevelMessageAndFields) {
  clock_.Advance(absl::Milliseconds(61007));
  Make(LogFormat::kText)
      ->Info("job started", {{"job", "j-1"}, {"rows", 12}, {"rate", 0.5}, {"resumed", true}});
  EXPECT_EQ(Written(),
            "2024-07-23T00:01:01.007Z info job started job=j-1 rows=12 rate=0.5 resumed=true\n");
}

TEST_F(LoggerTest, JsonLineIsOneObject) {
  Make(LogFormat::kJson)
      ->Warning("disk is \"full\"", {{"free_bytes", uint64_t{1} << 63}, {"path", "/a b"}});
  EXPECT_EQ(Written(),
            R"({"time":"2024-07-23T00:00:00.000Z","level":"warning","message":"disk is \"full\"",)"
            R"("free_bytes":9223372036854775808,"path":"/a b"})"
            "\n");
}

TEST_F(LoggerTest, LevelsBelowTheLimitAreDropped) {
  const auto logger = Make(LogFormat::kText, LogLevel::kWarning);
  logger->Debug("a");
  logger->Info("b");
  logger->Warning("c");
  logger->Error("d");
  EXPECT_EQ(Written(),
            "2024-07-23T00:00:00.000Z warning c\n"
            "2024-07-23T00:00:00.000Z error d\n");
  EXPECT_FALSE(logger->enabled(LogLevel::kInfo));
  EXPECT_TRUE(logger->enabled(LogLevel::kError));
}

TEST_F(LoggerTest, OffWritesNothing) {
  Make(LogFormat::kText, LogLevel::kOff)->Error("a");
  EXPECT_EQ(Written(), "");
}

TEST_F(LoggerTest, DebugIsWrittenWhenAskedFor) {
  Make(LogFormat::kText, LogLevel::kDebug)->Debug("a");
  EXPECT_EQ(Written(), "2024-07-23T00:00:00.000Z debug a\n");
}

TEST_F(LoggerTest, TextValuesThatCouldBeMisreadAreQuoted) {
  Make(LogFormat::kText)
      ->Info("m", {{"empty", ""},
                   {"space", "a b"},
                   {"equals", "a=b"},
                   {"quote", "\""},
                   {"accent", "\xc3\xa9"},
                   {"bad", "\xff"}});
  EXPECT_EQ(Written(),
            "2024-07-23T00:00:00.000Z info m empty=\"\" space=\"a b\" equals=\"a=b\" "
            "quote=\"\\\"\" accent=\"\xc3\xa9\" bad=\"\xef\xbf\xbd\"\n");
}

TEST_F(LoggerTest, WhateverIsLoggedStaysOneLine) {
  const std::string evil = "a\nb\r\x1b[2J\\\" %v {}";
  Make(LogFormat::kText)->Info(evil, {{"k", evil}});
  EXPECT_EQ(Written(),
            "2024-07-23T00:00:00.000Z info a\\nb\\r\\033[2J\\\" %v {} "
            "k=\"a\\nb\\r\\u001b[2J\\\\\\\" %v {}\"\n");
  stream_.str("");
  Make(LogFormat::kJson)->Info(evil, {{"k", evil}});
  MD2_ASSERT_OK_AND_ASSIGN(const Json line, ParseJson(Written(), JsonLimits(), "log"));
  EXPECT_EQ(line.at("message"), evil);
  EXPECT_EQ(line.at("k"), evil);
  EXPECT_EQ(Written().find('\n'), Written().size() - 1);
}

TEST_F(LoggerTest, NumbersThatJsonLacksAreNull) {
  Make(LogFormat::kJson)->Info("m", {{"loss", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_THAT(Written(), ::testing::HasSubstr(R"("loss":null})"));
}

TEST_F(LoggerTest, WithPutsItsFieldsFirstAndOutlivesItsParent) {
  std::unique_ptr<Logger> root = Make(LogFormat::kText);
  const std::unique_ptr<Logger> job = root->With({{"job", "j-1"}});
  const std::unique_ptr<Logger> attempt = job->With({{"attempt", 2}});
  root.reset();
  attempt->Info("m", {{"k", "v"}});
  EXPECT_EQ(Written(), "2024-07-23T00:00:00.000Z info m job=j-1 attempt=2 k=v\n");
}

TEST_F(LoggerTest, LinesOfThreadsDoNotMix) {
  const auto logger = Make(LogFormat::kJson);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&logger, i] {
      for (int j = 0; j < 200; ++j) logger->Info("m", {{"thread", i}, {"line", j}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string written = Written();
  const std::vector<std::string> lines = absl::StrSplit(written, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 800u);
  for (const std::string& line : lines) EXPECT_TRUE(Json::accept(line)) << line;
}

TEST_F(LoggerTest, WritesToAFileAtOnce) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  MakeLogger(LogOptions(), file, clock_)->Info("m");
  std::rewind(file);
  char line[100] = {};
  EXPECT_NE(std::fgets(line, sizeof(line), file), nullptr);
  std::fclose(file);
  EXPECT_STREQ(line, "2024-07-23T00:00:00.000Z info m\n");
}

TEST_F(LoggerTest, AStreamThatFailsLosesTheLineOnly) {
  std::ostringstream failing;
  failing.exceptions(std::ios::badbit);
  EXPECT_ANY_THROW(failing.setstate(std::ios::badbit));
  const auto on_stream = MakeLogger(LogOptions(), failing, clock_);
  EXPECT_NO_THROW(on_stream->Info("m"));
  std::FILE* const full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  EXPECT_NO_THROW(MakeLogger(LogOptions(), full, clock_)->Info("m"));
  std::fclose(full);
}

TEST(ParseLogLevel, KnowsItsWords) {
  EXPECT_THAT(ParseLogLevel("debug"), IsOkAndHolds(LogLevel::kDebug));
  EXPECT_THAT(ParseLogLevel("info"), IsOkAndHolds(LogLevel::kInfo));
  EXPECT_THAT(ParseLogLevel("warning"), IsOkAndHolds(LogLevel::kWarning));
  EXPECT_THAT(ParseLogLevel("error"), IsOkAndHolds(LogLevel::kError));
  EXPECT_THAT(ParseLogLevel("off"), IsOkAndHolds(LogLevel::kOff));
  const absl::Status status = ParseLogLevel("loud").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "expected debug, info, warning, error or off as a log level, "
                               "found \"loud\""));
  EXPECT_THAT(status, HasReason(Reason::kSettingInvalid));
}

TEST(ParseLogFormat, KnowsItsWords) {
  EXPECT_THAT(ParseLogFormat("text"), IsOkAndHolds(LogFormat::kText));
  EXPECT_THAT(ParseLogFormat("json"), IsOkAndHolds(LogFormat::kJson));
  const absl::Status status = ParseLogFormat("xml").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "expected text or json as a log format, found \"xml\""));
  EXPECT_THAT(status, HasReason(Reason::kSettingInvalid));
}

}  // namespace
}  // namespace md2::base
