#include "access/principals.h"

#include <algorithm>
#include <iterator>

#include "access/internal/principal_rows.h"

namespace cloison::access {

namespace {

constexpr std::uint64_t kPruneEvery = 64;     // entries of one principal
constexpr std::size_t kPruneRowsMax = 1'024;  // in one work, which has its limit of rows

std::string TakeShortText(base::Reader& reader) {
  const std::size_t size = reader.U8();
  return std::string(AsText(reader.Take(size)));
}

// Nothing: not as it is written, which has one way for each.
std::optional<PrincipalInfo> TakeInfo(base::Reader& reader) {
  PrincipalInfo info{
      PrincipalId(reader.Array<16>()), OrganisationId(reader.U32()), {}, "", "", false, {}};
  const std::uint8_t has_office = reader.U8();
  const OfficeId office(reader.U32());
  if (has_office == 1) info.office = office;
  info.role = TakeShortText(reader);
  info.label = TakeShortText(reader);
  const std::uint8_t frozen = reader.U8();
  info.frozen = frozen == 1;
  const std::uint8_t has_person = reader.U8();
  const Aud person(reader.Array<16>());
  if (has_person == 1) info.person = person;
  const bool absent_are_zero = (has_office == 1 || office.value() == 0) &&
                               (has_person == 1 || person == Aud(ByteArray<16>{}));
  if (has_office > 1 || frozen > 1 || has_person > 1 || !absent_are_zero) return std::nullopt;
  return info;
}

template <std::size_t N>
bool TakeOptional(base::Reader& reader, std::optional<ByteArray<N>>& value) {
  const std::uint8_t has = reader.U8();
  const ByteArray<N> bytes = reader.Array<N>();
  if (has == 1) value = bytes;
  return has == 1 || (has == 0 && bytes == ByteArray<N>{});
}

std::optional<Raise> TakeRaise(base::Reader& reader) {
  const std::uint8_t counter = reader.U8(), window = reader.U8();
  const std::uint32_t cap = reader.U32();
  const auto until_ms = static_cast<std::int64_t>(reader.U64());
  if (counter >= kCounters || window >= kWindows || until_ms <= 0) return std::nullopt;
  return Raise{static_cast<Counter>(counter), static_cast<Window>(window), cap, until_ms};
}

// What version 3 has more; false: not as it is written.
bool TakeStanding(base::Reader& reader, PrincipalInfo& info) {
  info.enrolled_ms = static_cast<std::int64_t>(reader.U64());
  std::optional<ByteArray<8>> expires;
  std::optional<ByteArray<16>> manager;
  if (!TakeOptional(reader, expires) || !TakeOptional(reader, manager) ||
      !TakeOptional(reader, info.human)) {
    return false;
  }
  if (expires.has_value()) info.expires_ms = static_cast<std::int64_t>(base::LoadBig(*expires));
  if (manager.has_value()) info.manager = PrincipalId(*manager);
  info.reduced_until_ms = static_cast<std::int64_t>(reader.U64());
  const std::size_t count = reader.U8();
  std::optional<std::pair<Counter, Window>> last;
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<Raise> raise = TakeRaise(reader);
    if (!raise.has_value()) return false;
    const std::pair which(raise->counter, raise->window);
    if (last.has_value() && which <= *last) return false;
    last = which;
    info.raises.push_back(*raise);
  }
  return info.enrolled_ms >= 0 && info.expires_ms.value_or(0) >= 0 && info.reduced_until_ms >= 0;
}

Status CheckInfo(const PrincipalInfo& info) {
  if (info.role.size() > kRoleBytesMax || info.label.size() > kLabelBytesMax) {
    return Error{Code::kInvalid, "a principal's role or label is too long"};
  }
  const bool in_order = std::ranges::is_sorted(info.raises, [](const Raise& a, const Raise& b) {
    return std::pair(a.counter, a.window) <= std::pair(b.counter, b.window);
  });
  if (info.raises.size() > kRaisesMax || !in_order) {
    return Error{Code::kInvalid, "raises of different caps, in their order"};
  }
  return Ok();
}

// A role that the policy does not know any more is shown nobody.
Caps ClassCaps(const Policy& policy, std::string_view role) {
  const Result<const BudgetClass*> of = policy.ClassOf(role);
  return of.ok() ? (*of)->caps : Caps{};
}

// Each of a later log than the one before, the number's own log the last.
bool InOrder(const std::vector<std::uint64_t>& closed, std::uint64_t place) {
  std::uint32_t before = 0;
  for (const std::uint64_t one : closed) {
    const std::uint32_t generation = ledger::GenerationOf(one);
    if (generation <= before || ledger::NumberOf(one) == 0) return false;
    before = generation;
  }
  return before < ledger::GenerationOf(place);
}

}  // namespace

