#include "access/internal/change_works.h"

#include <algorithm>

#include "access/internal/decoy_works.h"
#include "access/internal/policy_works.h"
#include "access/internal/schema_works.h"

namespace cloison::access::internal {

namespace {

Refusal NoRight(Right right) {
  return Refusal{RefusalCode::kNoRight, "right/" + std::string(Name(right)), {}, {}, 0, {}, {}, {}};
}

ledger::EntryDraft::Subject SubjectOf(const records::Sighting& sighting, std::uint64_t seq,
                                      std::vector<FieldId> fields, ledger::Form form) {
  return {sighting.key.person(), &sighting.key.subject(), seq, std::move(fields), form, {}};
}

std::optional<Yields> YieldOf(const Core& core, const records::Sighting& there,
                              const commit::Staging& staging) {
  if (!IsDecoy(core, there)) return std::nullopt;
  return Yields{{there.key.person(), there.key.aud(), staging.time().wall_ms}};
}

}  // namespace

// ---- idempotency keys

std::uint64_t PlaceIn(const ledger::Ledger& log, const ledger::Pending& pending) {
  return ledger::PlaceOf(log.generation(), log.IndexOf(pending));
}

ledger::Recorded Repeated(const Used& used) {
  ledger::Recorded recorded;
  recorded.index = ledger::NumberOf(used.place);
  recorded.generation = ledger::GenerationOf(used.place);
  return recorded;
}

OnceBook::OnceBook(Core& core, PrincipalId caller, const Gate::Once& once)
    : core_(core),
      key_{store::Family::kIdempotency,
           core.parts.state.Prf(store::Family::kIdempotency, {caller.bytes(), AsBytes(once.key)})},
      body_(core.parts.state.Digest("idempotency", {caller.bytes(), once.body})) {}

Task<Result<bool>> OnceBook::IsKnown() const {
  std::vector<store::Key> keys{key_};
  CLOISON_CO_TRY_ASSIGN(
      const std::vector<store::Row> rows,
      co_await core_.parts.people.store().MultiGet(std::move(keys), store::ReadMode::kAny));
  co_return rows.front().present();
}

Task<Status> OnceBook::Load(commit::Staging& staging) const {
  std::vector<store::Key> keys{key_};
  co_return co_await staging.Load(std::move(keys));
}

Result<Used> ParseUsed(ByteView plain) {
  base::Reader reader(plain);
  Used used;
  const std::uint8_t version = reader.U8();
  used.body = reader.Array<32>();
  used.at_ms = static_cast<std::int64_t>(reader.U64());
  used.code = reader.Array<16>();
  used.number = reader.U64();
  used.place = reader.U64();
  if (reader.failed() || !reader.empty() || version != 1) {
    return Error{Code::kCorrupt, "an idempotency row does not parse"};
  }
  return used;
}

Result<std::optional<Used>> OnceBook::Find(const commit::Staging& staging) const {
  const store::Row& row = staging.Get(key_);
  if (!row.present()) return std::optional<Used>{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key_, row.value));
  CLOISON_TRY_ASSIGN(const Used used, ParseUsed(plain.Reveal()));
  if (used.at_ms + kIdempotencyMs < staging.time().budget_ms) return std::optional<Used>{};
  if (used.body != body_)
    return Error{Code::kConflict, "the idempotency key came with another body"};
  return std::optional<Used>(used);
}

void OnceBook::Put(commit::Staging& staging, Used used) const {
  Bytes plain{1};
  base::AppendBytes(plain, body_);
  base::AppendU64(plain, static_cast<std::uint64_t>(staging.time().budget_ms));
  base::AppendBytes(plain, used.code);
  base::AppendU64(plain, used.number);
  base::AppendU64(plain, used.place);
  staging.Put(key_, core_.parts.state.Seal(key_, plain));
}

// ---- registration

Task<Status> RegisterWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await once_.Load(staging));
  // Before anybody is looked at: a key that was used with another body asks nothing and pays
  // nothing.
  CLOISON_CO_TRY(once_.Find(staging));
  CLOISON_CO_TRY(co_await registration_.Load(staging));
  CLOISON_CO_TRY(co_await core_.parts.ledger.LoadHead(registration_.key().subject()));
  CLOISON_CO_TRY_ASSIGN(existing_, co_await SightExisting(core_, registration_.existing()));
  co_return Ok();
}

