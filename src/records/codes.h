// A person's identifier for one organisation: computed and turned back by the organisation's key,
// stored nowhere (docs/format/code.md; vectors "codes"). Two organisations' codes of one person
// have nothing in common.
#ifndef CLOISON_RECORDS_CODES_H_
#define CLOISON_RECORDS_CODES_H_

#include <string>

#include "keys/key_ring.h"

namespace cloison::records {

// 16 Crockford base-32 symbols, upper case, without dashes.
class PersonCode {
 public:
  explicit constexpr PersonCode(ByteArray<16> symbols) : symbols_(symbols) {}
  const ByteArray<16>& symbols() const { return symbols_; }
  std::string Text() const;  // XXXX-XXXX-XXXX-XXXX

 private:
  ByteArray<16> symbols_;
};

// The key generation that codes are made with, until the rotation of partner keys exists.
inline constexpr std::uint32_t kCodeGeneration = 1;

// Whom a written code names, and the code as Encode writes it.
struct NamedPerson {
  PersonId person;
  PersonCode code;
};

// Threads: any. Cost: below 1 us either way.
class Codes {
 public:
  explicit Codes(keys::KeyRing& ring) : ring_(ring) {}
  // Makes the organisation's codes possible; may be repeated. Fails as KeyRing::EnsurePartner does.
  Task<Status> Ensure(OrganisationId organisation) const;
  // kNotFound: the organisation has no key (Ensure makes one).
  Result<PersonCode> Encode(OrganisationId organisation, const PersonId& person) const;
  // kInvalid: not a code at all (length, symbol, check). kNotFound: well-formed, but nobody's (top
  // bits), or the organisation has no key.
  Result<PersonId> Decode(OrganisationId organisation, std::string_view text) const;
  // The same, with the code: a code has one person and a person one code, so nothing is encoded.
  Result<NamedPerson> Read(OrganisationId organisation, std::string_view text) const;

 private:
  keys::KeyRing& ring_;
};

namespace internal {
// What a code is made under.
struct CodeScope {
  RegisterId register_id;
  OrganisationId organisation;
  std::uint32_t generation;
};
Result<PersonCode> EncodeCode(const crypto::Ff1& key, const CodeScope& scope,
                              const PersonId& person);
Result<PersonId> DecodeCode(const crypto::Ff1& key, const CodeScope& scope, std::string_view text);
// Whether the last of 16 digits is the check of the first 15.
bool CheckHolds(const ByteArray<16>& digits, OrganisationId organisation);
}  // namespace internal

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_CODES_H_
