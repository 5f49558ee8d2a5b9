// /v1/exports: everybody, sealed to whoever takes the register over.
#ifndef CLOISON_API_INTERNAL_EXPORT_OPERATIONS_H_
#define CLOISON_API_INTERNAL_EXPORT_OPERATIONS_H_

#include "api/internal/call.h"

namespace cloison::api::internal {

Task<net::Response> ListExports(Call& call);
Task<net::Response> ShowExport(Call& call);
Task<net::Response> BeginExport(Call& call);
Task<net::Response> SealExport(Call& call);
Task<net::Response> EndExport(Call& call);
Task<net::Response> StopExport(Call& call);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_EXPORT_OPERATIONS_H_
