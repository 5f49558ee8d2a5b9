// The parts that answers are made of.
#ifndef CLOISON_API_INTERNAL_ANSWERS_H_
#define CLOISON_API_INTERNAL_ANSWERS_H_

#include <string>

#include "api/internal/call.h"
#include "codec/json_writer.h"

namespace cloison::api::internal {

// {"opened":{"hour":60,...},...} under the key "budget": how many more people.
void WriteBudget(codec::JsonWriter& json, const access::BudgetLeft& budget);
// RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers): people opened and
// glimpsed, by hour and day.
void AddRateLimit(net::Headers& headers, const access::BudgetLeft& budget);

// The receipt of an entry, as one JSON object, with its proof when the call has one. An entry found
// again by its idempotency key has its index alone.
void WriteReceipt(codec::JsonWriter& json, const ledger::Recorded& recorded, const Call& call);
void WriteRecord(codec::JsonWriter& json, const access::ShownRecord& record, const Call& call);

// The names of fields under the key "fields".
void WriteFields(codec::JsonWriter& json, const std::vector<FieldId>& fields,
                 const records::Schema& schema);

// A JSON answer; `body` has been written already.
net::Response JsonAnswer(int status, std::string body);
// cache-control is no-store unless it is set already.
void AddCommonHeaders(net::Headers& headers, std::string_view request_id);

std::string ETagOf(std::uint64_t version);                        // "7" in quotes
std::string Rfc3339(std::int64_t unix_ms);                        // 2026-01-31T23:59:59.123Z
std::optional<std::int64_t> ParseRfc3339(std::string_view text);  // that form, ms optional
std::string_view Name(ledger::Kind kind);                         // "disclosure", "glimpse" ...
std::string_view Name(ledger::Form form);          // "plain", "masked", "exists", "matches"
std::string_view Name(ledger::Decision decision);  // "allow", "refuse", "miss"

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_ANSWERS_H_
