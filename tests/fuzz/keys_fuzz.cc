// Wrapped keys open as they were wrapped or not at all; names of rows and objects are read as they
// are printed; a ring with one altered row does not open.
//
//   input   which of the checks below ‖ what it takes, said there
#include <string>
#include <vector>

#include "keys/epochs.h"
#include "keys/internal/person_rows.h"
#include "keys/internal/wrapped_rows.h"
#include "keys/testing/key_world.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;
using keys::KeyRing;
namespace internal = keys::internal;

keys::testing::KeyWorld& TheWorld() {
  static keys::testing::KeyWorld& world = []() -> keys::testing::KeyWorld& {
    auto* const made = new keys::testing::KeyWorld;
    CLOISON_CHECK(made->Start().ok());
    CLOISON_CHECK(made->Wait(made->ring().BeginEpoch()).ok());
    CLOISON_CHECK(made->Wait(made->ring().Ensure(24'312)).ok());
    CLOISON_CHECK(made->Wait(made->ring().EnsurePartner(OrganisationId(3), 1)).ok());
    return *made;
  }();
  return world;
}

const PersonId kPerson({1, 2});
const Aud kAud({3, 4});

// Changes (parts.h) of a person's wrapped keys and of their AUD row.
void CheckPersonRows(base::Reader& input) {
  keys::testing::KeyWorld& world = TheWorld();
  const KeyRing& ring = world.ring();
  const std::uint32_t epoch = 1 + input.U8() % ring.current_epoch();
  const auto keys = ring.Epoch(epoch);
  CLOISON_CHECK(keys.ok());
  const internal::Under under{epoch, **keys};
  const internal::KeyName name{world.register_id, kPerson, 1};
  base::testing::SeededRandom random(1);
  const crypto::Secret<64> secret(random);
  const Bytes wk = internal::WrapWk(name, under, secret, random);
  const Bytes aud = internal::SealAudRow(kPerson, kAud, world.register_id, under, random);
  base::Reader same = input;
  const Bytes altered_wk = fuzz::Altered(wk, input);
  const auto opened = internal::UnwrapWk(name, ring, altered_wk);
  CLOISON_CHECK(opened.ok() == (altered_wk == wk));
  if (opened.ok()) CLOISON_CHECK(base::Equal(opened->Reveal(), secret.Reveal()));
  CLOISON_CHECK(!internal::UnwrapWk({world.register_id, kPerson, 2}, ring, wk).ok());
  const Bytes altered_aud = fuzz::Altered(aud, same);
  const auto person = internal::OpenAudRow(kAud, ring, altered_aud);
  CLOISON_CHECK(person.ok() == (altered_aud == aud));
  if (person.ok()) CLOISON_CHECK(*person == kPerson);
}

// A name of a row.
void CheckNames(base::Reader& input) {
  const std::string_view name = AsText(input.rest());
  for (const std::string_view prefix : {"kek-", "month-", ""}) {
    const auto number = internal::NumberAfter(name, prefix);
    if (number.has_value()) CLOISON_CHECK(prefix.data() + std::to_string(*number) == name);
  }
  const auto partner = internal::PartnerNumbers(name);
  if (partner.has_value()) {
    CLOISON_CHECK(internal::PartnerRow(OrganisationId(partner->first), partner->second) == name);
  }
  const auto pkv = internal::PkvOf(name);
  if (pkv.ok()) {
    const auto whose = PersonId::FromBytes(input.rest().first(PersonId::kSize));
    CLOISON_CHECK(internal::WkKey(*whose, *pkv).bytes == name);
  }
  const auto intent = internal::PersonOfIntent(name);
  if (intent.ok()) CLOISON_CHECK(internal::IntentKey(*intent).bytes == name);
}

// A name (a length byte and the text) ‖ the file of a key object.
void CheckObjectFile(base::Reader& input) {
  const std::string name(AsText(fuzz::TakePart(input)));
  fuzz::MemoryFiles files;
  base::testing::SeededRandom random(1);
  const auto objects = keys::FileKeyObjects::Open(files, random, "keys", false);
  CLOISON_CHECK(objects.ok());
  files.contents["keys/" + name] = base::ToBytes(input.rest());
  const ByteView aad = AsBytes("aad");
  const auto wrapped = (*objects)->Wrap(name, aad, crypto::SecretBytes::CopyOf(aad));
  const auto listed = (*objects)->List();
  CLOISON_CHECK(listed.ok() && (listed->size() == 1) == keys::ValidObjectName(name));
  if (!wrapped.ok()) return;
  CLOISON_CHECK(keys::ValidObjectName(name) && input.rest().size() == 32);
  const auto again = (*objects)->Unwrap(name, aad, *wrapped);
  CLOISON_CHECK(again.ok() && base::Equal(again->Reveal(), aad));
  CLOISON_CHECK(!(*objects)->Unwrap(name, {}, *wrapped).ok());
  CLOISON_CHECK((*objects)->Destroy(name).ok());
  CLOISON_CHECK(!(*objects)->Unwrap(name, aad, *wrapped).ok());
}

// Whether the name is of a key whose object was destroyed: its row opens for nobody, and may stay.
bool IsForgotten(std::string_view name) {
  keys::testing::KeyWorld& world = TheWorld();
  std::string object;
  const auto epoch = internal::NumberAfter(name, "kek-");
  const auto month = internal::NumberAfter(name, "month-");
  if (epoch.has_value() && *epoch <= world.ring().current_epoch()) {
    object = internal::EpochObject(world.register_id, *epoch);
  }
  if (month.has_value()) object = internal::MonthObject(world.register_id, *month);
  const auto there = world.objects.List();
  return !object.empty() && std::find(there->begin(), there->end(), object) == there->end();
}

// Of an epoch, a month or a partner: there may be any number of these.
bool IsNumbered(std::string_view name) {
  return internal::NumberAfter(name, "kek-").has_value() ||
         internal::NumberAfter(name, "month-").has_value() ||
         internal::PartnerNumbers(name).has_value();
}

// Which row of the ring ‖ 0 its value, 1 its name ‖ changes (parts.h).
void CheckRing(base::Reader& input) {
  keys::testing::KeyWorld& world = TheWorld();
  std::vector<store::KeyedRow> rows = world.Rows(store::Family::kWrappedKeys);
  store::KeyedRow& row = rows[input.U8() % rows.size()];
  const store::KeyedRow before = row;
  if (input.U8() % 2 == 0) {
    row.row.value = fuzz::Altered(row.row.value, input);
  } else {
    const Bytes name = fuzz::Altered(base::ToBytes(AsBytes(row.key)), input);
    row.key = AsText(name);
  }
  if (row.key.empty() || row.key.size() > store::kKeyBytesMax) return;
  store::MemoryStore altered;
  store::WriteSet writes;
  for (const store::KeyedRow& each : rows) {
    if (&each != &row && each.key == row.key) return;
    writes.puts.push_back({{store::Family::kWrappedKeys, each.key}, each.row.value});
  }
  CLOISON_CHECK(world.Wait(altered.Commit(std::move(writes))).ok());
  const auto ring = world.Wait(KeyRing::Open(world.objects, altered, world.committer(),
                                             world.register_id, world.random, world.executor));
  const bool untouched = row.key == before.key && row.row.value == before.row.value;
  const bool current = before.key == internal::KekRow(world.ring().current_epoch());
  const bool forgotten = IsNumbered(before.key) && !current && IsForgotten(row.key);
  CLOISON_CHECK(ring.ok() == (untouched || forgotten));
}

// The row of epochs, opened: what is read prints back as itself.
void CheckEpochs(base::Reader& input) {
  const auto document = keys::ParseEpochs(input.rest());
  if (document.ok()) CLOISON_CHECK(base::Equal(keys::EncodeEpochs(*document), input.rest()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr void (*kChecks[])(base::Reader&) = {CheckPersonRows, CheckNames, CheckObjectFile,
                                                       CheckRing, CheckEpochs};
  base::Reader input({data, size});
  kChecks[input.U8() % std::size(kChecks)](input);
  return 0;
}
