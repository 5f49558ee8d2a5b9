// The tlog-proofs of the entries of one page of a trail.
#ifndef CLOISON_API_INTERNAL_TRAIL_PROOFS_H_
#define CLOISON_API_INTERNAL_TRAIL_PROOFS_H_

#include <cstdint>
#include <map>
#include <string>

#include "api/internal/call.h"

namespace cloison::api::internal {

class PageProofs {
 public:
  struct One {
    std::string text;  // c2sp.org/tlog-proof@v1
    bool published;    // else against the checkpoint of the reading's own batch
  };
  // Null: nothing that holds the entry is signed yet, or proofs cannot be made now.
  const One* Find(std::uint64_t place) const;
  void Add(std::uint64_t place, One one);
  std::size_t bytes() const { return bytes_; }  // of all texts, as JSON has them

 private:
  std::map<std::uint64_t, One> by_place_;
  std::size_t bytes_ = 0;
};

// Of looks, unsealed accesses and expired entries; empty when the page was read without proofs.
// Entries that the published checkpoint does not hold are proven against the one that the log
// signed in the batch of the reading itself; those that came in after it are left out.
//
// `published` is a checkpoint published before the page was read: a later one may hold entries of
// the person that the page does not tell, and would prove it incomplete.
Task<Result<PageProofs>> ProvePage(const Call& call, const access::Trail& trail,
                                   std::string published);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_TRAIL_PROOFS_H_
