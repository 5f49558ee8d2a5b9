// The schemas that a register keeps, read from outside: whoever has lost the file gets its text
// back.
#ifndef CLOISON_VAULT_KEPT_SCHEMA_H_
#define CLOISON_VAULT_KEPT_SCHEMA_H_

#include "records/schema_state.h"
#include "vault/vault.h"

namespace cloison::vault {

// What the stopped register `of` keeps, as it lies there: whether it is the last is for a start to
// say, which holds it against the anchor. Writes nothing.
// Fails    kUnavailable: a key object is out of reach, or of another register; kNotFound: the
//          register has no keys; kCorrupt: what is kept does not open.
// Cost     opens the keys, and reads three rows.
Task<Result<records::SchemaState>> ReadKeptSchema(Environment environment, RegisterId of);

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_KEPT_SCHEMA_H_
