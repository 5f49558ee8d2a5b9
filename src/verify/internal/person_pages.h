// The pages of a person's file, checked as far as they can be without the log.
#ifndef CLOISON_VERIFY_INTERNAL_PERSON_PAGES_H_
#define CLOISON_VERIFY_INTERNAL_PERSON_PAGES_H_

#include <map>

#include "verify/internal/opened.h"
#include "verify/person.h"

namespace cloison::verify::internal {

// An entry that the log must hold at its index.
struct Claimed {
  ledger::Leaf leaf;
  std::string path;
};

class PersonPages {
 public:
  PersonPages(const LogOptions& options, const PersonFile& file);

  // The first fault of the pages themselves.
  std::optional<Fault> Read();

  const FileContext& context() const { return context_; }
  const crypto::HmacKey& trail() const { return *trail_; }
  const std::map<std::uint64_t, std::uint64_t>& numbers() const { return numbers_; }
  const std::map<std::uint64_t, Claimed>& claims() const { return claims_; }
  bool Has(std::uint64_t n) const { return numbers_.contains(n); }
  std::uint64_t log_size() const { return log_size_; }  // that the file tells of
  const PersonFacts& facts() const { return facts_; }

 private:
  bool ReadPage(FileReader& file, const codec::JsonValue& page);
  std::optional<codec::JsonValue> LogIn(const codec::JsonValue& logs) const;
  bool ReadProofs(FileReader& file, const codec::JsonValue& proofs);
  bool ReadCovers(FileReader& file, const codec::JsonValue& proofs);
  bool ReadLog(FileReader& file, const codec::JsonValue& log);
  bool ReadRow(FileReader& file, const codec::JsonValue& row, bool expired);
  bool ReadUnsealed(FileReader& file, const codec::JsonValue& row, const Opened& unseal);
  bool CheckOpened(FileReader& file, const codec::JsonValue& row, const Opened& entry);
  bool CheckSaid(FileReader& file, const codec::JsonValue& row, const Opened& entry);
  bool CheckFields(FileReader& file, const codec::JsonValue& row, const Opened& entry);
  bool Claim(FileReader& file, const codec::JsonValue& row, const Opened& entry);
  std::optional<Fault> CheckCovers();

  const PersonFile& pages_;
  FileContext context_;
  std::optional<crypto::HmacKey> trail_;
  std::optional<Bytes> trail_key_, aud_;
  std::map<std::uint64_t, std::uint64_t> numbers_;  // n to index
  std::map<std::uint64_t, Claimed> claims_;         // by index
  std::map<std::uint64_t, std::uint64_t> covers_;   // first to end
  std::uint64_t log_size_ = 0;
  PersonFacts facts_;
};

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_PERSON_PAGES_H_
