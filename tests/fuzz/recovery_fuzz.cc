// What a recovery ceremony reads: a statement, a list of officers, an officer's key and the row of
// logs that are accepted print as themselves.
//
//   input   which of the four ‖ its bytes
#include "ledger/statement.h"

namespace {

using namespace cloison;

void CheckStatement(ByteView bytes) {
  const auto statement = ledger::ParseStatement(AsText(bytes));
  if (!statement.ok()) return;
  CLOISON_CHECK(ledger::Print(*statement) == AsText(bytes));
  CLOISON_CHECK(!statement->closed.empty() && statement->closed.size() <= ledger::kLogsMax);
}

void CheckOfficers(ByteView bytes) {
  const auto officers = ledger::ParseOfficers(AsText(bytes));
  if (!officers.ok()) return;
  std::string again;
  for (const tlog::VerifierKey& key : *officers) again += key.Text() + "\n";
  CLOISON_CHECK(again == AsText(bytes));
  CLOISON_CHECK(officers->size() >= ledger::kOfficersMin);
  CLOISON_CHECK(officers->size() <= ledger::kOfficersMax);
}

void CheckOfficerKey(ByteView bytes) {
  const auto officer = ledger::ParseOfficerKey(bytes);
  if (!officer.ok()) return;
  const auto seed = crypto::Secret<32>::FromBytes(bytes.last(32));
  const crypto::SecretBytes again = ledger::SerialiseOfficerKey(officer->key, *seed);
  CLOISON_CHECK(base::Equal(again.Reveal(), bytes));
  CLOISON_CHECK(officer->signer.public_key() == officer->key.public_key());
}

void CheckLogs(ByteView bytes) {
  const auto logs = ledger::ParseLogs(bytes);
  if (!logs.ok()) return;
  CLOISON_CHECK(base::Equal(ledger::Serialise(*logs), bytes));
  CLOISON_CHECK(logs->size() > 1 && !logs->back().closing.has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr void (*kChecks[])(ByteView) = {CheckStatement, CheckOfficers, CheckOfficerKey,
                                                  CheckLogs};
  if (size == 0) return 0;
  kChecks[data[0] % std::size(kChecks)]({data + 1, size - 1});
  return 0;
}
