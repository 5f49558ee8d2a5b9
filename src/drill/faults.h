// What breaks while a theft goes on: the server is killed and recovers, the store fails both ways,
// the wall clock jumps, the machine reboots.
#ifndef CLOISON_DRILL_FAULTS_H_
#define CLOISON_DRILL_FAULTS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "drill/simulation.h"
#include "store/store.h"

namespace cloison::drill {

enum class Fault : std::uint8_t {
  kCrash = 0,  // the process ends between two requests, nothing stopped or finished
  kLost,       // a commit fails and was not written: the process ends in the midst of a request
  kKept,       // a commit fails and was written
  kRead,       // a reading of the store fails, and the request with it
  kJump,       // the wall clock is set, up to thirty days either way
  kReboot,     // a crash after which the boot clock begins anew
};
inline constexpr std::size_t kFaults = 6;
inline constexpr std::uint32_t kFaultsMax = 1'000;  // of each kind
std::string_view Name(Fault fault);                 // "crash", "lost", "kept" ...

// How many of each, over the theft.
using FaultSpec = std::array<std::uint32_t, kFaults>;
inline bool Any(const FaultSpec& spec) {
  return spec != FaultSpec{};
}
// "all=20", or "crash=20,lost=5,jump=3". kInvalid: an unknown kind, one twice, a number of none or
// above kFaultsMax.
Result<FaultSpec> ParseFaults(std::string_view text);

// When each of them is due.
class FaultPlan {
 public:
  FaultPlan() = default;
  FaultPlan(const FaultSpec& spec, std::int64_t begin_ms, std::int64_t end_ms, Draw& draw);
  // The next one that is due, each once.
  std::optional<Fault> Due(std::int64_t now_ms);

 private:
  struct Planned {
    std::int64_t at_ms;
    Fault fault;
  };
  std::vector<Planned> planned_;  // the last first
};

// A store whose next reading or commit fails once it is armed. Threads: one.
class FaultyStore final : public store::Store {
 public:
  explicit FaultyStore(std::unique_ptr<store::Store> under) : under_(std::move(under)) {}
  void Arm(Fault fault) { armed_ = fault; }  // kLost, kKept or kRead
  // Gives what was armed and did not fire.
  std::optional<Fault> Disarm() { return std::exchange(armed_, std::nullopt); }

  Task<Result<std::vector<store::Row>>> MultiGet(std::vector<store::Key> keys,
                                                 store::ReadMode mode) override;
  Task<Result<store::ScanPage>> Scan(store::Range range, std::size_t limit) override;
  Task<Result<store::Version>> Commit(store::WriteSet writes) override;
  Result<std::unique_ptr<store::BulkLoader>> LoadBulk(store::Family family) override {
    return under_->LoadBulk(family);
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadRun(store::Family family, store::Version version,
                                                     store::Pace pace) override {
    return under_->LoadRun(family, version, pace);
  }
  Status Checkpoint(const std::string& path) override { return under_->Checkpoint(path); }
  store::Version last_version() const override { return under_->last_version(); }
  store::Health health() const override { return under_->health(); }

 private:
  bool FailsRead();

  const std::unique_ptr<store::Store> under_;
  std::optional<Fault> armed_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_FAULTS_H_
