// A case's id in the API: "cas_" and 32 lower-case hex digits.
#ifndef CLOISON_API_INTERNAL_CASE_FORMS_H_
#define CLOISON_API_INTERNAL_CASE_FORMS_H_

#include <optional>
#include <string>

#include "access/observer.h"

namespace cloison::api::internal {

std::string CaseIdText(const access::CaseId& id);
std::optional<access::CaseId> CaseNamed(std::string_view text);  // nothing: not printed so

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_CASE_FORMS_H_
