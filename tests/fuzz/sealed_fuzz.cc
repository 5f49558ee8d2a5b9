// What is sealed, altered and opened again is refused, or it is what was sealed: nothing in
// between.
//
//   input   which of the forms below ‖ plain (a length byte and the bytes) ‖ changes (parts.h)
#include <algorithm>
#include <vector>

#include "base/testing/seeded_random.h"
#include "commit/sealed_state.h"
#include "ledger/entry.h"
#include "records/index.h"
#include "records/row.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;

constexpr RegisterId kRegister{7};
const LogId kLog({1, 2, 3});

template <class T>
bool Refused(const Result<T>& opened) {
  if (opened.ok()) return false;
  CLOISON_CHECK(opened.error().code() == Code::kCorrupt);
  return true;
}

void CheckOpened(const Bytes& sealed, const Bytes& altered, bool opened, bool same) {
  CLOISON_CHECK(opened == (altered == sealed));
  CLOISON_CHECK(!opened || same);
}

void CheckBox(ByteView plain, base::Reader& changes, base::Random& random) {
  static const crypto::BoxKey key{crypto::Secret<64>()};
  const ByteView aad = plain.first(plain.size() / 2);
  Bytes sealed;
  key.Seal(aad, plain, random, sealed);
  const Bytes altered = fuzz::Altered(sealed, changes);
  const auto opened = key.Open(aad, altered);
  const bool refused = Refused(opened);
  CheckOpened(sealed, altered, !refused, refused || base::Equal(opened->Reveal(), plain));
  if (!aad.empty()) CLOISON_CHECK(!key.Open(aad.first(aad.size() - 1), sealed).ok());
}

void CheckState(ByteView plain, base::Reader& changes, base::Random& random) {
  static const crypto::Secret<32> key;
  const commit::SealedState state(kRegister, 1, key, random);
  const store::Key here{store::Family::kSeen, std::string(AsText(plain.first(plain.size() / 2)))};
  const store::Key there{store::Family::kCaseload, here.bytes};
  const Bytes sealed = state.Seal(here, plain);
  const Bytes altered = fuzz::Altered(sealed, changes);
  const auto opened = state.Open(here, altered);
  const bool refused = Refused(opened);
  CheckOpened(sealed, altered, !refused, refused || base::Equal(opened->Reveal(), plain));
  CLOISON_CHECK(!state.Open(there, sealed).ok());
}

bool SameRecord(const ledger::Record& a, const ledger::Record& b) {
  return a.entry_id == b.entry_id && a.subject_part == b.subject_part &&
         a.actor_part == b.actor_part && a.case_ref == b.case_ref && a.session == b.session &&
         a.client == b.client && a.rule == b.rule && a.cost == b.cost;
}

void CheckRecord(ByteView plain, base::Reader& changes, base::Random& random) {
  static const crypto::HmacKey month_key{crypto::Secret<32>()};
  ledger::ActorPart actor{kLog, ledger::Kind::kChange,    1, {}, {}, "", "", {},
                          {},   ledger::Decision::kAllow, {}};
  actor.role = AsText(plain.first(std::min<std::size_t>(plain.size(), ledger::kRoleBytesMax)));
  ledger::Record record{EntryId({4}), {}, ledger::Encode(actor), "", {}, {}, "", 0};
  record.case_ref =
      AsText(plain.first(std::min<std::size_t>(plain.size(), ledger::kCaseRefBytesMax)));
  record.cost = static_cast<std::uint32_t>(plain.size());
  if (plain.size() % 2 == 1) record.client = ClientId(9);
  Bytes sealed;
  ledger::SealRecord(record, kRegister, kLog, month_key, random, sealed);
  const Bytes altered = fuzz::Altered(sealed, changes);
  const auto opened = ledger::OpenRecord(altered, kRegister, kLog, month_key);
  const bool refused = Refused(opened);
  CheckOpened(sealed, altered, !refused, refused || SameRecord(*opened, record));
  CLOISON_CHECK(!ledger::OpenRecord(sealed, RegisterId(8), kLog, month_key).ok());
}

void CheckPage(ByteView plain, base::Reader& changes, base::Random& random) {
  static const crypto::Secret<32> key;
  static const records::IndexKeys keys(kRegister, key, key);
  records::Page page{plain.size(), plain.size() > 99, {}};
  for (std::size_t i = 0; i < std::min(plain.size(), records::kPostingsPerPage); ++i) {
    page.postings.push_back({static_cast<std::uint8_t>(plain[i] & 15), PersonId({plain[i]})});
  }
  std::sort(page.postings.begin(), page.postings.end());
  const records::Slot here{1, 1, 3, 0};
  const Bytes sealed = keys.SealPage(here, 0, page, random);
  CLOISON_CHECK(sealed.size() == records::kPageBytes);
  const Bytes altered = fuzz::Altered(sealed, changes);
  const auto opened = keys.OpenPage(here, 0, altered);
  const bool refused = Refused(opened);
  CheckOpened(sealed, altered, !refused,
              refused || (opened->page_seq == page.page_seq && opened->more == page.more &&
                          opened->postings == page.postings));
  CLOISON_CHECK(!keys.OpenPage(here, 1, sealed).ok());
}

constexpr std::string_view kSchema = R"(
name = "fuzz"
register = 7
version = 1
capacity = 1000
[[compartment]]
id = 1
name = "open"
least = 64
[[compartment.field]]
id = 0x0101
name = "a"
type = "note"
[[compartment]]
id = 2
name = "sensitive"
least = 32
sensitive = true
[[compartment.field]]
id = 0x0201
name = "a"
type = "date"
)";

void CheckRow(ByteView plain, base::Reader& changes, base::Random& random) {
  static const std::shared_ptr<const records::Schema> schema = [] {
    std::vector<std::string> problems;
    return *records::Schema::Parse(kSchema, &problems);
  }();
  const auto key_of = [](std::uint8_t person) {
    return keys::PersonKey(kRegister, kLog, PersonId({person}), 1, crypto::Secret<32>(),
                           crypto::Secret<32>());
  };
  records::Values values;
  if (!plain.empty()) values.push_back({FieldId(0x0101), crypto::SecretBytes::CopyOf(plain)});
  const auto sealed = records::SealRow(*schema, key_of(1), plain.size(), values, random);
  CLOISON_CHECK(sealed.ok());
  const Bytes altered = fuzz::Altered(*sealed, changes);
  const auto opened = records::internal::OpenWholeRow(*schema, key_of(1), altered);
  const bool refused = Refused(opened);
  bool same = refused || opened->size() == values.size();
  if (!refused && same && !values.empty()) {
    same = base::Equal((*opened)[0].text.Reveal(), plain) && (*opened)[0].field == values[0].field;
  }
  CheckOpened(*sealed, altered, !refused, same);
  CLOISON_CHECK(!records::internal::OpenWholeRow(*schema, key_of(2), *sealed).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Check = void (*)(ByteView, base::Reader&, base::Random&);
  static constexpr Check kChecks[] = {CheckBox, CheckState, CheckRecord, CheckPage, CheckRow};
  base::Reader input({data, size});
  const Check check = kChecks[input.U8() % std::size(kChecks)];
  const ByteView plain = fuzz::TakePart(input);
  base::testing::SeededRandom random(size);
  check(plain, input, random);
  return 0;
}
