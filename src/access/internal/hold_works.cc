#include "access/internal/hold_works.h"

namespace cloison::access::internal {

namespace {

constexpr std::uint8_t kHoldVersion = 1;
constexpr std::uint32_t kFirstHold = 1;
constexpr Error kBadHold{Code::kCorrupt, "a hold's row does not parse"};

Refusal NoRight() {
  return Refusal{RefusalCode::kNoRight, "right/hold", {}, {}, 0, {}, {}, {}};
}

// How far a loaded principal's entries go.
Peeked PeekAt(Core& core, const PrincipalId& who, const commit::Staging& staging) {
  const PrincipalState& state = core.principals.Get(who);
  return {state.shared_key(), ledger::PlaceOf(core.parts.ledger.generation(), state.n()),
          state.closed(), staging.time().wall_ms};
}

Refusal NoSuch() {
  return Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}};
}

}  // namespace

store::Key HoldRowKey(std::uint32_t number) {
  return {store::Family::kIncidents, std::string(AsText(base::BigU32(number)))};
}

store::Key NextHoldKey() {
  return {store::Family::kIncidents, "next"};
}

Bytes EncodeHold(const HoldDocument& hold) {
  Bytes out{kHoldVersion};
  base::AppendU32(out, hold.number);
  base::AppendBytes(out, hold.principal.bytes());
  base::AppendU64(out, static_cast<std::uint64_t>(hold.from_ms));
  out.push_back(hold.to_ms.has_value() ? 1 : 0);
  base::AppendU64(out, static_cast<std::uint64_t>(hold.to_ms.value_or(0)));
  out.push_back(static_cast<std::uint8_t>(hold.state));
  base::AppendU64(out, hold.next_n);
  base::AppendU64(out, hold.entries);
  return out;
}

Result<HoldDocument> ParseHold(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  HoldDocument hold;
  hold.number = reader.U32();
  hold.principal = PrincipalId(reader.Array<16>());
  hold.from_ms = static_cast<std::int64_t>(reader.U64());
  const std::uint8_t has_end = reader.U8();
  const auto to_ms = static_cast<std::int64_t>(reader.U64());
  const std::uint8_t state = reader.U8();
  hold.next_n = reader.U64();
  hold.entries = reader.U64();
  const bool ends = has_end == 1 ? to_ms > hold.from_ms : has_end == 0 && to_ms == 0;
  const bool is_state = state >= static_cast<std::uint8_t>(HoldState::kActive) &&
                        state <= static_cast<std::uint8_t>(HoldState::kReleased);
  if (reader.failed() || !reader.empty() || version != kHoldVersion || !ends || !is_state ||
      hold.from_ms < 0 || hold.entries > hold.next_n) {
    return kBadHold;
  }
  if (has_end == 1) hold.to_ms = to_ms;
  hold.state = static_cast<HoldState>(state);
  return hold;
}

Result<std::uint32_t> ParseNextHold(ByteView plain) {
  base::Reader reader(plain);
  const std::uint32_t next = reader.U32();
  const bool fits = next > kFirstHold && next <= kFirstHold + kHoldsMax;
  if (reader.failed() || !reader.empty() || !fits) return kBadHold;
  return next;
}

Result<HoldDocument> OpenHold(const commit::SealedState& state, std::uint32_t number,
                              const store::Row& row) {
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state.Open(HoldRowKey(number), row.value));
  CLOISON_TRY_ASSIGN(const HoldDocument hold, ParseHold(plain.Reveal()));
  if (hold.number != number) return kBadHold;
  return hold;
}

Task<Status> ForgetHold(Core& core, std::uint32_t number, base::Executor& home) {
  const Status destroyed = core.parts.hold_keys.DestroyHold(number);
  // Never made: it was released before anything was kept.
  if (!destroyed.ok() && destroyed.error().code() != Code::kNotFound) co_return destroyed;
  co_return co_await core.parts.ledger.DropHeld(number, home);
}

// ---- begin

Task<Status> BeginHoldWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await once_.Load(staging));
  CLOISON_CO_TRY(once_.Find(staging));
  const Status loaded = co_await core_.principals.Load(staging, request_.principal);
  known_ = loaded.ok();
  if (!known_ && loaded.error().code() != Code::kNotFound) co_return loaded.error();
  std::vector<store::Key> keys{NextHoldKey()};
  co_return co_await staging.Load(std::move(keys));
}

Result<std::uint32_t> BeginHoldWork::NextNumber(const commit::Staging& staging) const {
  const store::Row& row = staging.Get(NextHoldKey());
  if (!row.present()) return kFirstHold;
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain,
                     core_.parts.state.Open(NextHoldKey(), row.value));
  return ParseNextHold(plain.Reveal());
}

