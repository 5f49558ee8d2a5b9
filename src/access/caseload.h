// The rows of what is known of an agent and a person (family caseload):
//   00 ‖ PRF(principal) ‖ PRF(principal ‖ person)   the pair: caseload and explanations
//   01 ‖ PRF(person) ‖ PRF(person ‖ principal)      that there is a pair, and whose
//   02 ‖ PRF(principal)                             the tally (access/tally.h)
// Values are sealed. One row holds all reasons, so that a look reads one. docs/format/state.md.
#ifndef CLOISON_ACCESS_CASELOAD_H_
#define CLOISON_ACCESS_CASELOAD_H_

#include <string>
#include <vector>

#include "access/explanation.h"
#include "commit/committer.h"
#include "commit/sealed_state.h"

namespace cloison::access {

// What a request wants of a caseload.
struct Assignment {
  PrincipalId agent;
  std::string person;  // code of the caller's organisation
  std::optional<std::int64_t> until_ms;
  bool remove = false;
  bool confirm = false;  // who is on it already
};

// An agent, and what the keys of all its pairs begin with.
struct PairsOfAgent {
  PrincipalId agent;
  ByteArray<16> prefix;
};

class Caseload {
 public:
  explicit Caseload(const commit::SealedState& state) : state_(state) {}
  PairsOfAgent PairsFor(const PrincipalId& agent) const;
  store::Key PairKey(const PairsOfAgent& of, const PersonId& person) const;
  store::Key PairKey(const PrincipalId& agent, const PersonId& person) const;
  store::Key ReverseKey(const PersonId& person, const PrincipalId& agent) const;
  store::Key TallyKey(const PrincipalId& principal) const;
  // kNotFound for an absent row; kCorrupt.
  Result<Pair> Open(const store::Key& key, const store::Row& row) const;
  // The pair's row alone; the reverse one is put with the first reason. CHECKs that it has one.
  void Put(commit::Staging& staging, store::Key key, const Pair& pair) const;
  void PutReverse(commit::Staging& staging, const PersonId& person, const PrincipalId& agent) const;
  void Remove(commit::Staging& staging, const PrincipalId& agent, const PersonId& person) const;
  // Who knows something of this person, by the reverse rows, at most `most` (1 to
  // store::kScanRowsMax): an erased person's pairs go with them.
  Task<Result<std::vector<PrincipalId>>> AgentsOf(store::Store& store, PersonId person,
                                                  std::size_t most) const;
  // The pairs of one agent in the order of their keys, from `after` on ("": the first); a page of
  // at most `most`. `next` is empty after the last.
  struct Page {
    std::vector<std::pair<store::Key, Pair>> pairs;
    std::string next;
  };
  // One of `slices` parts of all pairs, about equal.
  static store::Range Slice(std::size_t number, std::size_t slices);
  Task<Result<Page>> PairsOf(store::Store& store, PrincipalId agent, std::string after,
                             std::size_t most) const;

 private:
  const commit::SealedState& state_;
};

Bytes EncodePair(const Pair& pair);
// Of the version before explanations too: nobody wrote, nobody confirmed. kCorrupt.
Result<Pair> ParsePair(ByteView plain);
Result<PrincipalId> ParseReverse(ByteView plain);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CASELOAD_H_
