#include "records/bulk_register.h"

#include <algorithm>
#include <map>

#include "records/history.h"
#include "records/internal/page_runs.h"
#include "tlog/tree.h"

namespace cloison::records {
namespace {

constexpr std::size_t kDigestBytes = 16;
using ShortDigest = ByteArray<kDigestBytes>;
using internal::Pack;
using internal::PackedPosting;

// Digests of unique values: open addressing, since tens of millions of nodes would weigh too much.
// All zero is an empty place: a digest is that with probability 2^-128.
class DigestSet {
 public:
  // False: it was there.
  bool Insert(const ShortDigest& digest) {
    if ((size_ + 1) * 4 > places_.size() * 3) Grow();
    ShortDigest& place = PlaceOf(digest);
    if (place == digest) return false;
    place = digest;
    ++size_;
    return true;
  }
  bool Contains(const ShortDigest& digest) { return !places_.empty() && PlaceOf(digest) == digest; }

 private:
  ShortDigest& PlaceOf(const ShortDigest& digest) {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = base::LoadBig(ByteView(digest).first(8)) & mask;
    while (places_[at] != digest && places_[at] != ShortDigest{}) at = (at + 1) & mask;
    return places_[at];
  }
  void Grow() {
    constexpr std::size_t kFirstPlaces = 1'024;
    std::vector<ShortDigest> old(std::max(kFirstPlaces, places_.size() * 2));
    old.swap(places_);
    for (const ShortDigest& digest : old) {
      if (digest != ShortDigest{}) PlaceOf(digest) = digest;
    }
  }

  std::vector<ShortDigest> places_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace

struct BulkRegister::State {
  explicit State(const People& all)
      : people(all),
        layout(all.generations().Current()->in_force),
        version(all.store().last_version()),
        digest_key(all.random()) {}

  ShortDigest DigestOf(const Criterion& criterion) const {
    const crypto::Context label = crypto::Context("bulk-unique").U16(criterion.index);
    return crypto::Truncate<kDigestBytes>(
        crypto::Hmac(digest_key, {label.view(), criterion.canonical.Reveal()}));
  }
  Status WriteRows();
  void AddRoot(const Aud& aud);

  const People& people;
  const Layout layout;
  const store::Version version;  // of all it writes: a run makes none of its own
  const crypto::Secret<32> digest_key;
  DigestSet taken;
  std::map<std::string, Bytes> rows;  // of this run
  internal::Postings postings;
  tlog::Frontier group;
  std::vector<crypto::Digest> roots;
  bool finished = false;
};

Status BulkRegister::State::WriteRows() {
  if (rows.empty()) return Ok();
  CLOISON_TRY_ASSIGN(const std::unique_ptr<store::BulkLoader> loader,
                     people.store().LoadRun(store::Family::kPeople, version));
  for (const auto& [key, row] : rows) {
    CLOISON_TRY(loader->Add(AsBytes(key), row));
  }
  CLOISON_TRY(loader->Finish(version));
  rows.clear();
  return Ok();
}

void BulkRegister::State::AddRoot(const Aud& aud) {
  CLOISON_CHECK(group.Append(tlog::LeafHash(aud.bytes())).ok());
  if (group.size() < kBulkRootPeople) return;
  roots.push_back(group.Root());
  group = tlog::Frontier();
}

Task<Status> BulkRegister::CheckEmpty() const {
  for (const store::Family family : {store::Family::kPeople, store::Family::kIndex}) {
    store::Range all{family, "", ""};
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await state_->people.store().Scan(std::move(all), 1));
    if (!page.rows.empty()) co_return Error{Code::kConflict, "the register is not empty"};
  }
  co_return Ok();
}

BulkRegister::BulkRegister(const People& people) : state_(std::make_unique<State>(people)) {}
BulkRegister::~BulkRegister() = default;

Result<BulkRegister::Prepared> BulkRegister::Prepare(const keys::PersonKey& key,
                                                     const Values& values) const {
  const State& state = *state_;
  const Schema& schema = state.people.schema();
  CLOISON_TRY(internal::CheckRequired(schema, values));
  CLOISON_TRY(internal::CheckNoHistory(schema, values));
  Prepared prepared{key.person(), key.aud(), {}, {}, {}};
  CLOISON_TRY_ASSIGN(const std::vector<internal::Posted> posted,
                     internal::AllPostedOf(schema, values));
  for (const internal::Posted& one : posted) {
    const Slot slot = internal::SlotOf(state.layout, state.people.index_keys(), one.criterion);
    prepared.postings.emplace_back(slot.index, Pack(slot, key.person()));
    if (one.unique) prepared.unique.push_back(state.DigestOf(one.criterion));
  }
  CLOISON_TRY_ASSIGN(prepared.row, SealRow(schema, key, 1, values, state.people.random()));
  return prepared;
}

Status BulkRegister::Take(Prepared prepared) {
  State& state = *state_;
  if (state.finished) return Error{Code::kInvalid, "the load is finished"};
  for (const ShortDigest& digest : prepared.unique) {
    if (state.taken.Contains(digest)) {
      return Error{Code::kConflict, "a unique value is there twice"};
    }
  }
  if (state.rows.size() >= kBulkRunRowsMax) {
    CLOISON_TRY(state.WriteRows());
  }
  const bool is_new =
      state.rows.emplace(RowKeyOf(prepared.person).bytes, std::move(prepared.row)).second;
  if (!is_new) return Error{Code::kConflict, "a person is there twice"};
  for (const ShortDigest& digest : prepared.unique) state.taken.Insert(digest);
  for (const auto& [index, posting] : prepared.postings) state.postings[index].push_back(posting);
  state.AddRoot(prepared.aud);
  return Ok();
}

Status BulkRegister::Add(const keys::PersonKey& key, const Values& values) {
  if (state_->finished) return Error{Code::kInvalid, "the load is finished"};
  CLOISON_TRY_ASSIGN(Prepared prepared, Prepare(key, values));
  return Take(std::move(prepared));
}

Result<std::vector<crypto::Digest>> BulkRegister::Finish() {
  State& state = *state_;
  if (state.finished) return Error{Code::kInvalid, "the load is finished"};
  state.finished = true;
  CLOISON_TRY(state.WriteRows());
  CLOISON_TRY(
      internal::WritePages(state.people, state.layout.generation, state.version, state.postings));
  if (state.group.size() > 0) state.roots.push_back(state.group.Root());
  return std::move(state.roots);
}

}  // namespace cloison::records
