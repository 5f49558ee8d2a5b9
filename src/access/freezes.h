// How far one officer freezes alone (docs/design/0016-two-people.md "Freezing"): a freeze is of one
// account, at once, by one person. An account that was stolen freezes no more than so many, and
// never those without whom nobody would be left to undo it: there a second person agrees, an
// approval of kind "freeze".
#ifndef CLOISON_ACCESS_FREEZES_H_
#define CLOISON_ACCESS_FREEZES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "identity/assurance.h"
#include "ledger/ledger.h"

namespace cloison::access {

inline constexpr std::uint32_t kFreezesAloneMax = 50;  // by one officer, in a day
// Besides who freezes and who is frozen there stand, in the organisation of the latter, two humans
// of whom one asks for an unfreezing and the other agrees, when it is one who may either; and one
// who agrees to a freezing, when it is one who may.
inline constexpr std::size_t kStandingReadMax = 32;  // who is looked at for that

class Principals;
namespace internal {
struct Core;
}

// Who may freeze alone now, and by which sign-in: what there is to go by when nobody can be asked.
struct FreezeRight {
  PrincipalId id;
  OrganisationId organisation;
  std::vector<std::string> levels;  // one of them
  identity::Methods methods;        // one of them
  friend bool operator==(const FreezeRight&, const FreezeRight&) = default;
};
// A human's sign-in as `right` has it, by more than a password and a mailbox; development mode's.
bool IsEnough(const FreezeRight& right, const identity::Assurance& proven);

// Threads  any. Fails as the calls of Gate do.
class Freezes {
 public:
  explicit Freezes(internal::Core& core) : core_(core) {}

  // Everybody whose role has the right as the policy in force says, whether they may now or not; in
  // no order. Cost: 20 ns for each account of agents and officers.
  std::vector<PrincipalId> Officers() const;

  // Which of `asked` may freeze alone as of now, in their order: with the right, not frozen, not
  // expired, not held back themselves. Whose row does not open is none of them. Makes no entry.
  // Cost: a row read for each that is not in memory.
  Task<Result<std::vector<FreezeRight>>> WhoMay(std::vector<PrincipalId> asked,
                                                base::Executor& home);

  // Lifts the freezes of `who`, in one commit whose entries name `statement`, which two officers'
  // keys signed (ledger/unfreeze_statement.h). False: this statement did before, within
  // kIdempotencyMs, and lifts nothing again. kNotFound: one of them is nobody; nothing is lifted.
  Task<Result<bool>> Lift(std::string statement, std::vector<PrincipalId> who,
                          base::Executor& home);

 private:
  internal::Core& core_;
};

// The system freezes `who`, or lifts it, in the commit of the work that calls this: an entry of the
// system's by `rule` that names them and `named`, and one under their own next number, so that the
// row cannot be rolled back. Both are loaded, and the ledger has room for kFrozenEntries.
struct BySystem {
  const char* rule;
  std::string named;
};
inline constexpr std::size_t kFrozenEntries = 2;
ledger::Pending StageFrozen(Principals& principals, ledger::Ledger& log, commit::Staging& staging,
                            const PrincipalId& who, bool frozen, BySystem by);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_FREEZES_H_
