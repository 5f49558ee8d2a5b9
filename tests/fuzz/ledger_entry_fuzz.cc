// A part or a record that is accepted is written again byte for byte: there is one way to write
// each, so a commitment has one opening.
#include "base/testing/seeded_random.h"
#include "ledger/entry.h"

namespace {

using namespace cloison;

constexpr RegisterId kRegister{7};
const LogId kLog({1, 2, 3});
const EntryId kEntry({4, 5, 6});

void CheckParts(ByteView bytes) {
  const auto subject = ledger::ParseSubjectPart(bytes);
  if (subject.ok()) CLOISON_CHECK(base::Equal(ledger::Encode(*subject), bytes));
  const auto actor = ledger::ParseActorPart(bytes);
  if (actor.ok()) CLOISON_CHECK(base::Equal(ledger::Encode(*actor), bytes));
  CLOISON_CHECK(!subject.ok() || !actor.ok());
}

// The bytes as what a record holds, sealed as a record is.
void CheckRecord(ByteView plain) {
  const crypto::HmacKey month_key{crypto::Secret<32>()};
  base::testing::SeededRandom random(1);
  crypto::Context info("rec");
  info.Raw(kLog.bytes()).Raw(kEntry.bytes());
  crypto::Context bound_to("rec");
  bound_to.U32(kRegister.value()).Raw(kLog.bytes()).Raw(kEntry.bytes());
  Bytes sealed{1, 1, 0, 0};
  base::AppendBytes(sealed, kEntry.bytes());
  crypto::BoxKey::Derive(month_key, info).Seal(bound_to.view(), plain, random, sealed);
  const auto record = ledger::OpenRecord(sealed, kRegister, kLog, month_key);
  if (!record.ok()) {
    CLOISON_CHECK(record.error().code() == Code::kCorrupt);
    return;
  }
  Bytes again;
  base::testing::SeededRandom same(1);
  ledger::SealRecord(*record, kRegister, kLog, month_key, same, again);
  CLOISON_CHECK(again == sealed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  CheckParts({data, size});
  CheckRecord({data, size});
  return 0;
}
