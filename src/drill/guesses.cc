#include "drill/guesses.h"

namespace cloison::drill {

namespace {

constexpr std::uint32_t kSymbols = 32;
constexpr std::uint32_t kStride = 1'009;

// To all digits but the last, which is the check symbol.
void Add(text::CodeDigits& digits, std::uint32_t step) {
  for (std::size_t i = digits.size() - 1; i-- > 0 && step != 0;) {
    const std::uint32_t sum = digits[i] + step;
    digits[i] = static_cast<std::uint8_t>(sum % kSymbols);
    step = sum / kSymbols;
  }
}

}  // namespace

std::string Guesses::Next() {
  if (check_ == 0) ChooseBase();
  base_.back() = static_cast<std::uint8_t>(check_);
  check_ = (check_ + 1) % kSymbols;
  return text::FormatCode(base_);
}

void Guesses::ChooseBase() {
  switch (turn_++ % 3) {
    case 0:
      Add(near_, 1);
      base_ = near_;
      break;
    case 1:
      Add(far_, kStride);
      base_ = far_;
      break;
    default:
      for (std::uint8_t& digit : base_) digit = static_cast<std::uint8_t>(draw_.Below(kSymbols));
  }
}

}  // namespace cloison::drill
