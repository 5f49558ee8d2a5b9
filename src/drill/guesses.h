// Codes that a thief tries: each base with all check symbols, bases near a code that it knows (the
// next, a stride further), then anywhere.
//
// Threads: one.
#ifndef CLOISON_DRILL_GUESSES_H_
#define CLOISON_DRILL_GUESSES_H_

#include <string>

#include "drill/simulation.h"
#include "text/base32.h"

namespace cloison::drill {

class Guesses {
 public:
  // `draw` outlives it.
  Guesses(const text::CodeDigits& known, Draw& draw) : draw_(draw), near_(known), far_(known) {}
  std::string Next();

 private:
  void ChooseBase();

  Draw& draw_;
  text::CodeDigits near_, far_, base_{};
  std::size_t check_ = 0;
  std::uint64_t turn_ = 0;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_GUESSES_H_
