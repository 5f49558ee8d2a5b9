// Files in memory.
#ifndef CLOISON_BASE_TESTING_MEMORY_FILES_H_
#define CLOISON_BASE_TESTING_MEMORY_FILES_H_

#include <map>
#include <memory>
#include <string>

#include "base/files.h"

namespace cloison::base::testing {

// Plain files of mode 0600 in one flat space of names; directories are always there.
class MemoryFiles final : public Files {
 public:
  std::map<std::string, Bytes> contents;
  bool full = false;  // no file is created

  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, unsigned) override {
    if (full) return Error{Code::kUnavailable, "no space is left"};
    contents[path].clear();
    return std::unique_ptr<WritableFile>(new File(contents[path]));
  }
  Result<std::unique_ptr<WritableFile>> OpenAppend(const std::string& path) override {
    return std::unique_ptr<WritableFile>(new File(contents[path]));
  }
  Result<Bytes> Read(const std::string& path) override {
    const auto found = contents.find(path);
    if (found == contents.end()) return kAbsent;
    return found->second;
  }
  Result<FileInfo> Stat(const std::string& path) override {
    const auto found = contents.find(path);
    if (found != contents.end()) return FileInfo{found->second.size(), 0600, false};
    return path == "keys" ? Result<FileInfo>(FileInfo{0, 0700, true}) : kAbsent;
  }
  Status Rename(const std::string& from, const std::string& to) override {
    contents[to] = std::move(contents[from]);
    contents.erase(from);
    return Ok();
  }
  Status Remove(const std::string& path) override {
    return contents.erase(path) == 1 ? Ok() : Status(kAbsent);
  }
  Status MakeDirectory(const std::string&, unsigned) override { return Ok(); }
  Status SyncDirectory(const std::string&) override { return Ok(); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : contents) {
      if (name.starts_with(path + "/")) names.push_back(name.substr(path.size() + 1));
    }
    return names;
  }

 private:
  static constexpr Error kAbsent{Code::kNotFound, "no such file"};

  class File final : public WritableFile {
   public:
    explicit File(Bytes& bytes) : bytes_(bytes) {}
    Status Append(ByteView bytes) override {
      AppendBytes(bytes_, bytes);
      return Ok();
    }
    Status Sync() override { return Ok(); }

   private:
    Bytes& bytes_;
  };
};

}  // namespace cloison::base::testing

#endif  // CLOISON_BASE_TESTING_MEMORY_FILES_H_
