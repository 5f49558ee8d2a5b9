// Whom to ask next whether they may freeze alone (access/freezes.h, WhoMay): the file of freezes
// keeps those who may, and without a ledger nobody else freezes.
//
// Threads  any.
#ifndef CLOISON_SERVER_OFFICER_ROUND_H_
#define CLOISON_SERVER_OFFICER_ROUND_H_

#include <mutex>
#include <vector>

#include "base/ids.h"

namespace cloison::server {

inline constexpr std::size_t kOfficersPerRound = 1'000;  // besides those kept and named

class OfficerRound {
 public:
  struct Asked {
    std::vector<PrincipalId> who;  // each once: those kept, those named, the next of all
    bool too_many = false;         // `kept` is full and not of all; said once
  };
  // `kept`: who is taken for an officer. `named`: who is to be asked now. `all`: whose role has the
  // right, in any order; some thousands of them may have left or be frozen, so each call goes on
  // behind the last one, and around.
  Asked Next(std::vector<PrincipalId> kept, const std::vector<PrincipalId>& named,
             std::vector<PrincipalId> all);

 private:
  std::mutex mutex_;  // guards what follows
  PrincipalId last_{ByteArray<PrincipalId::kSize>{}};
  bool told_ = false;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_OFFICER_ROUND_H_
