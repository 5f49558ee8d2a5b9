// Rows that decide, as their owners read them: what is accepted is what docs/format/state.md says,
// byte for byte, and no row makes anybody shown less than they were.
//
//   input   which of the rows below ‖ its plain text, sealed here
#include <string>
#include <vector>

#include "access/caseload.h"
#include "access/internal/explanation_works.h"
#include "access/principals.h"
#include "base/testing/manual_clock.h"
#include "base/testing/seeded_executor.h"
#include "base/testing/seeded_random.h"
#include "commit/time_keeper.h"
#include "ledger/internal/months.h"
#include "store/memory/memory_store.h"
#include "tests/fuzz/parts.h"
#include "tlog/tree.h"
#include "vault/demo_world.h"

namespace {

using namespace cloison;

class NoMonths final : public ledger::MonthKeys {
 public:
  Task<Status> Ensure(std::uint32_t) override { co_return Ok(); }
  Result<std::shared_ptr<const crypto::HmacKey>> KeyOf(std::uint32_t) override {
    return Error{Code::kNotFound, "no month has a key here"};
  }
  Status DestroyMonth(std::uint32_t) override { return Ok(); }
};

// A register without anybody, whose rows each input writes anew.
struct House {
  base::testing::SeededExecutor executor{1};
  base::testing::SeededRandom random{1};
  base::testing::ManualClock clock;
  fuzz::MemoryFiles files;
  NoMonths months;
  crypto::Secret<32> key;
  commit::SealedState state{RegisterId(1), 1, key, random};
  crypto::Ed25519Signer signer{key};
  store::MemoryStore ledger_store;
  std::shared_ptr<const records::Schema> schema = vault::DemoSchema({});
  access::PolicyInForce policy{vault::DemoPolicy(*schema)};
  std::unique_ptr<keys::EraseJournal> journal =
      *keys::EraseJournal::Open(files, "erase", state, random);
  commit::RecentChanges recent;
  std::unique_ptr<ledger::Ledger> ledger = OpenLedger();

  std::unique_ptr<ledger::Ledger> OpenLedger() {
    auto opened = Wait(ledger::Ledger::Open(
        {.origin = "log.example/1", .register_id = RegisterId(1), .signed_path = "signed"},
        {ledger_store, state, signer, months, files, clock, random, executor}));
    CLOISON_CHECK(opened.ok());
    return std::move(*opened);
  }
  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out = executor.Wait(std::move(task));
    CLOISON_CHECK(out.has_value());
    return std::move(*out);
  }
  access::Ceilings ceilings{state};
  access::Principals NewPrincipals() {
    return {policy, state, *ledger, *journal, ceilings, random};
  }
};

House& TheHouse() {
  static House& house = *new House;
  return house;
}

const PrincipalId kPrincipal({1, 2, 3});
const PersonId kPerson({4, 5, 6});

void Put(store::Store& store, std::vector<store::Put> puts) {
  store::WriteSet writes;
  writes.puts = std::move(puts);
  CLOISON_CHECK(TheHouse().Wait(store.Commit(std::move(writes))).ok());
}

template <class T>
void CheckRefusal(const Result<T>& result, Code also) {
  if (result.ok()) return;
  CLOISON_CHECK(result.error().code() == Code::kCorrupt || result.error().code() == also);
}

// The first part of a principal's row, as the format document has it.
Bytes InfoBytes(const access::PrincipalInfo& info) {
  Bytes out;
  base::AppendBytes(out, info.id.bytes());
  base::AppendU32(out, info.organisation.value());
  out.push_back(info.office.has_value());
  base::AppendU32(out, info.office.has_value() ? info.office->value() : 0);
  for (const std::string& text : {info.role, info.label}) {
    out.push_back(static_cast<std::uint8_t>(text.size()));
    base::AppendBytes(out, AsBytes(text));
  }
  out.push_back(info.frozen);
  out.push_back(info.person.has_value());
  base::AppendBytes(out, info.person.has_value() ? info.person->bytes() : ByteView(Bytes(16)));
  return out;
}

