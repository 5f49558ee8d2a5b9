// Inclusion proofs in answers: in receipts, for those who prefer it (RFC 7240, "Prefer: proof"),
// and by the id of a disclosure.
#ifndef CLOISON_API_INTERNAL_PROOFS_H_
#define CLOISON_API_INTERNAL_PROOFS_H_

#include <string>
#include <vector>

#include "api/internal/call.h"

namespace cloison::api::internal {

// Whether a Prefer header asks for `token`, with no value.
bool Prefers(const net::Request& request, std::string_view token);

// Whether the caller prefers an answer with proofs: without, MakeProofs makes none.
bool WantsProofs(const Call& call);

// Makes Call::proofs for the entries of this answer against the checkpoint of their batch, when the
// caller prefers them; goes on on the connection's loop. Where one cannot be made now there is
// none: a preference is no order.
Task<void> MakeProofs(Call& call, std::vector<const ledger::Recorded*> entries);

// The id of a disclosure: its place in the ledger, sealed for this caller alone.
std::string IdOf(const Call& call, std::uint64_t index);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_PROOFS_H_
