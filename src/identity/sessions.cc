#include "identity/sessions.h"

#include <algorithm>

#include "crypto/base64.h"

namespace cloison::identity {

bool Sessions::Alive(const Session& session, std::int64_t now_ms) const {
  return now_ms - session.used_ms < kSessionIdleMs && now_ms - session.opened_ms < kSessionMs;
}

void Sessions::Remove(Table::iterator at) {
  const auto of = of_principal_.find(at->second.principal);
  std::erase(of->second, at->first);
  if (of->second.empty()) of_principal_.erase(of);
  by_id_.erase(at->second.id);
  if (at->second.citizen) --citizens_;
  table_.erase(at);
}

bool Sessions::IsFull(bool citizens) const {
  return citizens ? citizens_ >= limits_.citizens_max
                  : table_.size() - citizens_ >= limits_.sessions_max;
}

std::optional<Sessions::Table::iterator> Sessions::TokenOf(const SessionId& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return table_.find(found->second);
}

void Sessions::SweepLocked(std::int64_t now_ms) {
  std::vector<crypto::Digest> dead;
  for (const auto& [token, session] : table_) {
    if (!Alive(session, now_ms)) dead.push_back(token);
  }
  for (const crypto::Digest& token : dead) Remove(table_.find(token));
}

Result<std::string> Sessions::Open(Session session) {
  auto secret = random_.Draw<32>();
  std::string token = std::string(kSessionTokenPrefix) + crypto::ToBase64Url(secret);
  crypto::Wipe(secret);
  const std::int64_t now_ms = clock_.boot_ms();
  const std::lock_guard lock(mutex_);
  if (const auto before = TokenOf(session.id)) Remove(*before);
  const auto of = of_principal_.find(session.principal);
  if (of != of_principal_.end() && of->second.size() >= limits_.of_one_max) {
    Remove(table_.find(of->second.front()));
  }
  if (IsFull(session.citizen)) SweepLocked(now_ms);
  if (IsFull(session.citizen)) {
    return Error{Code::kExhausted, "too many sessions at once"};
  }
  const crypto::Digest digest = DigestOf(token);
  session.opened_ms = session.used_ms = now_ms;
  of_principal_[session.principal].push_back(digest);
  by_id_.emplace(session.id, digest);
  if (session.citizen) ++citizens_;
  table_.emplace(digest, std::move(session));
  return token;
}

std::optional<Session> Sessions::Find(const crypto::Digest& token) const {
  const std::lock_guard lock(mutex_);
  const auto found = table_.find(token);
  if (found == table_.end() || !Alive(found->second, clock_.boot_ms())) return std::nullopt;
  return found->second;
}

std::optional<Session> Sessions::FindById(const SessionId& id) const {
  const std::lock_guard lock(mutex_);
  const auto token = by_id_.find(id);
  if (token == by_id_.end()) return std::nullopt;
  const Session& session = table_.at(token->second);
  if (!Alive(session, clock_.boot_ms())) return std::nullopt;
  return session;
}

void Sessions::Touch(const crypto::Digest& token) {
  const std::int64_t now_ms = clock_.boot_ms();
  const std::lock_guard lock(mutex_);
  const auto found = table_.find(token);
  if (found == table_.end() || !Alive(found->second, now_ms)) return;
  found->second.used_ms = std::max(found->second.used_ms, now_ms);
}

void Sessions::ForgetPivot(const SessionId& id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = TokenOf(id)) (*found)->second.pivot.reset();
}

void Sessions::End(const SessionId& id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = TokenOf(id)) Remove(*found);
}

std::size_t Sessions::Kill(const PrincipalId& principal) {
  const std::lock_guard lock(mutex_);
  const auto of = of_principal_.find(principal);
  if (of == of_principal_.end()) return 0;
  const std::vector<crypto::Digest> tokens = of->second;
  for (const crypto::Digest& token : tokens) Remove(table_.find(token));
  return tokens.size();
}

std::size_t Sessions::KillOthers(const PrincipalId& principal, const SessionId& but) {
  const std::lock_guard lock(mutex_);
  const auto of = of_principal_.find(principal);
  if (of == of_principal_.end()) return 0;
  std::size_t killed = 0;
  const auto all = of->second;
  for (const crypto::Digest& token : all) {
    const auto at = table_.find(token);
    if (at->second.id == but) continue;
    Remove(at);
    ++killed;
  }
  return killed;
}

void Sessions::Sweep() {
  const std::int64_t now_ms = clock_.boot_ms();
  const std::lock_guard lock(mutex_);
  SweepLocked(now_ms);
}

std::vector<PrincipalId> Sessions::NextPrincipals(std::size_t most) {
  const std::lock_guard lock(mutex_);
  if (round_.empty()) {
    for (const auto& [principal, tokens] : of_principal_) round_.push_back(principal);
  }
  const std::size_t count = std::min(most, round_.size());
  std::vector<PrincipalId> next(round_.end() - static_cast<std::ptrdiff_t>(count), round_.end());
  round_.resize(round_.size() - count, PrincipalId(ByteArray<16>{}));
  return next;
}

std::int64_t Sessions::expires_in_ms(const Session& session) const {
  return std::min(session.used_ms + kSessionIdleMs, session.opened_ms + kSessionMs) -
         clock_.boot_ms();
}

std::size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return table_.size();
}

}  // namespace cloison::identity
