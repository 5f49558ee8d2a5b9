// Holds what the store keeps of people against what the ledger says was done last: a row that was
// put back, brought in or taken away is found, though each of them opens.
//
// Source   docs/format/record.md ("What a row does not protect from"), ledger.md.
#ifndef CLOISON_VAULT_AUDIT_H_
#define CLOISON_VAULT_AUDIT_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tlog/proof.h"
#include "vault/vault.h"

namespace cloison::vault {

inline constexpr std::size_t kStoreFaultsMax = 100;  // that are told

// Nobody is named: an entry's index tells who is meant to whoever may read it.
struct StoreFault {
  std::string place;                   // "people#17": the 18th row in the order of keys
  std::optional<std::uint64_t> entry;  // the entry that says otherwise
  std::string_view text;               // a literal
};

struct StoreReport {
  tlog::Head head{};            // of the entries in the store
  std::uint64_t people = 0;     // rows held against their last change
  std::uint64_t loaded = 0;     // of a first load and not changed since: no entry names them
  std::uint64_t expired = 0;    // rows whose last change may have expired: not known to be the last
  std::uint64_t pages = 0;      // of indexes, overflow pages too
  std::uint64_t postings = 0;   // in them, each of somebody who has a row
  std::uint64_t leftovers = 0;  // pages of a generation that is being dropped
  std::uint64_t hints = 0;      // and those of people whose damaged rows were erased unopened
  std::uint64_t unnamed = 0;    // changes of people whose erasure could name nobody
  // One of the entries ends the audit, for all that follows is held against them. Damage of rows
  // and pages does not: each is told, and what follows from it too (a page that does not open is
  // missed by every row that is posted there).
  std::uint64_t faults = 0;
  std::optional<StoreFault> fault;  // the first
  std::vector<StoreFault> others;   // behind it, to kStoreFaultsMax in all
};

// Writes nothing: neither to the stores, whose commits are refused, nor to files.
//
// Takes    stores that nobody else has open; `published`: the head of the published log, which the
//          entries in the store must have had
// Checks   every leaf against `published`, and of closed logs against what was left of them; every
//          record that has not expired against its leaf; every row: key there, opens, the way back
//          from the ledger (AUD) leads to it, its seq that of the last registration or change;
//          nobody erased and nobody without an entry has a row, and every last change has one;
//          every posting is of somebody who has a row, every indexed value of a row is posted,
//          every page is reached; the same of the generation that is being built, of those who are
//          in it (records/generations.h). Of people in the erase journal as many may have postings
//          as erasures opened no row, and as many a change without a row as name nobody; any, where
//          such erasures may have expired
// Fails    as Vault::OpenToRead; kUnavailable
// Cost     per entry an opened record, per person a row opened whole, two rows of keys and a page
//          per indexed value; memory: 80 bytes per person.
Task<Result<StoreReport>> AuditStore(Environment environment, Settings settings,
                                     std::optional<tlog::Head> published);

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_AUDIT_H_
