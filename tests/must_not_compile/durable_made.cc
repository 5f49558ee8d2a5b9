// Only the committer says that something is durable.
#include "commit/durable.h"

namespace commit = cloison::commit;

commit::Durable Keep(const commit::Durable& durable) {
#ifdef MUST_NOT_COMPILE
  return commit::Durable(durable.version() + 1, durable.time());  // BAD
#endif
  return durable;
}
