#include "tests/unit/server/worker/model_run.h"

#include "absl/strings/escaping.h"
#include "core/base/json.h"
#include "core/model/sizes.h"
#include "server/worker/commands.h"

namespace md2::worker {
namespace {

// 24 x 16 pixels.
constexpr char kSmallPng[] =
    "iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAIAAACDRijCAAAANklEQVR42t3MMREAAAwCsQpDGGNFIbB73wF3mTMz"
    "+wgMgWmOtI/AEKiOvI/AEKiOso/AECiODrZLzhBhu7VzAAAAAElFTkSuQmCC";

// 90 x 40 pixels.
constexpr char kWidePng[] =
    "iVBORw0KGgoAAAANSUhEUgAAAFoAAAAoCAIAAADxIHqfAAAAu0lEQVR42u3QMZEFIQDA0LWBg6uxQYMIRPwGG9Q4"
    "WBvYwMkVWzDDkJIumacgz8MFFlla8qawytpB/7xssMked7jDHe5whzvccXPHHwossrTkTWGVtYP+edlgk7nDHe5w"
    "hzvc4Y6rOzIKLLK05E1hlbWD/nnZYJO5wx3ucIc73OGOqzt+KLDI0pI3hVXWDvrnZYNN5g53uMMd7nCHO67uYIFF"
    "lpa8KayydtA/LxtsMne4wx3ucIc73HFxxz+VaPjbkz5AhAAAAABJRU5ErkJggg==";

std::string FromBase64(const char* text) {
  std::string bytes;
  absl::Base64Unescape(text, &bytes);
  return bytes;
}

}  // namespace

ModelRun::ModelRun() : WorkerRun(AllCommands()) {
  files.Put("small.png", FromBase64(kSmallPng));
  files.Put("wide.png", FromBase64(kWidePng));
  files.Put("tiny.json", model::SizesToJson(WorkerModelSizes()).dump());
  files.Put("tokenizer.json", TinyTokenizerJson());
  const Ran ran = (*this)({"datagen", "model", "--sizes=tiny.json", "--tokenizer=tokenizer.json",
                           "--seed=3", "--dtype=f32", "--out=m"});
  EXPECT_EQ(ran.exit_code, 0) << ran.notes;
}

}  // namespace md2::worker
