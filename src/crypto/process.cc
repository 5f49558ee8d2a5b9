#include "crypto/process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

namespace cloison::crypto {

Status HardenProcess() {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return Error{Code::kUnavailable, "the process cannot be made non-dumpable", errno};
  }
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) {
    return Error{Code::kUnavailable, "core dumps cannot be switched off", errno};
  }
  return Ok();
}

}  // namespace cloison::crypto
