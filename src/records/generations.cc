#include "records/generations.h"

#include <algorithm>

namespace cloison::records {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr char kRow[] = "indexes";
constexpr Error kBad{Code::kCorrupt, "the row of index generations has the wrong form"};

void AppendLayout(Bytes& out, const Layout& layout) {
  base::AppendU32(out, layout.generation);
  base::AppendU64(out, layout.capacity);
  for (const std::uint8_t bits : layout.page_bits) base::AppendU8(out, bits);
}

Layout TakeLayout(base::Reader& reader, bool& bad) {
  Layout layout;
  layout.generation = reader.U32();
  layout.capacity = reader.U64();
  for (std::uint8_t& bits : layout.page_bits) {
    bits = reader.U8();
    bad = bad || bits < kPageBitsMin || bits > kPageBitsMax;
  }
  bad = bad || layout.generation < kFirstGeneration || layout.capacity == 0 ||
        layout.capacity > kCapacityMax;
  return layout;
}

// 0 or 1.
bool TakeFlag(base::Reader& reader, bool& bad) {
  const std::uint8_t flag = reader.U8();
  bad = bad || flag > 1;
  return flag == 1;
}

// No number is given twice, nor above the last.
bool IsSound(const IndexState& state) {
  if (state.in_force.generation > state.last) return false;
  if (state.next.has_value() && state.next->generation > state.last) return false;
  if (state.next.has_value() && state.next->generation <= state.in_force.generation) return false;
  if (state.built.has_value() && !state.next.has_value()) return false;
  for (std::size_t i = 0; i < state.dropped.size(); ++i) {
    const std::uint32_t gone = state.dropped[i];
    if (gone < kFirstGeneration || gone > state.last) return false;
    if (i > 0 && gone <= state.dropped[i - 1]) return false;
    if (gone == state.in_force.generation) return false;
    if (state.next.has_value() && gone == state.next->generation) return false;
  }
  return true;
}

void Drop(IndexState& state, std::uint32_t generation) {
  const auto place = std::ranges::lower_bound(state.dropped, generation);
  state.dropped.insert(place, generation);
}

}  // namespace

Layout Layout::Of(const Schema& schema, std::uint32_t generation) {
  Layout layout{generation, schema.capacity(), {}};
  for (std::size_t i = 0; i < std::size(kIndexes); ++i) {
    layout.page_bits[i] = schema.PageBits(kIndexes[i]);
  }
  return layout;
}

std::uint8_t Layout::BitsOf(std::uint16_t index) const {
  const auto place = std::ranges::find(kIndexes, index);
  CLOISON_CHECK(place != std::end(kIndexes));
  return page_bits[static_cast<std::size_t>(place - std::begin(kIndexes))];
}

IndexState IndexState::First(const Schema& schema) {
  IndexState state;
  state.in_force = Layout::Of(schema, kFirstGeneration);
  return state;
}

bool IndexState::IsDropped(std::uint32_t generation) const {
  return std::ranges::binary_search(dropped, generation);
}

bool IndexState::Knows(std::uint32_t generation) const {
  const bool is_next = next.has_value() && next->generation == generation;
  return generation == in_force.generation || is_next || IsDropped(generation);
}

double IndexState::Share() const {
  constexpr int kSharedBits = 32;
  if (!next.has_value()) return 1;
  if (!built.has_value()) return 0;
  const std::uint64_t first = base::LoadBig(ByteView(built->bytes()).first(kSharedBits / 8));
  return static_cast<double>(first) / static_cast<double>(std::uint64_t{1} << kSharedBits);
}

IndexState IndexState::Switched() const {
  CLOISON_CHECK(next.has_value());
  IndexState after = *this;
  Drop(after, in_force.generation);
  after.in_force = *next;
  after.next.reset();
  after.built.reset();
  return after;
}

IndexState IndexState::GivenUp(Why why) const {
  CLOISON_CHECK(next.has_value());
  IndexState after = *this;
  Drop(after, next->generation);
  if (why == Why::kFull) after.refused = next->capacity;
  after.next.reset();
  after.built.reset();
  return after;
}

