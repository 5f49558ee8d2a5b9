#include "text/email.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "text/utf8.h"

namespace cloison::text {
namespace {

// Atoms of RFC 5322 without quoting; anything above ASCII is judged by HasControl and white space.
bool IsAtomCharacter(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (byte >= 0x80) return true;
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return true;
  return c == '.' || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool HasSpaceInside(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view character = FirstCharacter(text.substr(at));
    if (Trim(character).empty()) return true;
    at += character.size();
  }
  return false;
}

Status CheckLocal(std::string_view local) {
  if (local.empty()) return Error{Code::kInvalid, "an e-mail address has nothing before its @"};
  if (local.size() > kEmailLocalBytesMax) {
    return Error{Code::kExhausted, "an e-mail address has more than 64 bytes before its @"};
  }
  if (!std::all_of(local.begin(), local.end(), IsAtomCharacter) || HasControl(local) ||
      HasSpaceInside(local)) {
    return Error{Code::kInvalid, "an e-mail address has a forbidden character before its @"};
  }
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
    return Error{Code::kInvalid, "an e-mail address has a misplaced dot"};
  }
  return Ok();
}

Status CheckDomain(std::string_view domain) {
  if (domain.size() > kEmailDomainBytesMax) {
    return Error{Code::kExhausted, "an e-mail domain has more than 253 bytes"};
  }
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == domain.size()) {
    return Error{Code::kInvalid, "an e-mail domain has no top-level domain"};
  }
  const std::string_view top = domain.substr(dot + 1);
  if (std::all_of(top.begin(), top.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return Error{Code::kInvalid, "an e-mail domain is an address of numbers"};
  }
  return Ok();
}

const icu::IDNA* Idna() {
  static const std::unique_ptr<const icu::IDNA> idna = [] {
    UErrorCode code = U_ZERO_ERROR;
    return std::unique_ptr<const icu::IDNA>(
        icu::IDNA::createUTS46Instance(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI |
                                           UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII,
                                       code));
  }();
  return idna.get();
}

Result<std::string> AsciiDomain(std::string_view domain) {
  const icu::IDNA* idna = Idna();
  if (idna == nullptr) return Error{Code::kUnavailable, "ICU has no IDNA data"};
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  icu::IDNAInfo info;
  UErrorCode code = U_ZERO_ERROR;
  idna->nameToASCII_UTF8(icu::StringPiece(domain.data(), static_cast<std::int32_t>(domain.size())),
                         sink, info, code);
  if (U_FAILURE(code) || info.hasErrors()) {
    return Error{Code::kInvalid, "an e-mail domain is malformed"};
  }
  return out;
}

}  // namespace

Result<std::string> CanonicalEmail(std::string_view text) {
  if (text.size() > kTextBytesMax) return Error{Code::kExhausted, "an e-mail address is too long"};
  CLOISON_TRY_ASSIGN(std::string lower, LowerCase(Trim(text)));
  const std::string_view all = lower;
  const std::size_t at = all.find('@');
  if (at == std::string_view::npos) return Error{Code::kInvalid, "an e-mail address has no @"};
  if (all.find('@', at + 1) != std::string_view::npos) {
    return Error{Code::kInvalid, "an e-mail address has two @"};
  }
  CLOISON_TRY(CheckLocal(all.substr(0, at)));
  if (all.size() > 4 * kEmailBytesMax) {
    return Error{Code::kExhausted, "an e-mail address is too long"};
  }
  CLOISON_TRY_ASSIGN(const std::string domain, AsciiDomain(all.substr(at + 1)));
  CLOISON_TRY(CheckDomain(domain));
  std::string out(all.substr(0, at + 1));
  out += domain;
  WipeText(lower);
  if (out.size() > kEmailBytesMax) {
    return Error{Code::kExhausted, "an e-mail address has more than 254 bytes"};
  }
  return out;
}

}  // namespace cloison::text
