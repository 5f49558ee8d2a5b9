// The list of approved jobs: GET /v1/jobs.
#ifndef CLOISON_API_INTERNAL_JOB_OPERATIONS_H_
#define CLOISON_API_INTERNAL_JOB_OPERATIONS_H_

#include "api/internal/call.h"

namespace cloison::api::internal {

Task<net::Response> ListJobs(Call& call);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_JOB_OPERATIONS_H_
