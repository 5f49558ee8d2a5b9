#include "identity/provider_calls.h"

namespace cloison::identity {

namespace {

constexpr Error kOut{Code::kUnavailable, "the identity provider cannot be reached"};

}  // namespace

ProviderCalls::Standing& ProviderCalls::Of(const std::string& provider) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Standing>& standing = standings_[provider];
  if (standing == nullptr) standing = std::make_unique<Standing>();
  return *standing;
}

// Whether a call may go out now; of those that come while it is out, one in kOutMs may look.
Status ProviderCalls::CheckOut(Standing& standing) {
  if (!standing.out) return Ok();
  const std::int64_t now_us = clock_.mono_us();
  if (now_us < standing.look_again_us) return kOut;
  standing.look_again_us = now_us + kOutMs * 1000;
  return Ok();
}

Status ProviderCalls::Enter(Standing& standing) {
  const std::lock_guard lock(mutex_);
  if (standing.out && clock_.mono_us() < standing.look_again_us) return kOut;
  if (standing.calls >= kProviderCallsMax) {
    return Error{Code::kExhausted, "too many sign-ins wait for the identity provider"};
  }
  ++standing.calls;
  return Ok();
}

void ProviderCalls::Tell(Standing& standing) {
  if (standing.told) return;
  standing.told = true;
  events_.Emit(base::Severity::kError, "sign_in_provider_out", {});
}

void ProviderCalls::NoteLie(const std::string& provider) {
  Standing& standing = Of(provider);
  const std::lock_guard lock(mutex_);
  ++standing.met.lies;
  Tell(standing);
}

void ProviderCalls::NoteGood(const std::string& provider) {
  Standing& standing = Of(provider);
  const std::lock_guard lock(mutex_);
  if (standing.told) events_.Emit(base::Severity::kInfo, "sign_in_provider_back", {});
  standing.told = false;
}

bool ProviderCalls::IsOut(const std::string& provider, std::int64_t keys_came_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = standings_.find(provider);
  if (found == standings_.end()) return false;
  const Standing& standing = *found->second;
  return standing.out && standing.failed_ms >= keys_came_ms;
}

ProviderCalls::Met ProviderCalls::MetAt(const std::string& provider) {
  const std::lock_guard lock(mutex_);
  const auto found = standings_.find(provider);
  return found == standings_.end() ? Met{} : found->second->met;
}

Task<Result<net::Response>> ProviderCalls::Send(std::string provider, ProviderRequest request) {
  Standing& standing = Of(provider);
  CLOISON_CO_TRY(Enter(standing));
  co_await standing.threads.Schedule();
  Status may = Ok();
  {
    const std::lock_guard lock(mutex_);
    may = CheckOut(standing);  // it may have gone out while this one waited
    if (!may.ok()) --standing.calls;
  }
  if (!may.ok()) co_return may.error();
  Result<net::Response> answer = http_.Send(request);
  const std::lock_guard lock(mutex_);
  --standing.calls;
  if (!answer.ok() || answer->status >= 500) {
    standing.out = true;
    standing.look_again_us = clock_.mono_us() + kOutMs * 1000;
    standing.failed_ms = clock_.boot_ms();
    ++standing.met.failures;
    Tell(standing);
    co_return kOut;
  }
  standing.out = false;
  co_return answer;
}

}  // namespace cloison::identity
