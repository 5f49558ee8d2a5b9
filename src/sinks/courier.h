// Carries alarms to an output: each at least once, in order, and from where it stopped, whenever
// the process was killed. Each output has a courier of its own, so none waits for another.
//
// How far it came is in a file of its own, written once the output has taken an alarm: what was
// taken and not written down comes again, with the same uid.
//
//   1 <number> <ms of the wall> <set aside>\n       DIRECTORY/<name of the output>
//
// A receiver that cannot be reached is tried again for ever, ever more rarely while
// alarms wait in the store. One that answers and refuses an alarm kRefusalsMax times in a row does
// not get it: it is set aside, which is an event and is counted, and the next one's turn comes.
//
// After a restore the numbers begin again: what was given under one of them before was another
// alarm, by its time. Then all are given from the last that was the same.
//
// Events   alarms_missing (output, after, next): some are no longer kept, or were taken away
//          alarm_not_taken (output, number), alarm_output_fails (output, code),
//          alarm_output_works (output), alarm_position_not_kept (output), alarms_went_back (output,
//          at)
// Threads  any.
// Source   docs/operate/alarms.md.
#ifndef CLOISON_SINKS_COURIER_H_
#define CLOISON_SINKS_COURIER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "access/alarm_bell.h"
#include "base/events.h"
#include "base/files.h"
#include "sinks/output.h"

namespace cloison::sinks {

inline constexpr int kRefusalsMax = 8;
inline constexpr std::size_t kPageSize = 50;

// Those above a number that are durable, oldest first, at most `count`.
using ReadAlarms =
    std::function<Result<std::vector<access::Alarm>>(std::uint64_t after, std::size_t count)>;

// References outlive the courier.
struct CourierParts {
  ReadAlarms read;
  access::AlarmBell& bell;
  base::Files& files;
  base::EventSink& events;
  std::string directory;              // of positions; it is there
  std::int64_t rest_ms_min = 1'000;   // after a first failure
  std::int64_t rest_ms_max = 60'000;  // it doubles up to this
};

struct Standing {
  std::string name;
  Position position;
  std::uint64_t set_aside = 0;
  bool failing = false;
};

class Courier {
 public:
  // kCorrupt: the position's file is no such file. `place` is what events name the output by.
  static Result<std::unique_ptr<Courier>> Start(std::unique_ptr<Output> output, int place,
                                                CourierParts parts);
  // Waits for what is being given; the output is told to end it.
  // Gives nothing more from when it returns; what waits is given after the next start. Once, by
  // whoever made it.
  void Stop();
  ~Courier();

  Standing standing() const;

 private:
  Courier(std::unique_ptr<Output> output, int place, CourierParts parts);
  Status ReadPosition();
  Status WritePosition(const Standing& now);
  // Whether the position is still the same alarm's; or else the last one before it.
  Status FindPlace();
  Result<bool> StillHas(const Position& at);
  Result<Position> LastBefore(const Position& at);
  void Run();
  bool Step();
  void Look();
  bool GiveOne(const access::Alarm& alarm);
  void Fail(const Error& error);
  void Take(const access::Alarm& alarm, bool set_aside);
  void WorksAgain();

  const std::unique_ptr<Output> output_;
  const int place_;
  const CourierParts parts_;
  const std::string path_;
  std::int64_t rest_ms_ = 0;
  int refusals_ = 0;
  std::uint64_t gap_told_ = 0;  // the alarm behind the gap that was told last
  bool look_failed_ = false;    // and so it rests
  bool placed_ = false;       // the store was asked whether the position is still the same alarm's
  mutable std::mutex mutex_;  // guards standing_
  Standing standing_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_COURIER_H_
