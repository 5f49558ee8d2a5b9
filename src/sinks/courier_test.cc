// What carries alarms: each at least once, in order, none lost in silence, whatever the output does
// and whenever the process ended.
#include "sinks/courier.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/testing/memory_files.h"

namespace cloison::sinks {
namespace {

using access::Alarm;

// What outputs and the store of a test share. Threads: any.
struct World {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Alarm> stored;
  std::vector<std::uint64_t> given;
  std::vector<Code> answers;  // of the next tries, the first first; then it takes
  int tries = 0;
  std::optional<Position> reached;
  std::int64_t look_ms = INT64_MAX;
  int looks = 0, looks_that_fail = 0;

  void AwaitLooks(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return looks >= count; });
  }
  void Raise(std::uint64_t number, std::int64_t wall_ms) {
    const std::lock_guard lock(mutex);
    Alarm alarm;
    alarm.number = number;
    alarm.wall_ms = wall_ms;
    stored.push_back(alarm);
  }
  void AwaitGiven(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return given.size() >= count; });
  }
  std::vector<std::uint64_t> Given() {
    const std::lock_guard lock(mutex);
    return given;
  }
};

class Taker final : public Output {
 public:
  explicit Taker(World& world) : world_(world) {}
  std::string_view name() const override { return "taker"; }
  std::optional<Position> Reached() override {
    const std::lock_guard lock(world_.mutex);
    return world_.reached;
  }
  Status Give(const Alarm& alarm) override {
    const std::lock_guard lock(world_.mutex);
    ++world_.tries;
    if (!world_.answers.empty()) {
      const Code code = world_.answers.front();
      world_.answers.erase(world_.answers.begin());
      if (code == Code::kDenied) return Error{Code::kDenied, "refused"};
      return Error{Code::kUnavailable, "away"};
    }
    world_.given.push_back(alarm.number);
    world_.changed.notify_all();
    return Ok();
  }
  Status Look() override {
    const std::lock_guard lock(world_.mutex);
    ++world_.looks;
    world_.changed.notify_all();
    if (world_.looks_that_fail == 0) return Ok();
    --world_.looks_that_fail;
    return Error{Code::kUnavailable, "its connection died"};
  }
  std::int64_t look_ms() const override {
    const std::lock_guard lock(world_.mutex);
    return world_.look_ms;
  }

 private:
  World& world_;
};

class Heard final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal name, std::initializer_list<base::EventField>) override {
    const std::lock_guard lock(mutex_);
    names_.emplace_back(name.view());
  }
  long Count(std::string_view name) {
    const std::lock_guard lock(mutex_);
    return std::ranges::count(names_, name);
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
};

class CourierTest : public ::testing::Test {
 protected:
  void Start() {
    CourierParts parts{[this](std::uint64_t after, std::size_t count) {
                         const std::lock_guard lock(world_.mutex);
                         std::vector<Alarm> page;
                         for (const Alarm& alarm : world_.stored) {
                           if (alarm.number > after && page.size() < count) page.push_back(alarm);
                         }
                         return Result<std::vector<Alarm>>(std::move(page));
                       },
                       bell_, files_, events_, "alarms"};
    parts.rest_ms_min = 1;
    parts.rest_ms_max = 2;
    auto started = Courier::Start(std::make_unique<Taker>(world_), 1, std::move(parts));
    ASSERT_TRUE(started.ok());
    courier_ = std::move(*started);
  }
  void Raise(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number <= to; ++number) {
      world_.Raise(number, static_cast<std::int64_t>(1000 * number));
    }
    bell_.Ring(to);
  }
  std::string Kept() { return std::string(AsText(files_.contents["alarms/taker"])); }

  using Numbers = std::vector<std::uint64_t>;
  World world_;
  base::testing::MemoryFiles files_;
  Heard events_;
  access::AlarmBell bell_;
  std::unique_ptr<Courier> courier_;
};

TEST_F(CourierTest, GivesEachInOrderAndGoesOnWhereItStopped) {
  Raise(1, 120);  // more than a page
  Start();
  world_.AwaitGiven(120);
  Raise(121, 121);  // rung for while it waits
  world_.AwaitGiven(121);
  courier_.reset();
  EXPECT_EQ(Kept(), "1 121 121000 0\n");
  Raise(122, 122);
  Start();
  world_.AwaitGiven(122);
  courier_.reset();
  Numbers want(122);
  for (std::size_t i = 0; i < want.size(); ++i) want[i] = i + 1;
  EXPECT_EQ(world_.Given(), want);
  EXPECT_EQ(events_.Count("alarms_missing"), 0);
}

TEST_F(CourierTest, TriesAgainUntilItIsTaken) {
  world_.answers.assign(30, Code::kUnavailable);
  Raise(1, 2);
  Start();
  world_.AwaitGiven(2);
  courier_.reset();
  EXPECT_EQ(world_.Given(), (Numbers{1, 2}));
  EXPECT_EQ(world_.tries, 32);
  EXPECT_EQ(events_.Count("alarm_output_fails"), 1) << "once, not each time";
  EXPECT_EQ(events_.Count("alarm_output_works"), 1);
  EXPECT_EQ(Kept(), "1 2 2000 0\n");
}

