// Many people into an empty register at once: worlds of demos, tests, drills and benchmarks.
#ifndef CLOISON_VAULT_LOAD_PEOPLE_H_
#define CLOISON_VAULT_LOAD_PEOPLE_H_

#include <functional>
#include <vector>

#include "vault/vault.h"

namespace cloison::vault {

struct LoadedPeople {  // in the order loaded
  std::vector<PersonId> people;
  std::vector<Aud> auds;
};

// Loads `count` people in bulk (records::BulkRegister) and records the load in the ledger.
// `values_of`: the values of the i-th, ascending by field, as records::Schema::Canonical gives
// them. `progress`: people loaded so far.
// Fails    kInvalid: somebody is there already; what `values_of` and the stores fail with.
// Threads  the vault's home. Cost: seconds per 100,000 people.
Task<Result<LoadedPeople>> LoadPeople(
    Vault& vault, std::size_t count,
    std::function<Result<records::Values>(std::size_t index)> values_of,
    std::function<void(std::size_t)> progress);

// Named texts as a record stores them, ascending by field. kInvalid: the schema lacks a field, or a
// text is not of its type.
Result<records::Values> CanonicalValues(
    const records::Schema& schema,
    const std::vector<std::pair<std::string_view, std::string>>& texts);

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_LOAD_PEOPLE_H_
