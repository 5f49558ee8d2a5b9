// Who looks, from where: accounts, places and seats of a log as small numbers.
//
// An account is an agent of an organisation. A place is an organisation, an office and a role; a
// seat is an account at a place, with the client it used. An account that moves has several seats.
//
// Threads  SeatOf, AccountOf: any. A SeatCache belongs to one thread and spares the lock for seats
// met before.
#ifndef CLOISON_ASSESS_ACCOUNTS_H_
#define CLOISON_ASSESS_ACCOUNTS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assess/log_line.h"
#include "crypto/short_hash.h"

namespace cloison::assess {

inline constexpr std::size_t kSeatsMax = 8'000'000;

struct Place {
  std::string organisation, office, role;
  auto operator<=>(const Place&) const = default;
};

struct Seat {
  std::uint32_t account, place, office, client;
};
struct Account {
  std::string organisation, agent;
  auto operator<=>(const Account&) const = default;
};
struct Office {
  std::string organisation, name;
  auto operator<=>(const Office&) const = default;
};

class Accounts {
 public:
  // The number of the seat of this access. kExhausted above kSeatsMax.
  Result<std::uint32_t> SeatOf(const LogAccess& access);
  std::uint32_t AccountOf(std::uint32_t seat);

  // Once nobody adds any more:
  const std::vector<Seat>& seats() const { return seats_; }
  const std::vector<Account>& accounts() const { return accounts_; }
  const std::vector<Place>& places() const { return places_; }
  const std::vector<Office>& offices() const { return offices_; }
  const std::vector<std::string>& clients() const { return clients_; }

 private:
  template <class Key>
  static std::uint32_t NumberOf(Key key, std::map<Key, std::uint32_t>& numbers,
                                std::vector<Key>& all);

  std::mutex mutex_;
  std::vector<Seat> seats_;
  std::map<std::array<std::uint32_t, 3>, std::uint32_t> seat_numbers_;  // account, place, client
  std::vector<Account> accounts_;
  std::map<Account, std::uint32_t> account_numbers_;
  std::vector<Place> places_;
  std::map<Place, std::uint32_t> place_numbers_;
  std::vector<Office> offices_;
  std::map<Office, std::uint32_t> office_numbers_;
  std::vector<std::string> clients_;
  std::map<std::string, std::uint32_t> client_numbers_;
};

// Seats by a keyed hash of their names: 64 bits, so that a hundred thousand seats collide with
// probability 1e-9.
class SeatCache {
 public:
  // Both outlive it.
  SeatCache(Accounts& accounts, const crypto::ShortHash& hash) : accounts_(accounts), hash_(hash) {}
  Result<std::uint32_t> SeatOf(const LogAccess& access);

 private:
  Accounts& accounts_;
  const crypto::ShortHash& hash_;
  std::unordered_map<std::uint64_t, std::uint32_t> known_;
  std::string key_;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_ACCOUNTS_H_
