// Many texts at once in many bytes: millions of texts, hundreds of megabytes, some seconds.
//
// Each text is filed under its first bytes (8, or all of a shorter one). Of almost every position
// the first two bytes say, or a bitmap does, that no text begins there; then the table of texts is
// asked.
// Threads  const use from any. Cost: 1 to 5 ns a position and length class; 24 bytes a text.
#ifndef CLOISON_TESTS_DISK_TEXT_SEARCH_H_
#define CLOISON_TESTS_DISK_TEXT_SEARCH_H_

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cloison::disk {

inline constexpr std::size_t kTextBytesMin = 4;

class TextSearch {
 public:
  void Add(std::string_view text);  // of kTextBytesMin bytes or more; once is enough
  void Build();                     // after the last Add, before the first search
  std::size_t size() const { return texts_; }

  // Calls `found(text, offset)` for every place where a text stands.
  using Found = std::function<void(std::string_view text, std::size_t offset)>;
  void Search(ByteView bytes, const Found& found) const;
  std::size_t Count(ByteView bytes) const;
  // How many places noise of `bytes` bytes would be expected to have.
  double Expected(double bytes) const;

 private:
  struct Entry {
    std::uint64_t head;  // the first bytes
    std::size_t at;      // of the whole text in arena_
    std::uint32_t size;
  };
  // Texts whose heads are equally long.
  struct Class {
    std::size_t head_bytes = 0;
    std::vector<Entry> entries;  // sorted by head once built
    std::vector<std::uint64_t> filter;
    unsigned shift = 0;
    std::array<bool, 256> first{}, second{};  // bytes that heads begin with
  };

  std::string_view TextOf(const Entry& entry) const {
    return std::string_view(arena_).substr(entry.at, entry.size);
  }
  void BuildClass(Class& one);
  void SearchClass(const Class& one, ByteView bytes, const Found& found) const;

  std::string arena_;
  std::vector<Class> classes_;
  std::size_t texts_ = 0;
};

}  // namespace cloison::disk

#endif  // CLOISON_TESTS_DISK_TEXT_SEARCH_H_
