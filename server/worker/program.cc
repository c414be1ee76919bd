#include "server/worker/program.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <new>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/base/error.h"
#include "core/base/nearest_name.h"
#include "core/base/quoted.h"
#include "core/base/status_macros.h"
#include "server/worker/command_line.h"
#include "server/worker/help.h"

namespace md2::worker {
namespace {

using Arguments = absl::Span<const std::string>;

bool IsHelp(absl::string_view argument) { return argument == "--help" || argument == "-h"; }

bool IsGroup(const Program& program, absl::string_view word) {
  return std::any_of(program.commands.begin(), program.commands.end(), [word](const Command& c) {
    return absl::StartsWith(c.name, absl::StrCat(word, " "));
  });
}

const Command* Find(const Program& program, absl::string_view name) {
  for (const Command& command : program.commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

absl::Status UnknownCommand(const Program& program, absl::string_view found) {
  std::vector<std::string> names;
  names.reserve(program.commands.size());
  for (const Command& command : program.commands) names.push_back(command.name);
  const std::string nearest = base::NearestName(found, names);
  const std::string hint = nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
  return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid,
                         absl::StrCat("expected a command, found ", base::Quoted(found), hint, " (",
                                      program.name, " --help lists them)"));
}

absl::Status RunCommand(const Program& program, const Command& command, Arguments arguments,
                        Surroundings& surroundings) {
  const SplitResult split = SplitArguments(command.settings, arguments);
  if (split.wants_help) {
    surroundings.out << CommandHelp(program.name, command);
    return absl::OkStatus();
  }
  MD2_ASSIGN_OR_RETURN(const base::ResolvedSettings settings,
                       ReadCommandLine(command, split, surroundings));
  return command.run(settings, surroundings);
}

absl::Status RunGroup(const Program& program, Arguments arguments, Surroundings& surroundings) {
  const std::string& group = arguments[0];
  if (arguments.size() == 1) return UnknownCommand(program, group);
  if (IsHelp(arguments[1])) {
    surroundings.out << GroupHelp(program.name, group, program.commands);
    return absl::OkStatus();
  }
  const std::string name = absl::StrCat(group, " ", arguments[1]);
  const Command* const command = Find(program, name);
  if (command == nullptr) return UnknownCommand(program, name);
  return RunCommand(program, *command, arguments.subspan(2), surroundings);
}

absl::Status Dispatch(const Program& program, Arguments arguments, Surroundings& surroundings) {
  if (arguments.empty()) {
    surroundings.notes << ProgramHelp(program.name, program.commands);
    return base::MakeError(absl::StatusCode::kInvalidArgument, base::Reason::kUsageInvalid,
                           "expected a command, found none");
  }
  const std::string& first = arguments[0];
  if (IsHelp(first)) {
    surroundings.out << ProgramHelp(program.name, program.commands);
    return absl::OkStatus();
  }
  if (first == "--version") {
    surroundings.out << program.version;
    return absl::OkStatus();
  }
  if (IsGroup(program, first)) return RunGroup(program, arguments, surroundings);
  const Command* const command = Find(program, first);
  if (command == nullptr) return UnknownCommand(program, first);
  return RunCommand(program, *command, arguments.subspan(1), surroundings);
}

// The boundary: what a library throws ends here.
absl::Status DispatchWithoutThrowing(const Program& program, Arguments arguments,
                                     Surroundings& surroundings) {
  try {
    return Dispatch(program, arguments, surroundings);
  } catch (const std::bad_alloc&) {
    return base::MakeError(absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
                           "out of memory; close other programs or use a larger machine");
  } catch (const std::exception& error) {
    return base::MakeError(
        absl::StatusCode::kInternal, base::Reason::kInternal,
        absl::StrCat("a bug of ", program.name, "; report it with this text: ", error.what()));
  }
}

// A result that nobody can have received is an error.
absl::Status FlushResults(std::ostream& out) {
  out.flush();
  if (out.good()) return absl::OkStatus();
  return base::MakeError(
      absl::StatusCode::kUnavailable, base::Reason::kStorageUnavailable,
      "cannot write to stdout, the results are incomplete; look for a full disk");
}

}  // namespace

int RunProgram(const Program& program, Arguments arguments, Surroundings& surroundings) {
  absl::Status status = DispatchWithoutThrowing(program, arguments, surroundings);
  const absl::Status flushed = FlushResults(surroundings.out);
  if (status.ok()) status = flushed;
  if (!status.ok()) surroundings.notes << program.name << ": " << status.message() << "\n";
  surroundings.notes.flush();
  return base::ExitCodeOf(status);
}

}  // namespace md2::worker
