// What two officers sign when the policy changes: the text of a note (tlog/note.h).
//
//   cloison policy statement v1
//   register 7
//   version 2
//   follows 9f3c…             SHA-256 of the document in force, in hex
//   document ab12…            SHA-256 of the one that is to take its place
//
// It names what it follows, so a document that was signed once does not come back later.
//
// A policy that brings an organisation may bring its founders, or nobody of it could ever be
// enrolled: then the first line says v2, and behind an empty line stand tables of `[[principal]]`
// as in the statement that a register begins with (bootstrap_statement.h).
//
// Threads  values; no shared state.
// Source   docs/format/policy.md "Versions".
#ifndef CLOISON_LEDGER_POLICY_STATEMENT_H_
#define CLOISON_LEDGER_POLICY_STATEMENT_H_

#include <string>
#include <vector>

#include "ledger/founders.h"

namespace cloison::ledger {

struct PolicyStatement {
  RegisterId register_id;
  std::uint32_t version;
  crypto::Digest follows, document;
  std::vector<Founder> founders = {};
  friend bool operator==(const PolicyStatement&, const PolicyStatement&) = default;
};

std::string Print(const PolicyStatement& statement);
// Fails kInvalid unless `text` is exactly what Print gives.
Result<PolicyStatement> ParsePolicyStatement(std::string_view text);
// The statement of a note, whoever signed it. kInvalid: not such a note.
Result<PolicyStatement> PolicyStatementOf(std::string_view note);

// Whether the note is of `statement` and signed by kOfficersMin of `officers`. Fails as CheckSigned
// of a recovery does (statement.h).
Status CheckSigned(std::string_view note, const PolicyStatement& statement,
                   const std::vector<tlog::VerifierKey>& officers);

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_POLICY_STATEMENT_H_
