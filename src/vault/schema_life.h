// How rows follow a schema that was changed: a little at each call, beside everything else.
//
// Each call seals some slices again (access::Schemas::Rewrite). When everybody has been met it
// waits for kRestMs, so that whoever read a row of the form before has opened it, and then ends it:
// from there on such a row is kCorrupt. A restart goes on where the last commit left off.
//
// Threads  one caller at a time; resumes on `home`. Cost: at most kSlicesPerCall slices a call,
//          some 200 ms when all rows are to be sealed again: six hours for 43 million people.
// Source   docs/design/0030-schema-versions.md.
#ifndef CLOISON_VAULT_SCHEMA_LIFE_H_
#define CLOISON_VAULT_SCHEMA_LIFE_H_

#include <optional>

#include "vault/vault.h"

namespace cloison::vault {

class SchemaLife {
 public:
  static constexpr int kSlicesPerCall = 10;
  static constexpr std::int64_t kRestMs = 60'000;  // no request lasts as long

  // The vault outlives it.
  explicit SchemaLife(Vault& vault) : vault_(vault) {}

  // Fails as access::Schemas does; what was left is done by the next call. A record that changed
  // meanwhile is no failure.
  Task<Status> Advance();

 private:
  Vault& vault_;
  std::optional<std::int64_t> whole_ms_;  // budget time, when everybody had been met
};

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_SCHEMA_LIFE_H_
