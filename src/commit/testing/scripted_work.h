// A work whose steps a test writes down.
#ifndef CLOISON_COMMIT_TESTING_SCRIPTED_WORK_H_
#define CLOISON_COMMIT_TESTING_SCRIPTED_WORK_H_

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "commit/committer.h"

namespace cloison::commit::testing {

class ScriptedWork final : public Work {
 public:
  using Promise = store::Version;  // of the commit that made it durable
  using Stager = std::function<Result<Staged>(Staging&)>;

  ScriptedWork(Lane lane, std::vector<store::Key> keys, Stager stager)
      : lane_(lane), keys_(std::move(keys)), stager_(std::move(stager)) {}

  Lane lane() const override { return lane_; }
  Task<Status> Load(Staging& staging) override { return staging.Load(keys_); }
  Result<Staged> Stage(Staging& staging) override { return stager_(staging); }
  Promise Take(const Durable& durable) { return durable.version(); }

 private:
  Lane lane_;
  std::vector<store::Key> keys_;
  Stager stager_;
};

// Keeps what `task` ends with.
template <class T>
Task<void> Into(Task<T> task, std::optional<T>& out) {
  T value = co_await std::move(task);
  out.emplace(std::move(value));
}

}  // namespace cloison::commit::testing

#endif  // CLOISON_COMMIT_TESTING_SCRIPTED_WORK_H_
