// One request on its way through an operation.
#ifndef CLOISON_API_INTERNAL_CALL_H_
#define CLOISON_API_INTERNAL_CALL_H_

#include <map>
#include <optional>
#include <string>

#include "api/problems.h"
#include "api/service.h"

namespace cloison::api::internal {

struct Call {
  Service& service;
  net::Request request;
  std::string request_id;
  std::int64_t began_mono_us = 0;
  std::optional<access::Caller> caller{};    // of operations that need one
  std::optional<ByteArray<32>> token_key{};  // of the caller's token, as SignedIn has it
  // The gate was asked and nothing was given: the answer leaves at the tick (Api::Handle).
  bool at_tick = false;
  // On the listener for strangers: nothing but what is public is served or told.
  bool is_public = false;
  // Sign-in waits for the keys of an issuer: asked again once they came, once.
  std::optional<Error> keys_missing{};
  // The proofs of this answer's receipts, by index of their entry (internal/proofs.h).
  std::map<std::uint64_t, std::string> proofs{};

  access::Gate& gate() const { return service.vault->gate(); }
  const records::Schema& schema() const { return service.vault->schema(); }
  std::string_view origin() const { return service.vault->ledger().origin(); }
  // Of the entry's own log: a repeated answer may name one of before a recovery.
  std::string_view OriginOf(const ledger::Recorded& recorded) const {
    if (recorded.generation == 0) return origin();
    return service.vault->ledger().logs()[recorded.generation - 1].origin;
  }
  bool serving() const {
    return service.vault != nullptr &&
           (service.state == ServiceState::kServing || service.state == ServiceState::kStopping);
  }
  net::Response Refuse(const Problem& problem) const { return ToResponse(problem, request_id); }
  net::Response Refuse(ProblemCode code, std::string_view detail = {}) const {
    return ToResponse(Problem(code, detail), request_id);
  }
  // Why the gate gave nothing: an error, or a refusal.
  template <class T>
  net::Response Refuse(const access::Outcome<T>& outcome) {
    return RefuseAtTick(outcome.ok() ? FromRefusal(std::get<access::Refusal>(*outcome))
                                     : FromError(outcome.error()));
  }
  net::Response RefuseAtTick(const Problem& problem) {
    at_tick = SpecOf(problem.code).status < 500;  // our own failures tell of nobody
    return Refuse(problem);
  }
};
template <class T>
T* Given(access::Outcome<T>& outcome) {
  return outcome.ok() ? std::get_if<T>(&*outcome) : nullptr;
}

// What an operation needs before it runs.
enum class Needs : std::uint8_t {
  kNothing,
  kLedger,  // a vault that was opened, whatever state the service is in
  kKey,     // a vault that serves; the operation itself asks for a key, a ticket or a cookie
  kSignIn,  // a caller, whatever state the service is in
  kCaller,  // a caller and a vault that serves
};

struct Route {
  net::Method method;
  std::string_view path;  // from its first '{' to its last '}' stands anything
  Needs needs;
  std::string_view media_type;  // of the body; "": no body is read
  Task<net::Response> (*run)(Call& call);
};
std::span<const Route> Routes();

// What a request shows of who sent it. Lives as long as the request.
identity::Presented PresentedBy(const net::Request& request);

Task<net::Response> LookUp(Call& call);
Task<net::Response> Disclose(Call& call);
Task<net::Response> Match(Call& call);
Task<net::Response> Decide(Call& call);
Task<net::Response> Register(Call& call);
Task<net::Response> Update(Call& call);
Task<net::Response> Erase(Call& call);
Task<net::Response> Rekey(Call& call);
Task<net::Response> Assign(Call& call);
Task<net::Response> ConfirmPairs(Call& call);
Task<net::Response> Explain(Call& call);
Task<net::Response> WitnessPresence(Call& call);
Task<net::Response> DeclareEmergency(Call& call);
Task<net::Response> ListReviews(Call& call);
Task<net::Response> CloseReview(Call& call);
Task<net::Response> OwnCaseload(Call& call);
Task<net::Response> AskAccess(Call& call);
Task<net::Response> Unseal(Call& call);
Task<net::Response> Freeze(Call& call);
Task<net::Response> Unfreeze(Call& call);
Task<net::Response> ReadPrincipal(Call& call);
Task<net::Response> ReadPrincipalActivity(Call& call);  // hold_operations.cc
Task<net::Response> BeginHold(Call& call);
Task<net::Response> ShowHold(Call& call);
Task<net::Response> ReleaseHold(Call& call);
Task<net::Response> BeginSignIn(Call& call);
Task<net::Response> StartSignIn(Call& call);
Task<net::Response> ReturnFromProvider(Call& call);
Task<net::Response> OpenSession(Call& call);
Task<net::Response> CurrentSession(Call& call);
Task<net::Response> EndSession(Call& call);
Task<net::Response> AskApproval(Call& call);
Task<net::Response> ListApprovals(Call& call);
Task<net::Response> ShowApproval(Call& call);
Task<net::Response> Approve(Call& call);
Task<net::Response> Deny(Call& call);
// case_operations.cc
Task<net::Response> ListCases(Call& call);
Task<net::Response> ShowCase(Call& call);
Task<net::Response> CloseCase(Call& call);
Task<net::Response> ListAlerts(Call& call);
Task<net::Response> AcknowledgeAlert(Call& call);
Task<net::Response> Enrol(Call& call);
Task<net::Response> ShowJob(Call& call);
Task<net::Response> RunJob(Call& call);
Task<net::Response> SealJob(Call& call);
Task<net::Response> EndJob(Call& call);
Task<net::Response> StopJob(Call& call);
Task<net::Response> ShowOperation(Call& call);
Task<net::Response> CancelOperation(Call& call);
Task<net::Response> BindCitizen(Call& call);
Task<net::Response> IssueLetterCode(Call& call);
Task<net::Response> ProposePolicy(Call& call);
Task<net::Response> ShowPolicy(Call& call);
Task<net::Response> PreviewPolicy(Call& call);
// schema_operations.cc
Task<net::Response> ProposeSchema(Call& call);
Task<net::Response> ShowSchema(Call& call);
Task<net::Response> CalibrateDetectors(Call& call);
Task<net::Response> Organisations(Call& call);
Task<net::Response> OwnCapabilities(Call& call);
Task<net::Response> ObjectToErasure(Call& call);
Task<net::Response> OwnDisclosures(Call& call);
Task<net::Response> ProofOfDisclosure(Call& call);
Task<net::Response> Checkpoint(Call& call);
Task<net::Response> LedgerTile(Call& call);
Task<net::Response> Predecessors(Call& call);
Task<net::Response> OpenApi(Call& call);
Task<net::Response> StatusOfService(Call& call);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_CALL_H_