Result<commit::Staged> BeginHoldWork::Decide(commit::Staging& staging) {
  done_.reset();
  pending_.reset();
  if (!core_.parts.policy.Now().Has(principal().info().role, Right::kHold)) {
    return Refuse(staging, NoRight(), ledger::Decision::kRefuse, {});
  }
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  if (used.has_value()) {
    done_ = Holds::Begun{static_cast<std::uint32_t>(used->number), Repeated(*used)};
    return commit::Staged::kDone;
  }
  if (!known_) return Refuse(staging, NoSuch(), ledger::Decision::kMiss, {});
  CLOISON_TRY_ASSIGN(const std::uint32_t number, NextNumber(staging));
  const bool full = core_.parts.hold_keys.Holds().size() >= kHoldsAtOnceMax;
  if (full || number >= kFirstHold + kHoldsMax) {
    return Error{Code::kExhausted, "too many holds"};
  }
  HoldDocument hold;
  hold.number = number;
  hold.principal = request_.principal;
  hold.from_ms = request_.from_ms;
  hold.to_ms = request_.to_ms;
  const store::Key row = HoldRowKey(number);
  staging.Put(row, core_.parts.state.Seal(row, EncodeHold(hold)));
  staging.Put(NextHoldKey(), core_.parts.state.Seal(NextHoldKey(), base::BigU32(number + 1)));
  // Whom, in the sealed record.
  pending_ = StageEntry(Draft(ledger::Kind::kIncident, ledger::Decision::kAllow,
                              "hold/" + base::ToHex(request_.principal.bytes())));
  once_.Put(staging, Used{{}, 0, {}, number, PlaceIn(core_.parts.ledger, *pending_)});
  Charge(staging, {});
  done_ = Holds::Begun{number, {}};
  return commit::Staged::kDone;
}

BeginHoldWork::Promise BeginHoldWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (pending_.has_value()) {
    done_->recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  }
  return std::move(*done_);
}

// ---- show, release

Task<Status> UseHoldWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys{HoldRowKey(number_)};
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> UseHoldWork::Decide(commit::Staging& staging) {
  pending_.reset();
  if (!core_.parts.policy.Now().Has(principal().info().role, Right::kHold)) {
    return Refuse(staging, NoRight(), ledger::Decision::kRefuse, {});
  }
  const store::Key key = HoldRowKey(number_);
  const store::Row& row = staging.Get(key);
  if (!row.present()) return Refuse(staging, NoSuch(), ledger::Decision::kMiss, {});
  CLOISON_TRY_ASSIGN(hold_, OpenHold(core_.parts.state, number_, row));
  const bool releases = release_ && hold_->state != HoldState::kReleased;
  if (releases && core_.parts.two_people) return RefuseAlone(staging, "release");
  if (releases) {
    hold_->state = HoldState::kReleased;
    staging.Put(key, core_.parts.state.Seal(key, EncodeHold(*hold_)));
  }
  pending_ =
      StageEntry(Draft(ledger::Kind::kIncident, ledger::Decision::kAllow,
                       (releases ? "hold/release/" : "hold/read/") + std::to_string(number_)));
  Charge(staging, {});
  return commit::Staged::kDone;
}

UseHoldWork::Promise UseHoldWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Holds::Shown{*hold_, core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

// ---- what an account did

Task<Status> ActivityWork::LoadMore(commit::Staging& staging) {
  const Status loaded = co_await core_.principals.Load(staging, who_);
  known_ = loaded.ok();
  if (!known_ && loaded.error().code() != Code::kNotFound) co_return loaded;
  co_return Ok();
}

Result<commit::Staged> ActivityWork::Decide(commit::Staging& staging) {
  found_.reset();
  pending_.reset();
  if (!core_.parts.policy.Now().Has(principal().info().role, Right::kHold)) {
    return Refuse(staging, NoRight(), ledger::Decision::kRefuse, {});
  }
  if (!known_) return Refuse(staging, NoSuch(), ledger::Decision::kMiss, {});
  found_ = PeekAt(core_, who_, staging);
  // Whose and what of it, in the sealed record.
  std::string rule = "activity/" + base::ToHex(who_.bytes()) + "/" +
                     std::to_string(request_.from_ms) + "-" + std::to_string(request_.to_ms);
  if (request_.below.has_value()) rule += "/" + std::to_string(*request_.below);
  pending_ = StageEntry(Draft(ledger::Kind::kIncident, ledger::Decision::kAllow, std::move(rule)));
  Charge(staging, {});
  return commit::Staged::kDone;
}

ActivityWork::Promise ActivityWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Granted{std::move(*found_), core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

// ---- keeping

Task<Status> PeekWork::Load(commit::Staging& staging) {
  co_return co_await core_.principals.Load(staging, id_);
}

Result<commit::Staged> PeekWork::Stage(commit::Staging& staging) {
  found_ = PeekAt(core_, id_, staging);
  return commit::Staged::kDone;
}

Task<Status> KeepWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys{HoldRowKey(before_.number)};
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> KeepWork::Stage(commit::Staging& staging) {
  const store::Key key = HoldRowKey(before_.number);
  const Error moved{Code::kConflict, "the hold has moved on"};
  if (!staging.Get(key).present()) return moved;
  CLOISON_TRY_ASSIGN(const HoldDocument now,
                     OpenHold(core_.parts.state, before_.number, staging.Get(key)));
  if (now.state != HoldState::kActive || now.next_n != before_.next_n) return moved;
  for (store::Put& put : puts_) staging.Put(std::move(put.key), std::move(put.value));
  staging.Put(key, core_.parts.state.Seal(key, EncodeHold(after_)));
  return commit::Staged::kDone;
}

// ---- expiry

Task<Status> ExpireWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys{NextHoldKey()};
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> ExpireWork::Decide(commit::Staging& staging) {
  std::uint32_t next = kFirstHold;
  if (const store::Row& row = staging.Get(NextHoldKey()); row.present()) {
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain,
                       core_.parts.state.Open(NextHoldKey(), row.value));
    CLOISON_TRY_ASSIGN(next, ParseNextHold(plain.Reveal()));
  }
  if (next != next_hold_) return Error{Code::kConflict, "a hold began meanwhile"};
  (void)StageEntry(Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow,
                         "records/expire/" + std::to_string(month_)));
  Charge(staging, {});
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