struct Principals::StoredRow {
  PrincipalInfo info;
  crypto::Secret<32> pk;
  std::uint64_t place;  // of n
  std::uint64_t seen_count;
  LaneSum seen_hash;
  std::vector<std::uint64_t> closed;
  Bytes watch;

  static Result<StoredRow> Parse(ByteView plain);
};

Principals::Principals(const PolicyInForce& policy, const commit::SealedState& state,
                       ledger::Ledger& ledger, const keys::EraseJournal& erase_journal,
                       Ceilings& ceilings, base::Random& random, Observer* observer)
    : policy_(policy),
      state_(state),
      ledger_(ledger),
      erase_journal_(erase_journal),
      ceilings_(ceilings),
      random_(random),
      observer_(observer) {}

std::string Principals::RowKey(const PrincipalId& id) const {
  return state_.Prf(store::Family::kPrincipals, {id.bytes()});
}

void Principals::SetKeys(PrincipalState& principal) const {
  principal.row_.emplace(state_.SealerOf({store::Family::kPrincipals, RowKey(principal.info_.id)}));
  principal.seen_prefix_ = state_.Prf(store::Family::kSeen, {principal.info_.id.bytes()});
}

store::Key Principals::SeenKey(const PrincipalState& principal, const SeenId& who) const {
  std::string key;
  key.reserve(principal.seen_prefix_.size() + who.size());
  key += principal.seen_prefix_;
  key += AsText(who);
  return {store::Family::kSeen, std::move(key)};
}

SeenId Principals::SeenOf(const PrincipalId& principal, const PersonId& person,
                          ShowingFamily family) const {
  const auto number = static_cast<std::uint8_t>(family);
  const ByteView mark = family == ShowingFamily::kClass ? ByteView() : ByteView(&number, 1);
  return state_.PrfBytes(store::Family::kSeen, {principal.bytes(), person.bytes(), mark});
}

SeenId Principals::SeenOfQuery(const PrincipalId& principal, std::uint16_t index,
                               ByteView canonical) const {
  return crypto::Truncate<16>(
      state_.Digest("query", {principal.bytes(), base::BigU16(index), canonical}));
}

Result<Principals::StoredRow> Principals::StoredRow::Parse(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  if (version < internal::kPrincipalRowFirst || version > internal::kPrincipalRowVersion)
    return Error{Code::kCorrupt, "a principal's row has another version"};
  std::optional<PrincipalInfo> info = TakeInfo(reader);
  if (!info.has_value()) return Error{Code::kCorrupt, "a principal's row does not parse"};
  CLOISON_TRY_ASSIGN(crypto::Secret<32> pk, crypto::Secret<32>::FromBytes(reader.Take(32)));
  StoredRow row{std::move(*info), std::move(pk), reader.U64(), reader.U64(), {}, {}, {}};
  for (std::uint64_t& lane : row.seen_hash) lane = reader.U64();
  const bool with_logs = version >= internal::kPrincipalRowWithLogs;
  const std::size_t closed = with_logs ? reader.U8() : 0;
  for (std::size_t i = 0; i < closed; ++i) row.closed.push_back(reader.U64());
  const bool with_standing = version >= internal::kPrincipalRowWithStanding;
  const bool standing = !with_standing || TakeStanding(reader, row.info);
  const bool with_watch = version == internal::kPrincipalRowVersion;
  const std::size_t watch = with_watch ? reader.U16() : 0;
  if (with_watch) {
    const ByteView bytes = reader.Take(watch);
    row.watch.assign(bytes.begin(), bytes.end());
  }
  // Of the two forms of before, the log's generation chose one.
  const bool one_form = with_standing || with_logs == (ledger::GenerationOf(row.place) > 1);
  if (reader.failed() || !reader.empty() || !InOrder(row.closed, row.place) || !standing ||
      !one_form || with_watch != (watch != 0)) {
    return Error{Code::kCorrupt, "a principal's row does not parse"};
  }
  return row;
}

