#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/errno_status.h"
#include "core/base/error.h"
#include "core/base/file_env.h"
#include "core/base/folder_of.h"
#include "core/base/status_macros.h"

namespace md2::base {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;
constexpr size_t kWriteBufferBytes = size_t{64} << 10;

template <typename Call>
auto RetryOnInterrupt(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result == -1 && errno == EINTR);
  return result;
}

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::StatusOr<Descriptor> Open(const std::string& path, int flags, absl::string_view action) {
  const int fd =
      RetryOnInterrupt([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); });
  if (fd < 0) return ErrnoToStatus(errno, action, path);
  return Descriptor(fd);
}

// The kind of `mode`, for "expected a file, found KIND".
absl::Status RequireRegular(mode_t mode, const std::string& path) {
  if (S_ISREG(mode)) return absl::OkStatus();
  const char* kind = "something else";
  if (S_ISDIR(mode)) kind = "a folder";
  if (S_ISFIFO(mode)) kind = "a pipe";
  if (S_ISSOCK(mode)) kind = "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) kind = "a device";
  return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
                   absl::StrCat("expected a file, found ", kind, ": ", path));
}

class RealMappedRegion : public MappedRegion {
 public:
  RealMappedRegion(void* address, size_t size_bytes) : address_(address), size_bytes_(size_bytes) {}
  ~RealMappedRegion() override {
    if (size_bytes_ > 0) ::munmap(address_, size_bytes_);
  }
  absl::Span<const uint8_t> bytes() const override {
    return {static_cast<const uint8_t*>(address_), size_bytes_};
  }

 private:
  void* const address_;
  const size_t size_bytes_;
};

class RealReadableFile : public ReadableFile {
 public:
  RealReadableFile(std::string path, Descriptor descriptor, uint64_t size_bytes)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_bytes_(size_bytes) {}

  uint64_t size_bytes() const override { return size_bytes_; }

