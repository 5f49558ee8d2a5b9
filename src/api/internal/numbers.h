// Numbers as ids and bodies have them.
#ifndef CLOISON_API_INTERNAL_NUMBERS_H_
#define CLOISON_API_INTERNAL_NUMBERS_H_

#include <charconv>
#include <optional>
#include <string_view>

#include "access/approvals.h"
#include "api/internal/body.h"

namespace cloison::api::internal {

// Digits that print back as themselves: no sign, no leading zero.
template <class Int>
bool TakeNumber(std::string_view digits, Int most, Int& number) {
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && !digits.empty() && digits.front() != '0' &&
         number <= most;
}

// "job_12", "exp_12": what has the number of its approval.
inline std::optional<std::uint64_t> NumberOfId(std::string_view id, std::string_view prefix) {
  std::uint64_t number = 0;
  if (!id.starts_with(prefix)) return std::nullopt;
  const bool read = TakeNumber(id.substr(prefix.size()), access::kApprovalsMax, number);
  return read ? std::optional(number) : std::nullopt;
}

// A required member of a body, from 1 to `most`; 0: a fault was added.
inline std::uint32_t NumberIn(Body& body, std::string_view key, std::int64_t most) {
  const std::optional<codec::JsonValue> value = body.Find(key, Need::kRequired);
  if (!value.has_value()) return 0;
  const Result<std::int64_t> number = value->AsInt();
  if (number.ok() && *number >= 1 && *number <= most) return static_cast<std::uint32_t>(*number);
  body.Add(*value, "invalid_value", "a whole number from 1 is expected");
  return 0;
}

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_NUMBERS_H_
