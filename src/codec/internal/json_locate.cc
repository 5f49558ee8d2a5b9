#include "codec/internal/json_locate.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/utf8.h"

namespace cloison::codec::internal {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Recursive descent over RFC 8259. Each step returns false with at_ on the fault.
class Locator {
 public:
  Locator(std::string_view text, int depth_max) : text_(text), depth_max_(depth_max) {}

  JsonPlace Locate() {
    if (Value(0)) Space();  // what follows the value, if anything, is the fault
    return {at_, path_};
  }

 private:
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void Space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }

  bool Value(int depth) {
    Space();
    switch (Peek()) {
      case '{': return depth < depth_max_ && Container(depth, '}');
      case '[': return depth < depth_max_ && Container(depth, ']');
      case '"': return String();
      case 't': return Word("true");
      case 'f': return Word("false");
      case 'n': return Word("null");
      default: return Number();
    }
  }

  bool Container(int depth, char end) {
    ++at_;
    Space();
    if (Take(end)) return true;
    const std::size_t path_size = path_.size();
    for (std::size_t i = 0;; ++i) {
      path_.append(end == '}' ? "/#" : "/").append(std::to_string(i));
      if (end == '}' && !Name()) return false;
      if (!Value(depth + 1)) return false;
      Space();
      path_.resize(path_size);
      if (Take(end)) return true;
      if (!Take(',')) return false;
    }
  }

  bool Name() {
    Space();
    if (Peek() != '"' || !String()) return false;
    Space();
    return Take(':');
  }

  bool Word(std::string_view word) {
    for (const char c : word) {
      if (!Take(c)) return false;
    }
    return true;
  }

  bool String() {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') return Take('"');
      if (c == '\\') {
        if (!Escape()) return false;
        continue;
      }
      const std::size_t length = base::Utf8SequenceLength(text_, at_);
      if (length == 0 || static_cast<std::uint8_t>(c) < 0x20) return false;
      at_ += length;
    }
    return false;
  }

  // The hexadecimal unit behind \u, or -1.
  int Unit() const {
    if (text_.substr(at_, 2) != "\\u" || at_ + 6 > text_.size()) return -1;
    int unit = 0;
    const char* const first = text_.data() + at_ + 2;
    const auto read = std::from_chars(first, first + 4, unit, 16);
    return read.ptr == first + 4 && unit >= 0 ? unit : -1;
  }

  bool Escape() {
    if (text_.substr(at_, 2) != "\\u") {
      const bool known = at_ + 1 < text_.size() &&
                         std::string_view("\"\\/bfnrt").find(text_[at_ + 1]) != text_.npos;
      if (known) at_ += 2;
      return known;
    }
    const int unit = Unit();
    if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) return false;
    const std::size_t begin = at_;
    at_ += 6;
    if (unit < 0xd800 || unit > 0xdbff) return true;
    const int low = Unit();
    const bool pair = low >= 0xdc00 && low <= 0xdfff;
    at_ = pair ? at_ + 6 : begin;
    return pair;
  }

  bool Digits() {
    if (!IsDigit(Peek())) return false;
    while (IsDigit(Peek())) ++at_;
    return true;
  }

  bool Number() {
    const std::size_t begin = at_;
    Take('-');
    if (!Take('0') && !Digits()) return false;
    bool whole = true;
    if (Take('.')) {
      whole = false;
      if (!Digits()) return false;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      whole = false;
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!Digits()) return false;
    }
    if (Fits(text_.substr(begin, at_ - begin), whole)) return true;
    at_ = begin;
    return false;
  }

  // Numbers that the parser can't hold are refused at their first character.
  static bool Fits(std::string_view number, bool whole) {
    const char* const end = number.data() + number.size();
    if (!whole) {
      double value = 0;
      const auto read = std::from_chars(number.data(), end, value);
      const bool tiny = number.find("e-") != number.npos || number.find("E-") != number.npos;
      return read.ec == std::errc() || tiny;
    }
    std::int64_t value = 0;
    std::uint64_t large = 0;
    return std::from_chars(number.data(), end, value).ec == std::errc() ||
           std::from_chars(number.data(), end, large).ec == std::errc();
  }

  const std::string_view text_;
  const int depth_max_;
  std::size_t at_ = 0;
  std::string path_;
};

}  // namespace

JsonPlace LocateJsonFault(std::string_view text, int depth_max) {
  return Locator(text, depth_max).Locate();
}

}  // namespace cloison::codec::internal
