// The log: one JSON object per line on stderr, from events alone, so that no person can be in it.
#ifndef CLOISON_SERVER_LOG_H_
#define CLOISON_SERVER_LOG_H_

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/events.h"

namespace cloison::server {

inline constexpr std::size_t kLogQueueLines = 8'192;  // beyond: the oldest are dropped

class JsonLog final : public base::EventSink {
 public:
  explicit JsonLog(const base::Clock& clock);
  ~JsonLog() override;
  void Emit(base::Severity severity, Literal name,
            std::initializer_list<base::EventField> fields) override;
  // Waits until what was emitted is written. Before _exit.
  void Flush();

 private:
  struct State;
  static std::shared_ptr<State> MakeState();
  const base::Clock& clock_;
  std::mutex mutex_;  // guards state_: a flush changes it while others emit
  std::shared_ptr<State> state_;
};

// One event as its line, without the line end.
std::string LogLine(std::int64_t wall_ms, base::Severity severity, Literal name,
                    std::initializer_list<base::EventField> fields);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_LOG_H_
