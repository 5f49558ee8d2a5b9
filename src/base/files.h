// Our own small files (key objects, journals, the signed size): the few calls whose order decides
// what a power cut leaves behind, behind an interface so that tests can cut the power between any
// two of them (store/testing/power_cut.h).
//
// Durability (Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014): bytes are
// durable after Sync of the file; a name (create, rename, remove) after SyncDirectory of its
// directory. Nothing else is.
#ifndef CLOISON_BASE_FILES_H_
#define CLOISON_BASE_FILES_H_

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace cloison::base {

class WritableFile {
 public:
  virtual ~WritableFile() = default;          // closes; says nothing about durability
  virtual Status Append(ByteView bytes) = 0;  // kExhausted: no space; kUnavailable: the rest
  virtual Status Sync() = 0;  // kUnknownOutcome on failure: never retry on the same file
};

struct FileInfo {
  std::uint64_t size;
  std::uint32_t mode;  // permission bits, 07777
  bool is_directory;
  bool is_link = false;  // the name is a symbolic link; the rest is of what it leads to
};

class Files {
 public:
  virtual ~Files() = default;
  // Creates (or empties) for writing with permission bits `mode`, whatever the umask; not durable
  // until both syncs.
  virtual Result<std::unique_ptr<WritableFile>> Create(const std::string& path, unsigned mode) = 0;
  // Opens for appending; creates it (0600) when absent.
  virtual Result<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) = 0;
  // Opens for writing over the first bytes, where they lie on the disk; kNotFound. Files that know
  // no such thing empty it.
  virtual Result<std::unique_ptr<WritableFile>> OpenInPlace(const std::string& path) {
    return Create(path, 0600);
  }
  virtual Result<Bytes> Read(
      const std::string& path) = 0;  // kNotFound; kExhausted above kFileBytesMax
  // The `size` bytes from `offset` on, fewer where the file ends; of a file of any size. kNotFound.
  // Files that know no such thing read all of it.
  virtual Result<Bytes> ReadAt(const std::string& path, std::uint64_t offset, std::size_t size);
  // Cuts the file down to its first `size` bytes; durable after Sync of the file. kNotFound;
  // kInvalid when it has fewer. Files that know no such thing write it anew: a power cut before the
  // sync may then leave nothing of it.
  virtual Status Truncate(const std::string& path, std::uint64_t size);
  virtual Result<FileInfo> Stat(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status MakeDirectory(const std::string& path,
                               unsigned mode) = 0;  // fine when it is there
  virtual Status SyncDirectory(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;  // names, sorted
};

inline constexpr std::uint64_t kFileBytesMax = 256u << 20;

class SystemFiles final : public Files {
 public:
  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, unsigned mode) override;
  Result<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> OpenInPlace(const std::string& path) override;
  Result<Bytes> Read(const std::string& path) override;
  Result<Bytes> ReadAt(const std::string& path, std::uint64_t offset, std::size_t size) override;
  Status Truncate(const std::string& path, std::uint64_t size) override;
  Result<FileInfo> Stat(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status MakeDirectory(const std::string& path, unsigned mode) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
};

std::string DirectoryOf(const std::string& path);

// Replaces `path` whole or not at all, durably: temporary file, sync, rename, sync of the
// directory.
Status WriteWhole(Files& files, const std::string& path, ByteView bytes, unsigned mode = 0600);
// Makes the directory `path`, and its name durable: what is synced inside it is lost with the name
// otherwise. Fine when it is there.
Status MakeDirectoryDurably(Files& files, const std::string& path, unsigned mode);
// Removes `path` durably. kNotFound when it is not there.
Status RemoveDurably(Files& files, const std::string& path);

}  // namespace cloison::base

#endif  // CLOISON_BASE_FILES_H_
