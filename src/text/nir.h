// The French civil number (NIR): 13 characters and a key of two digits.
//
//   s yy mm dd ccc ooo kk      sex, year, month, place of birth (department and commune; 97x and
//   98x
//                              with two digits; 99 and a country), order, key = 97 - N mod 97
//
// N is the number with 2A read as 19 and 2B as 18. The canonical form is the 13 characters in upper
// case with 2A and 2B kept; the key is verified, then dropped (docs/format/index.md).
//
// Threads  values. Cost: under 0.1 us, no allocation.
// Source   INSEE, "Le numero d'inscription au repertoire" (decree 82-103); key as in python-stdnum.
#ifndef CLOISON_TEXT_NIR_H_
#define CLOISON_TEXT_NIR_H_

#include <array>
#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kNirCharacters = 13;
inline constexpr std::size_t kNirTextBytesMax = 64;  // with key and spaces, as people write it

// A verified number; wiped on destruction.
class Nir {
 public:
  enum class Place { kDepartment, kOverseas, kAbroad, kUnchecked };  // kUnchecked: temporary

  Nir(const Nir&) = default;
  Nir& operator=(const Nir&) = default;
  ~Nir();

  std::string_view canonical() const { return {text_.data(), text_.size()}; }
  int sex_digit() const { return text_[0] - '0'; }
  int year_digits() const { return (text_[1] - '0') * 10 + (text_[2] - '0'); }
  // 1 to 12, or a pseudo-month (20-42, 50-99: the civil record is incomplete).
  int month() const { return (text_[3] - '0') * 10 + (text_[4] - '0'); }
  bool temporary() const { return sex_digit() != 1 && sex_digit() != 2; }
  Place place() const;
  int key() const;

 private:
  friend Result<Nir> ParseNir(std::string_view, bool);
  Nir() = default;
  std::array<char, kNirCharacters> text_{};
};

// Reads a number with its key.
//
// Takes    15 characters; letters in any case; single spaces (also U+00A0, U+202F) between groups
//          and any at both ends. `production` refuses the known specimen 2 69 05 49 588 157 80.
// Fails    kInvalid: length, character, first digit (1 2 3 4 7 8), month (01-12, 20-42, 50-99),
//          department, commune, country, order 000, key, specimen. Temporary numbers (3 4 7 8):
//          place and order are not judged, whoever issues them fills them as they can.
Result<Nir> ParseNir(std::string_view text, bool production);

// The key of 13 canonical characters, 1 to 97. Fails: kInvalid when they are not of that form.
Result<int> NirKey(std::string_view canonical);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_NIR_H_