  absl::Status ReadAt(uint64_t offset, absl::Span<uint8_t> out) const override {
    constexpr uint64_t kMaxOffset = std::numeric_limits<off_t>::max();
    if (offset > kMaxOffset - std::min<uint64_t>(out.size(), kMaxOffset)) {
      return EndsBefore(offset, out.size(), 0);
    }
    size_t done = 0;
    while (done < out.size()) {
      const ssize_t got = RetryOnInterrupt([&] {
        return ::pread(descriptor_.get(), out.data() + done, out.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (got < 0) return ErrnoToStatus(errno, "read", path_);
      if (got == 0) return EndsBefore(offset, out.size(), done);
      done += static_cast<size_t>(got);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<MappedRegion>> Map() const override {
    void* address = nullptr;
    if (size_bytes_ > 0) {
      address = ::mmap(nullptr, size_bytes_, PROT_READ, MAP_PRIVATE, descriptor_.get(), 0);
      if (address == MAP_FAILED) return ErrnoToStatus(errno, "map into memory", path_);
    }
    return std::unique_ptr<MappedRegion>(std::make_unique<RealMappedRegion>(address, size_bytes_));
  }

 private:
  absl::Status EndsBefore(uint64_t offset, size_t num_expected, size_t num_found) const {
    return MakeError(absl::StatusCode::kOutOfRange, Reason::kFileTruncated,
                     absl::StrCat("expected ", num_expected, " bytes at byte ", offset, ", found ",
                                  num_found, " before the end of the file: ", path_));
  }

  const std::string path_;
  const Descriptor descriptor_;
  const uint64_t size_bytes_;
};

class RealWritableFile : public WritableFile {
 public:
  RealWritableFile(std::string path, Descriptor descriptor, size_t buffer_bytes)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), buffer_bytes_(buffer_bytes) {}

  absl::Status Append(absl::Span<const uint8_t> bytes) override {
    if (!failure_.ok()) return failure_;
    if (buffer_.size() + bytes.size() > buffer_bytes_) MD2_RETURN_IF_ERROR(Flush());
    if (bytes.size() > buffer_bytes_) return Write(bytes);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    MD2_RETURN_IF_ERROR(Flush());
    if (RetryOnInterrupt([&] { return ::fsync(descriptor_.get()); }) != 0) {
      return Fail(ErrnoToStatus(errno, "sync", path_));
    }
    return absl::OkStatus();
  }

  absl::Status Close() override {
    absl::Status flushed = Flush();
    const int fd = descriptor_.release();
    // On Linux the descriptor is gone even when close is interrupted.
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR && flushed.ok()) {
      return Fail(ErrnoToStatus(errno, "close", path_));
    }
    return flushed;
  }

 private:
  // The first failure is kept: after it nobody knows what the disk holds.
  absl::Status Fail(absl::Status status) {
    failure_ = status;
    return status;
  }

  absl::Status Flush() {
    MD2_RETURN_IF_ERROR(Write(buffer_));
    buffer_.clear();
    return absl::OkStatus();
  }

  absl::Status Write(absl::Span<const uint8_t> bytes) {
    if (!failure_.ok()) return failure_;
    while (!bytes.empty()) {
      const ssize_t written =
          RetryOnInterrupt([&] { return ::write(descriptor_.get(), bytes.data(), bytes.size()); });
      if (written < 0) return Fail(ErrnoToStatus(errno, "write", path_));
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  const std::string path_;
  Descriptor descriptor_;
  const size_t buffer_bytes_;
  std::vector<uint8_t> buffer_;
  absl::Status failure_;
};

class RealFileLock : public FileLock {
 public:
  explicit RealFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  const Descriptor descriptor_;  // closing it unlocks
};

absl::Status SyncFolder(const std::string& path) {
  MD2_ASSIGN_OR_RETURN(const Descriptor descriptor,
                       Open(path, O_RDONLY | O_DIRECTORY, "open the folder"));
  const int result = RetryOnInterrupt([&] { return ::fsync(descriptor.get()); });
  // EINVAL: a file system whose folders need no sync.
  if (result == 0 || errno == EINVAL) return absl::OkStatus();
  return ErrnoToStatus(errno, "sync the folder", path);
}

absl::Status CreateOneDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), kFolderMode) == 0) {
    absl::Status synced = SyncFolder(FolderOf(path));
    if (!synced.ok()) ::rmdir(path.c_str());  // else a second try would find it and sync nothing
    return synced;
  }
  const int error_number = errno;
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return absl::OkStatus();
    return MakeError(absl::StatusCode::kFailedPrecondition, Reason::kFileNotRegular,
                     absl::StrCat("expected a folder, found a file: ", path));
  }
  return ErrnoToStatus(error_number, "create the folder", path);
}

