#include "records/codes.h"

#include "text/base32.h"

namespace cloison::records {
namespace internal {
namespace {

constexpr std::size_t kDigits = 15;  // 75 bits: 11 of zero, 64 of the person

// a * 2 in GF(32), polynomial x^5 + x^2 + 1.
std::uint8_t Double(std::uint8_t a) {
  const unsigned doubled = a * 2u;
  return static_cast<std::uint8_t>((doubled & 32u) != 0 ? doubled ^ 0b100101u : doubled);
}

std::uint8_t CheckDigit(std::span<const std::uint8_t> digits, OrganisationId organisation) {
  // Horner from the last digit: sum of 2^(i+1) * digit[i].
  std::uint8_t sum = 0;
  for (std::size_t i = digits.size(); i-- > 0;) {
    sum = Double(static_cast<std::uint8_t>(sum ^ digits[i]));
  }
  return static_cast<std::uint8_t>(sum ^ (organisation.value() & 31u));
}

crypto::Context Tweak(const CodeScope& scope) {
  return crypto::Context("code")
      .U32(scope.register_id.value())
      .U32(scope.organisation.value())
      .U32(scope.generation);
}

std::vector<std::uint16_t> DigitsOf(const PersonId& person) {
  std::uint64_t left = base::LoadBig(person.bytes());
  std::vector<std::uint16_t> digits(kDigits, 0);
  for (std::size_t i = kDigits; i-- > 0;) {
    digits[i] = static_cast<std::uint16_t>(left & 31u);
    left >>= 5;
  }
  return digits;
}

// 15 digits hold 75 bits: nothing when the top 11 are not zero.
std::optional<PersonId> PersonOfDigits(const std::vector<std::uint16_t>& digits) {
  constexpr unsigned kTopOfThird = 4;  // digits 0 and 1 are above 64 bits, and one bit of digit 2
  if (digits[0] != 0 || digits[1] != 0 || (digits[2] >> kTopOfThird) != 0) return std::nullopt;
  std::uint64_t value = 0;
  for (const std::uint16_t digit : digits) value = value << 5 | digit;
  return PersonId(base::BigU64(value));
}

PersonCode CodeOf(const text::CodeDigits& digits) {
  ByteArray<16> symbols{};
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i] = static_cast<std::uint8_t>(text::Base32Symbol(digits[i]));
  }
  return PersonCode(symbols);
}

}  // namespace

bool CheckHolds(const ByteArray<16>& digits, OrganisationId organisation) {
  return digits[kDigits] == CheckDigit(std::span(digits).first<kDigits>(), organisation);
}

Result<PersonCode> EncodeCode(const crypto::Ff1& key, const CodeScope& scope,
                              const PersonId& person) {
  CLOISON_TRY_ASSIGN(const std::vector<std::uint16_t> sealed,
                     key.Encrypt(Tweak(scope).view(), DigitsOf(person)));
  CLOISON_CHECK(sealed.size() == kDigits);
  ByteArray<16> digits{};
  for (std::size_t i = 0; i < kDigits; ++i) digits[i] = static_cast<std::uint8_t>(sealed[i]);
  digits[kDigits] = CheckDigit(std::span(digits).first<kDigits>(), scope.organisation);
  return CodeOf(digits);
}

Result<PersonId> DecodeCode(const crypto::Ff1& key, const CodeScope& scope, std::string_view code) {
  CLOISON_TRY_ASSIGN(const text::CodeDigits digits, text::ParseCode(code));
  if (!CheckHolds(digits, scope.organisation)) {
    return Error{Code::kInvalid, "the check symbol of the code does not fit"};
  }
  const std::vector<std::uint16_t> sealed(digits.begin(), digits.begin() + kDigits);
  CLOISON_TRY_ASSIGN(const std::vector<std::uint16_t> plain,
                     key.Decrypt(Tweak(scope).view(), sealed));
  CLOISON_CHECK(plain.size() == kDigits);
  const std::optional<PersonId> person = PersonOfDigits(plain);
  if (!person.has_value()) return Error{Code::kNotFound, "nobody has this code"};
  return *person;
}

}  // namespace internal

std::string PersonCode::Text() const {
  text::CodeDigits digits{};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const Result<std::uint8_t> digit = text::Base32Digit(static_cast<char>(symbols_[i]));
    CLOISON_CHECK(digit.ok());
    digits[i] = *digit;
  }
  return text::FormatCode(digits);
}

Task<Status> Codes::Ensure(OrganisationId organisation) const {
  co_return co_await ring_.EnsurePartner(organisation, kCodeGeneration);
}

Result<PersonCode> Codes::Encode(OrganisationId organisation, const PersonId& person) const {
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const crypto::Ff1> key,
                     ring_.Partner(organisation, kCodeGeneration));
  return internal::EncodeCode(*key, {ring_.register_id(), organisation, kCodeGeneration}, person);
}

Result<PersonId> Codes::Decode(OrganisationId organisation, std::string_view text) const {
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const crypto::Ff1> key,
                     ring_.Partner(organisation, kCodeGeneration));
  return internal::DecodeCode(*key, {ring_.register_id(), organisation, kCodeGeneration}, text);
}

Result<NamedPerson> Codes::Read(OrganisationId organisation, std::string_view text) const {
  CLOISON_TRY_ASSIGN(const PersonId person, Decode(organisation, text));
  CLOISON_TRY_ASSIGN(const text::CodeDigits digits, text::ParseCode(text));
  return NamedPerson{person, internal::CodeOf(digits)};
}

}  // namespace cloison::records
