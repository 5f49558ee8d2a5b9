#include "assess/accounts.h"

namespace cloison::assess {

template <class Key>
std::uint32_t Accounts::NumberOf(Key key, std::map<Key, std::uint32_t>& numbers,
                                 std::vector<Key>& all) {
  const auto [at, added] = numbers.emplace(key, static_cast<std::uint32_t>(all.size()));
  if (added) all.push_back(std::move(key));
  return at->second;
}

Result<std::uint32_t> Accounts::SeatOf(const LogAccess& access) {
  const std::string organisation(access.organisation), office(access.office);
  const std::scoped_lock lock(mutex_);
  const std::uint32_t account =
      NumberOf(Account{organisation, std::string(access.agent)}, account_numbers_, accounts_);
  const std::uint32_t place =
      NumberOf(Place{organisation, office, std::string(access.role)}, place_numbers_, places_);
  const std::uint32_t of = NumberOf(Office{organisation, office}, office_numbers_, offices_);
  const std::uint32_t client = NumberOf(std::string(access.client), client_numbers_, clients_);
  const auto [at, added] = seat_numbers_.emplace(std::array{account, place, client},
                                                 static_cast<std::uint32_t>(seats_.size()));
  if (!added) return at->second;
  if (seats_.size() == kSeatsMax) return Error{Code::kExhausted, "too many accounts and places"};
  seats_.push_back({account, place, of, client});
  return at->second;
}

std::uint32_t Accounts::AccountOf(std::uint32_t seat) {
  const std::scoped_lock lock(mutex_);
  return seats_[seat].account;
}

Result<std::uint32_t> SeatCache::SeatOf(const LogAccess& access) {
  key_.clear();
  for (const std::string_view part :
       {access.agent, access.organisation, access.office, access.role, access.client}) {
    base::AppendU16(key_, static_cast<std::uint16_t>(part.size()));
    key_ += part;
  }
  const std::uint64_t key = hash_.Of(base::AsBytes(key_));
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  CLOISON_TRY_ASSIGN(const std::uint32_t seat, accounts_.SeatOf(access));
  known_.emplace(key, seat);
  return seat;
}

}  // namespace cloison::assess
