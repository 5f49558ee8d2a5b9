// Whoever waits for an alarm is woken by it. Where a wait is of ten minutes, a bell that does not
// ring ends the test by its own time.
#include "access/alarm_bell.h"

#include <gtest/gtest.h>

#include <atomic>

namespace cloison::access {
namespace {

constexpr std::int64_t kLongMs = 600'000;

class AlarmBellTest : public ::testing::Test {
 protected:
  Task<void> Follow(std::uint64_t after, std::int64_t wait_ms) {
    const bool waited = co_await bell_.Wait(after, wait_ms, home_);
    (waited ? woken_ : turned_away_).fetch_add(1);
  }
  // By a job of the same queue, so that what was posted before it has run.
  void Settle(int woken) {
    while (woken_ != woken) std::this_thread::yield();
  }

  std::atomic<int> woken_ = 0, turned_away_ = 0;
  base::ThreadPool home_{1};
  AlarmBell bell_;
};

TEST_F(AlarmBellTest, RingsForThoseWhoWaitForTheNext) {
  bell_.Ring(3);
  base::Detach(Follow(2, kLongMs));  // that one is there already
  Settle(1);
  base::Detach(Follow(3, kLongMs));
  base::Detach(Follow(5, kLongMs));
  EXPECT_EQ(bell_.waiting(), 2u);
  bell_.Ring(4);
  Settle(2);
  EXPECT_EQ(bell_.waiting(), 1u) << "the fourth is none above the fifth";
  bell_.Ring(6);
  Settle(3);
  base::Detach(Follow(6, 1));  // after a while without one
  Settle(4);
}

TEST_F(AlarmBellTest, HasSoManyListenersAndNoneAtTheEnd) {
  for (std::size_t i = 0; i < kAlarmListenersMax; ++i) base::Detach(Follow(0, kLongMs));
  EXPECT_EQ(turned_away_, 0);
  base::Detach(Follow(0, kLongMs));
  EXPECT_EQ(turned_away_, 1);
  bell_.Hush();
  Settle(kAlarmListenersMax);
  base::Detach(Follow(0, kLongMs));
  EXPECT_EQ(turned_away_, 2);
}

TEST_F(AlarmBellTest, WakesThreadsThatWaitHere) {
  std::atomic<bool> stopped = false;
  std::thread one([&] { bell_.WaitHere(0, kLongMs, stopped); });
  bell_.Ring(1);
  one.join();
  std::thread other([&] { bell_.WaitHere(1, kLongMs, stopped); });
  stopped = true;
  bell_.Wake();
  other.join();
  bell_.Hush();
  bell_.WaitHere(1, kLongMs, stopped);
}

}  // namespace
}  // namespace cloison::access
