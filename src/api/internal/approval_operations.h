// Answers that an operation of another file gives when it asks for an approval.
#ifndef CLOISON_API_INTERNAL_APPROVAL_OPERATIONS_H_
#define CLOISON_API_INTERNAL_APPROVAL_OPERATIONS_H_

#include "access/approvals.h"
#include "api/internal/call.h"

namespace cloison::api::internal {

// 202 while it waits for somebody, 200 afterwards; or why it was refused.
Task<net::Response> AnswerApproval(Call& call, access::Outcome<access::Approvals::Shown>& outcome);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_APPROVAL_OPERATIONS_H_
