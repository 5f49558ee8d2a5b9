#include "access/internal/gate_calls.h"

namespace cloison::access::internal {

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
                                                   Right right) {
  auto may = std::make_unique<MayWork>(core, caller, std::move(reason), right);
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
  core.known.Keep(*info);
  co_return KnownPrincipal{info->organisation, info->person};
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

}  // namespace cloison::access::internal