Result<commit::Staged> RegisterWork::Decide(commit::Staging& staging) {
  pending_.reset();
  done_.reset();
  yields_.reset();
  adopted_ = false;
  if (!core_.parts.policy.Now().Has(principal().info().role, Right::kRegister)) {
    return Refuse(staging, NoRight(Right::kRegister), ledger::Decision::kRefuse, {});
  }
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  if (used.has_value()) {
    done_ = Registered{records::PersonCode(used->code), used->number, Repeated(*used)};
    return commit::Staged::kDone;
  }
  CLOISON_TRY_ASSIGN(
      const records::PersonCode code,
      core_.parts.codes.Encode(principal().info().organisation, registration_.person()));
  const Result<commit::Staged> staged = registration_.Stage(staging);
  if (!staged.ok() && staged.error().code() == Code::kConflict) {
    if (!existing_.has_value()) return commit::Staged::kAgain;  // registered earlier in this batch
    yields_ = YieldOf(core_, *existing_, staging);
    if (yields_.has_value()) return commit::Staged::kDone;
    return RefuseExists(staging, *existing_, "register/exists");
  }
  if (!staged.ok() || *staged == commit::Staged::kAgain) return staged;
  ledger::EntryDraft draft = Draft(ledger::Kind::kChange, ledger::Decision::kAllow, "register");
  draft.subject = ledger::EntryDraft::Subject{
      registration_.person(), &registration_.key().subject(), 1,
      registration_.fields(), ledger::Form::kPlain,           code.symbols()};
  pending_ = StageEntry(std::move(draft));
  once_.Put(staging, Used{{}, 0, code.symbols(), 1, PlaceIn(core_.parts.ledger, *pending_)});
  Charge(staging, {});
  done_ = Registered{code, 1, {}};
  return commit::Staged::kDone;
}

RegisterWork::Promise RegisterWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (yields_.has_value()) return *yields_;
  adopted_ = pending_.has_value();
  if (adopted_) done_->recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(*done_);
}

// ---- update, erasure, re-key

Task<Status> ChangeWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await change_.Load(staging));
  CLOISON_CO_TRY(co_await core_.parts.ledger.LoadHead(change_.sighting().key.subject()));
  CLOISON_CO_TRY_ASSIGN(existing_, co_await SightExisting(core_, change_.existing()));
  co_return Ok();
}

Result<commit::Staged> ChangeWork::Decide(commit::Staging& staging) {
  pending_.reset();
  yields_.reset();
  // The others were decided before they went into the journal: what the journal holds is finished,
  // whatever came between.
  if (right_ == Right::kUpdate && !core_.parts.policy.Now().Has(principal().info().role, right_)) {
    return Refuse(staging, NoRight(right_), ledger::Decision::kRefuse, {});
  }
  const Result<commit::Staged> staged = change_.Stage(staging);
  const records::Sighting& sighting = change_.sighting();
  const bool current =
      staging.UnchangedSince(records::RowKeyOf(sighting.key.person()), sighting.snapshot);
  const bool taken =
      !staged.ok() && staged.error().code() == Code::kConflict && current && existing_.has_value();
  if (taken) yields_ = YieldOf(core_, *existing_, staging);
  if (yields_.has_value()) return commit::Staged::kDone;
  if (taken) return RefuseExists(staging, *existing_, "update/exists");
  if (!staged.ok() || *staged == commit::Staged::kAgain) return staged;
  const bool erase = right_ == Right::kErase;
  ledger::EntryDraft draft = Draft(erase ? ledger::Kind::kErasure : ledger::Kind::kChange,
                                   ledger::Decision::kAllow, std::string(Name(right_)));
  draft.subject =
      SubjectOf(change_.sighting(), change_.new_seq(), change_.fields(), ledger::Form::kPlain);
  pending_ = StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

ChangeWork::Promise ChangeWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (yields_.has_value()) return *yields_;
  return core_.parts.ledger.Redeem(std::move(*pending_), durable);
}

