// What one officer signs to freeze somebody while nobody can sign in, since there is no ledger: the
// text of a note (tlog/note.h).
//
//   cloison freeze statement v1
//   ledger cloison.example/people         the origin, as configured
//   issuer https://login.example
//   subject alice
//   time 1798761600                       when it was signed, POSIX seconds
//
// It freezes and does nothing else; it is taken within kFreezeFreshS of its time, so that one which
// somebody kept does not undo what two people unfroze since.
//
// Threads  values; no shared state.
// Source   docs/operate/failure.md "Freezing without a ledger".
#ifndef CLOISON_LEDGER_FREEZE_STATEMENT_H_
#define CLOISON_LEDGER_FREEZE_STATEMENT_H_

#include <string>
#include <vector>

#include "ledger/statement.h"

namespace cloison::ledger {

inline constexpr std::int64_t kFreezeFreshS = 3'600;
inline constexpr std::size_t kFreezeNoteBytesMax = 4'096;

struct FreezeStatement {
  std::string ledger, issuer, subject;
  std::int64_t time_s = 0;
  friend bool operator==(const FreezeStatement&, const FreezeStatement&) = default;
};
std::string Print(const FreezeStatement& statement);
// Fails kInvalid unless `text` is exactly what Print gives.
Result<FreezeStatement> ParseFreezeStatement(std::string_view text);

// The statement of a note that one of `officers` signed for the ledger of that origin.
// Fails  kInvalid: not such a note; kExhausted: over kFreezeNoteBytesMax; kConflict: of another
//        ledger; kDenied: none of them signed; kCorrupt: a signature of theirs does not verify.
Result<FreezeStatement> CheckFreeze(std::string_view note, std::string_view origin,
                                    const std::vector<tlog::VerifierKey>& officers);
// kDenied: it was not signed within kFreezeFreshS of `now_s`.
Status CheckFresh(const FreezeStatement& statement, std::int64_t now_s);

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_FREEZE_STATEMENT_H_