TEST_F(CourierTest, SetsAsideWhatIsRefusedAgainAndAgain) {
  world_.answers.assign(kRefusalsMax - 1, Code::kDenied);
  world_.answers.push_back(Code::kUnavailable);  // that is no refusal: it begins anew
  world_.answers.insert(world_.answers.end(), kRefusalsMax, Code::kDenied);
  Raise(1, 2);
  Start();
  world_.AwaitGiven(1);
  courier_.reset();
  EXPECT_EQ(world_.Given(), Numbers{2});
  EXPECT_EQ(events_.Count("alarm_not_taken"), 1);
  EXPECT_EQ(Kept(), "1 2 2000 1\n");
  Start();
  EXPECT_EQ(courier_->standing().set_aside, 1u);
}

TEST_F(CourierTest, SaysWhatIsMissing) {
  Raise(1, 1);
  Raise(4, 4);
  Start();
  world_.AwaitGiven(2);
  courier_.reset();
  EXPECT_EQ(events_.Count("alarms_missing"), 1);
  EXPECT_EQ(world_.Given(), (Numbers{1, 4}));
}

// While it rests after a look that failed: behind that nobody looks at the gap again.
TEST_F(CourierTest, SaysWhatIsMissingThoughItRests) {
  world_.look_ms = 1;
  world_.looks_that_fail = 1'000'000;
  Raise(1, 1);
  Start();
  world_.AwaitGiven(1);
  world_.AwaitLooks(2);
  Raise(4, 4);
  world_.AwaitGiven(2);
  courier_.reset();
  EXPECT_EQ(events_.Count("alarms_missing"), 1);
}

TEST_F(CourierTest, SaysOnceWhatIsMissing) {
  world_.answers = {Code::kUnavailable, Code::kDenied, Code::kUnavailable};
  Raise(4, 4);
  Start();
  world_.AwaitGiven(1);
  courier_.reset();
  EXPECT_EQ(events_.Count("alarms_missing"), 1);
}

TEST_F(CourierTest, BelievesTheOutputThatItHasMore) {
  Raise(1, 5);
  world_.reached = Position{3, 3000};  // taken, and killed before it was written down
  Start();
  world_.AwaitGiven(2);
  courier_.reset();
  EXPECT_EQ(world_.Given(), (Numbers{4, 5}));
}

TEST_F(CourierTest, AfterARestoreGivesWhatIsNewUnderOldNumbers) {
  Raise(1, 6);
  Start();
  world_.AwaitGiven(6);
  courier_.reset();
  world_.given.clear();
  world_.stored.resize(4);  // the backup's
  world_.Raise(5, 9000);
  world_.Raise(6, 9001);
  Start();
  world_.AwaitGiven(2);
  courier_.reset();
  EXPECT_EQ(world_.Given(), (Numbers{5, 6}));
  EXPECT_EQ(events_.Count("alarms_went_back"), 1);
}

TEST_F(CourierTest, AfterARestoreWithNothingNewWaits) {
  Raise(1, 6);
  Start();
  world_.AwaitGiven(6);
  courier_.reset();
  world_.given.clear();
  world_.stored.resize(4);
  Start();
  while (events_.Count("alarms_went_back") == 0) std::this_thread::yield();
  world_.Raise(5, 9000);
  courier_.reset();
  Start();
  world_.AwaitGiven(1);
  courier_.reset();
  EXPECT_EQ(world_.Given(), Numbers{5});
}

TEST_F(CourierTest, RefusesAPositionThatIsNone) {
  const char* const wrong[] = {"",           "1",       "2 1 1 0\n",  "1 1 1 0",    "1 1 1 0\n\n",
                               "1 01 1 0\n", "1 1 1\n", "1 -1 1 0\n", "1  1 1 0\n", "1 1 1 x\n",
                               "1 1 1 0 0\n"};
  for (const char* text : wrong) {
    const ByteView bytes = AsBytes(std::string_view(text));
    files_.contents["alarms/taker"] = Bytes(bytes.begin(), bytes.end());
    const auto read = [](std::uint64_t, std::size_t) {
      return Result<std::vector<Alarm>>(std::vector<Alarm>());
    };
    const auto started = Courier::Start(std::make_unique<Taker>(world_), 1,
                                        {read, bell_, files_, events_, "alarms"});
    EXPECT_EQ(started.error().code(), Code::kCorrupt) << text;
  }
}

// What was given may be lost behind though no other alarm comes.
TEST_F(CourierTest, LooksAfterWhatItGave) {
  world_.look_ms = 1;
  Start();
  Raise(1, 1);
  world_.AwaitGiven(1);
  world_.AwaitLooks(3);
  int looks = 0;
  {
    const std::lock_guard lock(world_.mutex);
    world_.looks_that_fail = 3;
    looks = world_.looks;
  }
  world_.AwaitLooks(looks + 5);
  while (events_.Count("alarm_output_works") == 0) std::this_thread::yield();
  EXPECT_EQ(events_.Count("alarm_output_fails"), 1);
  EXPECT_FALSE(courier_->standing().failing);
  Raise(2, 2);
  world_.AwaitGiven(2);
  EXPECT_EQ(world_.Given(), (std::vector<std::uint64_t>{1, 2}));
}

}  // namespace
}  // namespace cloison::sinks
