// A version of the policy as the store keeps it, and the statement that officers sign of one: what
// is read prints as the same bytes.
//
//   input   0 or 1 ‖ the plain text of a row, or the text of a statement
#include <cstdint>

#include "access/internal/policy_rows.h"
#include "ledger/policy_statement.h"

namespace {

using namespace cloison;

void CheckRow(ByteView plain) {
  const Result<access::PolicyVersion> row = access::internal::ParsePolicyRow(plain);
  if (!row.ok()) {
    CLOISON_CHECK(row.error().code() == Code::kCorrupt);
    return;
  }
  CLOISON_CHECK(row->version > 0 && row->document.size() <= access::kPolicyBytesMax);
  CLOISON_CHECK(base::Equal(access::internal::EncodePolicyRow(*row), plain));
}

void CheckStatement(std::string_view text) {
  const Result<ledger::PolicyStatement> statement = ledger::ParsePolicyStatement(text);
  if (!statement.ok()) {
    CLOISON_CHECK(statement.error().code() == Code::kInvalid);
    return;
  }
  CLOISON_CHECK(Print(*statement) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || data[0] > 1) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] == 0) {
    CheckRow(rest);
  } else {
    CheckStatement(AsText(rest));
    (void)ledger::PolicyStatementOf(AsText(rest));
  }
  return 0;
}
