// A trust policy: which logs a reader accepts, which witnesses it knows, and how many of them must
// have cosigned a checkpoint. A file of lines:
//
//   log <vkey> [<url>]
//   witness <name> <vkey> [<url>]
//   group <name> <k|any|all> <name>...       of witnesses and groups named above
//   quorum <name|none>                       exactly one
//
// Words stand between spaces and tabs; empty lines and lines that begin with # are skipped.
//
// Threads  values; no shared state. Source: C2SP tlog-policy (draft of 2026-07).
#ifndef CLOISON_TLOG_TRUST_POLICY_H_
#define CLOISON_TLOG_TRUST_POLICY_H_

#include <string>
#include <string_view>
#include <vector>

#include "tlog/checkpoint.h"

namespace cloison::tlog {

inline constexpr std::size_t kTrustPolicyBytesMax = 1u << 17;
inline constexpr std::size_t kTrustPolicyLinesMax = 64;  // of logs, of witnesses, of groups each

struct TrustedLog {
  VerifierKey key;
  std::string url;  // "" when the line has none
};

struct TrustedWitness {
  std::string name;  // in this file alone; the key has a name of its own
  VerifierKey key;
  std::string url;  // submission prefix; "" when the line has none
};

// Who cosigned a checkpoint: for each witness of the policy the time of its cosignature (POSIX
// seconds), 0 for none.
using Cosigned = std::vector<std::uint64_t>;

class TrustPolicy {
 public:
  // Fails    kInvalid, the detail being the line (from 1; that of the end when a quorum is
  // missing):
  //          a character that may not be there, an unknown word, words missing or too many, a name
  //          taken or unknown or used in two groups, `none` in a group, a threshold that is not 1
  //          to the number of members, a key that is no vkey (of an Ed25519 log; of an Ed25519
  //          witness), a key that stands there twice, a second quorum, or none
  //          kExhausted  more than kTrustPolicyBytesMax or kTrustPolicyLinesMax
  static Result<TrustPolicy> Parse(std::string_view text);

  const std::vector<TrustedLog>& logs() const { return logs_; }
  const std::vector<TrustedWitness>& witnesses() const { return witnesses_; }

  // Whether these make the quorum. CHECKs that there is one time per witness.
  bool Reached(const Cosigned& cosigned) const;

  // Fails    kCorrupt when a witness's line does not verify. Nobody having cosigned is no failure.
  Result<Cosigned> CosignedBy(const Note& note) const;

 private:
  struct Group {
    std::string name;
    std::size_t needed;
    std::vector<std::string> members;
  };
  class Parser;

  std::vector<TrustedLog> logs_;
  std::vector<TrustedWitness> witnesses_;
  std::vector<Group> groups_;  // each names only what stands before it
  std::string quorum_;         // "": none is needed
};

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_TRUST_POLICY_H_
