#include "identity/provider_keys.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "codec/json_reader.h"
#include "identity/sign_in.h"
#include "net/url.h"

namespace cloison::identity {

namespace {

constexpr std::string_view kDiscoveryPath = "/.well-known/openid-configuration";
constexpr codec::JsonLimits kDiscoveryLimits{.bytes_max = kProviderBodyBytesMax, .depth_max = 8};
constexpr std::int64_t kNever = INT64_MIN / 2;
constexpr int kOk = 200;

struct Fetched {
  IssuerEndpoints endpoints;
  JwkSet keys;
  crypto::Digest digest;  // of the set as it came
};

class Fetcher {
 public:
  Fetcher(ProviderHttp& http, const IssuerSpec& issuer, const std::string& ca_pem)
      : http_(http), issuer_(issuer), ca_pem_(ca_pem) {}

  Result<Fetched> Fetch() {
    Fetched out{issuer_.endpoints, {}, {}};
    if (issuer_.discovery) {
      CLOISON_TRY(Discover(out.endpoints));
    }
    CLOISON_TRY_ASSIGN(const std::string text, Get(out.endpoints.jwks));
    CLOISON_TRY_ASSIGN(out.keys, JwkSet::Parse(AsBytes(text)));
    out.digest = crypto::Sha256(AsBytes(text));
    return out;
  }

 private:
  Result<std::string> Get(const std::string& url) {
    ProviderRequest request{url, ca_pem_, net::Method::kGet, {}, {}};
    request.headers.Add("accept", "application/json");
    CLOISON_TRY_ASSIGN(net::Response answer, http_.Send(request));
    if (answer.status != kOk) {
      return Error{Code::kUnavailable, "the issuer answered with an error", answer.status};
    }
    return std::move(answer.body);
  }

  Status Discover(IssuerEndpoints& endpoints) {
    std::string url = issuer_.issuer;
    if (url.ends_with('/')) url.pop_back();
    CLOISON_TRY_ASSIGN(const std::string text, Get(url.append(kDiscoveryPath)));
    CLOISON_TRY_ASSIGN(const codec::JsonDocument document,
                       codec::JsonDocument::Parse(AsBytes(text), kDiscoveryLimits));
    const codec::JsonValue root = document.root();
    const std::optional<codec::JsonValue> issuer = root.Find("issuer");
    if (!issuer.has_value() || issuer->string() != issuer_.issuer) {
      return Error{Code::kDenied, "the discovery document is another issuer's"};
    }
    CLOISON_TRY(Take(root, "jwks_uri", endpoints.jwks));
    CLOISON_TRY(Take(root, "authorization_endpoint", endpoints.authorization));
    CLOISON_TRY(Take(root, "token_endpoint", endpoints.token));
    CLOISON_TRY(Take(root, "userinfo_endpoint", endpoints.userinfo));
    CLOISON_TRY(Take(root, "end_session_endpoint", endpoints.end_session));
    if (endpoints.jwks.empty()) return Error{Code::kInvalid, "the issuer publishes no keys"};
    return Ok();
  }

  // What the file names stays. An issuer over https cannot send us elsewhere over http.
  Status Take(const codec::JsonValue& root, std::string_view key, std::string& endpoint) {
    const std::optional<codec::JsonValue> value = root.Find(key);
    if (!endpoint.empty() || !value.has_value()) return Ok();
    const std::string text(value->string());
    const Result<net::Url> url = net::ParseUrl(text);
    const bool plain_too = IsLoopbackHttp(issuer_.issuer) && IsLoopbackHttp(text);
    if (!url.ok() || (!url->https && !plain_too)) {
      return Error{Code::kDenied, "an endpoint of the issuer is not over https"};
    }
    endpoint = text;
    return Ok();
  }

  ProviderHttp& http_;
  const IssuerSpec& issuer_;
  const std::string& ca_pem_;
};

}  // namespace

class ProviderKeys::Impl {
 public:
  explicit Impl(ProviderKeysParts parts) : parts_(parts), entries_(parts.issuers.all().size()) {}
  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    Wake(TakeAll());
  }

