// Gate::Unseal: a sealed access becomes an entry of its person's own trail.
#include "access/internal/gate_calls.h"
#include "access/internal/unseal_work.h"

namespace cloison::access {

using internal::Core;
using internal::FoundAccess;
using internal::SealedAccess;

namespace {

Refusal Because(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}};
}

// The person's own key says whether the record is that of the leaf, the oversight key whether the
// leaf is of the sealed space.
bool IsOfItsLeaf(Core& core, const ledger::TrailEntry& entry, const ledger::SubjectKey& key) {
  const ledger::SealedKey sealed =
      core.parts.oversight.Of(core.parts.ledger.log_id(entry.generation), entry.subject->aud);
  const ledger::Tag tag = sealed.TagOf(*entry.record.sealed_n);
  return ledger::Opens(key, entry) && base::Equal(ByteView(entry.leaf).subspan(66, 16), tag);
}

}  // namespace

Task<Result<FoundAccess>> internal::FindAccess(Core& core, std::uint64_t place) {
  Result<std::optional<ledger::TrailEntry>> read = co_await core.parts.ledger.ReadEntry(place);
  if (!read.ok() && read.error().code() == Code::kNotFound) {
    co_return FoundAccess(internal::NotAvailable());
  }
  if (!read.ok()) co_return read.error();
  if (!read->has_value()) {
    co_return FoundAccess(Because(RefusalCode::kRecordExpired, "unseal/expired"));
  }
  ledger::TrailEntry& entry = **read;
  if (!entry.record.sealed_n.has_value() || !entry.subject.has_value()) {
    co_return FoundAccess(Because(RefusalCode::kNotSealed, "unseal/not-sealed"));
  }
  CLOISON_CO_TRY_ASSIGN(const std::optional<PersonId> person,
                        co_await internal::OwnPerson(core, entry.subject->aud));
  if (!person.has_value()) co_return FoundAccess(internal::NotAvailable());
  Result<records::Sighting> sighting = co_await core.parts.people.Sight(*person);
  if (!sighting.ok() && sighting.error().code() == Code::kNotFound) {
    co_return FoundAccess(internal::NotAvailable());
  }
  if (!sighting.ok()) co_return sighting.error();
  if (!IsOfItsLeaf(core, entry, sighting->key.subject())) {
    co_return Error{Code::kCorrupt, "a sealed access is not the one of its leaf"};
  }
  co_return FoundAccess(SealedAccess{std::move(entry), std::move(*sighting)});
}

Task<Outcome<Gate::Unsealing>> Gate::Unseal(Caller caller, std::uint64_t place, Reason reason,
                                            Once once) {
  Core& core = *core_;
  CLOISON_CO_TRY(internal::CheckOnce(once));
  CLOISON_CO_TRY(internal::CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(
      std::optional<Refusal> refused,
      co_await internal::RefusedAtOnce(core, caller, reason, Right::kUnseal, true));
  if (refused.has_value()) co_return std::variant<Unsealing, Refusal>(std::move(*refused));
  Result<FoundAccess> found = co_await internal::FindAccess(core, place);
  if (!found.ok()) {
    internal::NoteCorrupt(core, found.error(), "trail_does_not_fit");
    co_return found.error();
  }
  if (Refusal* refusal = std::get_if<Refusal>(&*found); refusal != nullptr) {
    std::string named = "entry/" + std::to_string(place);
    co_return co_await internal::RefuseOnRecord<Unsealing>(
        core, caller, std::move(reason), Right::kUnseal, std::move(*refusal), std::move(named));
  }
  SealedAccess& access = std::get<SealedAccess>(*found);
  auto work = std::make_unique<internal::UnsealWork>(core, caller, std::move(reason),
                                                     std::move(access.entry),
                                                     std::move(access.person), once, false);
  co_return co_await core.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Gate::Unsealing>> internal::UnsealDecided(Core& core, Caller caller,
                                                       std::uint64_t place, Reason reason,
                                                       Gate::Once once) {
  Result<FoundAccess> found = co_await internal::FindAccess(core, place);
  if (!found.ok()) {
    internal::NoteCorrupt(core, found.error(), "trail_does_not_fit");
    co_return found.error();
  }
  if (Refusal* refusal = std::get_if<Refusal>(&*found); refusal != nullptr) {
    co_return std::variant<Gate::Unsealing, Refusal>(std::move(*refusal));
  }
  SealedAccess& access = std::get<SealedAccess>(*found);
  auto work = std::make_unique<internal::UnsealWork>(core, caller, std::move(reason),
                                                     std::move(access.entry),
                                                     std::move(access.person), once, true);
  co_return co_await core.parts.committer.Submit(std::move(work), caller.home);
}

}  // namespace cloison::access
