#include "api/testing/json_schema.h"

#include <algorithm>

namespace cloison::api::testing {

using nlohmann::json;

namespace {

bool IsType(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

bool IsOfType(const json& value, const json& type) {
  if (type.is_string()) return IsType(value, type.get<std::string>());
  return std::any_of(type.begin(), type.end(),
                     [&value](const json& one) { return IsType(value, one.get<std::string>()); });
}

std::string MisfitOfMembers(const json& document, const json& schema, const json& value,
                            const std::string& at) {
  for (const json& name : schema.value("required", json::array())) {
    if (!value.contains(name)) return at + ": " + name.get<std::string>() + " is missing";
  }
  const json properties = schema.value("properties", json::object());
  const json others = schema.value("additionalProperties", json(true));
  if (value.size() < schema.value("minProperties", 0u)) return at + ": too few members";
  if (value.size() > schema.value("maxProperties", SIZE_MAX)) return at + ": too many members";
  for (const auto& [name, member] : value.items()) {
    const std::string place = at + "/" + name;
    if (!properties.contains(name) && others == json(false)) return place + ": unknown";
    const json of = properties.contains(name) ? properties[name] : others;
    if (!of.is_object()) continue;
    const std::string misfit = Misfit(document, of, member, place);
    if (!misfit.empty()) return misfit;
  }
  return "";
}

}  // namespace

std::string Misfit(const json& document, const json& schema, const json& value,
                   const std::string& at) {
  if (schema.contains("$ref")) {
    const std::string ref = schema["$ref"].get<std::string>();
    return Misfit(document, document.at(json::json_pointer(ref.substr(1))), value, at);
  }
  // Of alternatives that name other schemas; those that only rule members out are not looked at.
  const json one_of = schema.value("anyOf", json::array());
  if (!one_of.empty() && one_of[0].contains("$ref")) {
    std::string first;
    for (const json& one : one_of) {
      const std::string misfit = Misfit(document, one, value, at);
      if (misfit.empty()) return "";
      if (first.empty()) first = misfit;
    }
    return first;
  }
  if (schema.contains("type") && !IsOfType(value, schema["type"])) return at + ": another type";
  if (schema.contains("enum")) {
    const json& allowed = schema["enum"];
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
      return at + ": not in the list";
    }
  }
  if (value.is_string()) {
    const std::size_t size = value.get<std::string>().size();
    if (size < schema.value("minLength", 0u)) return at + ": too short";
    if (size > schema.value("maxLength", SIZE_MAX)) return at + ": too long";
  }
  if (value.is_object()) return MisfitOfMembers(document, schema, value, at);
  if (!value.is_array()) return "";
  if (value.size() < schema.value("minItems", 0u)) return at + ": too few items";
  if (value.size() > schema.value("maxItems", SIZE_MAX)) return at + ": too many items";
  for (std::size_t i = 0; i < value.size() && schema.contains("items"); ++i) {
    const std::string misfit =
        Misfit(document, schema["items"], value[i], at + "/" + std::to_string(i));
    if (!misfit.empty()) return misfit;
  }
  return "";
}

}  // namespace cloison::api::testing
