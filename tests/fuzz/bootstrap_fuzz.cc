// What the beginning of a production register reads: a statement that is accepted prints as itself,
// a note counts by two of its officers alone, a plan has whom a statement can hold.
//
//   input   which of the three ‖ its bytes
#include "ledger/bootstrap_statement.h"

namespace {

using namespace cloison;

void CheckPlan(const ledger::BootstrapPlan& plan) {
  CLOISON_CHECK(plan.officers.size() >= ledger::kOfficersMin);
  CLOISON_CHECK(plan.founders.size() >= ledger::kFoundersMin);
  CLOISON_CHECK(plan.founders.size() <= ledger::kFoundersMax);
  for (const ledger::Founder& founder : plan.founders) (void)ledger::ExpiresMs(founder);
}

void ReadStatement(ByteView bytes) {
  const auto statement = ledger::ParseBootstrapStatement(AsText(bytes));
  if (!statement.ok()) return;
  CLOISON_CHECK(ledger::Print(*statement) == AsText(bytes));
  CheckPlan(statement->plan);
}

void ReadNote(ByteView bytes) {
  const auto read = ledger::SignedBootstrap::Check(std::string(AsText(bytes)));
  if (!read.ok()) return;
  const auto note = tlog::ParseNote(read->note());
  CLOISON_CHECK(note.ok() && note->text == ledger::Print(read->statement()));
  CLOISON_CHECK(tlog::Verify(*note, read->statement().plan.officers)->size() >=
                ledger::kOfficersMin);
}

// A plan that is read becomes a statement that is read.
void ReadPlan(ByteView bytes) {
  std::vector<std::string> problems;
  auto plan = ledger::ParseBootstrapPlan(AsText(bytes), problems);
  CLOISON_CHECK(plan.ok() == problems.empty());
  if (!plan.ok()) return;
  CheckPlan(*plan);
  for (ledger::Founder& founder : plan->founders) founder.issuer = "https://login.example";
  const ledger::BootstrapStatement statement{RegisterId(1), {}, plan->officers[0], {}, {}, *plan};
  const std::string text = ledger::Print(statement);
  if (text.size() > ledger::kBootstrapNoteBytesMax) return;
  const auto again = ledger::ParseBootstrapStatement(text);
  CLOISON_CHECK(again.ok() && *again == statement);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr void (*kReads[])(ByteView) = {ReadStatement, ReadNote, ReadPlan};
  if (size == 0) return 0;
  kReads[data[0] % std::size(kReads)]({data + 1, size - 1});
  return 0;
}
