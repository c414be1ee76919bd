#include "core/data/datagen/captcha_set.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"
#include "core/base/status_macros.h"
#include "core/data/datagen/contact_sheet.h"
#include "core/data/datagen/pending_files.h"
#include "core/image/encode_png.h"

namespace md2::datagen {
namespace {

constexpr size_t kMaxOnSheet = 60;
constexpr absl::string_view kQuestion = "What does the captcha say?";

// train comes last, because its file says that all is there.
constexpr std::array<Split, 3> kOrder = {Split::kVal, Split::kTest, Split::kTrain};

absl::Status RequireEmpty(base::FileEnv& env, const std::string& folder) {
  MD2_RETURN_IF_ERROR(env.CreateDirectories(folder));
  MD2_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.ListDirectory(folder));
  if (names.empty()) return absl::OkStatus();
  constexpr size_t kMaxShown = 5;
  const auto shown_end = names.begin() + std::min(names.size(), kMaxShown);
  return base::MakeError(
      absl::StatusCode::kAlreadyExists, base::Reason::kFileExists,
      absl::StrCat("expected an empty or new folder, name another or remove it; found in ", folder,
                   ": ", absl::StrJoin(names.begin(), shown_end, ", "),
                   names.size() > kMaxShown ? ", ..." : ""));
}

class SetWriter {
 public:
  SetWriter(base::FileEnv& env, const CaptchaSetOptions& options, const base::CancelToken& cancel,
            const Fonts& fonts)
      : env_(env), options_(options), cancel_(cancel), fonts_(fonts) {
    for (const Split split : kOrder) total_ += NumWritten(split);
  }

  absl::Status Write() {
    for (const Split split : kOrder) MD2_RETURN_IF_ERROR(WritePictures(split));
    MD2_RETURN_IF_ERROR(env_.SyncDirectory(absl::StrCat(options_.out, "/images")));
    MD2_RETURN_IF_ERROR(WriteSheet());
    for (const Split split : kOrder) {
      if (NumWritten(split) == 0) continue;
      MD2_RETURN_IF_ERROR(base::WriteFileAtomically(
          env_, absl::StrCat(options_.out, "/", Name(split), ".jsonl"), Lines(split)));
    }
    return absl::OkStatus();
  }

 private:
  static const char* Name(Split split) { return kSplitNames[static_cast<size_t>(split)]; }
  int NumRows(Split split) const { return options_.rows[static_cast<size_t>(split)]; }
  bool IsSubset(Split split) const { return split == Split::kTrain && options_.subset > 0; }
  int NumWritten(Split split) const { return IsSubset(split) ? options_.subset : NumRows(split); }
  std::string& Lines(Split split) { return lines_[static_cast<size_t>(split)]; }

  absl::Status WritePictures(Split split) {
    if (NumWritten(split) == 0) return absl::OkStatus();
    const std::string folder = absl::StrCat(options_.out, "/images/", Name(split));
    MD2_RETURN_IF_ERROR(env_.CreateDirectories(folder));
    for (int i = 0; i < NumWritten(split); ++i) {
      MD2_RETURN_IF_ERROR(cancel_.ToStatus());
      const int index = IsSubset(split) ? SubsetIndex(i, options_.subset, NumRows(split)) : i;
      MD2_RETURN_IF_ERROR(WriteSample(split, index));
      if (options_.progress) options_.progress(++done_, total_);
    }
    MD2_RETURN_IF_ERROR(pictures_.Settle());
    return env_.SyncDirectory(folder);
  }

  absl::Status WriteSample(Split split, int index) {
    Captcha captcha = DrawSample(options_, split, index, fonts_);
    const std::string name = absl::StrFormat("images/%s/%06d.png", Name(split), index);
    MD2_ASSIGN_OR_RETURN(const std::vector<uint8_t> png, image::EncodePng(captcha.picture));
    // Not complete or absent by itself: the .jsonl that comes later is what makes it count.
    MD2_RETURN_IF_ERROR(pictures_.Write(absl::StrCat(options_.out, "/", name), png));
    // No character of these needs escaping.
    absl::StrAppend(&Lines(split), R"({"image":")", name, R"(","question":")", kQuestion,
                    R"(","answer":")", captcha.answer, "\"}\n");
    if (!options_.contact_sheet.empty()) {
      AddToSheet(split, {std::move(captcha.picture), std::move(captcha.answer)});
    }
    return absl::OkStatus();
  }

  // Training rows take the places of others, which were drawn before.
  void AddToSheet(Split split, CaptionedPicture picture) {
    std::vector<CaptionedPicture>& kept = split == Split::kTrain ? train_sheet_ : other_sheet_;
    if (kept.size() < kMaxOnSheet) kept.push_back(std::move(picture));
  }

  absl::Status WriteSheet() {
    if (options_.contact_sheet.empty()) return absl::OkStatus();
    const std::vector<CaptionedPicture>& pictures =
        train_sheet_.empty() ? other_sheet_ : train_sheet_;
    MD2_ASSIGN_OR_RETURN(const std::vector<uint8_t> bytes,
                         image::EncodePng(ContactSheet(pictures, *fonts_.front())));
    return base::WriteFileAtomically(
        env_, options_.contact_sheet,
        absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }

  base::FileEnv& env_;
  const CaptchaSetOptions& options_;
  const base::CancelToken& cancel_;
  const Fonts& fonts_;
  PendingFiles pictures_{env_};
  int64_t done_ = 0;
  int64_t total_ = 0;
  std::array<std::string, 3> lines_;
  std::vector<CaptionedPicture> train_sheet_;
  std::vector<CaptionedPicture> other_sheet_;
};

}  // namespace

int SubsetIndex(int i, int subset, int rows) {
  return static_cast<int>(int64_t{i} * rows / subset);
}

Captcha DrawSample(const CaptchaSetOptions& options, Split split, int index, const Fonts& fonts) {
  return DrawCaptcha(
      options.family, options.shape, fonts,
      SampleRandom(options.seed, static_cast<uint64_t>(split), static_cast<uint64_t>(index)));
}

absl::Status WriteCaptchaSet(base::FileEnv& env, const CaptchaSetOptions& options,
                             const base::CancelToken& cancel) {
  MD2_ASSIGN_OR_RETURN(const Fonts fonts, LoadFonts(env));
  MD2_RETURN_IF_ERROR(RequireEmpty(env, options.out));
  return SetWriter(env, options, cancel, fonts).Write();
}

}  // namespace md2::datagen
