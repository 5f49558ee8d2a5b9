#include "access/erasures.h"

#include <map>

#include "access/internal/erasure_works.h"
#include "access/internal/gate_calls.h"
#include "access/person_requests.h"
#include "records/remnant.h"

namespace cloison::access {

using internal::Approval;
using internal::EndWaitWork;

namespace {

constexpr int kObjectionsMissedMax = 8;

// A damaged record keeps nobody from being told, nor from objecting.
Task<Result<records::Sighting>> SightToTell(internal::Core& core, PersonId person) {
  Result<records::Sighting> sighting = co_await core.parts.people.Sight(person);
  if (sighting.ok()) co_return std::move(*sighting);
  const Code code = sighting.error().code();
  if (code != Code::kCorrupt && code != Code::kNotFound) co_return sighting.error();
  internal::NoteCorrupt(core, sighting.error(), "record_does_not_open");
  co_return co_await records::Remnant(core.parts.people).Sight(person);
}

// Whoever is gone needs no word.
Task<Status> Announce(internal::Core& core, const Approval& approval, base::Executor& home) {
  CLOISON_CO_TRY_ASSIGN(const EraseRequest request, ParseErase(approval.what));
  std::vector<store::Key> keys{internal::WaitingKey(core, request.person),
                               records::RowKeyOf(request.person)};
  CLOISON_CO_TRY_ASSIGN(
      const std::vector<store::Row> rows,
      co_await core.parts.people.store().MultiGet(std::move(keys), store::ReadMode::kAny));
  if (!rows[1].present()) co_return Ok();
  if (rows[0].present() && internal::IsTold(core, approval)) co_return Ok();
  Result<records::Sighting> person = co_await SightToTell(core, request.person);
  if (!person.ok() && person.error().code() == Code::kNotFound) co_return Ok();
  if (!person.ok()) co_return person.error();
  if (person->key.aud() != request.aud) {
    co_return Error{Code::kConflict, "the id is somebody else's by now"};
  }
  auto work = std::make_unique<internal::AnnounceWork>(core, internal::SystemCaller(home),
                                                       approval.number, std::move(*person));
  const Result<Status> told = co_await core.parts.committer.Submit(std::move(work), home);
  co_return told.ok() ? *told : Status(told.error());
}

// One that waits for this person.
Task<Result<std::optional<Approval>>> WaitingFor(internal::Core& core, PersonId person, Aud aud) {
  const internal::ApprovalRows rows(core);
  for (std::optional<std::uint64_t> from = 0; from.has_value();) {
    CLOISON_CO_TRY_ASSIGN(const internal::ApprovalRows::Open page,
                          co_await rows.ReadOpen(core.parts.people.store(), internal::Whose::kStaff,
                                                 *from, kApprovalsScannedMax));
    for (const Approval& one : page.items) {
      if (!one.waits()) continue;
      CLOISON_CO_TRY_ASSIGN(const EraseRequest request, ParseErase(one.what));
      if (request.person == person && request.aud == aud) co_return std::optional(one);
    }
    from = page.next;
  }
  co_return std::optional<Approval>();
}

Task<Result<bool>> IsGone(internal::Core& core, const Approval& approval) {
  CLOISON_CO_TRY_ASSIGN(const EraseRequest request, ParseErase(approval.what));
  std::vector<store::Key> keys(1, records::RowKeyOf(request.person));
  CLOISON_CO_TRY_ASSIGN(
      const std::vector<store::Row> rows,
      co_await core.parts.people.store().MultiGet(std::move(keys), store::ReadMode::kAny));
  co_return !rows.front().present();
}

void SayWhy(internal::Core& core, EndWaitWork::Why why, std::uint64_t number) {
  if (why == EndWaitWork::Why::kNotTold) return;  // Tell says it
  if (why == EndWaitWork::Why::kCeiling) return;  // Due says it
  const bool officers = why == EndWaitWork::Why::kOfficers;
  core.parts.events.Emit(
      base::Severity::kWarning,
      officers ? Literal("erasure_officers_stopped") : Literal("erasure_without_hook"),
      {{"approval", static_cast<std::int64_t>(number)}});
}

// To the one that they were told of.
using Answered = std::variant<Erasures::Objected, Refusal>;
Task<Outcome<Erasures::Objected>> SayNo(internal::Core& core, Caller caller, PersonId person) {
  Result<records::Sighting> own = co_await SightToTell(core, person);
  if (!own.ok() && own.error().code() == Code::kNotFound) {
    co_return Answered(internal::NotAvailable());
  }
  if (!own.ok()) co_return own.error();
  auto work = std::make_unique<internal::ObjectWork>(core, caller, std::move(*own));
  co_return co_await core.parts.committer.Submit(std::move(work), caller.home);
}

}  // namespace

void Erasures::Rule(std::int64_t delay_ms, bool asks_consent, std::uint32_t per_day) {
  CLOISON_CHECK(delay_ms >= 0 && delay_ms <= kErasureDelayDaysMax * base::kDayMs);
  CLOISON_CHECK(per_day >= 1 && per_day <= kErasuresPerDayMax);
  core_.erasures = {delay_ms, asks_consent, per_day};
}

Task<Status> Erasures::Tell(base::Executor& home) {
  const internal::ApprovalRows rows(core_);
  for (std::optional<std::uint64_t> from = 0; from.has_value();) {
    CLOISON_CO_TRY_ASSIGN(
        const internal::ApprovalRows::Open page,
        co_await rows.ReadOpen(core_.parts.people.store(), internal::Whose::kStaff, *from,
                               kApprovalsScannedMax));
    for (const Approval& one : page.items) {
      if (!one.waits()) continue;
      const Status told = co_await Announce(core_, one, home);
      if (told.ok()) continue;
      internal::NoteCorrupt(core_, told.error(), "record_does_not_open");
      core_.parts.events.Emit(base::Severity::kError, "erasure_not_announced",
                              {{"approval", static_cast<std::int64_t>(one.number)}});
    }
    from = page.next;
  }
  co_return Ok();
}

namespace {

// Which organisations have room, and how many of the others wait for it. Whoever begins takes it;
// one that cannot begin, for another reason, keeps it from nobody.
class Rooms {
 public:
  explicit Rooms(const internal::Core& core) : core_(core) {}

