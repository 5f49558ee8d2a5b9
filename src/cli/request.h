// One request of a command: shown (--dry-run), or sent and its answer read.
#ifndef CLOISON_CLI_REQUEST_H_
#define CLOISON_CLI_REQUEST_H_

#include <optional>
#include <string>

#include "cli/commands.h"

namespace cloison::cli {

struct OneRequest {
  net::Method method = net::Method::kGet;  // kGet, kPost or kPatch
  std::string path;
  std::string query = {};
  std::string body = {};
  HeaderList headers = {};
  int status = 200;  // of the answer that is meant
};

// "POST https://127.0.0.1:8443/v1/presences", the headers a line each, and the body.
void ShowRequest(const OneRequest& request, const Common& common, const Terminal& terminal);

// The answer of `request` over `connection`. Nothing: it was told why, and `exit` says how the
// command ends.
std::optional<net::Response> Ask(Connection& connection, const OneRequest& request,
                                 const Terminal& terminal, ExitCode& exit);
// The same over a connection of its own.
std::optional<net::Response> AskOnce(const OneRequest& request, const Common& common,
                                     const Terminal& terminal, ExitCode& exit);

// The object that an answer is. Nothing: it is none, which was told; `what`: "a session".
std::optional<codec::JsonDocument> ObjectOf(const net::Response& answer, std::string_view what,
                                            const Terminal& terminal);

// Asks, and prints the object that comes: as it came (--json), else a fact a line.
ExitCode PrintFacts(const OneRequest& request, std::string_view what, const Common& common,
                    const Terminal& terminal);

// The list that is there under `key`. Nothing: there is none, which was told.
std::optional<codec::JsonValue> ListMember(const codec::JsonValue& object, std::string_view key,
                                           const Terminal& terminal);
// The member's whole number; 0 when there is none.
std::int64_t NumberMember(const codec::JsonValue& object, std::string_view key);
// The texts of a list, spaces between; "" when there is none.
std::string WordsMember(const codec::JsonValue& object, std::string_view key);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_REQUEST_H_
