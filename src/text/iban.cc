#include "text/iban.h"

#include <cstdint>

#include "text/utf8.h"

namespace cloison::text {
namespace {

constexpr std::size_t kWrittenMax = 128;

struct CountryLength {
  std::string_view country;
  std::size_t length;
};
constexpr CountryLength kLengths[] = {
    {"AD", 24}, {"AT", 20}, {"BE", 16}, {"BG", 22}, {"CH", 21}, {"CY", 28}, {"CZ", 24}, {"DE", 22},
    {"DK", 18}, {"EE", 20}, {"ES", 24}, {"FI", 18}, {"FR", 27}, {"GB", 22}, {"GI", 23}, {"GR", 27},
    {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IS", 26}, {"IT", 27}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"MC", 27}, {"MT", 31}, {"NL", 18}, {"NO", 15}, {"PL", 28}, {"PT", 25}, {"RO", 24},
    {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"VA", 22}};

bool IsLetter(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Bytes of the space at the head of `text`; 0 when there is none.
std::size_t SpaceLength(std::string_view text) {
  if (text.starts_with(' ')) return 1;
  if (text.starts_with("\u00a0")) return 2;
  if (text.starts_with("\u202f")) return 3;
  return 0;
}

// The number mod 97, letters as 10 to 35, the first four characters read last.
int Remainder(std::string_view iban) {
  int rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    rest = IsDigit(c) ? rest * 10 + (c - '0') : rest * 100 + (c - 'A' + 10);
    rest %= 97;
  }
  return rest;
}

bool LengthFits(std::string_view iban) {
  for (const CountryLength& known : kLengths) {
    if (iban.starts_with(known.country)) return iban.size() == known.length;
  }
  return iban.size() >= kIbanMin && iban.size() <= kIbanMax;
}

}  // namespace

Result<std::string> CanonicalIban(std::string_view text) {
  if (text.size() > kWrittenMax) return Error{Code::kInvalid, "an IBAN has 15 to 34 characters"};
  text = Trim(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (const std::size_t space = SpaceLength(text); space != 0) {
      text.remove_prefix(space);
      continue;
    }
    char c = text.front();
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    if (!IsLetter(c) && !IsDigit(c)) {
      return Error{Code::kInvalid, "an IBAN has letters and digits only"};
    }
    out.push_back(c);
    text.remove_prefix(1);
  }
  if (out.size() < kIbanMin || !IsLetter(out[0]) || !IsLetter(out[1]) || !IsDigit(out[2]) ||
      !IsDigit(out[3]) || !LengthFits(out)) {
    return Error{Code::kInvalid, "an IBAN has not the form of its country"};
  }
  // 00, 01 and 99 leave the remainder 1 as well as 97, 98 and 02: a writer never makes them.
  const std::string_view check = std::string_view(out).substr(2, 2);
  if (check == "00" || check == "01" || check == "99" || Remainder(out) != 1) {
    return Error{Code::kInvalid, "an IBAN has the wrong check digits"};
  }
  return out;
}

}  // namespace cloison::text