// The last part of version 3.
Bytes StandingBytes(const access::PrincipalInfo& info) {
  Bytes out;
  const auto time = [&out](std::int64_t ms) {
    base::AppendU64(out, static_cast<std::uint64_t>(ms));
  };
  time(info.enrolled_ms);
  out.push_back(info.expires_ms.has_value());
  time(info.expires_ms.value_or(0));
  out.push_back(info.manager.has_value());
  base::AppendBytes(out, info.manager.value_or(PrincipalId(ByteArray<16>{})).bytes());
  out.push_back(info.human.has_value());
  base::AppendBytes(out, info.human.value_or(ByteArray<16>{}));
  time(info.reduced_until_ms);
  out.push_back(static_cast<std::uint8_t>(info.raises.size()));
  for (const access::Raise& raise : info.raises) {
    out.push_back(static_cast<std::uint8_t>(raise.counter));
    out.push_back(static_cast<std::uint8_t>(raise.window));
    base::AppendU32(out, raise.cap);
    time(raise.until_ms);
  }
  return out;
}

// Row of the first log: nothing is closed.
Bytes RowBytes(std::uint8_t version, const access::PrincipalInfo& info) {
  Bytes row{version};
  base::AppendBytes(row, InfoBytes(info));
  row.resize(row.size() + 32 + 8 + 8 + 32);
  if (version == 3) {
    row.push_back(0);
    base::AppendBytes(row, StandingBytes(info));
  }
  return row;
}

void CheckPrincipal(ByteView plain) {
  House& house = TheHouse();
  store::MemoryStore store;
  access::Principals principals = house.NewPrincipals();
  const store::Key key{store::Family::kPrincipals, principals.RowKey(kPrincipal)};
  Put(store, {{key, house.state.Seal(key, plain)}});
  const auto info = house.Wait(principals.Find(store, kPrincipal));
  CheckRefusal(info, Code::kNotFound);  // a role that the policy does not know
  commit::Staging staging(store, house.recent, 2, {1'000, 1'000});
  const Status loaded = house.Wait(principals.Load(staging, kPrincipal));
  if (!info.ok()) {
    CLOISON_CHECK(!loaded.ok());
    return;
  }
  // What is read is written so, but for the key and the numbers between.
  CLOISON_CHECK(plain[0] == 1 || plain[0] == 3);
  const Bytes want = RowBytes(plain[0], *info);
  const std::size_t numbers = 1 + InfoBytes(*info).size() + 32;
  CLOISON_CHECK(plain.size() == want.size());
  CLOISON_CHECK(base::Equal(plain.first(numbers - 32), ByteView(want).first(numbers - 32)));
  const std::size_t rest = numbers + 8 + 8 + 32;
  CLOISON_CHECK(base::Equal(plain.subspan(rest), ByteView(want).subspan(rest)));
  // Nobody was shown to them, so only a row that says so loads.
  const Bytes none(40, 0);
  CLOISON_CHECK(loaded.ok() == base::Equal(plain.subspan(numbers + 8, 40), none));
}

Bytes PrincipalRow() {
  access::PrincipalInfo info{kPrincipal, OrganisationId(1), {}, "adviser", "a", false, {}};
  return RowBytes(3, info);
}

// A seen row that the principal's row does not count is never taken for one.
void CheckSeen(ByteView plain) {
  House& house = TheHouse();
  store::MemoryStore store;
  access::Principals principals = house.NewPrincipals();
  const store::Key key{store::Family::kPrincipals, principals.RowKey(kPrincipal)};
  std::string seen = house.state.Prf(store::Family::kSeen, {kPrincipal.bytes()});
  seen += AsText(principals.SeenOf(kPrincipal, kPerson));
  const store::Key seen_key{store::Family::kSeen, seen};
  Put(store, {{key, house.state.Seal(key, PrincipalRow())},
              {seen_key, house.state.Seal(seen_key, plain)}});
  commit::Staging staging(store, house.recent, 2, {1'000, 1'000});
  const Status loaded = house.Wait(principals.Load(staging, kPrincipal));
  CLOISON_CHECK(!loaded.ok() && loaded.error().code() == Code::kCorrupt);
}

