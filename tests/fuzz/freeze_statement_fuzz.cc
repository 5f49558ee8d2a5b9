// A freeze that is accepted prints as itself, and a file of signed freezes that opens is one that
// it would write.
//
//   input   0: a statement, 1: a file, 2: a statement that lifts ‖ its bytes
#include <string>

#include "base/clock.h"
#include "ledger/unfreeze_statement.h"
#include "server/signed_freezes.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;

const std::string kPath = "signed-freezes";

void ReadStatement(ByteView bytes) {
  const auto statement = ledger::ParseFreezeStatement(AsText(bytes));
  if (!statement.ok()) return;
  CLOISON_CHECK(ledger::Print(*statement) == AsText(bytes));
  CLOISON_CHECK(statement->time_s >= 0 && !statement->subject.empty());
}

void ReadLift(ByteView bytes) {
  const auto statement = ledger::ParseUnfreezeStatement(AsText(bytes));
  if (!statement.ok()) return;
  CLOISON_CHECK(ledger::Print(*statement) == AsText(bytes));
  CLOISON_CHECK(!statement->accounts.empty() && statement->accounts.size() <= ledger::kLiftedMax);
}

void ReadFile(ByteView bytes) {
  fuzz::MemoryFiles files;
  base::SystemClock clock;
  files.contents[kPath] = Bytes(bytes.begin(), bytes.end());
  const auto file = server::SignedFreezes::Open(kPath, {files, clock, "log.example", {}});
  if (!file.ok()) {
    CLOISON_CHECK(file.error().code() == Code::kCorrupt);
    return;
  }
  CLOISON_CHECK((*file)->waiting().empty());  // nobody is an officer
  CLOISON_CHECK((*file)->Remove({}).ok());
  const auto again = server::SignedFreezes::Open(kPath, {files, clock, "log.example", {}});
  CLOISON_CHECK(again.ok() && (*again)->size() == (*file)->size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr void (*kReads[])(ByteView) = {ReadStatement, ReadFile, ReadLift};
  kReads[data[0] % std::size(kReads)]({data + 1, size - 1});
  return 0;
}