  // No: one more of the organisation waits.
  Task<Result<bool>> Has(OrganisationId organisation, std::int64_t now_ms) {
    auto room = rooms_.find(organisation);
    if (room == rooms_.end()) {
      std::vector<store::Key> keys(1, internal::ErasureCountKey(core_, organisation));
      const store::Key key = keys.front();
      CLOISON_CO_TRY_ASSIGN(
          const std::vector<store::Row> rows,
          co_await core_.parts.people.store().MultiGet(std::move(keys), store::ReadMode::kAny));
      const auto count = internal::ErasureCount::OfRow(core_, key, rows.front(), now_ms);
      // What is damaged is found, told and mended by who begins.
      const bool any = count.was_damaged() || count.HasRoom(core_.erasures.per_day);
      room = rooms_.emplace(organisation, Room{any, 0}).first;
    }
    room->second.waiting += room->second.any ? 0 : 1;
    co_return room->second.any;
  }
  void SayWhoWaits() const {
    for (const auto& [organisation, room] : rooms_) {
      if (room.waiting == 0) continue;
      core_.parts.events.Emit(base::Severity::kWarning, "erasure_over_ceiling",
                              {{"organisation", static_cast<std::int64_t>(organisation.value())},
                               {"waiting", static_cast<std::int64_t>(room.waiting)}});
    }
  }

