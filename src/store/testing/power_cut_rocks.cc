#include <rocksdb/file_system.h>

#include "store/testing/power_cut.h"

namespace cloison::store::testing {

namespace {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr unsigned kFileMode = 0644;
constexpr unsigned kDirectoryMode = 0755;

IOStatus Off() {
  return IOStatus::IOError("the power is off");
}
ByteView ViewOf(const Slice& slice) {
  return AsBytes(std::string_view(slice.data(), slice.size()));
}
// RocksDB says "/a/b/" and "/a//b" too; the model knows "/a/b".
std::string Plain(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

class CutFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CutFile(PowerCut& disk, DiskModel::NodeId node, std::unique_ptr<FSWritableFile> real)
      : FSWritableFileOwnerWrapper(std::move(real)), disk_(disk), node_(node) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->Append(data, options, debug); },
        [&](DiskModel& model) { model.Append(node_, ViewOf(data)); });
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->PositionedAppend(data, offset, options, debug); },
        [&](DiskModel& model) { model.WriteAt(node_, offset, ViewOf(data)); });
  }
  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return PositionedAppend(data, offset, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->Truncate(size, options, debug); },
        [&](DiskModel& model) { model.Truncate(node_, size); });
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return disk_.Change(
        Off(), [] { return IOStatus::OK(); }, [&](DiskModel& model) { model.SyncFile(node_); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  // Starts writing back, promises nothing.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  PowerCut& disk_;
  DiskModel::NodeId node_;
};

class CutDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  CutDirectory(PowerCut& disk, std::string path, std::unique_ptr<FSDirectory> real)
      : FSDirectoryWrapper(std::move(real)), disk_(disk), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_.Change(
        Off(), [] { return IOStatus::OK(); },
        [&](DiskModel& model) { model.SyncDirectory(path_); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  PowerCut& disk_;
  std::string path_;
};

class CutFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit CutFileSystem(PowerCut& disk)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}
  const char* Name() const override { return "PowerCut"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* out, IODebugContext* debug) override {
    std::unique_ptr<FSWritableFile> real;
    const auto open = [&] { return target()->NewWritableFile(path, options, &real, debug); };
    return Open(path, true, open, real, out);
  }
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* out,
                              IODebugContext* debug) override {
    std::unique_ptr<FSWritableFile> real;
    const auto open = [&] { return target()->ReopenWritableFile(path, options, &real, debug); };
    return Open(path, false, open, real, out);
  }
  IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                             const FileOptions& options, std::unique_ptr<FSWritableFile>* out,
                             IODebugContext* debug) override {
    const IOStatus renamed = RenameFile(old_path, path, IOOptions(), debug);
    return renamed.ok() ? NewWritableFile(path, options, out, debug) : renamed;
  }
  IOStatus NewRandomRWFile(const std::string&, const FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) override {
    return IOStatus::NotSupported("not followed by the model");
  }
  IOStatus NewMemoryMappedFileBuffer(const std::string&,
                                     std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) override {
    return IOStatus::NotSupported("not followed by the model");
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<FSDirectory>* out, IODebugContext* debug) override {
    std::unique_ptr<FSDirectory> real;
    const IOStatus status = target()->NewDirectory(path, options, &real, debug);
    if (status.ok()) *out = std::make_unique<CutDirectory>(disk_, Plain(path), std::move(real));
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->DeleteFile(path, options, debug); },
        [&](DiskModel& model) { model.Remove(Plain(path)); });
  }
  IOStatus Truncate(const std::string& path, size_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->Truncate(path, size, options, debug); },
        [&](DiskModel& model) { model.TruncateNamed(Plain(path), size); });
  }
  IOStatus CreateDir(const std::string& path, const IOOptions& options,
                     IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->CreateDir(path, options, debug); },
        [&](DiskModel& model) { model.MakeDirectory(Plain(path), kDirectoryMode); });
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions& options,
                              IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->CreateDirIfMissing(path, options, debug); },
        [&](DiskModel& model) { model.MakeDirectory(Plain(path), kDirectoryMode); });
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions& options,
                     IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->DeleteDir(path, options, debug); },
        [&](DiskModel& model) { model.Remove(Plain(path)); });
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->RenameFile(from, to, options, debug); },
        [&](DiskModel& model) { model.Rename(Plain(from), Plain(to)); });
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override {
    return disk_.Change(
        Off(), [&] { return target()->LinkFile(from, to, options, debug); },
        [&](DiskModel& model) { model.Link(Plain(from), Plain(to)); });
  }

 private:
  template <class OpenReal>
  IOStatus Open(const std::string& path, bool empty, OpenReal open,
                std::unique_ptr<FSWritableFile>& real, std::unique_ptr<FSWritableFile>* out) {
    DiskModel::NodeId node = 0;
    const IOStatus status = disk_.Change(
        Off(), open, [&](DiskModel& model) { node = model.Open(Plain(path), kFileMode, empty); });
    if (status.ok()) *out = std::make_unique<CutFile>(disk_, node, std::move(real));
    return status;
  }

  PowerCut& disk_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> PowerCut::rocks_files() {
  return std::make_shared<CutFileSystem>(*this);
}

}  // namespace cloison::store::testing
