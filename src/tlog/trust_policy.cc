#include "tlog/trust_policy.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace cloison::tlog {
namespace {

constexpr std::string_view kNone = "none";

std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view kBlank = " \t";
  while (true) {
    const std::size_t begin = line.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(line.find_first_of(kBlank, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    line.remove_prefix(end);
  }
}

bool MayStand(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

// "any", "all", or a decimal number from 1 to `members`.
std::optional<std::size_t> ParseThreshold(std::string_view word, std::size_t members) {
  if (word == "any") return 1;
  if (word == "all") return members;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || std::to_string(number) != word) return std::nullopt;
  if (number < 1 || number > members) return std::nullopt;
  return number;
}

}  // namespace

class TrustPolicy::Parser {
 public:
  Status TakeLine(std::string_view line) {
    ++line_;
    if (!std::ranges::all_of(line, MayStand)) return Bad("a control character");
    const std::vector<std::string_view> words = WordsOf(line);
    if (words.empty() || words.front().starts_with('#')) return Ok();
    if (words.front() == "log") return TakeLog(words);
    if (words.front() == "witness") return TakeWitness(words);
    if (words.front() == "group") return TakeGroup(words);
    if (words.front() == "quorum") return TakeQuorum(words);
    return Bad("a line is log, witness, group or quorum");
  }
  Result<TrustPolicy> End() {
    if (!quorum_seen_) return Bad("there is no quorum line");
    return std::move(policy_);
  }

 private:
  using Words = std::vector<std::string_view>;

  Error Bad(Literal text, Code code = Code::kInvalid) const { return Error{code, text, line_}; }

  Result<VerifierKey> TakeKey(std::string_view vkey, KeyType type,
                              std::set<crypto::Ed25519PublicKey>& seen) {
    const Result<VerifierKey> key = VerifierKey::Parse(vkey);
    if (!key.ok()) return Bad("not a verifier key that is known here");
    if (key->type() != type) return Bad("a verifier key of the other kind");
    if (!seen.insert(key->public_key()).second) return Bad("a key that stands there already");
    return *key;
  }

  Status TakeName(std::string_view name) {
    if (name == kNone) return Bad("none is no name of a witness or a group");
    if (!free_.emplace(name, true).second) return Bad("a name that is taken");
    return Ok();
  }

  Status TakeLog(const Words& words) {
    if (words.size() < 2 || words.size() > 3) return Bad("log <vkey> [<url>]");
    if (policy_.logs_.size() == kTrustPolicyLinesMax) return Bad("too many logs", Code::kExhausted);
    CLOISON_TRY_ASSIGN(VerifierKey key, TakeKey(words[1], KeyType::kSignature, log_keys_));
    policy_.logs_.push_back({std::move(key), std::string(words.size() > 2 ? words[2] : "")});
    return Ok();
  }

  Status TakeWitness(const Words& words) {
    if (words.size() < 3 || words.size() > 4) return Bad("witness <name> <vkey> [<url>]");
    if (policy_.witnesses_.size() == kTrustPolicyLinesMax) {
      return Bad("too many witnesses", Code::kExhausted);
    }
    CLOISON_TRY(TakeName(words[1]));
    CLOISON_TRY_ASSIGN(VerifierKey key, TakeKey(words[2], KeyType::kCosignature, witness_keys_));
    policy_.witnesses_.push_back(
        {std::string(words[1]), std::move(key), std::string(words.size() > 3 ? words[3] : "")});
    return Ok();
  }

  Status TakeGroup(const Words& words) {
    if (words.size() < 4) return Bad("group <name> <k|any|all> <name>...");
    if (policy_.groups_.size() == kTrustPolicyLinesMax) {
      return Bad("too many groups", Code::kExhausted);
    }
    const std::vector<std::string> members(words.begin() + 3, words.end());
    const std::optional<std::size_t> needed = ParseThreshold(words[2], members.size());
    if (!needed) return Bad("a threshold is any, all, or 1 to the number of members");
    for (const std::string& member : members) {
      const auto found = free_.find(member);
      if (found == free_.end()) return Bad("a member that no line above names");
      if (!std::exchange(found->second, false)) return Bad("a member of another group already");
    }
    CLOISON_TRY(TakeName(words[1]));
    policy_.groups_.push_back({std::string(words[1]), *needed, members});
    return Ok();
  }

  Status TakeQuorum(const Words& words) {
    if (words.size() != 2) return Bad("quorum <name|none>");
    if (std::exchange(quorum_seen_, true)) return Bad("a second quorum line");
    if (words[1] == kNone) return Ok();
    if (!free_.contains(std::string(words[1]))) return Bad("a quorum that no line above names");
    policy_.quorum_ = words[1];
    return Ok();
  }

  TrustPolicy policy_;
  std::int64_t line_ = 0;
  bool quorum_seen_ = false;
  std::map<std::string, bool> free_;  // every name, and whether no group has it as a member
  std::set<crypto::Ed25519PublicKey> log_keys_;
  std::set<crypto::Ed25519PublicKey> witness_keys_;
};

Result<TrustPolicy> TrustPolicy::Parse(std::string_view text) {
  if (text.size() > kTrustPolicyBytesMax) {
    return Error{Code::kExhausted, "a trust policy above the limit"};
  }
  Parser parser;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    CLOISON_TRY(parser.TakeLine(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.End();
}

bool TrustPolicy::Reached(const Cosigned& cosigned) const {
  CLOISON_CHECK(cosigned.size() == witnesses_.size());
  if (quorum_.empty()) return true;
  std::map<std::string_view, bool> reached;
  for (std::size_t i = 0; i < cosigned.size(); ++i) reached[witnesses_[i].name] = cosigned[i] != 0;
  for (const Group& group : groups_) {
    const auto count = std::ranges::count_if(
        group.members, [&reached](const std::string& member) { return reached.at(member); });
    reached[group.name] = static_cast<std::size_t>(count) >= group.needed;
  }
  return reached.at(quorum_);
}

Result<Cosigned> TrustPolicy::CosignedBy(const Note& note) const {
  std::vector<VerifierKey> keys;
  for (const TrustedWitness& witness : witnesses_) keys.push_back(witness.key);
  Cosigned cosigned(keys.size(), 0);
  const Result<std::vector<VerifiedSignature>> verified = Verify(note, keys);
  if (!verified.ok()) {
    if (verified.error().code() == Code::kDenied) return cosigned;
    return verified.error();
  }
  for (const VerifiedSignature& signature : *verified) cosigned[signature.key] = signature.time_s;
  return cosigned;
}

}  // namespace cloison::tlog
