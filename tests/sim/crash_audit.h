// After a crash: does the register keep every promise that was made before it?
#ifndef CLOISON_TESTS_SIM_CRASH_AUDIT_H_
#define CLOISON_TESTS_SIM_CRASH_AUDIT_H_

#include "tests/sim/crash_facts.h"

namespace cloison::sim {

// Audits an open vault, on which nothing runs, against what its clients know. Gives what is broken:
// nothing when
//   every entry that a client holds lies in the ledger under its index, byte for byte;
//   every value that a client received is in the scope of its agent, by that entry;
//   every checkpoint received is of this log and not longer than it, and the log's own checkpoint
//     is the root of its leaves;
//   no budget is below what was shown;
//   nobody acknowledged is lost, changed or back from the dead, and what was left open happened
//     whole or not at all; keys and rows are of the same people.
// What was open is noted in `facts` as it was found.
std::vector<std::string> Audit(SimVault& vault, store::Store& main, store::Store& keys,
                               Facts& facts);

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_CRASH_AUDIT_H_
