#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace cloison::base {

namespace {

Error FromErrno(int number) {
  switch (number) {
    case ENOENT: return Error{Code::kNotFound, "no such file", number};
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Error{Code::kExhausted, "no space left for a file", number};
    case EACCES:
    case EPERM:
    case ELOOP: return Error{Code::kDenied, "no permission on a file", number};
    default: return Error{Code::kUnavailable, "a file operation failed", number};
  }
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class SystemWritableFile final : public WritableFile {
 public:
  explicit SystemWritableFile(int fd) : fd_(fd) {}
  Status Append(ByteView bytes) override {
    while (!bytes.empty()) {
      const ssize_t wrote = write(fd_.get(), bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return FromErrno(errno);
      bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return Ok();
  }
  Status Sync() override {
    if (fsync(fd_.get()) == 0) return Ok();
    return Error{Code::kUnknownOutcome, "a file could not be synced", errno};
  }

 private:
  Descriptor fd_;
};

Result<std::unique_ptr<WritableFile>> OpenFile(const std::string& path, int flags, unsigned mode) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return FromErrno(errno);
  return std::unique_ptr<WritableFile>(std::make_unique<SystemWritableFile>(fd));
}

constexpr Error kShorter{Code::kInvalid, "a file is shorter than it is to be cut"};

}  // namespace

Result<Bytes> Files::ReadAt(const std::string& path, std::uint64_t offset, std::size_t size) {
  CLOISON_TRY_ASSIGN(const Bytes whole, Read(path));
  const std::uint64_t begin = std::min<std::uint64_t>(offset, whole.size());
  const ByteView rest = ByteView(whole).subspan(begin);
  return ToBytes(rest.first(std::min(size, rest.size())));
}

Status Files::Truncate(const std::string& path, std::uint64_t size) {
  CLOISON_TRY_ASSIGN(const Bytes whole, Read(path));
  if (size > whole.size()) return kShorter;
  CLOISON_TRY_ASSIGN(const FileInfo info, Stat(path));
  CLOISON_TRY_ASSIGN(const std::unique_ptr<WritableFile> file, Create(path, info.mode));
  return file->Append(ByteView(whole).first(size));
}

Result<std::unique_ptr<WritableFile>> SystemFiles::Create(const std::string& path, unsigned mode) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return FromErrno(errno);
  auto file = std::make_unique<SystemWritableFile>(fd);
  // The umask, or the mode of a file that was there, may have given other bits.
  if (fchmod(fd, mode) != 0) return FromErrno(errno);
  return std::unique_ptr<WritableFile>(std::move(file));
}

Result<std::unique_ptr<WritableFile>> SystemFiles::OpenAppend(const std::string& path) {
  return OpenFile(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

Result<std::unique_ptr<WritableFile>> SystemFiles::OpenInPlace(const std::string& path) {
  return OpenFile(path, O_WRONLY | O_NOFOLLOW, 0600);
}

Result<Bytes> SystemFiles::Read(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return FromErrno(errno);
  Bytes out;
  ByteArray<16384> chunk;
  while (true) {
    const ssize_t got = read(file.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(errno);
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > kFileBytesMax) {
      return Error{Code::kExhausted, "a file is larger than the limit"};
    }
    out.insert(out.end(), chunk.begin(), chunk.begin() + got);
    explicit_bzero(chunk.data(), static_cast<std::size_t>(got));  // it may have been a key
  }
}

Result<Bytes> SystemFiles::ReadAt(const std::string& path, std::uint64_t offset, std::size_t size) {
  if (size > kFileBytesMax) return Error{Code::kExhausted, "a read is larger than the limit"};
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return FromErrno(errno);
  Bytes out(size);
  std::size_t at = 0;
  while (at < size) {
    const ssize_t got =
        pread(file.get(), out.data() + at, size - at, static_cast<off_t>(offset + at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(errno);
    if (got == 0) break;
    at += static_cast<std::size_t>(got);
  }
  out.resize(at);
  return out;
}

Status SystemFiles::Truncate(const std::string& path, std::uint64_t size) {
  CLOISON_TRY_ASSIGN(const FileInfo info, Stat(path));
  if (size > info.size) return kShorter;
  if (truncate(path.c_str(), static_cast<off_t>(size)) != 0) return FromErrno(errno);
  return Ok();
}

Result<FileInfo> SystemFiles::Stat(const std::string& path) {
  struct stat info{};
  if (lstat(path.c_str(), &info) != 0) return FromErrno(errno);
  const bool is_link = S_ISLNK(info.st_mode);
  if (is_link && stat(path.c_str(), &info) != 0) return FromErrno(errno);
  return FileInfo{static_cast<std::uint64_t>(info.st_size), info.st_mode & 07777u,
                  S_ISDIR(info.st_mode), is_link};
}

Status SystemFiles::Rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return FromErrno(errno);
  return Ok();
}

Status SystemFiles::Remove(const std::string& path) {
  if (unlink(path.c_str()) != 0) return FromErrno(errno);
  return Ok();
}

Status SystemFiles::MakeDirectory(const std::string& path, unsigned mode) {
  if (mkdir(path.c_str(), mode) != 0) return errno == EEXIST ? Ok() : FromErrno(errno);
  if (chmod(path.c_str(), mode) != 0) return FromErrno(errno);
  return Ok();
}

Status SystemFiles::SyncDirectory(const std::string& path) {
  const Descriptor directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) return FromErrno(errno);
  if (fsync(directory.get()) == 0) return Ok();
  return Error{Code::kUnknownOutcome, "a directory could not be synced", errno};
}

Result<std::vector<std::string>> SystemFiles::List(const std::string& path) {
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) return FromErrno(errno);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

std::string DirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status WriteWhole(Files& files, const std::string& path, ByteView bytes, unsigned mode) {
  const std::string temporary = path + ".new";
  {
    CLOISON_TRY_ASSIGN(std::unique_ptr<WritableFile> file, files.Create(temporary, mode));
    CLOISON_TRY(file->Append(bytes));
    CLOISON_TRY(file->Sync());
  }
  CLOISON_TRY(files.Rename(temporary, path));
  return files.SyncDirectory(DirectoryOf(path));
}

Status MakeDirectoryDurably(Files& files, const std::string& path, unsigned mode) {
  CLOISON_TRY(files.MakeDirectory(path, mode));
  return files.SyncDirectory(DirectoryOf(path));
}

Status RemoveDurably(Files& files, const std::string& path) {
  CLOISON_TRY(files.Remove(path));
  return files.SyncDirectory(DirectoryOf(path));
}

}  // namespace cloison::base
