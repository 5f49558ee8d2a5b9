// A set that is accepted holds keys that may verify, each for what it says it is for, and gives one
// key for one name or none.
//
//   input   the set
#include <algorithm>

#include "identity/jwk.h"

namespace {

using namespace cloison;
using identity::JwsAlgorithm;

constexpr JwsAlgorithm kAll[] = {JwsAlgorithm::kEs256, JwsAlgorithm::kEs384, JwsAlgorithm::kRs256,
                                 JwsAlgorithm::kPs256, JwsAlgorithm::kEdDsa};

void CheckKey(const identity::JwkSet& set, const identity::Jwk& key) {
  CLOISON_CHECK(key.id().size() <= identity::kKeyIdBytesMax);
  for (const JwsAlgorithm algorithm : kAll) {
    if (!key.Fits(algorithm)) continue;
    CLOISON_CHECK(crypto::KindFor(identity::SchemeOf(algorithm)) == key.key().kind());
    CLOISON_CHECK(!key.key().Verify(identity::SchemeOf(algorithm), {}, {}));
    const identity::Jwk* const found = set.Find(key.id(), algorithm);
    const auto same = [&key, algorithm](const identity::Jwk& other) {
      return other.Fits(algorithm) && (key.id().empty() || other.id() == key.id());
    };
    const auto named = std::ranges::count_if(set.keys(), same);
    CLOISON_CHECK((found == &key) == (named == 1));
    CLOISON_CHECK(found == nullptr || found == &key);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto set = identity::JwkSet::Parse({data, size});
  if (!set.ok()) {
    CLOISON_CHECK(set.error().code() == Code::kInvalid || set.error().code() == Code::kExhausted);
    return 0;
  }
  CLOISON_CHECK(size <= identity::kJwkSetBytesMax);
  CLOISON_CHECK(set->keys().size() + set->left_out() <= identity::kJwkSetKeysMax);
  for (const identity::Jwk& key : set->keys()) CheckKey(*set, key);
  return 0;
}
