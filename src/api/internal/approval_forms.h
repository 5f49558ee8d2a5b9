// What approvals ask for, in JSON: one form per kind. Kinds that sign-in or other operations ask
// for are shown here and not read.
#ifndef CLOISON_API_INTERNAL_APPROVAL_FORMS_H_
#define CLOISON_API_INTERNAL_APPROVAL_FORMS_H_

#include "access/approvals.h"
#include "access/job_requests.h"
#include "api/internal/body.h"
#include "codec/json_writer.h"

namespace cloison::api::internal {

struct ApprovalForm {
  std::string_view kind;
  // The kind's bytes from the object "what"; nothing: faults were added. Null: not asked for here.
  std::optional<Bytes> (*read)(const Call& call, Body& body, const codec::JsonValue& what);
  // The members of "what".
  Task<Status> (*write)(Call& call, const approvals::Document& approval, codec::JsonWriter& json);
};
// Of kind policy: version, digest, and what it changes of the one in force (policy_operations.cc).
Task<Status> WritePolicy(Call& call, const approvals::Document& approval, codec::JsonWriter& json);
// Of kind schema: version, digest, what differs (schema_operations.cc).
Task<Status> WriteSchema(Call& call, const approvals::Document& approval, codec::JsonWriter& json);
// Null: no such kind.
const ApprovalForm* FindForm(std::string_view kind);

// The members of an enrolment: of "what", or of a body of POST /v1/enrolments.
std::optional<Bytes> ReadEnrolment(const Call& call, Body& body, const codec::JsonValue& what);

// What a job or an export may do: of "what", and of a job itself (job_operations.cc).
Task<int> WriteJobRequest(Call& call, const access::JobRequest& request, codec::JsonWriter& json);

// The name of a principal, or its number when there is none (yet).
Task<std::string> NameOf(Call& call, PrincipalId who);
// Times of the API are of the wall, those of approvals budget time.
std::int64_t WallOf(const Call& call, std::int64_t budget_ms);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_APPROVAL_FORMS_H_