  Status Start();
  void Step();
  Result<Jwk> Find(const IssuerSpec& issuer, std::string_view id, JwsAlgorithm algorithm);
  Result<IssuerEndpoints> Endpoints(const IssuerSpec& issuer);
  std::uint64_t Generation(const IssuerSpec& issuer) const;
  std::string CaPem(const IssuerSpec& issuer) const;
  bool Wait(const IssuerSpec& issuer, std::coroutine_handle<> waiter);
  const Fetches& fetches(std::size_t issuer) const { return fetches_[issuer]; }
  bool IsOut(std::size_t issuer) const {
    const std::lock_guard lock(mutex_);
    return entries_[issuer].failing;
  }
  std::int64_t CameMs(std::size_t issuer) const {
    const std::lock_guard lock(mutex_);
    return entries_[issuer].fetched_ms;
  }

 private:
  struct Entry {
    std::string ca_pem;
    std::optional<Fetched> kept;
    std::uint64_t generation = 0;
    std::int64_t fetched_ms = kNever;  // when what is kept came
    std::int64_t tried_ms = kNever;    // when the last try ended
    bool wanted = false;               // a request asked for a refresh
    bool fetching = false;
    bool failing = false;
  };
  struct Waiter {
    std::size_t entry;
    std::coroutine_handle<> handle;
    std::int64_t until_ms;
  };

  std::array<Fetches, kIssuersMax> fetches_;

  std::size_t IndexOf(const IssuerSpec& issuer) const {
    const auto index = static_cast<std::size_t>(&issuer - parts_.issuers.all().data());
    CLOISON_CHECK(index < entries_.size());
    return index;
  }
  std::int64_t DueMs(const Entry& entry) const {
    if (entry.tried_ms == kNever) return kNever;
    const std::int64_t usual = entry.failing ? kKeysRetryMs : kKeysRefreshMs;
    return entry.tried_ms + (entry.wanted ? kKeysRefreshMsMin : usual);
  }
  void DropAged(Entry& entry, std::int64_t now_ms);
  Error Missing(std::size_t index, std::int64_t now_ms);
  void FetchOne(std::size_t index);
  void Settle(std::size_t index, Result<Fetched> fetched);
  void RunIssuer(std::size_t index);
  void RunWaker();
  std::vector<Waiter> TakeAll();
  std::vector<Waiter> TakeReady(std::int64_t now_ms);
  static void Wake(const std::vector<Waiter>& waiters) {
    for (const Waiter& waiter : waiters) waiter.handle.resume();
  }

  const ProviderKeysParts parts_;
  mutable std::mutex mutex_;  // guards what follows but threads_
  std::condition_variable changed_;
  std::vector<Entry> entries_;
  std::vector<Waiter> waiters_;
  bool stopping_ = false;
  bool started_ = false;
  std::vector<std::thread> threads_;
};

Status ProviderKeys::Impl::Start() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::string& file = parts_.issuers.all()[i].ca_file;
    if (file.empty()) continue;
    const Result<Bytes> pem = parts_.files.Read(file);
    if (!pem.ok()) {
      return Error{Code::kInvalid, "an issuer's authorities cannot be read",
                   static_cast<std::int64_t>(i)};
    }
    entries_[i].ca_pem = AsText(*pem);
  }
  started_ = true;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    threads_.emplace_back([this, i] { RunIssuer(i); });
  }
  threads_.emplace_back([this] { RunWaker(); });
  return Ok();
}

void ProviderKeys::Impl::DropAged(Entry& entry, std::int64_t now_ms) {
  if (!entry.kept.has_value() || now_ms - entry.fetched_ms <= kKeysAgeMsMax) return;
  entry.kept.reset();
  ++entry.generation;
}

