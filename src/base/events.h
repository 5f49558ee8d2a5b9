// What the server says about itself: events for the log, counters for the metrics. Neither can
// carry a person: an event is a literal name and numbers under literal keys; a counter has no
// labels of its own.
#ifndef CLOISON_BASE_EVENTS_H_
#define CLOISON_BASE_EVENTS_H_

#include <atomic>
#include <cstdint>
#include <initializer_list>

#include "base/result.h"

namespace cloison::base {

enum class Severity : std::uint8_t { kInfo, kWarning, kError };

struct EventField {
  Literal key;
  std::int64_t value;
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  // Threads: any. Never blocks on a slow reader.
  virtual void Emit(Severity severity, Literal name, std::initializer_list<EventField> fields) = 0;
};

class NullEventSink final : public EventSink {
 public:
  void Emit(Severity, Literal, std::initializer_list<EventField>) override {}
};

// Counts up; read by the metrics listener. A module keeps its counters in a struct `Stats`.
class Counter {
 public:
  void Add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace cloison::base

#endif  // CLOISON_BASE_EVENTS_H_
