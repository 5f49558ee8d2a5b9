// What the server said of itself while one account asked: rungs it reached.
#ifndef CLOISON_DRILL_HEARD_H_
#define CLOISON_DRILL_HEARD_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "base/events.h"

namespace cloison::drill {

inline constexpr int kRungMin = 1, kRungMax = 5;

// Threads: one.
class Heard final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal name, std::initializer_list<base::EventField> fields) override {
    const bool acts = name.view() == "rung_reached";
    if (!acts && name.view() != "rung_would_be_reached") return;
    for (const base::EventField& field : fields) {
      if (field.key.view() == "rung") rungs_.push_back({static_cast<int>(field.value), acts});
    }
  }
  // Since the last call.
  struct Rung {
    int number;
    bool acts;  // else it would have been reached: shadow mode
  };
  std::vector<Rung> Take() { return std::exchange(rungs_, {}); }

 private:
  std::vector<Rung> rungs_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_HEARD_H_
