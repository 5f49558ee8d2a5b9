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

}  // namespace

std::string SignIns::NewText() {
  return crypto::ToBase64Url(random_.Draw<32>());
}

std::optional<SignIns::UnderWay> SignIns::TakeAt(const crypto::Digest& at, Step step) {
  const auto found = table_.find(at);
  if (found == table_.end() || found->second.step != step) return std::nullopt;
  std::optional<UnderWay> taken(std::move(found->second));
  table_.erase(found);
  --count_[taken->beginning.citizen ? 1 : 0];
  const auto network = of_network_.find(NetworkOf(taken->beginning));
  if (--network->second == 0) of_network_.erase(network);
  if (taken->until_ms <= clock_.boot_ms()) return std::nullopt;
  return taken;
}

void SignIns::Put(const crypto::Digest& at, UnderWay under_way) {
  ++of_network_[NetworkOf(under_way.beginning)];
  ++count_[under_way.beginning.citizen ? 1 : 0];
  table_.insert_or_assign(at, std::move(under_way));
}

void SignIns::SweepLocked() {
  const std::int64_t now_ms = clock_.boot_ms();
  std::vector<std::pair<crypto::Digest, Step>> dead;
  for (const auto& [at, under_way] : table_) {
    if (under_way.until_ms <= now_ms) dead.emplace_back(at, under_way.step);
  }
  for (const auto& [at, step] : dead) TakeAt(at, step);
}

bool SignIns::IsFull(const Beginning& beginning) const {
  const auto of_network = of_network_.find(NetworkOf(beginning));
  return count_[beginning.citizen ? 1 : 0] >= limits_.sign_ins_max ||
         (of_network != of_network_.end() && of_network->second >= limits_.of_network_max);
}

Result<SignIns::Begun> SignIns::Begin(Beginning beginning, OpenIdClient::Begun at_provider) {
  Begun begun{"sin_" + NewText(), NewText()};
  const std::lock_guard lock(mutex_);
  if (IsFull(beginning)) SweepLocked();
  if (IsFull(beginning)) {
    return Error{Code::kExhausted, "too many sign-ins are under way"};
  }
  UnderWay under_way;
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
