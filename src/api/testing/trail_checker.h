// Checks a citizen's trail with proofs as a stranger would: from the answer and the log's key
// alone, by docs/format/ledger.md, and by none of our code but the hashes and Ed25519.
#ifndef CLOISON_API_TESTING_TRAIL_CHECKER_H_
#define CLOISON_API_TESTING_TRAIL_CHECKER_H_

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cloison::api::testing {

struct TrailRules {
  std::string origin, vkey;                     // of the log, from elsewhere
  std::map<std::uint16_t, std::string> fields;  // the schema's, by number
};

struct TrailCounts {
  int rows = 0, unsealed = 0, expired = 0, published = 0, unpublished = 0, pending = 0, closed = 0;
};

// What is wrong with an answer of GET /v1/me/disclosures with proofs; empty: nothing. `counts` may
// be null.
std::string TrailFault(const nlohmann::json& answer, const TrailRules& rules,
                       TrailCounts* counts = nullptr);

}  // namespace cloison::api::testing

#endif  // CLOISON_API_TESTING_TRAIL_CHECKER_H_
