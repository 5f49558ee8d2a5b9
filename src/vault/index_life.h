// The indexes of a running register follow its schema: a capacity that asks for other pages has
// them built beside the old ones, which then go (records/index_build.h). What happens is an event
// each: index_build_begun, index_in_force, index_dropped; index_records_passed_over, of severity
// error, and index_capacity_refused, once per start.
//
// Threads  one caller at a time; resumes on the vault's home. Cost: one commit a call, of some 10
// ms
//          on the committer.
#ifndef CLOISON_VAULT_INDEX_LIFE_H_
#define CLOISON_VAULT_INDEX_LIFE_H_

#include "records/index_build.h"
#include "vault/vault.h"

namespace cloison::vault {

class IndexLife {
 public:
  // The vault outlives it.
  explicit IndexLife(Vault& vault);

  // Whether Advance has anything to do, or to tell.
  bool IsDue() const;
  // One step, if there is one; whether there is another. Fails as the committer does; the next call
  // does it again.
  Task<Result<bool>> Advance();

 private:
  void Tell(const records::BuildStep& step) const;
  void TellRefused();

  Vault& vault_;
  records::IndexBuild build_;
  std::uint64_t told_refused_ = 0;  // a capacity
};

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_INDEX_LIFE_H_