 private:
  struct Room {
    bool any;
    std::uint64_t waiting;
  };
  const internal::Core& core_;
  std::map<OrganisationId, Room> rooms_;
};

}  // namespace

Task<Result<std::vector<Erasures::Waiting>>> Erasures::Due(std::uint64_t above,
                                                           base::Executor& home) {
  const internal::ApprovalRows rows(core_);
  std::vector<Waiting> due;
  Rooms rooms(core_);
  const std::int64_t now_ms = core_.parts.committer.Now().budget_ms;
  for (std::optional<std::uint64_t> from = above; from.has_value();) {
    CLOISON_CO_TRY_ASSIGN(
        const internal::ApprovalRows::Open page,
        co_await rows.ReadOpen(core_.parts.people.store(), internal::Whose::kStaff, *from,
                               kApprovalsScannedMax));
    for (const Approval& one : page.items) {
      if (!one.waits() || one.due_ms > now_ms) continue;
      if (!internal::IsTold(core_, one)) {
        CLOISON_CO_TRY_ASSIGN(const bool gone, co_await IsGone(core_, one));
        if (!gone) continue;
      }
      CLOISON_CO_TRY_ASSIGN(const bool room, co_await rooms.Has(one.organisation, now_ms));
      if (!room) continue;
      due.push_back(
          {one.number, one.organisation, one.reason, one.asked_ms, one.decided_ms, one.due_ms});
      if (due.size() == kErasuresDueMax) break;
    }
    from = due.size() == kErasuresDueMax ? std::nullopt : page.next;
  }
  rooms.SayWhoWaits();
  co_await home.Schedule();
  co_return due;
}

Task<Result<Erasures::Became>> Erasures::Proceed(std::uint64_t number, Said said,
                                                 base::Executor& home) {
  using To = EndWaitWork::To;
  const To to = said == Said::kYes ? To::kBeginWithYes : To::kBegin;
  auto work = std::make_unique<EndWaitWork>(core_, internal::SystemCaller(home), number, to);
  Result<EndWaitWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), home);
  if (!promise.ok()) co_return promise.error();
  if (!promise->ok()) co_return promise->error();
  EndWaitWork::Ended& ended = **promise;
  if (ended.waits.has_value()) {
    SayWhy(core_, *ended.waits, number);
    co_return Became::kWaits;
  }
  if (!ended.begun.has_value()) co_return Became::kBefore;
  CLOISON_CO_TRY(co_await internal::RunToItsEnd(core_, std::move(*ended.begun), home));
  co_return Became::kDone;
}

Task<Result<Erasures::Became>> Erasures::Refuse(std::uint64_t number, base::Executor& home) {
  auto work = std::make_unique<EndWaitWork>(core_, internal::SystemCaller(home), number,
                                            EndWaitWork::To::kRefuse);
  const Result<EndWaitWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), home);
  if (!promise.ok()) co_return promise.error();
  if (!promise->ok()) co_return promise->error();
  co_return (*promise)->denied ? Became::kDone : Became::kBefore;
}

Task<Outcome<Erasures::Objected>> Erasures::Object(Caller caller) {
  internal::Core& core = core_;
  const Reason reason{"erase", ""};
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await internal::RefusedAtOnce(core, caller, reason, Right::kOwnTrail));
  if (refused.has_value()) co_return std::variant<Objected, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const internal::KnownPrincipal info,
                        co_await internal::KnownCaller(core, caller.principal));
  CLOISON_CO_TRY_ASSIGN(const std::optional<PersonId> person,
                        co_await internal::OwnPerson(core, info.person));
  if (!person.has_value()) {
    co_return std::variant<Objected, Refusal>(internal::NotAvailable());
  }
  // Several may wait for one person; of the next they are told in the same breath. What was denied
  // is so whatever becomes of the others.
  std::optional<Objected> last;
  for (int missed = 0; missed < kObjectionsMissedMax;) {
    CLOISON_CO_TRY_ASSIGN(Answered said, co_await SayNo(core, caller, *person));
    if (Objected* const objected = std::get_if<Objected>(&said); objected != nullptr) {
      last = std::move(*objected);
    } else if (!last.has_value() || std::get<Refusal>(said).code != RefusalCode::kNotAvailable) {
      co_return std::variant<Objected, Refusal>(std::move(std::get<Refusal>(said)));
    } else {
      ++missed;  // somebody else ended it in between
    }
    CLOISON_CO_TRY_ASSIGN(const std::optional<Approval> other,
                          co_await WaitingFor(core, *person, *info.person));
    if (!other.has_value()) co_return std::variant<Objected, Refusal>(std::move(*last));
    CLOISON_CO_TRY(co_await Announce(core, *other, caller.home));
  }
  co_return Error{Code::kUnavailable, "others come and go while they are denied: again"};
}

}  // namespace cloison::access
