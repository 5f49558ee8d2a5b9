#include "access/ceilings.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "access/internal/alarm_box.h"

namespace cloison::access {

using internal::BucketCounts;
using internal::ScopeKey;

namespace {

constexpr std::size_t kSlice = 8;  // rows: some 20 us of work

std::pair<std::int64_t, std::uint32_t> LengthOf(const BucketCounts& counts) {
  return {counts.bucket_ms(), counts.buckets()};
}

auto BeginningOf(const BucketCounts& counts) {
  return std::tuple(counts.bucket_ms(), counts.buckets(), counts.since_ms(), counts.caps(),
                    counts.caps_since_ms());
}

BucketCounts* FindLength(std::vector<BucketCounts>& counts, const CeilingSpec& spec) {
  const auto found = std::ranges::find_if(counts, [&spec](const BucketCounts& one) {
    return one.bucket_ms() == spec.bucket_ms && one.buckets() == spec.buckets;
  });
  return found == counts.end() ? nullptr : &*found;
}

// Whether something that bounded this counter before `began_ms` bounds it no longer, or less.
bool IsLoosened(const std::vector<BucketCounts>& before, const std::vector<BucketCounts>& after,
                std::size_t counter, std::int64_t began_ms) {
  return std::ranges::any_of(before, [&](const BucketCounts& one) {
    if (one.cap(counter) == internal::kNoCap || one.since_ms() >= began_ms) return false;
    return std::ranges::none_of(after, [&](const BucketCounts& still) {
      return LengthOf(still) == LengthOf(one) && still.cap(counter) <= one.cap(counter);
    });
  });
}

// The most pairs that can have been shown within the last `length_ms`, by counts that have counted
// for all of it: a longer one says it, of a shorter one it is its count and as many caps as fit in
// before, if they held so long. Nothing: no count says it.
std::optional<std::uint64_t> MostBefore(const std::vector<BucketCounts>& before,
                                        std::size_t counter, std::int64_t length_ms,
                                        std::int64_t now_ms) {
  std::optional<std::uint64_t> least;
  for (const BucketCounts& one : before) {
    if (one.since_ms() > now_ms - length_ms) continue;
    const auto more =
        static_cast<std::uint64_t>((length_ms + one.length_ms() - 1) / one.length_ms() - 1);
    const bool bounded =
        one.cap(counter) != internal::kNoCap && one.caps_since_ms() <= now_ms - length_ms;
    if (more != 0 && !bounded) continue;
    const std::uint64_t most = one.total(counter) + more * one.cap(counter);
    least = std::min(least.value_or(UINT64_MAX), most);
  }
  return least;
}

// Whether something that bounded this counter for the last `length_ms`, or for as long as anything
// bounded it, goes on as it was; or nothing bounded it.
bool IsBounded(const std::vector<BucketCounts>& before, const std::vector<BucketCounts>& kept,
               std::size_t counter, std::int64_t from_ms) {
  const auto bounds = [counter](const BucketCounts& one) {
    return one.cap(counter) != internal::kNoCap;
  };
  return std::ranges::none_of(before, bounds) ||
         std::ranges::any_of(kept, [&](const BucketCounts& one) {
           return bounds(one) && (one.first() || one.since_ms() <= from_ms);
         });
}

// A count younger than it is long does not know who was shown before it began. Once what bounded
// them then bounds them no longer, it holds as many as they can have been, or is full.
void CarryBefore(BucketCounts& young, const std::vector<BucketCounts>& before, std::size_t counter,
                 std::int64_t now_ms) {
  const bool counts = young.cap(counter) != internal::kNoCap;
  if (!counts || young.since_ms() <= now_ms - young.length_ms()) return;
  const auto most = MostBefore(before, counter, young.length_ms(), now_ms);
  if (most.has_value()) {
    young.CarryTo(counter, *most);
  } else {
    young.Fill(counter);
  }
}

// The shortest window that an interval of all buckets fits in.
Window WindowOf(std::int64_t bucket_ms, std::uint32_t buckets) {
  for (std::size_t w = 0; w < kWindows; ++w) {
    if (bucket_ms * buckets <= kWindowMs[w]) return static_cast<Window>(w);
  }
  return Window::kMonth;
}

// Nothing: the asker is below no such scope.
std::optional<ScopeKey> KeyOf(Scope scope, const Asker& asker, ShowingFamily family) {
  if (asker.by_job && scope != Scope::kRegister) return std::nullopt;
  switch (scope) {
    case Scope::kOffice:
      if (asker.seat.office == kManySeats) return std::nullopt;
      return ScopeKey{scope, asker.organisation.value(), asker.seat.office, 0, family};
    case Scope::kOrganisation: return ScopeKey{scope, asker.organisation.value(), 0, 0, family};
    case Scope::kClient: return ScopeKey{scope, 0, 0, asker.seat.client, family};
    case Scope::kRegister: return ScopeKey{scope, 0, 0, 0, family};
    case Scope::kPrincipal: break;
  }
  return std::nullopt;
}

// Whether what this pair was shown before was shown below the same scope. An account never changes
// its organisation.
bool SameScope(Scope scope, const Seat& before, const Seat& now) {
  if (scope == Scope::kOffice) return before.office == now.office && now.office != kManySeats;
  if (scope == Scope::kClient) return before.client == now.client && now.client != kManySeats;
  return true;
}

// Each person once, with all their counters.
std::vector<Showing> Joined(std::span<const Showing> showings) {
  std::vector<Showing> sorted(showings.begin(), showings.end());
  std::ranges::stable_sort(sorted, {}, &Showing::who);
  std::vector<Showing> joined;
  for (const Showing& showing : sorted) {
    if (joined.empty() || joined.back().who != showing.who) {
      joined.push_back(showing);
    } else {
      joined.back().counters.Add(showing.counters);
    }
  }
  return joined;
}

// When this pair was shown last as far as this scope knows; 0: never.
std::int64_t LastIn(Scope scope, const Seen* seen, std::size_t counter, const Seat& now) {
  return seen != nullptr && SameScope(scope, seen->seat, now) ? seen->times[counter] : 0;
}

}  // namespace

struct Ceilings::Account {
  ScopeKey key;
  std::string row_key;
  std::vector<BucketCounts> counts;      // as internal::CeilingRow
  std::optional<crypto::Digest> summed;  // nothing: no row yet
  bool dirty = false;
};

Ceilings::Ceilings(const commit::SealedState& state) : state_(state) {}
Ceilings::~Ceilings() = default;

namespace {

store::Key KeyOfRow(const std::string& row_key) {
  return {store::Family::kCeilings, row_key};
}

std::string RowKeyOf(const commit::SealedState& state, const ScopeKey& key) {
  return state.Prf(store::Family::kCeilings, {Serialise(key)});
}

crypto::Digest DigestOf(const commit::SealedState& state, ByteView plain) {
  return state.Digest("ceilings", {plain});
}

crypto::Digest DigestOfJob(const commit::SealedState& state, ByteView plain) {
  return state.Digest("jobs", {plain});
}

}  // namespace

Task<Status> Ceilings::Recover(store::Store& store, std::optional<std::int64_t> began_ms) {
  began_ms_ = began_ms;
  sum_ = {};
  accounts_.clear();
  changes_.clear();
  tied_.clear();
  dirty_.clear();
  stale_.clear();
  store::Range range{store::Family::kCeilings, "", ""};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await store.Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& keyed : page.rows) {
      const store::Key key = KeyOfRow(keyed.key);
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, keyed.row.value));
      CLOISON_CO_TRY_ASSIGN(internal::CeilingRow row, internal::ParseCeilingRow(plain.Reveal()));
      auto account = std::make_unique<Account>();
      account->key = row.key;
      account->row_key = keyed.key;
      if (RowKeyOf(state_, row.key) != keyed.key) {
        co_return Error{Code::kCorrupt, "a ceiling's row is not under its key"};
      }
      account->counts = std::move(row.counts);
      account->summed = DigestOf(state_, plain.Reveal());
      AddLanes(sum_, *account->summed, true);
      accounts_.insert_or_assign(row.key, std::move(account));
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  if (accounts_.size() > kCeilingScopesMax) {
    co_return Error{Code::kExhausted, "there are too many rows of ceilings"};
  }
  for (const store::Family tied :
       {store::Family::kJobs, store::Family::kPools, store::Family::kDecoys}) {
    store::Range all{tied, "", ""};
    CLOISON_CO_TRY(co_await RecoverTied(store, std::move(all)));
  }
  const std::string numbers = internal::AlarmNumbersKey().bytes;
  store::Range one{store::Family::kCases, numbers, numbers + '\0'};
  co_return co_await RecoverTied(store, std::move(one));
}

