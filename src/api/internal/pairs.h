// An agent and a person as bodies name them.
#ifndef CLOISON_API_INTERNAL_PAIRS_H_
#define CLOISON_API_INTERNAL_PAIRS_H_

#include "api/internal/body.h"

namespace cloison::api::internal {

struct NamedPair {
  PrincipalId agent;
  std::string person;
};
// The principal of the key `agent`. Nothing: a fault was added.
std::optional<PrincipalId> ReadAgent(const Call& call, Body& body, const codec::JsonValue& value);
// `agent` and `person` of an object that has no other keys than `keys`. Nothing: a fault was added.
std::optional<NamedPair> ReadPair(const Call& call, Body& body, const codec::JsonValue& value,
                                  std::span<const std::string_view> keys);
// A time of the wall, as budget time; nothing: there is none, or it is past or no time.
std::optional<std::int64_t> ReadUntil(const Call& call, Body& body,
                                      const std::optional<codec::JsonValue>& value);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_PAIRS_H_
