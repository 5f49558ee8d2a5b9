// A store before another one that it does not let anybody write to: for what only looks at a
// register.
//
// Threads  as the store behind it.
#ifndef CLOISON_VAULT_READ_ONLY_STORE_H_
#define CLOISON_VAULT_READ_ONLY_STORE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace cloison::vault {

// Reads through; whoever would write is refused.
class ReadOnlyStore final : public store::Store {
 public:
  explicit ReadOnlyStore(store::Store& behind) : behind_(behind) {}
  Task<Result<std::vector<store::Row>>> MultiGet(std::vector<store::Key> keys,
                                                 store::ReadMode mode) override {
    return behind_.MultiGet(std::move(keys), mode);
  }
  Task<Result<store::ScanPage>> Scan(store::Range range, std::size_t limit) override {
    return behind_.Scan(std::move(range), limit);
  }
  Task<Result<store::Version>> Commit(store::WriteSet) override { co_return kReadOnly; }
  Result<std::unique_ptr<store::BulkLoader>> LoadBulk(store::Family) override { return kReadOnly; }
  Result<std::unique_ptr<store::BulkLoader>> LoadRun(store::Family, store::Version,
                                                     store::Pace) override {
    return kReadOnly;
  }
  Status Checkpoint(const std::string&) override { return kReadOnly; }
  store::Version last_version() const override { return behind_.last_version(); }
  store::Health health() const override { return behind_.health(); }

 private:
  static constexpr Error kReadOnly{Code::kDenied, "what only reads writes nothing"};

  store::Store& behind_;
};

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_READ_ONLY_STORE_H_