Bytes EncodeIndexState(const IndexState& state) {
  CLOISON_CHECK(IsSound(state) && state.dropped.size() <= kGenerationsDroppedMax);
  Bytes out;
  base::AppendU8(out, kVersion);
  AppendLayout(out, state.in_force);
  base::AppendU32(out, state.last);
  base::AppendU8(out, state.next.has_value() ? 1 : 0);
  if (state.next.has_value()) AppendLayout(out, *state.next);
  base::AppendU8(out, state.built.has_value() ? 1 : 0);
  if (state.built.has_value()) base::AppendBytes(out, state.built->bytes());
  base::AppendU8(out, static_cast<std::uint8_t>(state.dropped.size()));
  for (const std::uint32_t generation : state.dropped) base::AppendU32(out, generation);
  base::AppendU64(out, state.refused);
  return out;
}

Result<IndexState> ParseIndexState(ByteView bytes) {
  base::Reader reader(bytes);
  if (reader.U8() != kVersion) return kBad;
  bool bad = false;
  IndexState state;
  state.in_force = TakeLayout(reader, bad);
  state.last = reader.U32();
  if (TakeFlag(reader, bad)) state.next = TakeLayout(reader, bad);
  if (TakeFlag(reader, bad)) state.built = PersonId(reader.Array<PersonId::kSize>());
  const std::size_t dropped = reader.U8();
  bad = bad || dropped > kGenerationsDroppedMax;
  for (std::size_t i = 0; i < dropped && !reader.failed(); ++i) {
    state.dropped.push_back(reader.U32());
  }
  state.refused = reader.U64();
  if (bad || reader.failed() || !reader.empty() || !IsSound(state)) return kBad;
  return state;
}

Generations::Generations(const Schema& schema, const commit::SealedState& state)
    : state_(state),
      first_(std::make_shared<const IndexState>(IndexState::First(schema))),
      current_(first_) {}

store::Key Generations::RowKey() {
  return {store::Family::kMeta, kRow};
}

Result<std::shared_ptr<const IndexState>> Generations::Open(ByteView row) const {
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(RowKey(), row));
  CLOISON_TRY_ASSIGN(IndexState state, ParseIndexState(plain.Reveal()));
  return std::make_shared<const IndexState>(std::move(state));
}

Task<Status> Generations::Read(store::Store& store) {
  std::vector<store::Key> keys(1, RowKey());
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(keys), store::ReadMode::kAny));
  if (!rows.front().present()) co_return Ok();
  CLOISON_CO_TRY_ASSIGN(std::shared_ptr<const IndexState> state, Open(rows.front().value));
  const std::lock_guard lock(mutex_);
  current_ = std::move(state);
  co_return Ok();
}

std::shared_ptr<const IndexState> Generations::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

Result<std::shared_ptr<const IndexState>> Generations::In(const commit::Staging& staging) {
  const store::Row& row = staging.Get(RowKey());
  if (!row.present()) return first_;
  // A box has random bytes: equal rows say the same.
  if (opened_ == nullptr || !base::Equal(row.value, opened_row_)) {
    CLOISON_TRY_ASSIGN(opened_, Open(row.value));
    opened_row_ = row.value;
  }
  return opened_;
}

void Generations::Put(commit::Staging& staging, const IndexState& state) const {
  staging.Put(RowKey(), state_.Seal(RowKey(), EncodeIndexState(state)));
}

void Generations::Rollback(std::size_t mark) {
  CLOISON_CHECK(mark <= noted_.size());
  noted_.erase(noted_.begin() + static_cast<std::ptrdiff_t>(mark), noted_.end());
}

bool Generations::IsNoted(const std::optional<PersonId>& from,
                          const std::optional<PersonId>& to) const {
  return std::ranges::any_of(noted_, [&from, &to](const PersonId& person) {
    return (!from.has_value() || person > *from) && (!to.has_value() || person <= *to);
  });
}

void Generations::Close(commit::Staging& staging) {
  staged_.reset();
  if (!staging.Has(RowKey())) return;
  const store::Row& row = staging.Get(RowKey());
  if (!row.present() || row.version != staging.version()) return;
  const auto state = In(staging);
  CLOISON_CHECK(state.ok());  // it was sealed in this batch
  staged_ = *state;
}

void Generations::Committed(const commit::Durable&) {
  if (staged_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  current_ = std::move(staged_);
  staged_.reset();
}

}  // namespace cloison::records
