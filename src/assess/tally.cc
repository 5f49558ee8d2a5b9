#include "assess/tally.h"

#include <algorithm>
#include <map>

namespace cloison::assess {

void Refusals::Add(const Refusals& other) {
  accesses += other.accesses;
  accounts += other.accounts;
  account_days += other.account_days;
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    for (std::size_t w = 0; w < access::kWindows; ++w) by[c][w] += other.by[c][w];
  }
}

void GroupTally::Add(const GroupTally& other) {
  accesses += other.accesses;
  accounts += other.accounts;
  account_days += other.account_days;
  for (std::size_t w = 0; w < access::kWindows; ++w) most[w] = std::max(most[w], other.most[w]);
  most_per_minute = std::max(most_per_minute, other.most_per_minute);
  for (std::size_t v = 0; v < kViews; ++v) views[v].Add(other.views[v]);
}

Grouping::Grouping(const Accounts& accounts) {
  std::map<std::string, std::uint32_t> numbers;
  for (const Place& place : accounts.places()) numbers.emplace(place.role, 0);
  for (auto& [role, number] : numbers) {
    number = static_cast<std::uint32_t>(roles.size());
    roles.push_back(role);
  }
  std::map<Office, std::uint32_t> offices;
  for (std::uint32_t i = 0; i < accounts.offices().size(); ++i) {
    offices.emplace(accounts.offices()[i], i);
  }
  for (const Place& place : accounts.places()) {
    role_of.push_back(numbers.at(place.role));
    office_of.push_back(offices.at({place.organisation, place.office}));
  }
}

Tally::Tally(const Accounts& accounts, const Grouping& grouping)
    : roles(grouping.roles.size()),
      offices(accounts.offices().size()),
      places(accounts.places().size()),
      accounts_(accounts) {
  if (roles.size() <= kRoleSketchesMax) role_people.resize(roles.size());
}

void Tally::Add(const Tally& other) {
  all.Add(other.all);
  for (std::size_t i = 0; i < roles.size(); ++i) roles[i].Add(other.roles[i]);
  for (std::size_t i = 0; i < offices.size(); ++i) offices[i].Add(other.offices[i]);
  for (std::size_t i = 0; i < places.size(); ++i) places[i].Add(other.places[i]);
  people.Add(other.people);
  for (std::size_t i = 0; i < role_people.size(); ++i) role_people[i].Add(other.role_people[i]);
  for (const TopAccount& top : other.top_) AddTop(top);
}

void Tally::AddTop(const TopAccount& top) {
  top_.push_back(top);
  if (top_.size() >= 4 * kTopAccounts) top_ = Top();
}

std::vector<TopAccount> Tally::Top() const {
  constexpr auto kDay = static_cast<std::size_t>(access::Window::kDay);
  std::vector<TopAccount> sorted = top_;
  std::ranges::sort(sorted, [this](const TopAccount& a, const TopAccount& b) {
    if (a.most[kDay] != b.most[kDay]) return a.most[kDay] > b.most[kDay];
    return accounts_.accounts()[a.account] < accounts_.accounts()[b.account];
  });
  if (sorted.size() > kTopAccounts) sorted.resize(kTopAccounts);
  return sorted;
}

}  // namespace cloison::assess