Task<Status> Ceilings::RecoverTied(store::Store& store, store::Range range) {
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await store.Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& keyed : page.rows) {
      const store::Key key{range.family, keyed.key};
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, keyed.row.value));
      AddLanes(sum_, DigestOfJob(state_, plain.Reveal()), true);
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  co_return Ok();
}

void Ceilings::SetSpecs(std::vector<CeilingSpec> specs) {
  CLOISON_CHECK(specs.size() <= kCeilingSpecsMax);
  next_specs_ = std::move(specs);
}

bool Ceilings::Applies(const CeilingSpec& spec, const ScopeKey& key) const {
  if (spec.scope != key.scope || spec.family != key.family) return false;
  if (spec.organisation.has_value() && spec.organisation->value() != key.organisation) return false;
  return !spec.office.has_value() || spec.office->value() == key.office;
}

// What is still asked for goes on counting; what is new begins now; both with what may have been
// shown before them where that is bounded no longer; the rest is dropped, so that it begins anew if
// it is asked for again: nobody counted meanwhile. True: its row says otherwise.
bool Ceilings::Resolve(Account& account, std::int64_t now_ms) {
  std::vector<BucketCounts> before = std::move(account.counts), counts, fresh;
  for (BucketCounts& one : before) one.Advance(now_ms);
  for (const CeilingSpec& spec : specs_) {
    if (!Applies(spec, account.key)) continue;
    BucketCounts* known = FindLength(counts, spec);
    if (known == nullptr) known = FindLength(fresh, spec);
    if (known == nullptr) {
      const BucketCounts* const kept = FindLength(before, spec);
      std::vector<BucketCounts>& into = kept == nullptr ? fresh : counts;
      into.push_back(kept == nullptr ? BucketCounts(spec.bucket_ms, spec.buckets, now_ms) : *kept);
      known = &into.back();
      known->ClearCaps();
    }
    known->LowerCaps(spec.caps);
  }
  for (BucketCounts& one : counts) {
    const auto same = std::ranges::find(before, LengthOf(one), LengthOf);
    one.FollowCaps(*same, now_ms);
  }
  const std::vector<BucketCounts> kept = counts;
  for (BucketCounts& one : fresh) {
    if (before.empty()) one.SetFirst();
  }
  counts.insert(counts.end(), fresh.begin(), fresh.end());
  for (BucketCounts& one : counts) {
    for (std::size_t c = 0; c < kCounters; ++c) {
      const bool begins = one.since_ms() == now_ms;
      const bool open = one.filled(c) || IsLoosened(before, kept, c, one.since_ms()) ||
                        (begins && !IsBounded(before, kept, c, now_ms - one.length_ms()));
      if (open) CarryBefore(one, before, c, now_ms);
    }
  }
  std::ranges::sort(counts, {}, LengthOf);
  account.counts = std::move(counts);
  return !std::ranges::equal(account.counts, before, {}, BeginningOf, BeginningOf);
}