// At start: what the anchor's sum holds of it, and who it is, whatever the policy says of their
// role by now.
Status Principals::MeetRow(const store::KeyedRow& keyed, LaneSum& sum) {
  const store::Key key{store::Family::kPrincipals, keyed.key};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, keyed.row.value));
  CLOISON_TRY_ASSIGN(const StoredRow row, StoredRow::Parse(plain.Reveal()));
  AddLanes(sum, DigestOf(row.info.id, row.place), true);
  staff_.Keep(row.info);
  return Ok();
}

Result<std::unique_ptr<PrincipalState>> Principals::ParseRow(ByteView plain,
                                                             const Policy& policy) const {
  CLOISON_TRY_ASSIGN(StoredRow row, StoredRow::Parse(plain));
  const Caps caps = ClassCaps(policy, row.info.role);
  auto key = std::make_shared<const ledger::ActorKey>(ledger_.log_id(), std::move(row.pk));
  std::unique_ptr<PrincipalState> state(
      new PrincipalState(std::move(row.info), std::move(key), caps));
  state->closed_ = std::move(row.closed);
  if (!row.watch.empty()) {
    if (observer_ == nullptr) return Error{Code::kCorrupt, "a principal is watched by nobody here"};
    CLOISON_TRY_ASSIGN(state->watch_, observer_->Read(row.watch));
  }
  state->summed_n_ = row.place;
  const std::uint32_t generation = ledger::GenerationOf(row.place);
  if (generation > ledger_.generation()) {
    return Error{Code::kCorrupt, "a principal's row is of a later log"};
  }
  if (generation == ledger_.generation()) {
    state->n_ = ledger::NumberOf(row.place);
  } else if (ledger::NumberOf(row.place) > 0) {
    state->closed_.push_back(row.place);
  }
  state->seen_count_ = row.seen_count;
  state->seen_hash_ = row.seen_hash;
  SpendLost(*state);
  return state;
}

// Nobody knows whom anybody was shown before the last ceremony.
Windows& Principals::WindowsOf(PrincipalState& principal, ShowingFamily family) const {
  if (family == ShowingFamily::kClass) return principal.windows_;
  std::unique_ptr<Windows>& windows = principal.others_[static_cast<std::size_t>(family) - 1];
  if (windows == nullptr) {
    windows = std::make_unique<Windows>(CapsOf(family));
    const std::optional<ledger::Log::Opening>& opening = ledger_.logs().back().opening;
    if (opening.has_value()) windows->SpendAll(opening->budget_ms);
  }
  return *windows;
}

void Principals::SpendLost(PrincipalState& principal) const {
  const std::optional<ledger::Log::Opening>& opening = ledger_.logs().back().opening;
  if (opening.has_value()) principal.windows_.SpendAll(opening->budget_ms);
}

std::uint64_t Principals::PlaceOf(const PrincipalState& principal) const {
  return ledger::PlaceOf(ledger_.generation(), principal.n_);
}

Task<Status> Principals::LoadSeen(store::Store& store, PrincipalState& principal,
                                  std::int64_t now_ms) const {
  PrincipalState check(principal.info_, principal.key_, principal.windows_.caps());
  principal.windows_.Reserve(std::min<std::uint64_t>(principal.seen_count_, store::kScanRowsMax));
  const std::string& prefix = principal.seen_prefix_;
  store::Range range{store::Family::kSeen, prefix, prefix + std::string(17, '\xff')};
  while (true) {
    const Result<store::ScanPage> page = co_await store.Scan(range, store::kScanRowsMax);
    if (!page.ok()) co_return page.error();
    for (const store::KeyedRow& keyed : page->rows) {
      const store::Key key{store::Family::kSeen, keyed.key};
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, keyed.row.value));
      base::Reader reader(plain.Reveal());
      const std::uint8_t version = reader.U8();
      const ByteArray<16> name = reader.Array<16>();  // of the person: for scopes
      Seen seen;
      for (std::int64_t& time : seen.times) time = static_cast<std::int64_t>(reader.U64());
      const bool wrong = internal::IsWrongTryRow(version);
      if (internal::HasSeat(version)) seen.seat = {reader.U32(), reader.U32()};
      const ShowingFamily family = internal::FamilyOfSeenRow(version);
      const bool one_form = version == internal::SeenRowVersionOf(seen, wrong, family);
      if (reader.failed() || !reader.empty() || !one_form || keyed.key.size() != 32) {
        co_return Error{Code::kCorrupt, "a seen row does not parse"};
      }
      // The windows never see the future: the clock row is older than this one.
      if (std::ranges::any_of(seen.times,
                              [now_ms](std::int64_t t) { return t < 0 || t > now_ms; })) {
        co_return Error{Code::kCorrupt, "a seen row is of a time to come"};
      }
      SeenId who;
      std::copy(keyed.key.begin() + 16, keyed.key.end(), who.begin());
      check.AddSeen(DigestOfSeen(principal, who, seen, version), true);
      if (wrong) principal.wrong_.emplace(who, name);
      ++check.seen_count_;
      WindowsOf(principal, family).Restore(who, seen);
    }
    // As many as were charged and no more: what the policy's caps leave room for.
    if (check.seen_count_ > principal.seen_count_) break;
    if (!page->next.has_value()) break;
    range.begin = *page->next;
  }
  principal.windows_.Settle();
  for (const std::unique_ptr<Windows>& windows : principal.others_) {
    if (windows != nullptr) windows->Settle();
  }
  if (check.seen_count_ != principal.seen_count_ || check.seen_hash_ != principal.seen_hash_) {
    co_return Error{Code::kCorrupt, "a principal's seen rows were thinned or altered"};
  }
  co_return Ok();
}

