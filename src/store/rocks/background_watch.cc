#include "store/rocks/internal/background_watch.h"

#include <rocksdb/listener.h>
#include <sys/resource.h>

#include <utility>

namespace cloison::store::internal {

namespace {

constexpr int kNiceness = 5;  // a third of the weight of the others

// Everybody waits for commits: on two busy cores a tenth more entries. Not far after: a flood of
// junk must leave flushes a share of a core, or commits would wait for them. (RocksDB's own
// lowering is to the last priority there is.)
void GoAfterCommits() {
  static_cast<void>(setpriority(PRIO_PROCESS, 0, kNiceness));  // 0: this thread
}

class BackgroundWatch final : public rocksdb::EventListener {
 public:
  explicit BackgroundWatch(std::function<void()> on_failure) : on_failure_(std::move(on_failure)) {}

  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { GoAfterCommits(); }
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override {
    GoAfterCommits();
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override {
    on_failure_();
  }

 private:
  const std::function<void()> on_failure_;
};

}  // namespace

std::shared_ptr<rocksdb::EventListener> WatchBackground(std::function<void()> on_failure) {
  return std::make_shared<BackgroundWatch>(std::move(on_failure));
}

}  // namespace cloison::store::internal
