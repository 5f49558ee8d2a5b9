// The data and the requests of the bench `disclose`: the demo world as `cloisond demo` builds it,
// and what each adviser asks of it.
#ifndef CLOISON_BENCH_DISCLOSE_WORLD_H_
#define CLOISON_BENCH_DISCLOSE_WORLD_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace cloison::bench {

// Distinct people that one adviser opens: below the 60 of an hour, so that all but the first round
// are free in budget and still take the whole path.
inline constexpr std::size_t kPeoplePerAgent = 55;

struct Agent {
  std::string name;                // "adviser.ft.017"
  std::vector<std::string> codes;  // of the people, in the agent's organisation
};

// Opens the directory of a stopped `cloisond demo` and reads, for each adviser, the codes of the
// first kPeoplePerAgent of the caseload. Fails as the vault does; kNotFound: an empty caseload.
// `schema`: its file; empty: the built-in one.
Result<std::vector<Agent>> AgentsOf(const std::string& data, const std::string& schema = "");

// The token of a principal, from `credentials`, where `cloisond demo --every-adviser` writes a new
// one at each start.
std::string TokenOf(const std::string& credentials, const std::string& principal);
// What an adviser asks of a person: 2 fields of 2 compartments.
std::string DisclosureBody(const std::string& code);
// One POST in a request file for load_tool; `certificate` is the principal's number in its file of
// certificates. `once`: the Idempotency-Key of a change; none when it is empty.
std::string RequestLine(const std::string& token, std::size_t certificate, const std::string& path,
                        const std::string& body, const std::string& once = "");

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_DISCLOSE_WORLD_H_