// What is said when a key or the endpoints are not there. A refresh is asked for in any case; it
// comes when it may.
Error ProviderKeys::Impl::Missing(std::size_t index, std::int64_t now_ms) {
  Entry& entry = entries_[index];
  entry.wanted = true;
  changed_.notify_all();
  if (entry.fetching || DueMs(entry) <= now_ms) {
    return Error{Code::kUnavailable, "the issuer's keys are being fetched",
                 DetailOf(Remedy::kRefresh, static_cast<std::uint32_t>(index))};
  }
  if (entry.failing) return Error{Code::kUnavailable, "the issuer's keys cannot be fetched"};
  return Error{Code::kDenied, "the issuer has no such key"};
}

Result<Jwk> ProviderKeys::Impl::Find(const IssuerSpec& issuer, std::string_view id,
                                     JwsAlgorithm algorithm) {
  const std::size_t index = IndexOf(issuer);
  const std::int64_t now_ms = parts_.clock.boot_ms();
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[index];
  DropAged(entry, now_ms);
  const Jwk* const key = entry.kept.has_value() ? entry.kept->keys.Find(id, algorithm) : nullptr;
  if (key != nullptr) return *key;
  return Missing(index, now_ms);
}

Result<IssuerEndpoints> ProviderKeys::Impl::Endpoints(const IssuerSpec& issuer) {
  if (!issuer.discovery) return issuer.endpoints;
  const std::size_t index = IndexOf(issuer);
  const std::int64_t now_ms = parts_.clock.boot_ms();
  const std::lock_guard lock(mutex_);
  DropAged(entries_[index], now_ms);
  if (entries_[index].kept.has_value()) return entries_[index].kept->endpoints;
  return Missing(index, now_ms);
}

std::uint64_t ProviderKeys::Impl::Generation(const IssuerSpec& issuer) const {
  const std::lock_guard lock(mutex_);
  return entries_[IndexOf(issuer)].generation;
}

std::string ProviderKeys::Impl::CaPem(const IssuerSpec& issuer) const {
  return entries_[IndexOf(issuer)].ca_pem;  // never changes once started
}

// True: suspended, to be resumed by the waker.
bool ProviderKeys::Impl::Wait(const IssuerSpec& issuer, std::coroutine_handle<> waiter) {
  const std::size_t index = IndexOf(issuer);
  const std::int64_t now_ms = parts_.clock.boot_ms();
  const std::lock_guard lock(mutex_);
  const Entry& entry = entries_[index];
  const bool comes = entry.fetching || (entry.wanted && DueMs(entry) <= now_ms);
  if (!started_ || stopping_ || !comes || waiters_.size() >= kKeysWaitersMax) return false;
  waiters_.push_back({index, waiter, now_ms + kKeysWaitMsMax});
  changed_.notify_all();
  return true;
}

void ProviderKeys::Impl::FetchOne(std::size_t index) {
  Settle(index, Fetcher(parts_.http, parts_.issuers.all()[index], entries_[index].ca_pem).Fetch());
}

void ProviderKeys::Impl::Settle(std::size_t index, Result<Fetched> fetched) {
  (fetched.ok() ? fetches_[index].came : fetches_[index].failed).Add();
  const auto number = static_cast<std::int64_t>(index);
  bool was_failing = false;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[index];
    was_failing = std::exchange(entry.failing, !fetched.ok());
    entry.tried_ms = parts_.clock.boot_ms();
    entry.wanted = false;
    entry.fetching = false;
    if (fetched.ok()) {
      if (!entry.kept.has_value() || entry.kept->digest != fetched->digest) ++entry.generation;
      entry.kept = std::move(*fetched);
      entry.fetched_ms = entry.tried_ms;
    } else {
      DropAged(entry, entry.tried_ms);
    }
  }
  changed_.notify_all();
  if (!fetched.ok() && !was_failing) {
    parts_.events.Emit(base::Severity::kError, "issuer_unreachable",
                       {{"issuer", number},
                        {"code", static_cast<std::int64_t>(fetched.error().code())},
                        {"detail", fetched.error().detail()}});
  } else if (fetched.ok() && was_failing) {
    parts_.events.Emit(base::Severity::kInfo, "issuer_answers_again", {{"issuer", number}});
  }
}

