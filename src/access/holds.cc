#include "access/holds.h"

#include <algorithm>

#include "access/internal/hold_works.h"

namespace cloison::access {

namespace {

constexpr Error kEntryMissing{Code::kCorrupt, "an entry of a held principal is missing"};

// The place behind the last of a principal's entries in one log.
std::uint64_t BehindIn(const internal::Peeked& who, std::uint32_t generation) {
  if (generation == ledger::GenerationOf(who.end)) return who.end;
  const auto closed = std::ranges::find(
      who.closed, generation, [](std::uint64_t end) { return ledger::GenerationOf(end); });
  return closed == who.closed.end() ? ledger::PlaceOf(generation, 0) : *closed;
}

// Where to go on below `place`; nothing: there is nothing further down.
std::optional<std::uint64_t> Further(const internal::Peeked& who, std::uint64_t place) {
  std::uint32_t generation = ledger::GenerationOf(place);
  while (ledger::NumberOf(place) == 0 && generation > 1) place = BehindIn(who, --generation);
  if (ledger::NumberOf(place) == 0) return std::nullopt;
  return place;
}

class ActivityWriter {
 public:
  ActivityWriter(const commit::SealedState& state, const PrincipalId& officer)
      : state_(state), officer_(officer) {}

  ActivityEntry Write(const ledger::TrailEntry& entry) const {
    ActivityEntry out;
    out.generation = entry.generation;
    out.index = entry.index;
    out.n = entry.n;
    out.time_ms = entry.actor.time_ms;
    out.kind = entry.actor.kind;
    out.decision = entry.actor.decision;
    out.role = entry.actor.role;
    out.purpose = entry.actor.purpose;
    if (entry.record.session.has_value()) {
      out.session = Of("activity-session", entry, entry.record.session->bytes());
    }
    if (!entry.subject.has_value()) return out;
    out.about_somebody = true;
    out.sealed = entry.record.sealed_n.has_value();
    if (!out.sealed) out.person = Of("activity-person", entry, entry.subject->aud.bytes());
    out.form = entry.subject->form;
    out.fields = entry.subject->fields;
    return out;
  }

 private:
  // Nobody who was seen in two organisations is one and the same here.
  Pseudonym Of(Literal label, const ledger::TrailEntry& entry, ByteView what) const {
    const OrganisationId in = entry.actor.organisation.value_or(OrganisationId(0));
    const ByteArray<4> organisation = base::BigU32(in.value());
    return crypto::Truncate<16>(state_.Digest(label, {officer_.bytes(), organisation, what}));
  }