// Null: there are too many to begin another.
Ceilings::Account* Ceilings::Find(std::int64_t now_ms, const ScopeKey& key) {
  auto found = accounts_.find(key);
  if (found == accounts_.end()) {
    if (accounts_.size() >= kCeilingScopesMax) return nullptr;
    auto account = std::make_unique<Account>();
    account->key = key;
    account->row_key = RowKeyOf(state_, key);
    Resolve(*account, now_ms);
    found = accounts_.emplace(key, std::move(account)).first;
  }
  Account& account = *found->second;
  for (BucketCounts& counts : account.counts) counts.Advance(now_ms);
  return &account;
}

std::optional<Spent> Ceilings::FindAll(std::int64_t now_ms, const Below& below, Accounts& out) {
  const auto& has_scope = has_scope_[static_cast<std::size_t>(below.family)];
  for (std::size_t s = 0; s < kScopes; ++s) {
    out[s] = nullptr;
    if (!has_scope[s]) continue;
    const auto scope = static_cast<Scope>(s);
    const std::optional<ScopeKey> key = KeyOf(scope, below.asker, below.family);
    if (!key.has_value()) continue;
    out[s] = Find(now_ms, *key);
    if (out[s] == nullptr) return Spent{Counter::kGlimpsed, Window::kMonth, scope, below.family};
  }
  return std::nullopt;
}