void ProviderKeys::Impl::Step() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    {
      const std::lock_guard lock(mutex_);
      if (DueMs(entries_[i]) > parts_.clock.boot_ms()) continue;
      entries_[i].fetching = true;
    }
    FetchOne(i);
  }
}

void ProviderKeys::Impl::RunIssuer(std::size_t index) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Entry& entry = entries_[index];
    const std::int64_t left_ms = DueMs(entry) - parts_.clock.boot_ms();
    if (left_ms > 0) {
      changed_.wait_for(lock, std::chrono::milliseconds(left_ms));
      continue;
    }
    entry.fetching = true;
    lock.unlock();
    FetchOne(index);
    lock.lock();
  }
}

std::vector<ProviderKeys::Impl::Waiter> ProviderKeys::Impl::TakeAll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiters_, {});
}

// Those whose refresh ended or whose time is over. The mutex is held.
std::vector<ProviderKeys::Impl::Waiter> ProviderKeys::Impl::TakeReady(std::int64_t now_ms) {
  const auto waits = [this, now_ms](const Waiter& waiter) {
    const Entry& entry = entries_[waiter.entry];
    return !stopping_ && waiter.until_ms > now_ms && (entry.fetching || entry.wanted);
  };
  const auto ready = std::partition(waiters_.begin(), waiters_.end(), waits);
  std::vector<Waiter> out(ready, waiters_.end());
  waiters_.erase(ready, waiters_.end());
  return out;
}

void ProviderKeys::Impl::RunWaker() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const std::int64_t now_ms = parts_.clock.boot_ms();
    if (const std::vector<Waiter> ready = TakeReady(now_ms); !ready.empty()) {
      lock.unlock();
      Wake(ready);
      lock.lock();
      continue;
    }
    std::int64_t next_ms = now_ms + base::kMinuteMs;
    for (const Waiter& waiter : waiters_) next_ms = std::min(next_ms, waiter.until_ms);
    changed_.wait_for(lock, std::chrono::milliseconds(std::max<std::int64_t>(next_ms - now_ms, 1)));
  }
}

ProviderKeys::ProviderKeys(ProviderKeysParts parts) : impl_(std::make_unique<Impl>(parts)) {}
ProviderKeys::~ProviderKeys() = default;

Status ProviderKeys::Start() {
  return impl_->Start();
}

void ProviderKeys::Step() {
  impl_->Step();
}

Result<Jwk> ProviderKeys::Find(const IssuerSpec& issuer, std::string_view key_id,
                               JwsAlgorithm algorithm) {
  return impl_->Find(issuer, key_id, algorithm);
}

Result<IssuerEndpoints> ProviderKeys::Endpoints(const IssuerSpec& issuer) {
  return impl_->Endpoints(issuer);
}

std::uint64_t ProviderKeys::Generation(const IssuerSpec& issuer) const {
  return impl_->Generation(issuer);
}

const ProviderKeys::Fetches& ProviderKeys::fetches(std::size_t issuer) const {
  return impl_->fetches(issuer);
}

bool ProviderKeys::IsOut(std::size_t issuer) const {
  return impl_->IsOut(issuer);
}

std::int64_t ProviderKeys::CameMs(std::size_t issuer) const {
  return impl_->CameMs(issuer);
}

std::string ProviderKeys::CaPem(const IssuerSpec& issuer) const {
  return impl_->CaPem(issuer);
}

Task<void> ProviderKeys::Refreshed(const IssuerSpec& issuer) {
  struct Waiting {
    Impl& impl;
    const IssuerSpec& issuer;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle) const { return impl.Wait(issuer, handle); }
    void await_resume() const noexcept {}
  };
  Waiting waiting{*impl_, issuer};
  co_await waiting;
}

}  // namespace cloison::identity