  const commit::SealedState& state_;
  const PrincipalId officer_;
};

bool Covers(const HoldDocument& hold, std::int64_t time_ms) {
  return time_ms >= hold.from_ms && (!hold.to_ms.has_value() || time_ms < *hold.to_ms);
}

}  // namespace

std::string_view Name(HoldState state) {
  static constexpr std::string_view kNames[] = {"", "active", "complete", "released"};
  return kNames[static_cast<std::size_t>(state)];
}

Task<Outcome<Holds::Begun>> Holds::Begin(Caller caller, Request request, Gate::Once once) {
  const bool ends = !request.to_ms.has_value() || *request.to_ms > request.from_ms;
  if (request.from_ms < 0 || !ends) {
    co_return Error{Code::kInvalid, "a hold ends after it begins"};
  }
  if (request.reason.empty() || request.reason.size() > ledger::kCaseRefBytesMax) {
    co_return Error{Code::kInvalid, "a hold has a reason of 1 to 128 bytes"};
  }
  auto work =
      std::make_unique<internal::BeginHoldWork>(core_, caller, std::move(request), std::move(once));
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Holds::Shown>> Holds::Read(Caller caller, std::uint32_t number) {
  auto work = std::make_unique<internal::UseHoldWork>(core_, caller, number, false);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Holds::Shown>> Holds::Release(Caller caller, std::uint32_t number) {
  auto work = std::make_unique<internal::UseHoldWork>(core_, caller, number, true);
  Outcome<Shown> outcome = co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!outcome.ok() || !std::holds_alternative<Shown>(*outcome)) co_return outcome;
  // Decided and durable: what fails here is finished by Advance.
  const Status forgotten = co_await internal::ForgetHold(core_, number, caller.home);
  if (!forgotten.ok()) {
    core_.parts.events.Emit(base::Severity::kWarning, "hold_release_not_finished",
                            {{"hold", static_cast<std::int64_t>(number)}});
  }
  co_return outcome;
}

Task<Outcome<Activity>> Holds::ReadActivity(Caller caller, ActivityRequest request) {
  const bool period = request.from_ms >= 0 && request.to_ms > request.from_ms;
  if (!period || request.count == 0 || request.count > kActivityPageMax) {
    co_return Error{Code::kInvalid, "a period ends after it begins; a page has 1 to 100 entries"};
  }
  auto work = std::make_unique<internal::ActivityWork>(core_, caller, request);
  Result<internal::ActivityWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* const refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Activity, Refusal>(std::move(*refusal));
  }
  auto& granted = std::get<internal::ActivityWork::Granted>(*promise);
  Result<Activity> read = co_await ReadPage(granted.who, caller.principal, request);
  co_await caller.home.Schedule();
  if (!read.ok()) {
    internal::NoteCorrupt(core_, read.error(), "an_activity_is_damaged");
    co_return read.error();
  }
  read->recorded = std::move(granted.recorded);
  co_return std::variant<Activity, Refusal>(std::move(*read));
}

Task<Result<Activity>> Holds::ReadPage(const internal::Peeked& who, PrincipalId officer,
                                       ActivityRequest request) const {
  const std::uint64_t asked = request.below.value_or(who.end);
  if (asked > who.end) co_return Error{Code::kInvalid, "the account has not come so far"};
  Activity activity;
  const std::optional<std::uint64_t> below = Further(who, asked);
  if (!below.has_value()) co_return activity;
  const std::uint64_t behind = ledger::NumberOf(*below);
  const std::uint64_t count = std::min<std::uint64_t>(request.count, behind);
  CLOISON_CO_TRY_ASSIGN(const ledger::TrailPage page,
                        co_await core_.parts.ledger.ReadActivity(*who.key, behind - 1, count,
                                                                 ledger::GenerationOf(*below)));
  // Numbers have no gap: what an officer is told is whole, or is not told.
  if (page.entries.size() + page.expired.size() != count) co_return kEntryMissing;
  activity.expired = page.expired.size();
  const ActivityWriter writer(core_.parts.state, officer);
  bool before = false;  // the period's begin was passed: what is further down is older still
  for (const ledger::TrailEntry& entry : page.entries) {
    before = before || entry.actor.time_ms < request.from_ms;
    if (before || entry.actor.time_ms >= request.to_ms) continue;
    activity.entries.push_back(writer.Write(entry));
  }
  if (!before) activity.next = Further(who, *below - count);
  co_return activity;
}

// In the order of their numbers, which are all below the row "next".
Task<Result<std::vector<HoldDocument>>> Holds::ReadAll() const {
  std::vector<HoldDocument> holds;
  store::Range range{store::Family::kIncidents, internal::HoldRowKey(1).bytes,
                     internal::HoldRowKey(kHoldsMax + 1).bytes};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await core_.parts.people.store().Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& row : page.rows) {
      if (row.key.size() != 4) co_return Error{Code::kCorrupt, "a hold's row has another name"};
      const auto number = static_cast<std::uint32_t>(base::LoadBig(AsBytes(row.key)));
      CLOISON_CO_TRY_ASSIGN(const HoldDocument hold,
                            internal::OpenHold(core_.parts.state, number, row.row));
      holds.push_back(hold);
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  for (const std::uint32_t kept : core_.parts.hold_keys.Holds()) {
    if (std::ranges::find(holds, kept, &HoldDocument::number) == holds.end()) {
      co_return Error{Code::kCorrupt, "a hold's row is gone"};
    }
  }
  co_return holds;
}

Task<Status> Holds::Advance(base::Executor& home) {
  const Result<std::vector<HoldDocument>> holds = co_await ReadAll();
  if (!holds.ok()) {
    internal::NoteCorrupt(core_, holds.error(), "a_hold_is_damaged");
    co_return holds.error();
  }
  std::size_t pages = 0;
  for (const HoldDocument& hold : *holds) {
    if (hold.state == HoldState::kActive) {
      const Status advanced = co_await AdvanceOne(hold, pages, home);
      if (!advanced.ok()) internal::NoteCorrupt(core_, advanced.error(), "a_hold_is_damaged");
      CLOISON_CO_TRY(advanced);
    } else if (hold.state == HoldState::kReleased) {
      CLOISON_CO_TRY_ASSIGN(const bool left, co_await core_.parts.ledger.HasHeld(hold.number));
      const std::vector<std::uint32_t> with_key = core_.parts.hold_keys.Holds();
      if (!left && !std::ranges::binary_search(with_key, hold.number)) continue;
      CLOISON_CO_TRY(co_await internal::ForgetHold(core_, hold.number, home));
    }
  }
  co_return Ok();
}

Task<Status> Holds::AdvanceOne(HoldDocument hold, std::size_t& pages, base::Executor& home) {
  CLOISON_CO_TRY(co_await core_.parts.hold_keys.EnsureHold(hold.number));
  auto peek = std::make_unique<internal::PeekWork>(core_, hold.principal);
  CLOISON_CO_TRY_ASSIGN(const internal::Peeked who,
                        co_await core_.parts.committer.Submit(std::move(peek), home));
  const bool over = hold.to_ms.has_value() && who.wall_ms >= *hold.to_ms;
  while (hold.next_n < who.end || (over && hold.state == HoldState::kActive)) {
    if (++pages > kHoldPagesPerCall) co_return Error{Code::kUnavailable, "holds are behind"};
    const HoldDocument before = hold;
    std::vector<store::Put> puts;
    CLOISON_CO_TRY_ASSIGN(hold.next_n, co_await KeepPage(hold, who, puts));
    hold.entries += puts.size();
    if (over && hold.next_n == who.end) hold.state = HoldState::kComplete;
    auto keep = std::make_unique<internal::KeepWork>(core_, before, hold, std::move(puts));
    const auto kept = co_await core_.parts.committer.Submit(std::move(keep), home);
    if (!kept.ok() && kept.error().code() == Code::kConflict) co_return Ok();  // released meanwhile
    if (!kept.ok()) co_return kept.error();
  }
  co_return Ok();
}

// The next entries of one log, sealed again; gives the place to go on at.
Task<Result<std::uint64_t>> Holds::KeepPage(HoldDocument hold, const internal::Peeked& who,
                                            std::vector<store::Put>& puts) {
  const std::uint32_t of = ledger::GenerationOf(hold.next_n);
  const bool newest = of == ledger::GenerationOf(who.end);
  const std::uint64_t behind = BehindIn(who, of);
  const std::uint64_t end = std::min<std::uint64_t>(behind, hold.next_n + kHoldPageEntries);
  if (end > hold.next_n) {
    CLOISON_CO_TRY_ASSIGN(const ledger::TrailPage page,
                          co_await core_.parts.ledger.ReadActivity(
                              *who.key, ledger::NumberOf(end) - 1, end - hold.next_n, of));
    // Numbers have no gap: an entry that is not found must not expire unseen.
    if (page.entries.size() + page.expired.size() != end - hold.next_n) co_return kEntryMissing;
    for (const ledger::TrailEntry& entry : page.entries) {
      if (!Covers(hold, entry.actor.time_ms)) continue;
      CLOISON_CO_TRY_ASSIGN(store::Put put, core_.parts.ledger.Hold(entry, hold.number));
      puts.push_back(std::move(put));
    }
  }
  co_return end >= behind && !newest ? ledger::PlaceOf(of + 1, 0) : std::max(end, hold.next_n);
}

// The lesser of both clocks: nobody lets records expire by setting one.
std::uint32_t Holds::MonthNow() const {
  return ledger::MonthOf(core_.parts.committer.Now().CalmMs());
}

Task<Status> Holds::Expire(std::uint32_t months, std::string reason, base::Executor& home) {
  if (!core_.parts.committer.time_keeper().confirmed()) {
    co_return Error{Code::kUnavailable, "the time is not confirmed since the reboot"};
  }
  if (months < kRecordMonthsMin || months > kRecordMonthsMax) {
    co_return Error{Code::kInvalid, "records are kept for 6 to 36 months"};
  }
  const std::vector<std::uint32_t> due = core_.parts.ledger.MonthsBefore(MonthNow() - months);
  if (due.empty()) co_return Ok();
  CLOISON_CO_TRY_ASSIGN(const std::vector<HoldDocument> holds, co_await ReadAll());
  const std::uint32_t next_hold = holds.empty() ? 1 : holds.back().number + 1;
  CLOISON_CO_TRY(co_await Advance(home));
  for (const std::uint32_t one : due) {
    const Caller system{Gate::SystemPrincipal(), SessionId(ByteArray<16>{}), ClientId(0), home,
                        identity::Assurance::Internal()};
    auto work = std::make_unique<internal::ExpireWork>(core_, system, one, reason, next_hold);
    const Result<Status> recorded = co_await core_.parts.committer.Submit(std::move(work), home);
    if (!recorded.ok() && recorded.error().code() == Code::kConflict) {
      co_return Error{Code::kUnavailable, "a hold began meanwhile"};
    }
    if (!recorded.ok()) co_return recorded.error();
    CLOISON_CO_TRY(*recorded);
    CLOISON_CO_TRY(co_await core_.parts.ledger.Expire(one, home));
    core_.parts.events.Emit(base::Severity::kInfo, "records_expired",
                            {{"month", static_cast<std::int64_t>(one)}});
  }
  co_return Ok();
}

}  // namespace cloison::access