absl::StatusOr<std::unique_ptr<FileLock>> LockOpened(Descriptor descriptor, int operation,
                                                     const std::string& path) {
  if (RetryOnInterrupt([&] { return ::flock(descriptor.get(), operation | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) return ErrnoToStatus(errno, "lock", path);
    return MakeError(absl::StatusCode::kAlreadyExists, Reason::kFileExists,
                     absl::StrCat("cannot lock, someone else holds the lock: ", path));
  }
  return std::unique_ptr<FileLock>(std::make_unique<RealFileLock>(std::move(descriptor)));
}

class RealFileEnvImpl : public FileEnv {
 public:
  absl::StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override {
    // Not blocking, so that a pipe is refused instead of waited for.
    MD2_ASSIGN_OR_RETURN(Descriptor descriptor,
                         Open(path, O_RDONLY | O_NONBLOCK, "open for reading"));
    struct stat info;
    if (::fstat(descriptor.get(), &info) != 0) {
      return ErrnoToStatus(errno, "read the size of", path);
    }
    MD2_RETURN_IF_ERROR(RequireRegular(info.st_mode, path));
    return std::unique_ptr<ReadableFile>(std::make_unique<RealReadableFile>(
        path, std::move(descriptor), static_cast<uint64_t>(info.st_size)));
  }

  absl::StatusOr<std::unique_ptr<WritableFile>> CreateForWrite(const std::string& path) override {
    MD2_ASSIGN_OR_RETURN(Descriptor descriptor,
                         Open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, "open for writing"));
    return std::unique_ptr<WritableFile>(
        std::make_unique<RealWritableFile>(path, std::move(descriptor), kWriteBufferBytes));
  }

  absl::StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override {
    MD2_ASSIGN_OR_RETURN(
        Descriptor descriptor,
        Open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, "open for writing"));
    return std::unique_ptr<WritableFile>(
        std::make_unique<RealWritableFile>(path, std::move(descriptor), /*buffer_bytes=*/0));
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
    return ErrnoToStatus(errno, "rename", absl::StrCat(from, " to ", to));
  }

  absl::Status RemoveFile(const std::string& path) override {
    if (::unlink(path.c_str()) == 0) return absl::OkStatus();
    return ErrnoToStatus(errno, "remove", path);
  }

  absl::Status RemoveDirectory(const std::string& path) override {
    if (::rmdir(path.c_str()) == 0) return absl::OkStatus();
    return ErrnoToStatus(errno, "remove the folder", path);
  }

  absl::Status CreateDirectories(const std::string& path) override {
    for (size_t slash = path.find('/', 1); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      MD2_RETURN_IF_ERROR(CreateOneDirectory(path.substr(0, slash)));
    }
    return CreateOneDirectory(path);
  }

  absl::Status SyncDirectory(const std::string& path) override { return SyncFolder(path); }

  absl::StatusOr<FileInfo> Stat(const std::string& path) override {
    struct stat info;
    if (::stat(path.c_str(), &info) != 0) return ErrnoToStatus(errno, "look up", path);
    FileInfo result;
    result.size_bytes = static_cast<uint64_t>(info.st_size);
    result.is_directory = S_ISDIR(info.st_mode);
    result.is_regular = S_ISREG(info.st_mode);
    result.disk = info.st_dev;
    result.modified = absl::TimeFromTimespec(info.st_mtim);
    return result;
  }

  absl::Status Touch(const std::string& path) override {
    // The kernel's own "now" is that of its last tick, the same for many files.
    struct timespec times[2] = {{0, UTIME_OMIT}, {}};
    ::clock_gettime(CLOCK_REALTIME, &times[1]);
    if (::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0) return absl::OkStatus();
    return ErrnoToStatus(errno, "set the time of", path);
  }

  absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
    if (folder == nullptr) return ErrnoToStatus(errno, "list the folder", path);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(folder.get())) {
      std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(std::move(name));
      errno = 0;
    }
    if (errno != 0) return ErrnoToStatus(errno, "list the folder", path);
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    MD2_ASSIGN_OR_RETURN(Descriptor descriptor, Open(path, O_RDWR | O_CREAT, "open for locking"));
    return LockOpened(std::move(descriptor), LOCK_EX, path);
  }

  absl::StatusOr<std::unique_ptr<FileLock>> LockShared(const std::string& path) override {
    MD2_ASSIGN_OR_RETURN(Descriptor descriptor, Open(path, O_RDONLY, "open for locking"));
    return LockOpened(std::move(descriptor), LOCK_SH, path);
  }

  absl::StatusOr<uint64_t> FreeBytes(const std::string& path) override {
    struct statvfs disk;
    if (RetryOnInterrupt([&] { return ::statvfs(path.c_str(), &disk); }) != 0) {
      return ErrnoToStatus(errno, "ask for the free space of", path);
    }
    return uint64_t{disk.f_bavail} * disk.f_frsize;
  }
};

}  // namespace

FileEnv* RealFileEnv() {
  static RealFileEnvImpl* const env = new RealFileEnvImpl;
  return env;
}

}  // namespace md2::base
