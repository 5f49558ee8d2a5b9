// CLOISON_CHECK(condition): for our own bugs, never for input. On in release builds. Prints the
// place and the text of the condition (source text, never values) to stderr and aborts.
#ifndef CLOISON_BASE_CHECK_H_
#define CLOISON_BASE_CHECK_H_

namespace cloison::base {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}

#define CLOISON_CHECK(condition)                       \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::cloison::base::CheckFailed(__FILE__, __LINE__, #condition))

#endif  // CLOISON_BASE_CHECK_H_
