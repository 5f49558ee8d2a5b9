#include "text/nir.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <cstdint>

#include "text/utf8.h"

namespace cloison::text {
namespace {

constexpr std::size_t kWithKey = 15;
// The number printed on the specimen card, which is copied into real files.
constexpr std::string_view kSpecimen = "2690549588157";

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

int Number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// Bytes of the space at the head of `text`; 0 when there is none.
std::size_t SpaceLength(std::string_view text) {
  if (text.starts_with(' ')) return 1;
  if (text.starts_with("\u00a0")) return 2;
  if (text.starts_with("\u202f")) return 3;
  return 0;
}

bool BetweenGroups(std::size_t characters) {
  constexpr std::array<std::size_t, 7> kEnds = {1, 3, 5, 7, 8, 10, 13};
  return std::find(kEnds.begin(), kEnds.end(), characters) != kEnds.end();
}

// The 15 characters without spaces, in upper case; their form is judged later.
Result<std::array<char, kWithKey>> Squeeze(std::string_view text) {
  if (text.size() > kNirTextBytesMax) return Error{Code::kInvalid, "a NIR has 15 characters"};
  text = Trim(text);
  std::array<char, kWithKey> out{};
  std::size_t filled = 0;
  bool after_space = false;
  while (!text.empty()) {
    if (const std::size_t space = SpaceLength(text); space != 0) {
      if (after_space || !BetweenGroups(filled)) {
        return Error{Code::kInvalid, "a NIR has a space inside a group"};
      }
      after_space = true;
      text.remove_prefix(space);
      continue;
    }
    if (filled == kWithKey) return Error{Code::kInvalid, "a NIR has 15 characters"};
    const char c = text.front();
    out[filled++] = c == 'a' || c == 'b' ? static_cast<char>(c - ('a' - 'A')) : c;
    after_space = false;
    text.remove_prefix(1);
  }
  if (filled != kWithKey) return Error{Code::kInvalid, "a NIR has 15 characters"};
  return out;
}

bool HasCanonicalForm(std::string_view number) {
  if (number.size() != kNirCharacters) return false;
  const bool corsican = number[5] == '2' && (number[6] == 'A' || number[6] == 'B');
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (!IsDigit(number[i]) && !(i == 6 && corsican)) return false;
  }
  return true;
}

bool IsMonth(int month) {
  return (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50;
}

Status CheckPlace(std::string_view number) {
  if (number.substr(10, 3) == "000") return Error{Code::kInvalid, "a NIR has no order number 000"};
  if (number[6] != 'A' && number[6] != 'B') {
    const int department = Number(number.substr(5, 2));
    if (department == 0) return Error{Code::kInvalid, "a NIR names no department 00"};
    if (department == 97 || department == 98) {
      const int commune = Number(number.substr(8, 2));
      if (commune >= 1 && commune <= 90) return Ok();
      return Error{Code::kInvalid, "a NIR names no such overseas commune"};
    }
  }
  const int commune = Number(number.substr(7, 3));
  if (commune < 1 || commune > 990) {
    return Error{Code::kInvalid, "a NIR names no such commune or country"};
  }
  return Ok();
}

}  // namespace

Nir::~Nir() {
  explicit_bzero(text_.data(), text_.size());
}

Nir::Place Nir::place() const {
  if (temporary()) return Place::kUnchecked;
  const std::string_view department = canonical().substr(5, 2);
  if (department == "99") return Place::kAbroad;
  if (department == "97" || department == "98") return Place::kOverseas;
  return Place::kDepartment;
}

int Nir::key() const {
  return *NirKey(canonical());
}

Result<int> NirKey(std::string_view canonical) {
  if (!HasCanonicalForm(canonical)) {
    return Error{Code::kInvalid, "a NIR is 13 digits, or 2A or 2B at the place of birth"};
  }
  std::int64_t number = 0;
  for (const char c : canonical) {
    // 2A counts as 19 and 2B as 18: take 1 and the last digit for the 2 already counted.
    if (c == 'A') {
      number = (number - 1) * 10 + 9;
    } else if (c == 'B') {
      number = (number - 1) * 10 + 8;
    } else {
      number = number * 10 + (c - '0');
    }
  }
  return static_cast<int>(97 - number % 97);
}

Result<Nir> ParseNir(std::string_view text, bool production) {
  CLOISON_TRY_ASSIGN(auto squeezed, Squeeze(text));
  const std::string_view all(squeezed.data(), squeezed.size());
  const std::string_view number = all.substr(0, kNirCharacters);
  const std::string_view key_digits = all.substr(kNirCharacters);
  CLOISON_TRY_ASSIGN(const int key, NirKey(number));
  if (!IsDigit(key_digits[0]) || !IsDigit(key_digits[1])) {
    return Error{Code::kInvalid, "a NIR ends with a key of two digits"};
  }
  const int sex = number[0] - '0';
  const bool permanent = sex == 1 || sex == 2;
  if (!permanent && sex != 3 && sex != 4 && sex != 7 && sex != 8) {
    return Error{Code::kInvalid, "a NIR begins with 1, 2, 3, 4, 7 or 8"};
  }
  if (!IsMonth(Number(number.substr(3, 2)))) {
    return Error{Code::kInvalid, "a NIR has no such month"};
  }
  if (permanent) {
    CLOISON_TRY(CheckPlace(number));
  }
  if (Number(key_digits) != key) return Error{Code::kInvalid, "a NIR has the wrong key"};
  if (production && number == kSpecimen) {
    return Error{Code::kInvalid, "this NIR is the specimen of the printed card"};
  }
  Nir nir;
  std::copy(number.begin(), number.end(), nir.text_.begin());
  explicit_bzero(squeezed.data(), squeezed.size());
  return nir;
}

}  // namespace cloison::text