bool Principals::IsLoaded(const commit::Staging& staging, const PrincipalId& id) {
  const auto found = loaded_.find(id);
  if (found == loaded_.end()) return false;
  found->second->used_ = staging.version();
  return true;
}

Task<Status> Principals::Load(commit::Staging& staging, PrincipalId id) {
  if (IsLoaded(staging, id)) co_return Ok();
  const store::Key key{store::Family::kPrincipals, RowKey(id)};
  std::vector<store::Key> keys{key};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  const store::Row& row = staging.Get(key);
  if (!row.present()) co_return Error{Code::kNotFound, "not a principal of this register"};
  CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, row.value));
  CLOISON_CO_TRY_ASSIGN(std::unique_ptr<PrincipalState> state,
                        ParseRow(plain.Reveal(), policy_.Now()));
  SetKeys(*state);
  CLOISON_CO_TRY(co_await LoadSeen(staging.store(), *state, staging.time().budget_ms));
  const ledger::Tag next = state->key_->TagOf(state->n_);
  CLOISON_CO_TRY_ASSIGN(const bool used, co_await ledger_.HasActorTag(next));
  if (used) co_return Error{Code::kCorrupt, "a principal's state is older than the ledger"};
  state->summed_ = DigestOf(id, state->summed_n_);
  state->used_ = staging.version();
  Evict(staging.version());
  loaded_.insert_or_assign(id, std::move(state));
  co_return Ok();
}

void Principals::Evict(store::Version current) {
  for (auto it = loaded_.begin(); it != loaded_.end() && loaded_.size() >= kPrincipalsCachedMax;) {
    it = it->second->used_ < current ? loaded_.erase(it) : std::next(it);
  }
}

PrincipalState& Principals::Get(const PrincipalId& id) {
  const auto found = loaded_.find(id);
  CLOISON_CHECK(found != loaded_.end());
  return *found->second;
}

const PrincipalState* Principals::Peek(const PrincipalId& id) const {
  const auto found = loaded_.find(id);
  return found == loaded_.end() ? nullptr : found->second.get();
}

Status Principals::Enrol(commit::Staging& staging, PrincipalInfo info) {
  CLOISON_TRY(CheckInfo(info));
  CLOISON_TRY_ASSIGN(const BudgetClass* const budget_class, policy_.Now().ClassOf(info.role));
  const store::Key key{store::Family::kPrincipals, RowKey(info.id)};
  if (loaded_.contains(info.id) || staging.Get(key).present()) {
    return Error{Code::kConflict, "the principal exists"};
  }
  auto actor =
      std::make_shared<const ledger::ActorKey>(ledger_.log_id(), crypto::Secret<32>(random_));
  const PrincipalId id = info.id;
  std::unique_ptr<PrincipalState> state(
      new PrincipalState(std::move(info), std::move(actor), budget_class->caps));
  SpendLost(*state);
  SetKeys(*state);
  state->used_ = staging.version();
  MarkDirty(*state);
  moves_.push_back(Move{state.get(), 0, true, false, nullptr});
  loaded_.insert_or_assign(id, std::move(state));
  return Ok();
}