// A row of the version before is read as one that nobody wrote; any other is written again byte for
// byte.
void CheckCaseload(ByteView plain) {
  House& house = TheHouse();
  const access::Caseload caseload(house.state);
  const store::Key key = caseload.PairKey(kPrincipal, kPerson);
  const auto pair = caseload.Open(key, {1, house.state.Seal(key, plain)});
  CheckRefusal(pair, Code::kCorrupt);
  if (pair.ok() && plain[0] == 1) {
    CLOISON_CHECK(pair->caseload->confirmed_ms == 0 && pair->explanations.empty());
    CLOISON_CHECK(base::Equal(pair->person.bytes(), plain.last(16)));
  } else if (pair.ok()) {
    CLOISON_CHECK(base::Equal(access::EncodePair(*pair), plain));
  }
  // Nobody stands nearer than what holds now says.
  const access::Standing standing =
      pair.ok() ? access::StandingOf(*pair, 1'000'000) : access::Standing{};
  CLOISON_CHECK(standing.relation != access::Relation::kSelf);
  const bool on = standing.counted == access::Counted::kOnCaseload;
  CLOISON_CHECK(!on || (pair->caseload->HoldsAt(1'000'000) &&
                        (pair->caseload->confirmed_ms != 0 ||
                         pair->caseload->since_ms <= 1'000'000 - access::kQuarantineMs)));
  store::MemoryStore store;
  const store::Key reverse = caseload.ReverseKey(kPerson, kPrincipal);
  Put(store, {{reverse, house.state.Seal(reverse, plain)}});
  const auto agents = house.Wait(caseload.AgentsOf(store, kPerson, 10));
  CheckRefusal(agents, Code::kCorrupt);
  if (agents.ok()) CLOISON_CHECK(base::Equal(agents->at(0).bytes(), plain.last(16)));
}

// What is read is what is written; counts are never below what the row says of now.
void CheckCeiling(ByteView plain) {
  const auto row = access::internal::ParseCeilingRow(plain);
  CheckRefusal(row, Code::kCorrupt);
  if (!row.ok()) return;
  CLOISON_CHECK(base::Equal(Serialise(*row), plain));
  for (access::internal::BucketCounts counts : row->counts) {
    const std::uint64_t before = counts.total(0);
    counts.Advance(counts.newest() * counts.bucket_ms());
    CLOISON_CHECK(counts.total(0) == before);
    counts.Add(0);
    CLOISON_CHECK(counts.total(0) == before + 1);
  }
}

void CheckTally(ByteView plain) {
  const auto tally = access::Tally::Parse(plain);
  CheckRefusal(tally, Code::kCorrupt);
  if (tally.ok()) CLOISON_CHECK(base::Equal(tally->Serialise(), plain));
  const auto review = access::internal::ParseReview(plain);
  CheckRefusal(review, Code::kCorrupt);
  if (review.ok()) CLOISON_CHECK(base::Equal(access::internal::EncodeReview(*review), plain));
}

// Whatever the row says, budget time never stands before it.
void CheckClock(ByteView plain) {
  base::testing::ManualClock clock;
  auto keeper = commit::TimeKeeper::Open(clock, plain);
  CheckRefusal(keeper, Code::kCorrupt);
  if (!keeper.ok() || plain.empty()) return;
  const auto said_ms = static_cast<std::int64_t>(base::LoadBig(plain.subspan(2, 8)));
  CLOISON_CHECK(keeper->Peek().budget_ms >= said_ms);
  CLOISON_CHECK(keeper->confirmed() <= (plain[1] == 1));
  const commit::BatchTime before = keeper->Next();
  clock.Advance(1'000);
  CLOISON_CHECK(keeper->Next().budget_ms == before.budget_ms + 1'000);
  const auto again = commit::TimeKeeper::Open(clock, keeper->Row());
  CLOISON_CHECK(again.ok() && again->Peek().budget_ms == keeper->Peek().budget_ms);
}

void CheckLedgerRows(ByteView plain) {
  const auto months = ledger::internal::Months::Parse(plain);
  CheckRefusal(months, Code::kCorrupt);
  if (months.ok()) CLOISON_CHECK(base::Equal(months->Serialise(), plain));
  const auto frontier = tlog::Frontier::Parse(plain);
  CheckRefusal(frontier, Code::kCorrupt);
  if (!frontier.ok()) return;
  CLOISON_CHECK(base::Equal(frontier->Serialise(), plain));
  CLOISON_CHECK(frontier->size() > 0 || frontier->Root() == tlog::EmptyRoot());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr void (*kChecks[])(ByteView) = {CheckPrincipal, CheckSeen,       CheckCaseload,
                                                  CheckClock,     CheckLedgerRows, CheckCeiling,
                                                  CheckTally};
  if (size == 0) return 0;
  kChecks[data[0] % std::size(kChecks)]({data + 1, size - 1});
  return 0;
}
