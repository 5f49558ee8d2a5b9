// What two officers sign before a production register begins: who may use it first, under which
// policy, in which ledger. A TOML document, and the text of a note (tlog/note.h):
//
//   # cloison bootstrap statement v1
//   register = 7
//   ceremony = "6f1d3c…"            16 random bytes, in hex: no two statements are the same
//   log = "cloison.example/people+1a2b3c4d+AbCd…"     the ledger: its origin and its key
//   schema = "9f3c…"                SHA-256 of the document, in hex
//   policy = "ab12…"
//   officers = ["officer.anna+…", "officer.bruno+…"]  who may sign: this, policies, recoveries
//
//   [[principal]]                   a founder: each of them once
//   account = "agents:anna"
//   issuer = "https://login.example"
//   organisation = 1
//   office = 101                    may be absent
//   role = "manager"
//   human = "HR-0001"               the organisation's reference of the human behind it
//   expires = "2027-06-30"          nobody from the beginning of that day, UTC
//
// Its log's key was made for this register alone, so a statement is good for no other; and a
// register that has an entry begins no more.
//
// Threads  values; no shared state.
// Source   docs/format/bootstrap.md.
#ifndef CLOISON_LEDGER_BOOTSTRAP_STATEMENT_H_
#define CLOISON_LEDGER_BOOTSTRAP_STATEMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "ledger/statement.h"

namespace cloison::ledger {

inline constexpr std::size_t kFoundersMin = 2;
inline constexpr std::size_t kFoundersMax = 16;
inline constexpr std::size_t kFounderTextBytesMax = 320;  // of one member
inline constexpr std::size_t kBootstrapNoteBytesMax = 32u << 10;

struct Founder {
  std::string account;  // "agents:anna"
  std::string issuer;   // its URL; "" in a plan
  OrganisationId organisation{0};
  std::optional<OfficeId> office;
  std::string role, human;
  std::string expires;  // "2027-06-30"
  friend bool operator==(const Founder&, const Founder&) = default;
};
// The moment at which the enrolment ends. CHECKs that `expires` was parsed.
std::int64_t ExpiresMs(const Founder& founder);

// What an operator writes: officers and principals, the latter without issuers.
struct BootstrapPlan {
  std::vector<tlog::VerifierKey> officers;
  std::vector<Founder> founders;
  friend bool operator==(const BootstrapPlan&, const BootstrapPlan&) = default;
};
// kInvalid, and a line in `problems` for each fault, as "line 12: …".
Result<BootstrapPlan> ParseBootstrapPlan(std::string_view toml, std::vector<std::string>& problems);

struct BootstrapStatement {
  RegisterId register_id;
  ByteArray<16> ceremony;
  tlog::VerifierKey log;
  crypto::Digest schema, policy;
  BootstrapPlan plan;
  friend bool operator==(const BootstrapStatement&, const BootstrapStatement&) = default;
};
std::string Print(const BootstrapStatement& statement);
// Fails kInvalid unless `text` is exactly what Print gives.
Result<BootstrapStatement> ParseBootstrapStatement(std::string_view text);

// A statement that kOfficersMin of the officers it names have signed: what a register may begin
// with. Made by Check alone.
class SignedBootstrap {
 public:
  // Fails  kInvalid: not a note, or not of such a statement; kExhausted: over
  //        kBootstrapNoteBytesMax; kDenied: too few of its officers signed; kCorrupt: a signature
  //        of theirs does not verify.
  static Result<SignedBootstrap> Check(std::string note);

  const BootstrapStatement& statement() const { return statement_; }
  const std::string& note() const { return note_; }

 private:
  SignedBootstrap(BootstrapStatement statement, std::string note)
      : statement_(std::move(statement)), note_(std::move(note)) {}
  BootstrapStatement statement_;
  std::string note_;
};

// How an officer's key is compared by voice: "SHA256:" and the digest of the 32 bytes, base64.
std::string FingerprintOf(const tlog::VerifierKey& key);

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_BOOTSTRAP_STATEMENT_H_