void Principals::PruneSeen(commit::Staging& staging, PrincipalState& principal) const {
  std::size_t most = kPruneRowsMax;
  for (std::size_t f = 0; f < kShowingFamilies; ++f) {
    const auto family = static_cast<ShowingFamily>(f);
    if (principal.windows(family) == nullptr) continue;
    for (const auto& [who, seen] :
         WindowsOf(principal, family).Prune(staging.time().budget_ms, most)) {
      const bool wrong = principal.wrong_.erase(who) != 0;
      const std::uint8_t version = internal::SeenRowVersionOf(seen, wrong, family);
      principal.AddSeen(DigestOfSeen(principal, who, seen, version), false);
      --principal.seen_count_;
      --most;
      staging.Delete(SeenKey(principal, who));
    }
  }
}

Principals::WrongTries Principals::WrongTriesOf(const PrincipalState& principal,
                                                const ByteArray<16>& name, const SeenId& tried,
                                                std::int64_t now_ms) {
  WrongTries tries;
  const Windows* const present = principal.windows(ShowingFamily::kPresence);
  for (const auto& [who, of] : principal.wrong_) {
    if (who == tried || of != name) continue;
    const SeenTimes* times = principal.windows_.Find(who);
    if (times == nullptr && present != nullptr) times = present->Find(who);
    const std::int64_t last =
        times == nullptr ? 0 : (*times)[static_cast<std::size_t>(Counter::kGlimpsed)];
    if (last == 0 || last < now_ms - base::kDayMs) continue;
    tries.first_ms = tries.others == 0 ? last : std::min(tries.first_ms, last);
    ++tries.others;
  }
  return tries;
}

Asker Principals::AskerOf(const PrincipalState& principal, ClientId client) {
  const PrincipalInfo& info = principal.info_;
  return {info.organisation,
          {info.office.has_value() ? info.office->value() : kManySeats, client.value()}};
}

std::vector<RungChange> Principals::Charge(commit::Staging& staging, PrincipalState& principal,
                                           ClientId client, std::uint64_t entries,
                                           std::span<const Debit> debits) {
  // A work may add several entries: every multiple passed counts, also one that is stepped over.
  const bool prunes = principal.n_ / kPruneEvery != (principal.n_ + entries) / kPruneEvery;
  if (prunes) PruneSeen(staging, principal);
  moves_.push_back(Move{&principal, principal.n_, false, prunes || !debits.empty(), nullptr});
  principal.n_ += entries;
  const std::int64_t now_ms = staging.time().budget_ms;
  const Asker asker = AskerOf(principal, client);
  observed_.clear();
  for (const Debit& debit : debits) {
    const ShowingFamily family = debit.showing.family;
    const bool has_ceilings = family != ShowingFamily::kOverview;
    Windows& windows = WindowsOf(principal, family);
    const SeenId& who = debit.showing.who;
    const Seen* const before = windows.FindSeen(who);
    if (has_ceilings) ceilings_.Move(now_ms, asker, before, debit.showing);
    const bool was_wrong = principal.wrong_.contains(who);
    SeenChange change{&principal,        who,       debit.name,  {},    {},
                      before != nullptr, was_wrong, debit.wrong, family};
    if (before != nullptr) change.before = *before;
    change.after = windows.Debit(now_ms, debit.showing, has_ceilings ? asker.seat : Seat{});
    if (principal.seen_by_observer_) {
      const Marks marks = debit.wrong ? Marks::Absent() : debit.marks;
      observed_.push_back(
          {debit.name, debit.showing.counters, family, marks, debit.steps, change.before.times});
    }
    if (debit.wrong) {
      principal.wrong_.insert_or_assign(who, debit.name);
    } else if (was_wrong) {
      principal.wrong_.erase(who);
    }
    const bool same = change.before == change.after && was_wrong == debit.wrong;
    if (change.was_there && same) continue;  // its row says so already
    if (!change.was_there) ++principal.seen_count_;
    seen_changes_.push_back(change);
  }
  MarkDirty(principal);
  if (observed_.empty()) return {};
  Acting acting{principal.info_, principal.budget_class_, staging.time()};
  for (const Debit& debit : debits) {
    NoteUse(principal, debit.showing.family, debit.showing.counters, acting);
  }
  std::vector<RungChange> changes = observer_->See(acting, *principal.watch_, observed_);
  if (!changes.empty()) principal.caps_until_ms_ = 0;
  return changes;
}

Status Principals::Change(PrincipalState& principal, PrincipalInfo after) {
  CLOISON_TRY(CheckInfo(after));
  PrincipalInfo& info = principal.info_;
  // One whose role is gone can be frozen all the same.
  if (after.role != info.role) {
    CLOISON_TRY(policy_.Now().ClassOf(after.role));
  }
  after.id = info.id;
  after.organisation = info.organisation;
  after.person = info.person;
  moves_.push_back(Move{&principal, principal.n_, false, false,
                        std::make_unique<PrincipalInfo>(std::move(info))});
  info = std::move(after);
  principal.caps_until_ms_ = 0;
  MarkDirty(principal);
  return Ok();
}

