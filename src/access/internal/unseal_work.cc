#include "access/internal/unseal_work.h"

namespace cloison::access::internal {

namespace {

store::Key MarkerOf(Core& core, const ledger::TrailEntry& sealed) {
  return UnsealedKey(core, ledger::PlaceOf(sealed.generation, sealed.index));
}

}  // namespace

store::Key UnsealedKey(Core& core, std::uint64_t place) {
  const std::string name = core.parts.state.Prf(
      store::Family::kOperations,
      {AsBytes("unsealed/"), core.parts.ledger.log_id(ledger::GenerationOf(place)).bytes(),
       base::BigU64(ledger::NumberOf(place))});
  return {store::Family::kOperations, name};
}

UnsealWork::UnsealWork(Core& core, const Caller& caller, Reason reason, ledger::TrailEntry sealed,
                       records::Sighting person, const Gate::Once& once, bool decided)
    : GateWork(core, caller, std::move(reason)),
      sealed_(std::move(sealed)),
      person_(std::move(person)),
      once_(core, caller.principal, once),
      marker_(MarkerOf(core, sealed_)),
      decided_(decided) {}

bool UnsealWork::Holds(const commit::Staging& staging) const {
  return staging.UnchangedSince(records::RowKeyOf(person_->key.person()), person_->snapshot);
}

Task<Status> UnsealWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await once_.Load(staging));
  CLOISON_CO_TRY(once_.Find(staging));  // as for a registration
  std::vector<store::Key> keys{marker_};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  if (!person_.has_value()) co_return Ok();
  if (!Holds(staging)) {
    Result<records::Sighting> again = co_await core_.parts.people.Sight(person_->key.person());
    const bool same = again.ok() && again->key.aud() == sealed_.subject->aud;
    person_.reset();
    if (!again.ok() && again.error().code() != Code::kNotFound) co_return again.error();
    if (!same) co_return Ok();
    person_.emplace(std::move(*again));
  }
  co_return co_await core_.parts.ledger.LoadHead(person_->key.subject());
}

Result<commit::Staged> UnsealWork::Decide(commit::Staging& staging) {
  pending_.reset();
  done_.reset();
  if (!decided_ && !core_.parts.policy.Now().Has(principal().info().role, Right::kUnseal)) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/unseal", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  if (used.has_value()) {
    done_ = Gate::Unsealing{Repeated(*used)};
    return commit::Staged::kDone;
  }
  if (person_.has_value() && !Holds(staging)) return commit::Staged::kAgain;
  if (!person_.has_value()) {
    return Refuse(staging,
                  Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kMiss, {});
  }
  if (staging.Get(marker_).present()) {
    return Refuse(staging, Refusal{RefusalCode::kUnsealed, "unseal/again", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  ledger::EntryDraft draft = Draft(ledger::Kind::kUnseal, ledger::Decision::kAllow, "unseal");
  draft.subject = ledger::EntryDraft::Subject{person_->key.person(),
                                              &person_->key.subject(),
                                              ledger::PlaceOf(sealed_.generation, sealed_.index),
                                              sealed_.subject->fields,
                                              sealed_.subject->form,
                                              {}};
  pending_ = StageEntry(std::move(draft));
  const std::uint64_t place = PlaceIn(core_.parts.ledger, *pending_);
  const ByteArray<8> value = base::BigU64(place);
  staging.Put(marker_, core_.parts.state.Seal(marker_, value));
  once_.Put(staging, Used{{}, 0, {}, 0, place});
  Charge(staging, {});
  done_ = Gate::Unsealing{};
  return commit::Staged::kDone;
}

UnsealWork::Promise UnsealWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (pending_.has_value()) {
    done_->recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  }
  return std::move(*done_);
}

}  // namespace cloison::access::internal
