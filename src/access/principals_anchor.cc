// The anchor: what ties all principals' rows and the erase journal to the length of the ledger.
//
//   anchor   03 | u64 end of the ledger | u64 items of the erase journal | u64 sum[4]
//               | u64 ceilings[4]
//               | u32 version of the policy in force | u32 of the schema     0: none      sealed
//            02: of before stored schemas, without the last; 01: of before ceilings and stored
//            policies too, without the last three
//   sum      over all principals, per 64-bit lane: digest("actors", principal_id ‖ u64 n)
//   ceilings over all rows of ceilings: digest("ceilings", the row); version 1 has none
//
// Both the end and n are places (ledger/logs.h): in the first log the size, and the number.
//
// Written in every batch that has entries. An older anchor names a shorter ledger; the ledger's
// frames say how long it is, and the last signed size, outside the store, how long it must be.
#include "access/principals.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kAnchorFirst = 1, kAnchorBefore = 2, kAnchorVersion = 3;

store::Key AnchorKey() {
  return {store::Family::kMeta, kAnchorRow};
}

}  // namespace

crypto::Digest Principals::DigestOf(const PrincipalId& id, std::uint64_t place) const {
  return state_.Digest("actors", {id.bytes(), base::BigU64(place)});
}

Task<Status> Principals::Verify(store::Store& store) {
  const std::optional<ledger::Log::Opening>& opening = ledger_.logs().back().opening;
  std::optional<std::int64_t> began_ms;
  if (opening.has_value()) began_ms = opening->budget_ms;
  if (observer_ != nullptr) {
    CLOISON_CO_TRY(co_await observer_->Recover(store));
  }
  CLOISON_CO_TRY(co_await ceilings_.Recover(store, began_ms));
  LaneSum sum{};
  store::Range range{store::Family::kPrincipals, "", ""};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await store.Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& keyed : page.rows) {
      CLOISON_CO_TRY(MeetRow(keyed, sum));
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  std::vector<store::Key> keys{AnchorKey()};
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(keys), store::ReadMode::kAny));
  CLOISON_CO_TRY(CheckAnchor(rows[0], sum));
  sum_ = sum;
  co_return Ok();
}

Status Principals::CheckAnchor(const store::Row& row, const LaneSum& sum) const {
  std::uint64_t size = 0, erased = 0;
  std::uint32_t policy = 0, schema = 0;
  LaneSum want{}, ceilings{};
  if (row.present()) {
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(AnchorKey(), row.value));
    base::Reader reader(plain.Reveal());
    const std::uint8_t version = reader.U8();
    size = reader.U64();
    erased = reader.U64();
    for (std::uint64_t& lane : want) lane = reader.U64();
    if (version >= kAnchorBefore) {
      for (std::uint64_t& lane : ceilings) lane = reader.U64();
      policy = reader.U32();
    }
    if (version >= kAnchorVersion) schema = reader.U32();
    const bool known = version >= kAnchorFirst && version <= kAnchorVersion;
    if (reader.failed() || !reader.empty() || !known) {
      return Error{Code::kCorrupt, "the anchor does not parse"};
    }
  }
  if (size != ledger_.end()) {
    return Error{Code::kCorrupt, "the anchor is of another size of the ledger"};
  }
  // Every change of it is an entry, so an older anchor, with an older policy, is noticed above.
  if (policy != policy_.stored()) {
    return Error{Code::kCorrupt, "the policy is not the one that was in force last"};
  }
  if (schema != schema_) {
    return Error{Code::kCorrupt, "the schema is not the one that was in force last"};
  }
  if (sum != want) return Error{Code::kCorrupt, "principals' rows are not the last ones written"};
  if (ceilings_.sum() != ceilings) {
    return Error{Code::kCorrupt, "ceilings' rows are not the last ones written"};
  }
  // More is fine: an item is there before its entry, and a restore goes back without it.
  if (erase_journal_.size() < erased) {
    return Error{Code::kCorrupt, "the erase journal has lost its end"};
  }
  return Ok();
}

Task<Status> Principals::Prepare(commit::Staging&) {
  co_return Ok();
}

void Principals::Begin(const commit::Staging&) {
  // Works may have been dropped, and with them the whole batch.
  for (PrincipalState* principal : dirty_) principal->dirty_ = false;
  moves_.clear();
  dirty_.clear();
  seen_changes_.clear();
}

std::size_t Principals::Mark() const {
  return moves_.size();
}

void Principals::Rollback(std::size_t mark) {
  CLOISON_CHECK(mark <= moves_.size());
  while (moves_.size() > mark) {
    Move move = std::move(moves_.back());
    moves_.pop_back();
    // Windows do not go back: a work charges last, and nothing fails after it.
    CLOISON_CHECK(!move.charged);
    move.principal->n_ = move.n_before;
    if (move.before != nullptr) {
      move.principal->info_ = std::move(*move.before);
      move.principal->caps_until_ms_ = 0;
    }
    if (!move.enrolled) continue;
    std::erase(dirty_, move.principal);
    loaded_.erase(PrincipalId(move.principal->info_.id));
  }
}

// After the rows: the sum is of the numbers they hold.
void Principals::CloseAnchor(commit::Staging& staging) {
  const std::size_t entries = ledger_.Mark();
  if (entries == 0) return;
  Bytes plain{kAnchorVersion};
  base::AppendU64(plain, ledger::PlaceOf(ledger_.generation(), ledger_.size() + entries));
  base::AppendU64(plain, erase_journal_.size());
  for (const std::uint64_t lane : sum_) base::AppendU64(plain, lane);
  for (const std::uint64_t lane : ceilings_.sum()) base::AppendU64(plain, lane);
  base::AppendU32(plain, policy_.stored());
  base::AppendU32(plain, schema_);
  staging.Put(AnchorKey(), state_.Seal(AnchorKey(), plain));
}

void Principals::Committed(const commit::Durable&) {
  for (const Move& move : moves_) {
    if (move.enrolled || move.before != nullptr) staff_.Keep(move.principal->info());
  }
}

}  // namespace cloison::access