Task<Status> DropRowWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys(1, records::RowKeyOf(person_));
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> DropRowWork::Decide(commit::Staging& staging) {
  pending_.reset();
  const store::Key key = records::RowKeyOf(person_);
  if (!staging.Get(key).present()) return commit::Staged::kDone;
  staging.Delete(key);
  core_.parts.people.generations().Note(person_);
  pending_ = StageEntry(Draft(ledger::Kind::kErasure, ledger::Decision::kAllow,
                              std::string(Name(Right::kErase)) + "/damaged"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

DropRowWork::Promise DropRowWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  std::optional<ledger::Recorded> recorded;
  if (pending_.has_value()) {
    recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  }
  return recorded;
}

Result<commit::Staged> MayWork::Decide(commit::Staging& staging) {
  if (!core_.parts.policy.Now().Has(principal().info().role, right_)) {
    return Refuse(staging, NoRight(right_), ledger::Decision::kRefuse, {});
  }
  if (alone_ && core_.parts.two_people) return RefuseAlone(staging, Name(right_));
  return commit::Staged::kDone;
}

MayWork::Promise MayWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::monostate{};
}

Result<commit::Staged> RefuseWork::Decide(commit::Staging& staging) {
  if (!core_.parts.policy.Now().Has(principal().info().role, right_)) {
    return Refuse(staging, NoRight(right_), ledger::Decision::kRefuse, {});
  }
  const bool miss = refusal_.code == RefusalCode::kNotAvailable;
  const Principals::Debit debit = DebitOfCode(named_);
  if (auto refused = RefuseShowing(staging, {&debit.showing, 1})) return std::move(*refused);
  return Refuse(staging, refusal_, miss ? ledger::Decision::kMiss : ledger::Decision::kRefuse,
                {&debit, 1});
}

// ---- set-up

Result<commit::Staged> SystemWork::Decide(commit::Staging& staging) {
  for (const store::Key& key : deletes) staging.Delete(key);
  for (const std::string& note : notes_) {
    ledger::EntryDraft draft = Draft(kind_, ledger::Decision::kAllow, "system");
    draft.case_ref = note;
    (void)StageEntry(std::move(draft));
  }
  Charge(staging, {});
  return commit::Staged::kDone;
}

Task<Status> PruneWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys = keys_;
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> PruneWork::Decide(commit::Staging& staging) {
  for (const store::Key& key : keys_) {
    const store::Row& row = staging.Get(key);
    if (!row.present()) continue;
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
    CLOISON_TRY_ASSIGN(const Used used, ParseUsed(plain.Reveal()));
    if (used.at_ms < oldest_ms_) staging.Delete(key);
  }
  return commit::Staged::kDone;
}

Task<Status> EnrolWork::Load(commit::Staging& staging) {
  const PrincipalId system = Gate::SystemPrincipal();
  if (info_.id != system) {
    CLOISON_CO_TRY(co_await core_.principals.Load(staging, system));
  }
  std::vector<store::Key> keys{{store::Family::kPrincipals, core_.principals.RowKey(info_.id)}};
  co_return co_await staging.Load(std::move(keys));
}

Status StageEnrolment(Core& core, commit::Staging& staging, PrincipalInfo info, std::string rule) {
  const PrincipalId id = info.id;
  CLOISON_TRY(core.principals.Enrol(staging, std::move(info)));
  StageBySystem(core, staging, std::move(rule), base::ToHex(id.bytes()));
  return Ok();
}

void StageBySystem(Core& core, commit::Staging& staging, std::string rule, std::string note) {
  PrincipalState& by = core.principals.Get(Gate::SystemPrincipal());
  ledger::EntryDraft draft{
      ledger::Kind::kRights,
      std::nullopt,
      {by.info().id, &by.key(), by.n(), by.info().organisation, by.info().office, by.info().role},
      ledger::Decision::kAllow,
      "enrol",
      std::move(note),
      std::nullopt,
      std::nullopt,
      std::move(rule),
      0};
  (void)core.parts.ledger.Stage(draft);
  core.principals.Charge(staging, by, ClientId(0), 1, {});
}

Result<commit::Staged> EnrolWork::Stage(commit::Staging& staging) {
  if (core_.parts.ledger.Room() < kEntriesOfOneWorkMax) return commit::Staged::kAgain;
  CLOISON_TRY(StageEnrolment(core_, staging, info_, "enrol"));
  const bool first = info_.id == Gate::SystemPrincipal() && core_.parts.policy.stored() == 0;
  if (first) {
    StageFirstPolicy(core_, staging, "");
    StageFirstSchema(core_, staging);
  }
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
