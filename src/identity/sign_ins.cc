#include "identity/sign_ins.h"

#include "crypto/base64.h"

namespace cloison::identity {

namespace {

constexpr Error kNone{Code::kDenied, "no such sign-in: it was used, or took too long"};

crypto::Digest DigestOf(std::string_view text) {
  return crypto::Sha256(AsBytes(text));
}

// Of a network, and of staff or citizens: a network's first byte is 4 or 6.
std::uint64_t NetworkOf(const Beginning& beginning) {
  return base::LoadBig(beginning.network) | (beginning.citizen ? std::uint64_t{1} << 63 : 0);
}

// Of IPv6 the /48; of IPv4 no more is known than the /24.
std::uint64_t WideNetworkOf(const Beginning& beginning) {
  constexpr std::uint64_t kWithoutLastByte = ~std::uint64_t{0xff};
  const std::uint64_t network = NetworkOf(beginning);
  return beginning.network[0] == 6 ? network & kWithoutLastByte : network;
}

constexpr std::int64_t kSweepEveryMs = base::kSecondMs;

}  // namespace

std::string SignIns::NewText() {
  return crypto::ToBase64Url(random_.Draw<32>());
}

std::optional<SignIns::UnderWay> SignIns::TakeAt(const crypto::Digest& at, Step step) {
  const auto found = table_.find(at);
  if (found == table_.end() || found->second.step != step) return std::nullopt;
  std::optional<UnderWay> taken(std::move(found->second));
  table_.erase(found);
  Count(at, *taken, false);
  if (taken->until_ms <= clock_.boot_ms()) return std::nullopt;
  return taken;
}

void SignIns::Put(const crypto::Digest& at, UnderWay under_way) {
  Count(at, under_way, true);
  table_.insert_or_assign(at, std::move(under_way));
}

void SignIns::Count(const crypto::Digest& at, const UnderWay& under_way, bool add) {
  const Beginning& beginning = under_way.beginning;
  const std::size_t whose = beginning.citizen ? 1 : 0;
  const std::uint64_t network = NetworkOf(beginning), wide = WideNetworkOf(beginning);
  Group& of_wide = wide_networks_[wide];
  by_waiting_[whose].erase({of_wide.waiting.size(), wide});
  for (Group* const group : {&all_[whose], &networks_[network], &of_wide}) {
    group->count += add ? 1 : std::size_t{0} - 1;
    if (!under_way.IsWaiting()) continue;
    if (add) group->waiting.emplace(under_way.number, at);
    if (!add) group->waiting.erase(under_way.number);
  }
  if (!of_wide.waiting.empty()) by_waiting_[whose].emplace(of_wide.waiting.size(), wide);
  if (of_wide.count == 0) wide_networks_.erase(wide);
  if (networks_[network].count == 0) networks_.erase(network);
}

void SignIns::SweepLocked() {
  const std::int64_t now_ms = clock_.boot_ms();
  std::vector<std::pair<crypto::Digest, Step>> dead;
  for (const auto& [at, under_way] : table_) {
    if (under_way.until_ms <= now_ms) dead.emplace_back(at, under_way.step);
  }
  for (const auto& [at, step] : dead) TakeAt(at, step);
}

const SignIns::Waiting& SignIns::OfGreediest(bool citizen) const {
  const std::size_t whose = citizen ? 1 : 0;
  if (!by_waiting_[whose].empty()) {
    const auto& [waiting, wide] = *by_waiting_[whose].rbegin();
    if (waiting > limits_.greedy_network) return wide_networks_.at(wide).waiting;
  }
  return all_[whose].waiting;
}

const SignIns::Waiting* SignIns::WhereFull(const Beginning& beginning) const {
  const auto network = networks_.find(NetworkOf(beginning));
  if (network != networks_.end() && network->second.count >= limits_.of_network_max) {
    return &network->second.waiting;
  }
  const auto wide = wide_networks_.find(WideNetworkOf(beginning));
  if (wide != wide_networks_.end() && wide->second.count >= limits_.of_wide_network_max) {
    return &wide->second.waiting;
  }
  const std::size_t whose = beginning.citizen ? 1 : 0;
  return all_[whose].count >= limits_.sign_ins_max ? &OfGreediest(beginning.citizen) : nullptr;
}

Result<SignIns::Begun> SignIns::Begin(Beginning beginning, OpenIdClient::Begun at_provider) {
  Begun begun{"sin_" + NewText(), NewText()};
  const std::lock_guard lock(mutex_);
  const std::int64_t now_ms = clock_.boot_ms();
  if (WhereFull(beginning) != nullptr && now_ms - swept_ms_ >= kSweepEveryMs) {
    SweepLocked();
    swept_ms_ = now_ms;
  }
  while (const Waiting* const waiting = WhereFull(beginning)) {
    if (waiting->empty()) return Error{Code::kExhausted, "too many sign-ins are under way"};
    const crypto::Digest oldest = waiting->begin()->second;
    (void)TakeAt(oldest, table_.at(oldest).step);
  }
  UnderWay under_way;
  under_way.number = ++begun_;
  under_way.id = DigestOf(begun.id);
  under_way.beginning = std::move(beginning);
  under_way.at_provider = std::move(at_provider);
  under_way.until_ms = clock_.boot_ms() + kSignInMs;
  Put(DigestOf(begun.ticket), std::move(under_way));
  return begun;
}

Result<SignIns::Started> SignIns::Start(std::string_view ticket) {
  Started started{NewText(), {}};
  const std::lock_guard lock(mutex_);
  std::optional<UnderWay> under_way = TakeAt(DigestOf(ticket), Step::kBegun);
  if (!under_way.has_value()) return kNone;
  started.url = under_way->at_provider.url;
  under_way->browser = DigestOf(started.browser);
  under_way->step = Step::kAtProvider;
  const crypto::Digest at = DigestOf(under_way->at_provider.attempt.state);
  Put(at, std::move(*under_way));
  return started;
}

Result<SignIns::Returned> SignIns::Return(std::string_view state, std::string_view browser) {
  const crypto::Digest at = DigestOf(state);
  const std::lock_guard lock(mutex_);
  std::optional<UnderWay> under_way = TakeAt(at, Step::kAtProvider);
  if (!under_way.has_value()) return kNone;
  if (!crypto::EqualConstantTime(under_way->browser, DigestOf(browser))) {
    return Error{Code::kDenied, "the sign-in was begun in another browser"};
  }
  under_way->step = Step::kReturned;
  Returned returned{under_way->at_provider.attempt, under_way->beginning.return_url,
                    under_way->beginning.carrier, at};
  Put(at, std::move(*under_way));
  return returned;
}

Result<std::string> SignIns::Identify(const crypto::Digest& at, Identified who) {
  std::string handle = NewText();
  const std::lock_guard lock(mutex_);
  std::optional<UnderWay> under_way = TakeAt(at, Step::kReturned);
  if (!under_way.has_value()) return kNone;
  under_way->step = Step::kIdentified;
  under_way->who = std::move(who);
  under_way->until_ms = clock_.boot_ms() + kHandleMs;
  Put(DigestOf(handle), std::move(*under_way));
  return handle;
}

void SignIns::Drop(const crypto::Digest& at) {
  const std::lock_guard lock(mutex_);
  TakeAt(at, Step::kReturned);
}

Result<SignIns::Redeemed> SignIns::Redeem(std::string_view handle, std::string_view id,
                                          const BoundKey& key) {
  const std::lock_guard lock(mutex_);
  std::optional<UnderWay> under_way = TakeAt(DigestOf(handle), Step::kIdentified);
  if (!under_way.has_value()) return kNone;
  if (!crypto::EqualConstantTime(under_way->id, DigestOf(id))) {
    return Error{Code::kDenied, "the handle is of another sign-in"};
  }
  if (under_way->beginning.key != key) {
    return Error{Code::kDenied, "the sign-in was begun with another key"};
  }
  if (under_way->beginning.who.has_value() &&
      *under_way->beginning.who != under_way->who->principal) {
    return Error{Code::kDenied, "somebody else signed in"};
  }
  return Redeemed{std::move(under_way->beginning), std::move(*under_way->who)};
}

Result<SignIns::Redeemed> SignIns::TakeKeyless(const crypto::Digest& at, Identified who) {
  const std::lock_guard lock(mutex_);
  const auto found = table_.find(at);
  if (found != table_.end() && found->second.beginning.key.how != Bound::kNothing) {
    return Error{Code::kDenied, "the sign-in was begun with a key"};
  }
  std::optional<UnderWay> under_way = TakeAt(at, Step::kReturned);
  if (!under_way.has_value()) return kNone;
  return Redeemed{std::move(under_way->beginning), std::move(who)};
}

std::size_t SignIns::size() const {
  const std::lock_guard lock(mutex_);
  return table_.size();
}

}  // namespace cloison::identity
