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
  // That the page with the highest end tells of.
  std::uint64_t log_size() const { return log_size_; }
  const PersonFacts& facts() const { return facts_; }

 private:
  bool ReadPage(FileReader& file, const codec::JsonValue& page);
  bool ReadReceipt(FileReader& file, const codec::JsonValue& page);
  bool ReadProofs(FileReader& file, const codec::JsonValue& proofs);
  bool ReadCovers(FileReader& file, const codec::JsonValue& proofs);
  bool ReadLog(FileReader& file, const codec::JsonValue& log);
  bool ReadRow(FileReader& file, const codec::JsonValue& row, bool expired);
  bool ReadUnsealed(FileReader& file, const codec::JsonValue& row, const Opened& unseal);
  std::optional<FileContext> OtherLog(FileReader& file, const codec::JsonValue& proof);
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
  // Of one page: what it answers for, and the size that the log had at least when it was made.
  struct Covers {
    std::uint64_t first, end, log_size;
  };
  std::vector<Covers> covers_;  // one a page
  // Of the page that is being read: its fields' names, both ways.
  std::map<std::string, FieldId, std::less<>> numbers_of_names_;
  std::map<FieldId, std::string> names_of_numbers_;
  std::optional<std::uint64_t> register_;
  std::uint64_t log_size_ = 0;
  PersonFacts facts_;
};

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_PERSON_PAGES_H_
