#include "keys/epochs.h"

#include <algorithm>
#include <utility>

#include "keys/internal/person_works.h"

namespace cloison::keys {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr char kEpochsRow[] = "epochs";
constexpr store::Family kFamilies[] = {store::Family::kPersonKeys, store::Family::kAud};

store::Key EpochsKey() {
  return store::Key{store::Family::kMeta, kEpochsRow};
}

// The row of `key` under the current epoch.
Result<Bytes> WrappedAgain(const KeyRing& ring, const internal::Under& under, const store::Key& key,
                           ByteView row, base::Random& random) {
  base::Reader reader(AsBytes(key.bytes));
  if (key.family == store::Family::kAud) {
    const Aud aud(reader.Array<Aud::kSize>());
    if (reader.failed() || !reader.empty()) return Error{Code::kCorrupt, "no key of an AUD row"};
    CLOISON_TRY_ASSIGN(const PersonId person, internal::OpenAudRow(aud, ring, row));
    return internal::SealAudRow(person, aud, ring.register_id(), under, random);
  }
  const PersonId person(reader.Array<PersonId::kSize>());
  CLOISON_TRY_ASSIGN(const std::uint32_t pkv, internal::PkvOf(key.bytes));
  const internal::KeyName name{ring.register_id(), person, pkv};
  CLOISON_TRY_ASSIGN(const crypto::Secret<64> secret, internal::UnwrapWk(name, ring, row));
  return internal::WrapWk(name, under, secret, random);
}

}  // namespace

Bytes EncodeEpochs(const EpochDocument& document) {
  Bytes out;
  base::AppendU8(out, kVersion);
  base::AppendU32(out, document.current);
  base::AppendU64(out, static_cast<std::uint64_t>(document.begun_ms));
  base::AppendU16(out, static_cast<std::uint16_t>(document.clear_ms.size()));
  for (const auto& [epoch, since_ms] : document.clear_ms) {
    base::AppendU32(out, epoch);
    base::AppendU64(out, static_cast<std::uint64_t>(since_ms));
  }
  return out;
}

Result<EpochDocument> ParseEpochs(ByteView bytes) {
  const Error bad{Code::kCorrupt, "the row of epochs has the wrong form"};
  base::Reader reader(bytes);
  if (reader.U8() != kVersion) return bad;
  EpochDocument document;
  document.current = reader.U32();
  document.begun_ms = static_cast<std::int64_t>(reader.U64());
  std::uint32_t last = 0;
  for (std::size_t left = reader.U16(); left > 0 && !reader.failed(); --left) {
    const std::uint32_t epoch = reader.U32();
    const auto since_ms = static_cast<std::int64_t>(reader.U64());
    if (epoch <= last || epoch >= document.current || since_ms < 0) return bad;
    last = epoch;
    document.clear_ms[epoch] = since_ms;
  }
  if (reader.failed() || !reader.empty() || document.current == 0 || document.begun_ms < 0) {
    return bad;
  }
  return document;
}

Task<Status> Epochs::Write(EpochDocument document, base::Executor& home) {
  auto work = std::make_unique<internal::RetireWork>();
  work->puts.push_back({EpochsKey(), state_.Seal(EpochsKey(), EncodeEpochs(document))});
  const auto written = co_await committer_.Submit(std::move(work), home);
  if (!written.ok()) co_return written.error();
  document_ = std::move(document);
  co_return Ok();
}

Task<Status> Epochs::Load(std::int64_t now_ms, base::Random& random, base::Executor& home) {
  random_ = &random;
  std::vector<store::Key> keys;
  keys.push_back(EpochsKey());
  const auto rows = co_await store_.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  EpochDocument document;
  if (rows->front().present()) {
    const auto plain = state_.Open(EpochsKey(), rows->front().value);
    if (!plain.ok()) co_return plain.error();
    CLOISON_CO_TRY_ASSIGN(document, ParseEpochs(plain->Reveal()));
  }
  const std::uint32_t current = ring_.current_epoch();
  if (document.current > current) {
    co_return Error{Code::kCorrupt, "the row of epochs names one that is not begun"};
  }
  document_ = document;
  if (document.current == current) co_return Ok();
  // None yet, or a crash came between the beginning and its row.
  document.current = current;
  document.begun_ms = now_ms;
  co_return co_await Write(std::move(document), home);
}

Task<Status> Epochs::Begin(std::int64_t now_ms, base::Executor& home) {
  CLOISON_CO_TRY(co_await ring_.BeginEpoch());
  co_await home.Schedule();
  EpochDocument document = document_;
  document.current = ring_.current_epoch();
  document.begun_ms = now_ms;
  co_return co_await Write(std::move(document), home);
}