// Who was shown before the ceremony is still in the window, and nobody knows how many that is.
bool Ceilings::IsLost(const BucketCounts& counts) const {
  return began_ms_.has_value() && counts.BucketOf(*began_ms_) >=
                                      counts.newest() - static_cast<std::int64_t>(counts.buckets());
}

std::optional<Spent> Ceilings::WouldPass(const Account& account, const Asker& asker,
                                         std::span<const Asked> asked) const {
  for (const BucketCounts& counts : account.counts) {
    std::array<std::uint32_t, kCounters> fresh{};
    for (const Asked& one : asked) {
      for (std::size_t c = 0; c < kCounters; ++c) {
        if (!one.counters.Has(static_cast<Counter>(c))) continue;
        if (!counts.Holds(LastIn(account.key.scope, one.seen, c, asker.seat))) ++fresh[c];
      }
    }
    for (std::size_t c = 0; c < kCounters; ++c) {
      if (fresh[c] == 0 || counts.cap(c) == internal::kNoCap) continue;
      if (!IsLost(counts) && counts.total(c) + fresh[c] <= counts.cap(c)) continue;
      return Spent{static_cast<Counter>(c), WindowOf(counts.bucket_ms(), counts.buckets()),
                   account.key.scope, account.key.family};
    }
  }
  return std::nullopt;
}

std::optional<Spent> Ceilings::WouldPass(std::int64_t now_ms, const Asker& asker,
                                         const Windows& windows,
                                         std::span<const Showing> showings) {
  if (showings.empty()) return std::nullopt;
  Accounts accounts;
  const Below below{asker, showings.front().family};
  if (const auto full = FindAll(now_ms, below, accounts); full.has_value()) return full;
  const auto asked_of = [&windows](const Showing& showing) {
    return Asked{showing.counters, windows.FindSeen(showing.who)};
  };
  const Asked one = asked_of(showings.front());
  std::vector<Asked> many;
  if (showings.size() > 1) {
    std::ranges::transform(Joined(showings), std::back_inserter(many), asked_of);
  }
  const std::span<const Asked> asked = many.empty() ? std::span(&one, 1) : std::span(many);
  for (const Account* const account : accounts) {
    if (account == nullptr) continue;
    if (const auto spent = WouldPass(*account, asker, asked); spent.has_value()) return spent;
  }
  return std::nullopt;
}

void Ceilings::Move(std::int64_t now_ms, const Asker& asker, const Seen* seen,
                    const Showing& showing) {
  Accounts accounts;
  // WouldPass of the same work has made room.
  CLOISON_CHECK(!FindAll(now_ms, {asker, showing.family}, accounts).has_value());
  // From this showing on no row may have counts that it is not in.
  if (!stale_.empty()) changes_.push_back({nullptr, 0, 0, false});
  for (Account* const account : accounts) {
    if (account == nullptr) continue;
    const std::size_t before = changes_.size();
    for (BucketCounts& counts : account->counts) {
      for (std::size_t c = 0; c < kCounters; ++c) {
        if (!showing.counters.Has(static_cast<Counter>(c))) continue;
        const std::int64_t last = LastIn(account->key.scope, seen, c, asker.seat);
        const bool held = counts.Holds(last);
        if (held && counts.BucketOf(last) == counts.newest()) continue;
        if (held && counts.Take(c, last)) {
          changes_.push_back({&counts, counts.BucketOf(last), c, false});
        }
        counts.Add(c);
        changes_.push_back({&counts, counts.newest(), c, true});
      }
    }
    if (changes_.size() == before) continue;
    if (!std::exchange(account->dirty, true)) dirty_.push_back(account);
  }
}

void Ceilings::Tie(const std::optional<Bytes>& before, ByteView after) {
  Tied tied{{}, DigestOfJob(state_, after)};
  if (before.has_value()) tied.before = DigestOfJob(state_, *before);
  tied_.push_back(tied);
  changes_.push_back({nullptr, 0, 0, false, true});
}

