// Checks a JSON value against the part of JSON Schema that docs/api/openapi.yaml uses: $ref, type,
// properties, required, additionalProperties, items, enum, and the limits on sizes.
#ifndef CLOISON_API_TESTING_JSON_SCHEMA_H_
#define CLOISON_API_TESTING_JSON_SCHEMA_H_

#include <nlohmann/json.hpp>
#include <string>

namespace cloison::api::testing {

// What does not fit, by place; empty: all does.
std::string Misfit(const nlohmann::json& document, const nlohmann::json& schema,
                   const nlohmann::json& value, const std::string& at = "");

}  // namespace cloison::api::testing

#endif  // CLOISON_API_TESTING_JSON_SCHEMA_H_
