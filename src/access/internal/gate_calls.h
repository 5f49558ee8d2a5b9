// What the gate's calls share around the committer.
#ifndef CLOISON_ACCESS_INTERNAL_GATE_CALLS_H_
#define CLOISON_ACCESS_INTERNAL_GATE_CALLS_H_

#include "access/internal/change_works.h"
#include "access/internal/read_works.h"

namespace cloison::access::internal {

Caller SystemCaller(base::Executor& home);  // of what nobody asked for
Refusal NotAvailable();
Refusal NotEnrolled(Core& core);  // counted in aggregate
Status CheckReason(const Reason& reason);
Status CheckOnce(const Gate::Once& once);

// Of what is done by one at a time: whether it is this one's turn, until this goes.
class Turn {
 public:
  explicit Turn(std::atomic<bool>& busy) : busy_(busy), mine_(!busy.exchange(true)) {}
  ~Turn() {
    if (mine_) busy_.store(false);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool mine() const { return mine_; }

 private:
  std::atomic<bool>& busy_;
  bool mine_;
};

// Before anything costs or tells something: whether the caller may at all. Nothing: yes.
// `alone`: and without anybody to agree, which the rule of two people refuses.
Task<Result<std::optional<Refusal>>> RefusedAtOnce(Core& core, Caller caller, Reason reason,
                                                   Right right, bool alone = false);
// A record found outside the committer for a change, or why there is none to change; of that
// version, where one is given.
using FoundRecord = std::variant<records::Sighting, Refusal>;
Task<Result<FoundRecord>> FindForChange(Core& core, OrganisationId organisation, std::string person,
                                        std::optional<std::uint64_t> if_version);
// Records and charges a refusal that was found outside the committer.
template <class Answer>
Task<Outcome<Answer>> RefuseOnRecord(Core& core, Caller caller, Reason reason, Right right,
                                     Refusal refusal, std::string named) {
  auto work = std::make_unique<RefuseWork>(core, caller, std::move(reason), right,
                                           std::move(refusal), std::move(named));
  Result<Refusal> refused = co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!refused.ok()) co_return refused.error();
  co_return std::variant<Answer, Refusal>(std::move(*refused));
}

// Who asks, from memory when they have asked before. kNotFound: nobody.
Task<Result<KnownPrincipal>> KnownCaller(Core& core, PrincipalId id);
// Opens what was allowed: one record per target, values of both forms together.
Result<std::vector<ShownRecord>> OpenAllowed(Core& core, std::vector<Target>& targets,
                                             std::vector<Allowed> allowed);

// The person a citizen is; nothing: none, or erased.
Task<Result<std::optional<PersonId>>> OwnPerson(Core& core, std::optional<Aud> aud);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_GATE_CALLS_H_
