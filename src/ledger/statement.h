// The statement of a recovery ceremony: what is left of the logs that are closed, what they are
// known to have signed beyond that, and the log that comes after. It is the text of a note
// (tlog/note.h); two different officers sign it.
//
//   cloison recovery statement v1
//   register 7
//   ceremony 6f1d3c…                  16 random bytes, in hex: no two statements are the same
//   closed cloison.example/people cloison.example/people+1a2b3c4d+AbCd…     or  … unknown
//   left 8 kW9c…=                     size and root of what the store holds
//   signed 11 Tr0f…=                  the last that was signed                 or  signed unknown
//   missing 3                         entries whose evidence is missing        or  missing unknown
//   successor cloison.example/people/2 cloison.example/people/2+5e6f7a8b+AbCd…
//
// The four lines of a closed log are there for each one that is closed, the oldest first.
//
// Threads  values; no shared state.
// Source   docs/format/ledger.md "Statement".
#ifndef CLOISON_LEDGER_STATEMENT_H_
#define CLOISON_LEDGER_STATEMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "ledger/logs.h"

namespace cloison::ledger {

inline constexpr std::size_t kOfficersMin = 2;  // who must sign, and who must be listed
inline constexpr std::size_t kOfficersMax = 32;

struct Statement {
  struct Closed {
    std::string origin;
    std::optional<tlog::VerifierKey> key;  // nothing: it is lost
    tlog::Head left;
    std::optional<tlog::Head> signed_head;
    friend bool operator==(const Closed&, const Closed&) = default;
  };
  RegisterId register_id;
  ByteArray<16> ceremony;
  std::vector<Closed> closed;  // at least one
  tlog::VerifierKey successor;
  friend bool operator==(const Statement&, const Statement&) = default;
};

// How many entries of a closed log have no evidence left. Nothing: nobody can tell, because no
// signed size is known, or because what was signed is not what is left.
std::optional<std::uint64_t> MissingOf(const tlog::Head& left,
                                       const std::optional<tlog::Head>& signed_head);

std::string Print(const Statement& statement);
// Fails kInvalid unless `text` is exactly what Print gives.
Result<Statement> ParseStatement(std::string_view text);

// The officers of a register: their vkeys, one per line. Fails kInvalid unless there are
// kOfficersMin to kOfficersMax, of type kSignature, no name and no key twice.
Result<std::vector<tlog::VerifierKey>> ParseOfficers(std::string_view text);

// Whether the note is of `statement`, of whatever ceremony, and signed by kOfficersMin of
// `officers`.
// Fails    kInvalid: not a note; kConflict: of another statement; kDenied: too few of them signed;
//          kCorrupt: a signature of theirs does not verify.
Status CheckSigned(std::string_view note, const Statement& statement,
                   const std::vector<tlog::VerifierKey>& officers);

// An officer's key as a file keeps it: the vkey, a line feed, the 32 bytes of the seed.
crypto::SecretBytes SerialiseOfficerKey(const tlog::VerifierKey& key,
                                        const crypto::Secret<32>& seed);
struct OfficerKey {
  tlog::VerifierKey key;
  crypto::Ed25519Signer signer;
};
// Fails kInvalid unless the bytes are exactly that.
Result<OfficerKey> ParseOfficerKey(ByteView bytes);

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_STATEMENT_H_