Task<Result<Epochs::Pass>> Epochs::Rewrap(std::int64_t now_ms, base::Executor& home) {
  const std::uint32_t epoch = ring_.current_epoch();
  if (std::exchange(pass_epoch_, epoch) != epoch) {
    pass_family_ = 0;
    pass_from_.clear();
    pass_ = {};
  }
  if (pass_.whole) co_return pass_;
  const store::Family family = kFamilies[pass_family_];
  store::Range range{family, pass_from_, ""};
  CLOISON_CO_TRY_ASSIGN(store::ScanPage page,
                        co_await store_.Scan(std::move(range), kRowsPerSlice));
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const EpochKeys> keys, ring_.Epoch(epoch));
  auto work = std::make_unique<internal::RewrapWork>();
  work->epoch = epoch;
  Pass seen = pass_;
  for (store::KeyedRow& row : page.rows) {
    const Result<std::uint32_t> under = internal::EpochOf(row.row.value);
    if (under.ok() && *under == epoch) continue;
    store::Key key{family, std::move(row.key)};
    Result<Bytes> again =
        WrappedAgain(ring_, internal::Under{epoch, *keys}, key, row.row.value, *random_);
    if (again.ok()) {
      work->rows.push_back({std::move(key), std::move(row.row.value), std::move(*again)});
    } else if (again.error().code() == Code::kNotFound) {
      ++seen.lost;
    } else {
      ++seen.damaged;
      const std::uint32_t may_be = under.ok() && *under != 0 ? *under : 1;
      seen.held = seen.held == 0 ? may_be : std::min(seen.held, may_be);
    }
  }
  if (!work->rows.empty()) {
    const auto written = co_await committer_.Submit(std::move(work), home);
    // A commit that may have happened: the slice is looked at again.
    if (!written.ok()) co_return written.error();
    seen.rewrapped += *written;
  }
  pass_ = seen;
  if (page.next.has_value()) {
    pass_from_ = *page.next;
    co_return pass_;
  }
  pass_from_.clear();
  if (++pass_family_ < std::size(kFamilies)) co_return pass_;
  CLOISON_CO_TRY(co_await EndPass(now_ms, home));
  co_return pass_;
}

// Everything older than the epoch of the pass is clear from now on, but for what a row that does
// not open may be under.
Task<Status> Epochs::EndPass(std::int64_t now_ms, base::Executor& home) {
  pass_family_ = 0;  // should the row not be written, the pass is made again
  EpochDocument document = document_;
  const std::uint32_t end = pass_.held == 0 ? pass_epoch_ : std::min(pass_.held, pass_epoch_);
  for (std::uint32_t epoch = 1; epoch < end; ++epoch) {
    if (document.clear_ms.size() < kClearMax && ring_.Epoch(epoch).ok()) {
      document.clear_ms.try_emplace(epoch, now_ms);
    }
  }
  if (document.clear_ms.size() != document_.clear_ms.size()) {
    CLOISON_CO_TRY(co_await Write(std::move(document), home));
  }
  pass_.whole = true;
  co_return Ok();
}

std::vector<std::uint32_t> Epochs::Due(std::int64_t now_ms, std::int64_t keep_ms) const {
  std::vector<std::uint32_t> due;
  for (const auto& [epoch, since_ms] : document_.clear_ms) {
    if (!IsSeenClear(epoch)) break;
    if (since_ms <= now_ms - keep_ms) due.push_back(epoch);
  }
  return due;
}

bool Epochs::IsSeenClear(std::uint32_t epoch) const {
  const bool seen = pass_.whole && pass_epoch_ == ring_.current_epoch();
  return seen && (pass_.held == 0 || epoch < pass_.held);
}

Task<Status> Epochs::Destroy(std::uint32_t epoch, base::Executor& home) {
  const bool clear = document_.clear_ms.contains(epoch);
  const bool gone = !clear && !ring_.Epoch(epoch).ok() && epoch < ring_.current_epoch();
  if (gone) co_return Ok();
  if (!clear || !IsSeenClear(epoch)) {
    co_return Error{Code::kConflict, "there may be keys under the epoch"};
  }
  CLOISON_CO_TRY(ring_.DestroyEpoch(epoch));
  EpochDocument document = document_;
  document.clear_ms.erase(epoch);
  co_return co_await Write(std::move(document), home);
}

}  // namespace cloison::keys
