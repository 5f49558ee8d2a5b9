// What fuzz targets share: parts of an input, sealed bytes that somebody altered, files in memory.
#ifndef CLOISON_TESTS_FUZZ_PARTS_H_
#define CLOISON_TESTS_FUZZ_PARTS_H_

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "base/files.h"

namespace cloison::fuzz {

// A part of one length byte and so many bytes, or what is left.
inline ByteView TakePart(base::Reader& input) {
  const std::size_t size = input.U8();
  return input.Take(std::min(size, input.rest().size()));
}

// `whole` after the changes that `how` asks for, 4 bytes each (what, u16 where, value), at most 16:
// a byte changed, put in or taken out, an end cut off, a piece repeated.
inline Bytes Altered(Bytes whole, base::Reader& how) {
  for (int change = 0; change < 16 && how.rest().size() >= 4; ++change) {
    const std::uint8_t what = how.U8();
    const std::size_t where = how.U16() % (whole.size() + 1);
    const std::uint8_t value = how.U8();
    const auto at = whole.begin() + static_cast<std::ptrdiff_t>(where);
    switch (what % 5) {
      case 0:
        if (at != whole.end()) *at = static_cast<std::uint8_t>(*at ^ value);
        break;
      case 1: whole.insert(at, value); break;
      case 2:
        if (at != whole.end()) whole.erase(at);
        break;
      case 3: whole.erase(at, whole.end()); break;
      default: {
        const Bytes piece(at, at + std::min<std::ptrdiff_t>(value, whole.end() - at));
        whole.insert(at, piece.begin(), piece.end());
      }
    }
  }
  return whole;
}

// Plain files of mode 0600 in one flat space of names; directories are always there.
class MemoryFiles final : public base::Files {
 public:
  std::map<std::string, Bytes> contents;

  Result<std::unique_ptr<base::WritableFile>> Create(const std::string& path, unsigned) override {
    contents[path].clear();
    return std::unique_ptr<base::WritableFile>(new File(contents[path]));
  }
  Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override {
    return std::unique_ptr<base::WritableFile>(new File(contents[path]));
  }
  Result<Bytes> Read(const std::string& path) override {
    const auto found = contents.find(path);
    if (found == contents.end()) return kAbsent;
    return found->second;
  }
  Result<base::FileInfo> Stat(const std::string& path) override {
    const auto found = contents.find(path);
    if (found != contents.end()) return base::FileInfo{found->second.size(), 0600, false};
    return path == "keys" ? Result<base::FileInfo>(base::FileInfo{0, 0700, true}) : kAbsent;
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

  class File final : public base::WritableFile {
   public:
    explicit File(Bytes& bytes) : bytes_(bytes) {}
    Status Append(ByteView bytes) override {
      base::AppendBytes(bytes_, bytes);
      return Ok();
    }
    Status Sync() override { return Ok(); }

   private:
    Bytes& bytes_;
  };
};

}  // namespace cloison::fuzz

#endif  // CLOISON_TESTS_FUZZ_PARTS_H_
