// The policies of a register, every version of them (family policies, key u32 version):
//
//   01 | u32 version | u64 since_ms | u32 size, note | u32 size, document        sealed
//
// The note is what two officers signed (ledger/policy_statement.h). Of the first version, which is
// the configuration's at the register's first start, it is the bootstrap statement
// (ledger/bootstrap_statement.h), or nothing in development. Versions follow each other without a
// gap; the one in force is the last. The anchor (principals_anchor.cc) says which that is.
//
// Source   docs/format/policy.md "Versions".
#ifndef CLOISON_ACCESS_INTERNAL_POLICY_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_POLICY_ROWS_H_

#include "access/policies.h"
#include "commit/sealed_state.h"
#include "commit/staging.h"

namespace cloison::access::internal {

store::Key PolicyRowKey(std::uint32_t version);
Bytes EncodePolicyRow(const PolicyVersion& version);
// kCorrupt: not what EncodePolicyRow writes.
Result<PolicyVersion> ParsePolicyRow(ByteView plain);

// In Stage: the row of a version.
void PutPolicy(commit::Staging& staging, const commit::SealedState& state,
               const PolicyVersion& version);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_POLICY_ROWS_H_
