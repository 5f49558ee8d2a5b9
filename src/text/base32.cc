#include "text/base32.h"

namespace cloison::text {
namespace {

constexpr std::string_view kSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kGroup = 4;

}  // namespace

char Base32Symbol(std::uint8_t digit) {
  CLOISON_CHECK(digit < kSymbols.size());
  return kSymbols[digit];
}

Result<std::uint8_t> Base32Digit(char symbol) {
  if (symbol >= 'a' && symbol <= 'z') symbol = static_cast<char>(symbol - ('a' - 'A'));
  if (symbol == 'O') symbol = '0';
  if (symbol == 'I' || symbol == 'L') symbol = '1';
  const std::size_t digit = kSymbols.find(symbol);
  if (digit == std::string_view::npos) {
    return Error{Code::kInvalid, "a code has a character that is no symbol"};
  }
  return static_cast<std::uint8_t>(digit);
}

std::string FormatCode(const CodeDigits& digits) {
  std::string out;
  out.reserve(kCodeDigits + kCodeDigits / kGroup);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && i % kGroup == 0) out.push_back('-');
    out.push_back(Base32Symbol(digits[i]));
  }
  return out;
}

Result<CodeDigits> ParseCode(std::string_view text) {
  CodeDigits digits{};
  std::size_t filled = 0;
  bool after_dash = false;
  for (const char c : text) {
    if (c == '-') {
      const bool between = filled % kGroup == 0 && filled != 0 && filled != kCodeDigits;
      if (!between || after_dash) return Error{Code::kInvalid, "a code has a dash out of place"};
      after_dash = true;
      continue;
    }
    if (filled == kCodeDigits) return Error{Code::kInvalid, "a code has 16 symbols"};
    CLOISON_TRY_ASSIGN(digits[filled], Base32Digit(c));
    ++filled;
    after_dash = false;
  }
  if (filled != kCodeDigits) return Error{Code::kInvalid, "a code has 16 symbols"};
  return digits;
}

}  // namespace cloison::text
