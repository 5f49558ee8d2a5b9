#include "records/bulk_register.h"

#include <algorithm>

#include "records/history.h"
#include "records/internal/digest_set.h"
#include "records/internal/page_runs.h"
#include "tlog/tree.h"

namespace cloison::records {
namespace {

using internal::RowRuns;
using internal::ShortDigest;

constexpr Error kEpochEnded{Code::kUnavailable, "the epoch of the keys has ended: load again"};

// Parts small enough to be sorted in memory at 43 million people: 110 MB of rows, 25 of keys.
constexpr std::size_t kRowParts = 512, kWkParts = 256, kAudParts = 128;

// Shares of the memory, by what each weighs.
std::size_t ChunkOf(const SpillPlace& place, std::size_t tenths, std::size_t parts) {
  return std::max<std::size_t>(place.memory_bytes / 10 * tenths / parts, 1);
}

}  // namespace

struct BulkRegister::State {
  State(const People& all, const SpillPlace& place)
      : people(all),
        digest_key(crypto::Secret<32>(all.random())),
        rows(place, {store::Family::kPeople, kRowParts, ChunkOf(place, 7, kRowParts)},
             all.random()),
        wks(place, {store::Family::kPersonKeys, kWkParts, ChunkOf(place, 1, kWkParts)},
            all.random()),
        aud_rows(place, {store::Family::kAud, kAudParts, ChunkOf(place, 1, kAudParts)},
                 all.random()),
        pages(all, all.generations().Current()->in_force, place) {}

  ShortDigest DigestOf(const Criterion& criterion) const {
    const crypto::Context label = crypto::Context("bulk-unique").U16(criterion.index);
    return crypto::Truncate<std::tuple_size_v<ShortDigest>>(
        digest_key.Mac({label.view(), criterion.canonical.Reveal()}));
  }
  void AddRoot(const Aud& aud);
  Status CheckEpoch() const;

  const People& people;
  const crypto::HmacKey digest_key;
  std::optional<std::uint32_t> epoch;  // that wraps the keys of all so far
  internal::DigestSet taken;
  RowRuns rows, wks, aud_rows;
  internal::PageRuns pages;
  tlog::Frontier group;
  std::vector<crypto::Digest> roots;
  bool finished = false;
};

void BulkRegister::State::AddRoot(const Aud& aud) {
  CLOISON_CHECK(group.Append(tlog::LeafHash(aud.bytes())).ok());
  if (group.size() < kBulkRootPeople) return;
  roots.push_back(group.Root());
  group = tlog::Frontier();
}

Task<Status> BulkRegister::CheckEmpty() const {
  store::Store& store = state_->people.store();
  store::Store& key_store = state_->people.keys().store();
  const std::pair<store::Store*, store::Family> all[] = {{&store, store::Family::kPeople},
                                                         {&store, store::Family::kIndex},
                                                         {&key_store, store::Family::kPersonKeys},
                                                         {&key_store, store::Family::kAud}};
  for (const auto& [of, family] : all) {
    store::Range range{family, "", ""};
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await of->Scan(std::move(range), 1));
    if (!page.rows.empty()) co_return Error{Code::kConflict, "the register is not empty"};
  }
  co_return Ok();
}

BulkRegister::BulkRegister(const People& people, const SpillPlace& place)
    : state_(std::make_unique<State>(people, place)) {}
BulkRegister::~BulkRegister() = default;

Result<BulkRegister::Prepared> BulkRegister::Prepare(const Values& values) const {
  const State& state = *state_;
  const Schema& schema = state.people.schema();
  CLOISON_TRY(internal::CheckRequired(schema, values));
  CLOISON_TRY(internal::CheckNoHistory(schema, values));
  CLOISON_TRY_ASSIGN(const std::vector<internal::Posted> posted,
                     internal::AllPostedOf(schema, values));
  CLOISON_TRY_ASSIGN(keys::PersonKeys::Draft draft, state.people.keys().DraftPerson());
  Prepared prepared{draft.key.person(),
                    draft.key.aud(),
                    draft.epoch,
                    std::move(draft.wk),
                    std::move(draft.aud_row),
                    {},
                    {},
                    {}};
  for (const internal::Posted& one : posted) {
    prepared.slots.push_back(
        internal::SlotOf(state.pages.layout(), state.people.index_keys(), one.criterion));
    if (one.unique) prepared.unique.push_back(state.DigestOf(one.criterion));
  }
  CLOISON_TRY_ASSIGN(prepared.row, SealRow(schema, draft.key, 1, values, state.people.random()));
  return prepared;
}

Result<BulkRegister::Taken> BulkRegister::Take(const Prepared& prepared) {
  State& state = *state_;
  if (state.finished) return Error{Code::kInvalid, "the load is finished"};
  if (state.epoch.value_or(prepared.epoch) != prepared.epoch) return kEpochEnded;
  for (const ShortDigest& digest : prepared.unique) {
    if (state.taken.Contains(digest)) return Taken::kThereAlready;
  }
  if (!state.pages.HasRoom(prepared.slots)) return Taken::kNoRoom;
  state.epoch = prepared.epoch;
  state.finished = true;  // with half a person, should one of these fail
  CLOISON_TRY(state.rows.Add(AsBytes(RowKeyOf(prepared.person).bytes), prepared.row));
  CLOISON_TRY(state.wks.Add(AsBytes(prepared.wk.key.bytes), prepared.wk.value));
  CLOISON_TRY(state.aud_rows.Add(AsBytes(prepared.aud_row.key.bytes), prepared.aud_row.value));
  for (const Slot& slot : prepared.slots) {
    CLOISON_TRY(state.pages.Add(slot, prepared.person));
  }
  state.finished = false;
  for (const ShortDigest& digest : prepared.unique) state.taken.Insert(digest);
  state.AddRoot(prepared.aud);
  return Taken::kYes;
}

void BulkRegister::Expect(const Prepared& prepared) const {
  for (const ShortDigest& digest : prepared.unique) state_->taken.Expect(digest);
  for (const Slot& slot : prepared.slots) state_->pages.Expect(slot);
}

Status BulkRegister::State::CheckEpoch() const {
  const bool same = !epoch.has_value() || *epoch == people.keys().current_epoch();
  return same ? Ok() : Status(kEpochEnded);
}

Result<std::vector<crypto::Digest>> BulkRegister::Finish(const base::Parallel& parallel) {
  State& state = *state_;
  if (state.finished) return Error{Code::kInvalid, "the load is finished"};
  state.finished = true;
  state.taken = {};  // room for what is written
  CLOISON_TRY(state.CheckEpoch());
  // Keys before rows, as a registration has them.
  store::Store& key_store = state.people.keys().store();
  CLOISON_TRY(state.wks.Write(key_store, key_store.last_version(), parallel));
  CLOISON_TRY(state.aud_rows.Write(key_store, key_store.last_version(), parallel));
  CLOISON_TRY(state.CheckEpoch());
  store::Store& store = state.people.store();
  CLOISON_TRY(state.rows.Write(store, store.last_version(), parallel));
  CLOISON_TRY(state.pages.Write(store.last_version(), parallel));
  if (state.group.size() > 0) state.roots.push_back(state.group.Root());
  return std::move(state.roots);
}

}  // namespace cloison::records
