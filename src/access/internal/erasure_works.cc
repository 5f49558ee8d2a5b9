#include "access/internal/erasure_works.h"

#include <algorithm>

#include "access/person_requests.h"

namespace cloison::access::internal {

namespace {

using approvals::State;

// The person whom an entry is about, shown nothing.
ledger::EntryDraft::Subject About(const records::Sighting& person) {
  return {
      person.key.person(), &person.key.subject(), person.header.seq, {}, ledger::Form::kExists, {}};
}

}  // namespace

store::Key WaitingKey(const Core& core, const PersonId& person) {
  constexpr store::Family kFamily = store::Family::kOperations;
  return {kFamily, core.parts.state.Prf(kFamily, {AsBytes("erasing/"), person.bytes()})};
}

Result<std::uint64_t> ParseWaiting(ByteView plain) {
  base::Reader reader(plain);
  const std::uint64_t number = reader.U64();
  if (reader.failed() || !reader.empty() || number == 0) {
    return Error{Code::kCorrupt, "a row of an erasure that waits does not parse"};
  }
  return number;
}

// ---- telling the person

bool IsTold(const Core& core, const Approval& approval) {
  return approval.told_ms != 0 && approval.generation == core.parts.ledger.generation();
}

Task<Status> AnnounceWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys{WaitingKey(core_, person_.key.person()),
                               records::RowKeyOf(person_.key.person())};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  CLOISON_CO_TRY(co_await rows_.Load(staging, number_));
  CLOISON_CO_TRY(co_await rows_.LoadForMove(staging, number_));
  co_return co_await core_.parts.ledger.LoadHead(person_.key.subject());
}

