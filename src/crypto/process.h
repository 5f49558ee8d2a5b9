// What a process that holds secrets asks of the kernel, once, at its start.
#ifndef CLOISON_CRYPTO_PROCESS_H_
#define CLOISON_CRYPTO_PROCESS_H_

#include "base/result.h"

namespace cloison::crypto {

// No core dump, no ptrace and no /proc/<pid>/mem for others of the same user (PR_SET_DUMPABLE 0,
// RLIMIT_CORE 0). For main(), before the first secret and the first thread.
// Fails    kUnavailable, detail errno: the caller must not go on.
// Source   prctl(2), getrlimit(2).
Status HardenProcess();

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_PROCESS_H_
