// Asking for approvals that name people or records: everything that a request of one's own would
// have met is met here, before anybody else is asked.
#include "access/approvals.h"
#include "access/internal/gate_calls.h"
#include "access/internal/unseal_work.h"
#include "access/person_requests.h"

namespace cloison::access {

using internal::Core;
using internal::FoundAccess;
using internal::FoundRecord;
using internal::RefuseOnRecord;

Task<Outcome<Approvals::Shown>> Approvals::AskErase(Caller caller, std::string person,
                                                    std::uint64_t if_version, Reason reason,
                                                    Gate::Once once) {
  Core& core = core_;
  CLOISON_CO_TRY(internal::CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await internal::RefusedAtOnce(core, caller, reason, Right::kErase));
  if (refused.has_value()) co_return std::variant<Shown, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const PrincipalInfo info,
                        co_await core.principals.Find(core.parts.people.store(), caller.principal));
  CLOISON_CO_TRY_ASSIGN(FoundRecord found, co_await internal::FindForChange(core, info.organisation,
                                                                            person, if_version));
  if (Refusal* refusal = std::get_if<Refusal>(&found); refusal != nullptr) {
    co_return co_await RefuseOnRecord<Shown>(core, caller, std::move(reason), Right::kErase,
                                             std::move(*refusal), std::move(person));
  }
  const records::Sighting& sighting = std::get<records::Sighting>(found);
  const EraseRequest what{sighting.key.person(), sighting.key.aud(), if_version, reason.purpose,
                          reason.case_ref};
  Request request{"erase", Encode(what), std::move(reason.case_ref)};
  co_return co_await Ask(caller, std::move(request), std::move(once));
}

Task<Outcome<Approvals::Shown>> Approvals::AskRekey(Caller caller, std::string person,
                                                    Reason reason, Gate::Once once) {
  Core& core = core_;
  CLOISON_CO_TRY(internal::CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await internal::RefusedAtOnce(core, caller, reason, Right::kRekey));
  if (refused.has_value()) co_return std::variant<Shown, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const PrincipalInfo info,
                        co_await core.principals.Find(core.parts.people.store(), caller.principal));
  CLOISON_CO_TRY_ASSIGN(FoundRecord found, co_await internal::FindForChange(core, info.organisation,
                                                                            person, std::nullopt));
  if (Refusal* refusal = std::get_if<Refusal>(&found); refusal != nullptr) {
    co_return co_await RefuseOnRecord<Shown>(core, caller, std::move(reason), Right::kRekey,
                                             std::move(*refusal), std::move(person));
  }
  const records::Sighting& sighting = std::get<records::Sighting>(found);
  const RekeyRequest what{sighting.key.person(), sighting.key.aud(), sighting.header.pkv,
                          reason.purpose, reason.case_ref};
  Request request{"rekey", Encode(what), std::move(reason.case_ref)};
  co_return co_await Ask(caller, std::move(request), std::move(once));
}

Task<Outcome<Approvals::Shown>> Approvals::AskUnseal(Caller caller, std::uint64_t place,
                                                     Reason reason, Gate::Once once) {
  Core& core = core_;
  CLOISON_CO_TRY(internal::CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await internal::RefusedAtOnce(core, caller, reason, Right::kUnseal));
  if (refused.has_value()) co_return std::variant<Shown, Refusal>(std::move(*refused));
  Result<FoundAccess> found = co_await internal::FindAccess(core, place);
  if (!found.ok()) {
    internal::NoteCorrupt(core, found.error(), "trail_does_not_fit");
    co_return found.error();
  }
  if (Refusal* refusal = std::get_if<Refusal>(&*found); refusal != nullptr) {
    std::string named = "entry/" + std::to_string(place);
    co_return co_await RefuseOnRecord<Shown>(core, caller, std::move(reason), Right::kUnseal,
                                             std::move(*refusal), std::move(named));
  }
  Request request{"unseal", Encode(UnsealRequest{place, reason.purpose, reason.case_ref}),
                  reason.case_ref};
  co_return co_await Ask(caller, std::move(request), std::move(once));
}

}  // namespace cloison::access
