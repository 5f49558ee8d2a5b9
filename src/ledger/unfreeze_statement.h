// What two officers sign to lift freezes when too few accounts are left that could: the text of a
// note (tlog/note.h).
//
//   cloison unfreeze statement v1
//   ledger cloison.example/people         the origin, as configured
//   time 1798761600                       when it was made, POSIX seconds
//   issuer https://login.example
//   subject alice                         these two lines for each account: 1 to kLiftedMax
//
// It is taken within kFreezeFreshS of its time, and once, so that one which somebody kept does not
// undo what was frozen since.
//
// Threads  values; no shared state.
// Source   docs/operate/failure.md "When nobody is left to unfreeze".
#ifndef CLOISON_LEDGER_UNFREEZE_STATEMENT_H_
#define CLOISON_LEDGER_UNFREEZE_STATEMENT_H_

#include <string>
#include <vector>

#include "ledger/freeze_statement.h"

namespace cloison::ledger {

inline constexpr std::size_t kLiftedMax = 64;
inline constexpr std::size_t kUnfreezeNoteBytesMax = 32u << 10;

struct UnfreezeStatement {
  struct Account {
    std::string issuer, subject;
    friend bool operator==(const Account&, const Account&) = default;
  };
  std::string ledger;
  std::int64_t time_s = 0;
  std::vector<Account> accounts;  // none of them twice
  friend bool operator==(const UnfreezeStatement&, const UnfreezeStatement&) = default;
};
std::string Print(const UnfreezeStatement& statement);
// Whether a text claims to be one; the others are for Parse to refuse.
bool IsUnfreezeStatement(std::string_view text);
// Fails kInvalid unless `text` is exactly what Print gives.
Result<UnfreezeStatement> ParseUnfreezeStatement(std::string_view text);

// The statement of a note that kOfficersMin of `officers` signed for the ledger of that origin.
// Fails  kInvalid: not such a note; kExhausted: over kUnfreezeNoteBytesMax; kConflict: of another
//        ledger; kDenied: too few of them signed, or not within kFreezeFreshS of `now_s`; kCorrupt:
//        a signature of theirs does not verify.
Result<UnfreezeStatement> CheckUnfreeze(std::string_view note, std::string_view origin,
                                        const std::vector<tlog::VerifierKey>& officers,
                                        std::int64_t now_s);

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_UNFREEZE_STATEMENT_H_
