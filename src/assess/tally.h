// What accounts did and what budgets would have said, summed: of all, by role, by office, by place.
//
// Threads  one; each thread has its own, added at the end.
#ifndef CLOISON_ASSESS_TALLY_H_
#define CLOISON_ASSESS_TALLY_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "access/windows.h"
#include "assess/accounts.h"
#include "assess/sketch.h"

namespace cloison::assess {

// Budgets are judged twice where the log does not say who is followed: as if everybody were on the
// agent's caseload, and as if nobody were. What it would really have been lies between.
inline constexpr std::size_t kViews = 2;

// What a budget would have refused.
struct Refusals {
  std::uint64_t accesses = 0;
  std::uint64_t accounts = 0;      // refused at least once
  std::uint64_t account_days = 0;  // days of an account with a refusal
  std::array<std::array<std::uint64_t, access::kWindows>, access::kCounters> by{};  // which cap

  void Add(const Refusals& other);
};

struct GroupTally {
  std::uint64_t accesses = 0, accounts = 0;
  std::uint64_t account_days = 0;  // days on which an account looked at somebody
  std::array<std::uint32_t, access::kWindows> most{};  // people that one account was shown
  std::uint32_t most_per_minute = 0;                   // accesses of one account
  std::array<Refusals, kViews> views;

  void Add(const GroupTally& other);
};

// Which groups a place belongs to.
struct Grouping {
  std::vector<std::string> roles;                 // sorted
  std::vector<std::uint32_t> role_of, office_of;  // by place
  explicit Grouping(const Accounts& accounts);
};

inline constexpr std::size_t kTopAccounts = 20;
inline constexpr std::size_t kRoleSketchesMax = 1'000;

struct TopAccount {
  std::uint32_t account, place;  // the place where it was shown most in a day
  std::array<std::uint32_t, access::kWindows> most;
  std::uint64_t accesses;
  std::array<std::uint64_t, kViews> refused;
};

class Tally {
 public:
  // Both outlive it.
  Tally(const Accounts& accounts, const Grouping& grouping);

  void Add(const Tally& other);
  void AddTop(const TopAccount& top);
  // Sorted: the most people in a day first, then by name.
  std::vector<TopAccount> Top() const;

  GroupTally all;
  std::vector<GroupTally> roles, offices, places;
  Sketch people;
  std::vector<Sketch> role_people;  // empty above kRoleSketchesMax roles

 private:
  const Accounts& accounts_;
  std::vector<TopAccount> top_;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_TALLY_H_
