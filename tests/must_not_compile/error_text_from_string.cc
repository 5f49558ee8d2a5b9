// A string is built at run time: it must not become an error's text.
#include <string>

#include "base/result.h"

cloison::Error Make(const std::string& name) {
#ifdef MUST_NOT_COMPILE
  return cloison::Error{cloison::Code::kInvalid, name};  // BAD
#endif
  return cloison::Error{cloison::Code::kInvalid, "no such person", std::ssize(name)};
}
