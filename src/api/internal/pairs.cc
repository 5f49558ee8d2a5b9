#include "api/internal/pairs.h"

#include "api/internal/answers.h"

namespace cloison::api::internal {

std::optional<PrincipalId> ReadAgent(const Call& call, Body& body, const codec::JsonValue& value) {
  const std::optional<codec::JsonValue> agent = value.Find("agent");
  if (!agent.has_value()) {
    body.Add(value, "missing", "an agent is required");
    return std::nullopt;
  }
  const Result<PrincipalId> id = call.service.sign_in.Named(agent->string());
  if (id.ok()) return *id;
  body.Add(*agent, "invalid_value", "not the name of a principal");
  return std::nullopt;
}

std::optional<NamedPair> ReadPair(const Call& call, Body& body, const codec::JsonValue& value,
                                  std::span<const std::string_view> keys) {
  codec::JsonFault fault{Error{Code::kInvalid, ""}, "", 0};
  if (!value.CheckKeys(keys, &fault).ok()) {
    body.Add(fault.pointer, value.is_object() ? "unknown_key" : "wrong_type", fault.error.text());
    return std::nullopt;
  }
  const std::optional<codec::JsonValue> person = value.Find("person");
  if (!value.Find("agent").has_value() || !person.has_value()) {
    body.Add(value, "missing", "agent and person are required");
    return std::nullopt;
  }
  const std::optional<PrincipalId> agent = ReadAgent(call, body, value);
  std::string code = body.TextOf(*person, kPersonTextBytesMax);
  if (!agent.has_value()) return std::nullopt;
  return NamedPair{*agent, std::move(code)};
}

std::optional<std::int64_t> ReadUntil(const Call& call, Body& body,
                                      const std::optional<codec::JsonValue>& value) {
  if (!value.has_value()) return std::nullopt;
  const std::optional<std::int64_t> until = ParseRfc3339(value->string());
  const commit::BatchTime now = call.service.vault->committer().Now();
  if (!until.has_value()) {
    body.Add(*value, "invalid_value", "an RFC 3339 time in UTC is expected");
    return std::nullopt;
  }
  if (*until <= now.wall_ms) body.Add(*value, "invalid_value", "the time is past");
  return *until - now.wall_ms + now.budget_ms;
}

}  // namespace cloison::api::internal
