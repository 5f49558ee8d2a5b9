#include "access/internal/gate_calls.h"

#include <algorithm>

namespace cloison::access::internal {

Caller SystemCaller(base::Executor& home) {
  return {Gate::SystemPrincipal(), SessionId(ByteArray<16>{}), ClientId(0), home,
          identity::Assurance::Internal()};
}

Refusal NotAvailable() {
  return Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}};
}

Refusal NotEnrolled(Core& core) {
  core.not_enrolled.fetch_add(1, std::memory_order_relaxed);
  core.stats.not_enrolled.Add();
  return Refusal{RefusalCode::kNotEnrolled, "not-enrolled", {}, {}, 0, {}, {}, {}};
}

Status CheckReason(const Reason& reason) {
  if (reason.purpose.size() > ledger::kPurposeBytesMax ||
      reason.case_ref.size() > ledger::kCaseRefBytesMax) {
    return Error{Code::kInvalid, "a purpose or a case reference is too long"};
  }
  return Ok();
}

Status CheckOnce(const Gate::Once& once) {
  if (once.key.empty() || once.key.size() > kIdempotencyKeyBytesMax) {
    return Error{Code::kInvalid, "an idempotency key has 1 to 128 bytes"};
  }
  return Ok();
}

Task<Result<std::optional<Refusal>>> RefusedAtOnce(Core& core, Caller caller, Reason reason,
                                                   Right right, bool alone) {
  auto may = std::make_unique<MayWork>(core, caller, std::move(reason), right, alone);
  Result<MayWork::Promise> allowed =
      co_await core.parts.committer.Submit(std::move(may), caller.home);
  if (!allowed.ok()) co_return allowed.error();
  std::optional<Refusal> refused;
  if (Refusal* refusal = std::get_if<Refusal>(&*allowed); refusal != nullptr) {
    refused = std::move(*refusal);
  }
  co_return refused;
}

Task<Result<KnownPrincipal>> KnownCaller(Core& core, PrincipalId id) {
  if (const auto known = core.known.Find(id); known.has_value()) co_return *known;
  const Result<PrincipalInfo> info = co_await core.principals.Find(core.parts.people.store(), id);
  if (!info.ok()) {
    NoteCorrupt(core, info.error(), "principal_state_does_not_fit");
    co_return info.error();
  }
  co_return core.known.Keep(*info);
}

Task<Result<FoundRecord>> FindForChange(Core& core, OrganisationId organisation, std::string person,
                                        std::optional<std::uint64_t> if_version) {
  const Result<PersonId> id = core.parts.codes.Decode(organisation, person);
  if (!id.ok()) co_return FoundRecord(NotAvailable());
  Result<records::Sighting> sighting = co_await core.parts.people.Sight(*id);
  if (!sighting.ok()) {
    if (sighting.error().code() == Code::kNotFound) co_return FoundRecord(NotAvailable());
    NoteCorrupt(core, sighting.error(), "record_does_not_open");
    co_return sighting.error();
  }
  if (if_version.has_value() && sighting->header.seq != *if_version)
    co_return FoundRecord(Refusal{RefusalCode::kChanged, "version", {}, {}, 0, {}, {}, {}, {}});
  co_return FoundRecord(std::move(*sighting));
}

Task<Result<std::optional<PersonId>>> OwnPerson(Core& core, std::optional<Aud> aud) {
  std::optional<PersonId> person;
  if (!aud.has_value()) co_return person;
  const Result<PersonId> own = co_await core.parts.person_keys.PersonOf(*aud);
  if (!own.ok() && own.error().code() == Code::kNotFound) co_return person;
  if (!own.ok()) {
    NoteCorrupt(core, own.error(), "record_does_not_open");
    co_return own.error();
  }
  person = *own;
  co_return person;
}

// Opens what was allowed: one record per target, values of both forms together.
Result<std::vector<ShownRecord>> OpenAllowed(Core& core, std::vector<Target>& targets,
                                             std::vector<Allowed> allowed) {
  const records::Opener opener(core.parts.people.schema());
  std::vector<ShownRecord> shown;
  std::optional<std::size_t> last;
  for (Allowed& one : allowed) {
    const Target& target = targets[one.target];
    const records::Sighting& sighting = *target.sighting;
    if (!last.has_value() || *last != one.target) {
      // A citizen's organisation has no codes of its own: the record is theirs, no name for it is
      // needed.
      constexpr records::PersonCode kNone{ByteArray<16>{}};
      shown.push_back({target.code.value_or(kNone), sighting.header.seq, {}, {}});
      last = one.target;
    }
    shown.back().recorded.push_back(one.receipt.recorded());
    Result<std::vector<records::OpenedValue>> values =
        opener.Open(sighting, std::move(one.receipt));
    if (!values.ok()) {
      NoteCorrupt(core, values.error(), "record_does_not_open");
      return values.error();
    }
    for (records::OpenedValue& value : *values) shown.back().values.push_back(std::move(value));
  }
  for (ShownRecord& record : shown) {
    std::ranges::sort(record.values, {}, &records::OpenedValue::field);
  }
  return shown;
}

}  // namespace cloison::access::internal
