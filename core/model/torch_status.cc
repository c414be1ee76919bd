#include "core/model/torch_status.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/base/error.h"

namespace md2::model {
namespace {

// LibTorch's CPU allocator throws a plain c10::Error whose text begins so.
constexpr char kCpuAllocatorFailed[] = "DefaultCPUAllocator";
// All that oneDNN says when there is no memory for the code or the buffers of a product.
constexpr absl::string_view kOneDnnFailed[] = {"could not create a primitive",
                                               "could not execute a primitive"};

std::string FirstLine(const char* text) {
  const std::string whole = text;
  return whole.substr(0, whole.find('\n'));
}

absl::Status OutOfMemory(absl::string_view doing, const char* found) {
  return base::MakeError(
      absl::StatusCode::kResourceExhausted, base::Reason::kOutOfMemory,
      absl::StrCat(doing,
                   ": memory ran out; use a smaller precision or batch, or a larger machine: ",
                   FirstLine(found)));
}

}  // namespace

absl::Status CatchTorch(absl::string_view doing, absl::FunctionRef<absl::Status()> work) {
  try {
    return work();
  } catch (const std::bad_alloc& error) {
    return OutOfMemory(doing, error.what());
  } catch (const c10::OutOfMemoryError& error) {
    return OutOfMemory(doing, error.what_without_backtrace());
  } catch (const c10::Error& error) {
    const char* text = error.what_without_backtrace();
    if (std::string(text).find(kCpuAllocatorFailed) != std::string::npos) {
      return OutOfMemory(doing, text);
    }
    return base::MakeError(absl::StatusCode::kInternal, base::Reason::kInternal,
                           absl::StrCat(doing, ": ", FirstLine(text)));
  } catch (const std::exception& error) {
    const absl::string_view text = error.what();
    if (std::find(std::begin(kOneDnnFailed), std::end(kOneDnnFailed), text) !=
        std::end(kOneDnnFailed)) {
      return OutOfMemory(doing, error.what());
    }
    return base::MakeError(absl::StatusCode::kInternal, base::Reason::kInternal,
                           absl::StrCat(doing, ": ", FirstLine(error.what())));
  }
}

}  // namespace md2::model
