// docs/api/openapi.yaml as JSON, put into the binary when it is built.
#ifndef CLOISON_API_OPENAPI_H_
#define CLOISON_API_OPENAPI_H_

#include <string_view>

namespace cloison::api {

std::string_view OpenApiJson();

}  // namespace cloison::api

#endif  // CLOISON_API_OPENAPI_H_
