// Text that is not a literal could be a name: it must not become an error's text.
#include "base/result.h"

cloison::Error Make(const char* text) {
#ifdef MUST_NOT_COMPILE
  return cloison::Error{cloison::Code::kInvalid, text};  // BAD
#endif
  static_cast<void>(text);
  return cloison::Error{cloison::Code::kInvalid, "the register is unknown"};
}