std::int64_t Ceilings::FreesIn(const Spent& spent, std::int64_t now_ms) const {
  std::int64_t least = kWindowMs[static_cast<std::size_t>(spent.window)];
  for (const CeilingSpec& spec : specs_) {
    if (spec.scope != spent.scope || spec.family != spent.family) continue;
    if (WindowOf(spec.bucket_ms, spec.buckets) != spent.window) continue;
    least = std::min(least, spec.bucket_ms - now_ms % spec.bucket_ms);
  }
  return least;
}

std::optional<std::uint64_t> Ceilings::Counted(const Spent& of, const Asker& asker,
                                               std::int64_t now_ms) {
  const std::optional<ScopeKey> key = KeyOf(of.scope, asker, of.family);
  const auto found = key.has_value() ? accounts_.find(*key) : accounts_.end();
  if (found == accounts_.end()) return std::nullopt;
  for (BucketCounts& counts : found->second->counts) {
    if (WindowOf(counts.bucket_ms(), counts.buckets()) != of.window) continue;
    counts.Advance(now_ms);
    return counts.total(static_cast<std::size_t>(of.counter));
  }
  return std::nullopt;
}

Task<Status> Ceilings::Prepare(commit::Staging&) {
  co_return Ok();
}

void Ceilings::TakeSpecs(std::int64_t now_ms) {
  specs_ = std::move(*next_specs_);
  next_specs_.reset();
  has_scope_ = {};
  for (const CeilingSpec& spec : specs_) {
    has_scope_[static_cast<std::size_t>(spec.family)][static_cast<std::size_t>(spec.scope)] = true;
  }
  for (const auto& [key, account] : accounts_) {
    const bool changed = Resolve(*account, now_ms);
    if (changed && !std::ranges::count(stale_, account.get())) stale_.push_back(account.get());
  }
}

void Ceilings::Begin(const commit::Staging& staging) {
  changes_.clear();
  tied_.clear();
  for (Account* const account : dirty_) account->dirty = false;
  dirty_.clear();
  if (policy_ != nullptr && version_ != policy_->Now().version()) {
    version_ = policy_->Now().version();
    SetSpecs(policy_->Now().ceilings());
  }
  if (next_specs_.has_value()) TakeSpecs(staging.time().budget_ms);
}

std::size_t Ceilings::Mark() const {
  return changes_.size();
}

void Ceilings::Rollback(std::size_t mark) {
  CLOISON_CHECK(mark <= changes_.size());
  while (changes_.size() > mark) {
    const Change& change = changes_.back();
    if (change.tied) tied_.pop_back();
    if (change.counts != nullptr) {
      change.counts->Change(change.bucket, change.counter, !change.added);
    }
    changes_.pop_back();
  }
}

void Ceilings::Close(commit::Staging& staging) {
  if (changes_.empty()) return;  // what was marked was rolled back
  for (const Tied& tied : tied_) {
    if (tied.before.has_value()) AddLanes(sum_, *tied.before, false);
    AddLanes(sum_, tied.after, true);
  }
  for (Account* const account : stale_) {
    if (!std::exchange(account->dirty, true)) dirty_.push_back(account);
  }
  stale_.clear();
  std::vector<store::Put> puts(dirty_.size());
  std::vector<crypto::Digest> digests(dirty_.size());
  staging.parallel().ForSlices(puts.size(), kSlice, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Account& account = *dirty_[i];
      const Bytes plain = Serialise(internal::CeilingRow{account.key, account.counts});
      puts[i].key = KeyOfRow(account.row_key);
      puts[i].value = state_.Seal(puts[i].key, plain);
      digests[i] = DigestOf(state_, plain);
    }
  });
  for (std::size_t i = 0; i < puts.size(); ++i) {
    Account& account = *dirty_[i];
    account.dirty = false;
    if (account.summed.has_value()) AddLanes(sum_, *account.summed, false);
    AddLanes(sum_, digests[i], true);
    account.summed = digests[i];
    staging.Put(std::move(puts[i].key), std::move(puts[i].value));
  }
}

void Ceilings::Committed(const commit::Durable&) {}

}  // namespace cloison::access