void Principals::SetFrozen(PrincipalState& principal, bool frozen) {
  PrincipalInfo after = principal.info_;
  after.frozen = frozen;
  const Status changed = Change(principal, std::move(after));
  CLOISON_CHECK(changed.ok());
}

void Principals::RefreshCaps(PrincipalState& principal, std::int64_t now_ms) {
  const bool same_policy = principal.caps_serial_ == policy_.serial();
  if (same_policy && now_ms < principal.caps_until_ms_) return;
  Watched(principal, now_ms);
  principal.caps_serial_ = policy_.serial();
  principal.caps_until_ms_ = now_ms + 1;  // known; what follows sets it
  CapsNow now = CapsOf(ClassCaps(policy_.Now(), principal.info_.role), principal.info_, now_ms);
  const bool held = HoldOn(principal, now_ms).rung >= Rung::kSecondPerson;
  const std::uint32_t by = held ? kBudgetsDividedBy : 1;
  now.caps = Divided(now.caps, by);
  principal.windows_.SetCaps(now.caps);
  if (principal.windows(ShowingFamily::kPresence) != nullptr) {
    PrincipalInfo without_raises = principal.info_;
    without_raises.raises.clear();
    const CapsNow presence = CapsOf(CapsOf(ShowingFamily::kPresence), without_raises, now_ms);
    WindowsOf(principal, ShowingFamily::kPresence).SetCaps(Divided(presence.caps, by));
  }
  principal.caps_until_ms_ = now.until_ms;
}

std::optional<Spent> Principals::WouldPass(const commit::Staging& staging,
                                           PrincipalState& principal, ClientId client,
                                           std::span<const Showing> showings) {
  const std::int64_t now_ms = staging.time().budget_ms;
  RefreshCaps(principal, now_ms);
  const Asker asker = AskerOf(principal, client);
  const bool of_class = std::ranges::all_of(
      showings, [](const Showing& showing) { return showing.family == ShowingFamily::kClass; });
  if (!of_class) return WouldPassInFamilies(principal, asker, now_ms, showings);
  const auto spent = principal.windows_.WouldPass(now_ms, showings);
  if (spent.has_value()) return spent;
  return ceilings_.WouldPass(now_ms, asker, principal.windows_, showings);
}

// Each family has ceilings of its own, but the overview, a call of which is no person.
std::optional<Spent> Principals::WouldPassInFamilies(PrincipalState& principal, const Asker& asker,
                                                     std::int64_t now_ms,
                                                     std::span<const Showing> showings) {
  for (std::size_t f = 0; f < kShowingFamilies; ++f) {
    const auto family = static_cast<ShowingFamily>(f);
    std::vector<Showing> of_family;
    std::ranges::copy_if(showings, std::back_inserter(of_family),
                         [family](const Showing& showing) { return showing.family == family; });
    if (of_family.empty()) continue;
    const bool fresh = principal.windows(family) == nullptr;
    const Windows& windows = WindowsOf(principal, family);
    if (fresh) {  // with what its caps are now
      principal.caps_until_ms_ = 0;
      RefreshCaps(principal, now_ms);
    }
    std::optional<Spent> spent = windows.WouldPass(now_ms, of_family);
    if (!spent.has_value() && family != ShowingFamily::kOverview) {
      spent = ceilings_.WouldPass(now_ms, asker, windows, of_family);
    }
    if (!spent.has_value()) continue;
    spent->family = family;
    return spent;
  }
  return std::nullopt;
}

Task<Result<PrincipalInfo>> Principals::Find(store::Store& store, PrincipalId id) const {
  const store::Key key{store::Family::kPrincipals, RowKey(id)};
  std::vector<store::Key> keys{key};
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(keys), store::ReadMode::kAny));
  if (!rows[0].present()) co_return Error{Code::kNotFound, "not a principal of this register"};
  CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, rows[0].value));
  const std::shared_ptr<const Policy> policy = policy_.Current();  // not on the committer
  CLOISON_CO_TRY_ASSIGN(const std::unique_ptr<PrincipalState> state,
                        ParseRow(plain.Reveal(), *policy));
  co_return state->info_;
}

}  // namespace cloison::access
