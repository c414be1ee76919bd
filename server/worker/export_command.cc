#include "server/worker/export_command.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/atomic_folder.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/model/adapter_folder.h"
#include "core/model/model_digest.h"
#include "core/model/model_folder.h"
#include "core/train/checkpoint.h"
#include "core/train/checkpoint_folder.h"
#include "core/train/export_adapter.h"
#include "core/train/export_model.h"
#include "server/worker/fields.h"
#include "server/worker/json_line.h"
#include "server/worker/version.h"

namespace md2::worker {
namespace {

using base::SettingKind;

struct ExportOptions {
  std::string checkpoint;
  std::string out;
  std::string format;
  std::string base;  // empty: where the run found it
  bool as_json = false;

  bool is_adapter() const { return format == "adapter"; }
};

absl::StatusOr<ExportOptions> ReadOptions(const base::ResolvedSettings& settings) {
  ExportOptions options;
  MD2_ASSIGN_OR_RETURN(options.checkpoint, settings.GetString("checkpoint"));
  MD2_ASSIGN_OR_RETURN(options.out, settings.GetString("out"));
  MD2_ASSIGN_OR_RETURN(options.format, settings.GetString("format"));
  MD2_ASSIGN_OR_RETURN(options.base, settings.GetString("base"));
  MD2_ASSIGN_OR_RETURN(options.as_json, WantsJson(settings));
  return options;
}

// Keeps a run at work from removing the checkpoint meanwhile. Null for a copy without a lock.
absl::StatusOr<std::unique_ptr<base::FileLock>> KeepThere(base::FileEnv& files,
                                                          const std::string& checkpoint) {
  auto lock = files.LockShared(absl::StrCat(checkpoint, "/", base::kFolderLockFile));
  if (base::ReasonOf(lock.status()) == base::Reason::kFileNotFound) {
    return std::unique_ptr<base::FileLock>();
  }
  return lock;
}

// The model that the run began with, recognised by its bytes.
absl::StatusOr<model::ModelFolder> OpenBase(base::FileEnv& files, const std::string& given,
                                            const train::SourceDigest& recorded) {
  auto folder = model::OpenModelFolder(files, given.empty() ? recorded.path : given);
  if (!folder.ok()) {
    if (!given.empty()) return folder;
    return base::WithContext(folder.status(),
                             "the base model is not where the run found it, name its folder as "
                             "--base");
  }
  MD2_ASSIGN_OR_RETURN(const std::string digest, model::DigestOfModel(files, *folder));
  if (digest == recorded.sha256) return folder;
  return base::MakeError(
      absl::StatusCode::kFailedPrecondition, base::Reason::kRunChanged,
      absl::StrCat(
          "another base model than the run began with, name its folder as --base: expected "
          "the digest ",
          recorded.sha256, ", found ", digest, ": ", folder->dir));
}

// What was written is what a reader takes.
absl::Status CheckExport(base::FileEnv& files, const ExportOptions& options,
                         const model::ModelFolder& base) {
  if (!options.is_adapter()) return model::OpenModelFolder(files, options.out).status();
  MD2_ASSIGN_OR_RETURN(const model::Adapter adapter, model::ReadAdapter(files, options.out));
  return model::CheckAdapterFits(adapter, base.table, options.out);
}

void Report(const ExportOptions& options, const train::ExportSource& source,
            Surroundings& surroundings) {
  if (options.as_json) {
    surroundings.out << JsonLine({{"path", options.out},
                                  {"format", options.format},
                                  {"update", source.state.update},
                                  {"base", source.base->dir}});
    return;
  }
  surroundings.out << FieldsText({{"path", options.out},
                                  {"format", options.format},
                                  {"update", absl::StrCat(source.state.update)},
                                  {"base", source.base->dir}},
                                 surroundings.out_is_terminal);
}

absl::Status Run(const base::ResolvedSettings& settings, Surroundings& surroundings) {
  MD2_ASSIGN_OR_RETURN(const ExportOptions options, ReadOptions(settings));
  base::FileEnv& files = surroundings.files;
  MD2_ASSIGN_OR_RETURN(const auto kept, KeepThere(files, options.checkpoint));
  train::ExportSource source;
  MD2_ASSIGN_OR_RETURN(source.masters, train::MapMasters(files, options.checkpoint));
  MD2_ASSIGN_OR_RETURN(source.state, train::ReadState(files, options.checkpoint));
  MD2_ASSIGN_OR_RETURN(const model::ModelFolder base,
                       OpenBase(files, options.base, source.state.run.base));
  source.base = &base;
  source.versions = Versions();
  MD2_RETURN_IF_ERROR(options.is_adapter() ? train::ExportAdapter(files, options.out, source)
                                           : train::ExportModel(files, options.out, source));
  MD2_RETURN_IF_ERROR(CheckExport(files, options, base));
  Report(options, source, surroundings);
  return absl::OkStatus();
}

}  // namespace

Command ExportCommand() {
  return {
      .name = "export",
      .summary = "makes a model folder or an adapter of a checkpoint",
      .description =
          "Format hf is a model folder that published code loads too: tensors, dtypes and files of "
          "the\n"
          "base, with what was trained in place and low-rank adapters merged in fp32. Format "
          "adapter is\n"
          "the low-rank adapter alone, by PEFT's names. Both carry a manifest.json of their files' "
          "SHA-256\n"
          "and of what they were made from. The checkpoint's files are verified first, and the "
          "base "
          "must\n"
          "be the one that the run began with. --out must be absent or empty; it appears whole or "
          "not at\n"
          "all.\n",
      .examples =
          {"md2-worker export --checkpoint out/checkpoints/000120 --out tuned --format hf",
           "md2-worker export --checkpoint out/checkpoints/000120 --out a --format adapter"},
      .settings = {Required(Flag("checkpoint", "DIR", "a folder in checkpoints/ of a run")),
                   Required(Flag("out", "DIR", "the folder to be made")),
                   WithDefault("hf",
                               Flag("format", "hf|adapter", SettingKind::Choice({"hf", "adapter"}),
                                    "a model folder, or the adapter alone")),
                   Flag("base", "DIR",
                        "the base model, where it is no longer where the run found it"),
                   OutputSetting()},
      .run = Run,
  };
}

}  // namespace md2::worker