Result<commit::Staged> AnnounceWork::Decide(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(std::optional<Approval> approval, rows_.Get(staging, number_));
  const store::Key key = WaitingKey(core_, person_.key.person());
  const bool there = staging.Get(records::RowKeyOf(person_.key.person())).present();
  if (!approval.has_value() || !approval->waits() || !there) return commit::Staged::kDone;
  // Of the first of several that wait for one person: a word to it is a word to all.
  const bool can_object = staging.Get(key).present();
  if (can_object && IsTold(core_, *approval)) return commit::Staged::kDone;
  const std::uint32_t generation = core_.parts.ledger.generation();
  const bool restored = approval->generation != generation;
  std::int64_t delay_ms = approval->delay_ms();
  if (restored) delay_ms = std::max(delay_ms, base::kDayMs);
  approval->told_ms = staging.time().budget_ms;
  approval->due_ms = std::max(approval->due_ms, approval->told_ms + delay_ms);
  approval->generation = generation;
  CLOISON_TRY(rows_.Move(staging, *approval));
  if (!can_object) staging.Put(key, core_.parts.state.Seal(key, base::BigU64(number_)));
  if (can_object && !restored) return commit::Staged::kDone;
  ledger::EntryDraft draft = GateWork::Draft(ledger::Kind::kApproval, ledger::Decision::kAllow,
                                             "erase/waits/" + std::to_string(number_));
  draft.purpose = "erase";
  draft.subject = About(person_);
  (void)GateWork::StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

// ---- the end of the waiting

Task<Status> EndWaitWork::LoadMore(commit::Staging& staging) {
  both_known_ = true;
  CLOISON_CO_TRY(co_await rows_.Load(staging, number_));
  CLOISON_CO_TRY(co_await rows_.LoadForMove(staging, number_));
  CLOISON_CO_TRY_ASSIGN(const std::optional<Approval> approval, rows_.Get(staging, number_));
  if (!approval.has_value() || !approval->waits()) co_return Ok();
  const PrincipalId both[] = {approval->asker, approval->decider.value_or(approval->asker)};
  for (const PrincipalId& one : both) {
    const Status loaded = co_await core_.principals.Load(staging, one);
    if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
    both_known_ = both_known_ && loaded.ok();
  }
  ApprovalKind* const kind = FindKind(core_.approval_kinds, approval->kind);
  if (kind == nullptr) co_return Error{Code::kCorrupt, "an approval is of no known kind"};
  co_return co_await kind->Load(staging, *approval);
}

bool EndWaitWork::Stands(PrincipalId id, const ApprovalKind& kind, Side side, std::int64_t now_ms) {
  const Chain nobody;
  return PartyOf(id, nobody, kind, side, now_ms).has_right &&
         PartyOf(id, nobody, kind, Side::kApproves, now_ms).stands;
}

bool EndWaitWork::IsThere(const commit::Staging& staging, const Approval& approval) {
  const Result<EraseRequest> request = ParseErase(approval.what);
  CLOISON_CHECK(request.ok());  // Load read it
  return staging.Get(records::RowKeyOf(request->person)).present();
}

std::optional<EndWaitWork::Why> EndWaitWork::MayNotBegin(const commit::Staging& staging,
                                                         const Approval& approval,
                                                         const ErasureCount& count) {
  const Result<EraseRequest> request = ParseErase(approval.what);
  CLOISON_CHECK(request.ok());  // Load read it
  const bool there = IsThere(staging, approval);
  const bool told =
      IsTold(core_, approval) && staging.Get(WaitingKey(core_, request->person)).present();
  if (there && !told) return Why::kNotTold;
  if (approval.needs_yes && to_ != To::kBeginWithYes) return Why::kNoYes;
  // Two agreed; who was stopped since is not one of them any more.
  const ApprovalKind& kind = *FindKind(core_.approval_kinds, approval.kind);
  const std::int64_t now_ms = staging.time().budget_ms;
  const bool stand = both_known_ && Stands(approval.asker, kind, Side::kAsks, now_ms) &&
                     Stands(*approval.decider, kind, Side::kApproves, now_ms);
  if (!stand) return Why::kOfficers;
  if (!count.HasRoom(core_.erasures.per_day)) return Why::kCeiling;
  return std::nullopt;
}

Result<commit::Staged> EndWaitWork::Decide(commit::Staging& staging) {
  ended_ = {};
  CLOISON_TRY_ASSIGN(std::optional<Approval> approval, rows_.Get(staging, number_));
  if (!approval.has_value()) return commit::Staged::kDone;
  if (!approval->waits()) {  // somebody was faster
    if (approval->state == State::kApproved) ended_.begun = std::move(approval);
    return commit::Staged::kDone;
  }
  if (staging.time().budget_ms < approval->due_ms) {
    return Error{Code::kInvalid, "the time of the erasure has not come"};
  }
  ErasureCount count = ErasureCount::Of(core_, staging, approval->organisation);
  if (to_ != To::kRefuse) ended_.waits = MayNotBegin(staging, *approval, count);
  NoteDamaged(core_, count);
  if (ended_.waits == Why::kCeiling && count.was_damaged()) {
    count.Stage(core_, staging, approval->organisation);
  }
  if (ended_.waits.has_value()) return commit::Staged::kDone;
  approval->EndWait();
  if (to_ != To::kRefuse && IsThere(staging, *approval)) {
    count.Add();
    count.Stage(core_, staging, approval->organisation);
  }
  if (to_ == To::kRefuse) {
    // Whoever agreed to it did not deny it.
    approval->state = State::kDenied;
    approval->decider = Gate::SystemPrincipal();
    approval->decided_ms = staging.time().budget_ms;
  }
  CLOISON_TRY(rows_.Move(staging, *approval));
  FindKind(core_.approval_kinds, approval->kind)->EndWait(staging, *approval);
  StageStep(to_ == To::kRefuse ? "refused-outside" : "begin", *approval);
  Charge(staging, {});
  ended_.denied = to_ == To::kRefuse;
  if (to_ != To::kRefuse) ended_.begun = std::move(approval);
  return commit::Staged::kDone;
}

// ---- the person's word

Result<std::optional<std::uint64_t>> ObjectWork::Number(const commit::Staging& staging) const {
  const store::Key key = WaitingKey(core_, own_.key.person());
  const store::Row& row = staging.Get(key);
  if (!row.present()) return std::optional<std::uint64_t>{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
  CLOISON_TRY_ASSIGN(const std::uint64_t number, ParseWaiting(plain.Reveal()));
  return std::optional(number);
}

Task<Status> ObjectWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys{WaitingKey(core_, own_.key.person())};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  CLOISON_CO_TRY_ASSIGN(number_, Number(staging));
  if (number_.has_value()) {
    CLOISON_CO_TRY(co_await rows_.Load(staging, *number_));
    CLOISON_CO_TRY(co_await rows_.LoadForMove(staging, *number_));
  }
  co_return co_await core_.parts.ledger.LoadHead(own_.key.subject());
}

Result<commit::Staged> ObjectWork::Decide(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(const std::optional<std::uint64_t> number, Number(staging));
  if (number != number_) return commit::Staged::kAgain;  // an earlier work of this batch
  if (!number.has_value()) return RefuseNoSuch(staging);
  CLOISON_TRY_ASSIGN(std::optional<Approval> approval, rows_.Get(staging, *number));
  if (!approval.has_value() || !approval->waits()) return RefuseNoSuch(staging);
  approval->state = State::kDenied;
  // Nobody learns from it by which account the person signs in.
  approval->decider = Gate::SystemPrincipal();
  approval->decided_ms = staging.time().budget_ms;
  approval->EndWait();
  CLOISON_TRY(rows_.Move(staging, *approval));
  staging.Delete(WaitingKey(core_, own_.key.person()));
  ledger::EntryDraft draft = GateWork::Draft(ledger::Kind::kApproval, ledger::Decision::kAllow,
                                             "erase/objected/" + std::to_string(*number));
  draft.purpose = "erase";
  draft.subject = About(own_);
  step_ = GateWork::StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

ObjectWork::Promise ObjectWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Erasures::Objected{core_.parts.ledger.Redeem(std::move(*step_), durable)};
}

}  // namespace cloison::access::internal
