// A recovery ceremony in which something breaks: every call of both stores and of our files fails
// once, in every way in which it can; and the power goes between any two changes of the disk. Then
// it is done again with the same note, and the register is opened and audited:
//
//   before it is done the register is refused, afterwards it opens: nothing in between
//   one successor, one entry that says why; the old key signs no more; the row by which the next
//   change of a record is numbered far off comes with the successor
//   what is left of the old log has the root that the officers signed; no look that is left is lost
//   the exact scope of a session goes through both logs; budgets are spent
//
// With `make test` the power goes at some of the changes, in the long run at each.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/testing/manual_clock.h"
#include "drill/scope.h"
#include "records/people.h"
#include "store/memory/memory_store.h"
#include "store/rocks/rocks_store.h"
#include "store/testing/fault_store.h"
#include "store/testing/power_cut.h"
#include "store/testing/temp_directory.h"
#include "tests/sim/fault_files.h"
#include "tests/sim/seeds.h"
#include "tests/sim/sim_vault.h"
#include "tlog/tree.h"

namespace cloison::sim {
namespace {

using store::Family;
using store::testing::Call;
using store::testing::Fault;

constexpr int kCallsMax = 10'000;
constexpr int kTriesMax = 3;                 // there is one fault
constexpr std::size_t kLeft = 3, kLost = 2;  // looks that the copy knows, and those it does not

crypto::Secret<32> SeedOf(std::uint8_t byte) {
  crypto::Secret<32> seed;
  seed.Reveal()[0] = byte;
  return seed;
}

// A register that lost its last looks, and its ceremony, over stores that may be opened again.
class Ceremony {
 public:
  Ceremony(base::Files& files, const std::string& directory)
      : vault_({files, random_, clock_, directory, &seeded_}, WideCaps()) {
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
      signers_.push_back(std::make_unique<crypto::Ed25519Signer>(SeedOf(number)));
      officers_.push_back(*tlog::VerifierKey::Make("officer." + std::to_string(number),
                                                   tlog::KeyType::kSignature,
                                                   signers_.back()->public_key()));
    }
  }
  void Use(store::Store& main, store::Store& keys) {
    main_ = &main;
    keys_ = &keys;
  }
  base::Executor& executor() { return seeded_; }

  // A register with some looks, put back from a copy that does not know the last of them.
  void Lose() {
    ASSERT_TRUE(vault_.Create(*main_, *keys_).ok());
    ASSERT_TRUE(vault_.Open(*main_, *keys_).ok());
    ASSERT_TRUE(vault_.Enrol().ok());
    for (std::uint64_t i = 0; i < 2; ++i) codes_.push_back(*vault_.Register(i));
    for (std::size_t i = 0; i < kLeft; ++i) ASSERT_TRUE(Look(0));
    std::map<Family, std::vector<store::KeyedRow>> copy;
    for (const Family family : store::kMainFamilies) copy[family] = Rows(family);
    for (std::size_t i = 0; i < kLost; ++i) ASSERT_TRUE(Look(0));
    ASSERT_TRUE(vault_.Stop().ok());
    vault_.Drop();
    for (const auto& [family, rows] : copy) PutBack(family, rows);
  }

  // One attempt each; what it needs of what an earlier one gave is kept.
  bool State() {
    if (!statement_.empty()) return true;
    Result<std::string> made = vault_.StateRecovery(*main_, *keys_);
    vault_.Drop();
    if (made.ok()) statement_ = std::move(*made);
    return made.ok();
  }
  bool Recover() {
    tlog::Note note{statement_, {}};
    for (std::size_t i = 0; i < officers_.size(); ++i) {
      CLOISON_CHECK(tlog::Sign(note, officers_[i], *signers_[i]).ok());
    }
    const Status done = vault_.Recover(*main_, *keys_, tlog::PrintNote(note), officers_);
    vault_.Drop();
    return done.ok();
  }
  // What a ceremony that failed has left is the old state or the new one.
  void ExpectOldOrNew() {
    const Status opened = vault_.Open(*main_, *keys_);
    if (opened.ok()) {
      EXPECT_EQ(vault_.vault().ledger().generation(), 2u);
      EXPECT_EQ(vault_.vault().ledger().size(), 1u);
    } else {
      EXPECT_EQ(opened.error().code(), Code::kCorrupt) << opened.error().text();
    }
    EXPECT_EQ(NumbersGoFarOff(), opened.ok());
    vault_.Drop();
  }
  void Drop() { vault_.Drop(); }

  void Audit() {
    const Result<ledger::Statement> statement = ledger::ParseStatement(statement_);
    ASSERT_TRUE(statement.ok());
    const Status opened = vault_.Open(*main_, *keys_);
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    EXPECT_TRUE(NumbersGoFarOff());
    ledger::Ledger& log = vault_.vault().ledger();
    ASSERT_EQ(log.generation(), 2u);
    EXPECT_EQ(log.vkey(), statement->successor.Text());
    EXPECT_EQ(log.size(), 1u) << "one entry says why";
    EXPECT_FALSE(vault_.vault().ring().LogKeys()[0].signs);
    AuditClosed(statement->closed[0]);
    EXPECT_FALSE(Look(1)) << "budgets are spent";
    EXPECT_TRUE(Look(0)) << "but for whom they were shown already";
    const auto scope = vault_.Wait(drill::ScopeOf(vault_.vault(), SessionId(AgentId(0).array())));
    ASSERT_TRUE(scope.ok());
    ASSERT_EQ(scope->size(), kLeft + 1);
    EXPECT_EQ(scope->front().generation, 1u);
    EXPECT_EQ(scope->back().generation, 2u);
    EXPECT_TRUE(vault_.Wait(log.Fold()).ok());
    EXPECT_TRUE(vault_.Stop().ok());
    vault_.Drop();
    EXPECT_TRUE(vault_.Open(*main_, *keys_).ok());
    EXPECT_TRUE(vault_.Stop().ok());
    vault_.Drop();
  }

 private:
  void AuditClosed(const ledger::Statement::Closed& closed) {
    tlog::Frontier tree;
    const auto leaves =
        vault_.Wait(vault_.vault().ledger().ReadLeaves(0, ledger::kReadEntriesMax, 1));
    ASSERT_TRUE(leaves.ok());
    for (const ledger::Leaf& leaf : *leaves) ASSERT_TRUE(tree.Append(tlog::LeafHash(leaf)).ok());
    EXPECT_EQ(tree.size(), closed.left.size);
    EXPECT_EQ(tree.Root(), closed.left.root);
    EXPECT_EQ(closed.signed_head->size, tree.size() + kLost);
  }
  bool Look(std::size_t person) {
    access::DisclosureRequest request{
        {codes_[person]}, {vault_.Field("contact.email")}, {"support", "case"}};
    const auto outcome = vault_.Wait(
        vault_.vault().gate().Disclose(vault_.CallerOf(AgentId(0)), std::move(request)));
    return outcome.ok() && std::holds_alternative<access::Disclosed>(*outcome);
  }
  std::vector<store::KeyedRow> Rows(Family family) {
    const auto page = vault_.Wait(main_->Scan({family, "", ""}, store::kScanRowsMax));
    CLOISON_CHECK(page.ok() && !page->next.has_value());
    return page->rows;
  }
  bool NumbersGoFarOff() {
    const std::vector<store::KeyedRow> meta = Rows(Family::kMeta);
    return std::ranges::find(meta, records::kWentBackRow, &store::KeyedRow::key) != meta.end();
  }
  void PutBack(Family family, const std::vector<store::KeyedRow>& rows) {
    store::WriteSet writes;
    std::set<std::string> kept;
    for (const store::KeyedRow& row : rows) {
      kept.insert(row.key);
      writes.puts.push_back(store::Put{{family, row.key}, row.row.value});
    }
    for (const store::KeyedRow& row : Rows(family)) {
      if (!kept.contains(row.key)) writes.deletes.push_back({family, row.key});
    }
    if (writes.empty()) return;
    ASSERT_TRUE(vault_.Wait(main_->Commit(std::move(writes))).ok());
  }

  base::testing::SeededExecutor seeded_{1};
  base::testing::SeededRandom random_{1};
  base::testing::ManualClock clock_;
  SimVault vault_;
  store::Store* main_ = nullptr;
  store::Store* keys_ = nullptr;
  std::vector<std::string> codes_;
  std::vector<std::unique_ptr<crypto::Ed25519Signer>> signers_;
  std::vector<tlog::VerifierKey> officers_;
  std::string statement_;
};

// ---- one call fails

enum class Where : std::uint8_t { kMainStore, kKeyStore, kFiles };
struct Kind {
  const char* why;
  Where where;
  bool reads;  // else commits and runs, or changes of files
  FileFault how;
  int least;  // a ceremony has at least so many such calls
};

class FaultWorld {
 public:
  FaultWorld() { ceremony_.Use(main_, keys_); }

  void Run(const Kind& kind, int nth) {
    ceremony_.Lose();
    if (::testing::Test::HasFailure()) return;
    Arm(kind, nth);
    bool done = false;
    for (int i = 0; i < kTriesMax && !done; ++i) {
      done = ceremony_.State() && ceremony_.Recover();
      if (done) break;
      Disarm();
      ceremony_.ExpectOldOrNew();
    }
    Disarm();
    ASSERT_TRUE(done) << "the ceremony does not come to its end";
    ceremony_.Audit();
  }
  bool fired() const { return fired_; }

 private:
  void Arm(const Kind& kind, int nth) {
    const Call call = kind.reads ? Call::kRead : Call::kCommit;
    const bool applied = kind.how == FileFault::kAppliedButReported;
    const Fault how = applied ? Fault::kAppliedButReported : Fault::kNotApplied;
    switch (kind.where) {
      case Where::kMainStore: main_.Arm(call, nth, how); break;
      case Where::kKeyStore: keys_.Arm(call, nth, how); break;
      case Where::kFiles:
        files_.Arm(kind.reads ? FileCall::kRead : FileCall::kChange, nth, kind.how);
    }
  }
  void Disarm() {
    fired_ = fired_ || main_.fired() || keys_.fired() || files_.fired();
    main_.Arm(Call::kCommit, INT32_MAX, Fault::kNotApplied);
    keys_.Arm(Call::kCommit, INT32_MAX, Fault::kNotApplied);
    files_.Arm(FileCall::kRead, 0, FileFault::kNotApplied);
  }

  FaultFiles files_;
  Ceremony ceremony_{files_, "/register"};
  store::MemoryStore main_memory_{&ceremony_.executor()}, keys_memory_{&ceremony_.executor()};
  store::testing::FaultStore main_{main_memory_}, keys_{keys_memory_};
  bool fired_ = false;
};

TEST(RecoverySweep, EachCallFailsOnce) {
  using enum Where;
  const Kind kinds[] = {
      {"a read of the main store", kMainStore, true, FileFault::kNotApplied, 20},
      {"a commit of the main store, nothing written", kMainStore, false, FileFault::kNotApplied, 5},
      {"a commit of the main store, written", kMainStore, false, FileFault::kAppliedButReported, 5},
      {"a read of the key store", kKeyStore, true, FileFault::kNotApplied, 5},
      {"a commit of the key store, nothing written", kKeyStore, false, FileFault::kNotApplied, 2},
      {"a commit of the key store, written", kKeyStore, false, FileFault::kAppliedButReported, 2},
      {"a read of a file", kFiles, true, FileFault::kNotApplied, 20},
      {"a change of a file, not made", kFiles, false, FileFault::kNotApplied, 10},
      {"a change of a file, made in part", kFiles, false, FileFault::kInPart, 10},
      {"a change of a file, made", kFiles, false, FileFault::kAppliedButReported, 10},
  };
  for (const Kind& kind : kinds) {
    int nth = 1;
    for (; nth < kCallsMax; ++nth) {
      FaultWorld world;
      world.Run(kind, nth);
      ASSERT_FALSE(HasFailure()) << kind.why << ", call " << nth;
      if (!world.fired()) break;
    }
    EXPECT_GE(nth, kind.least) << kind.why;
    std::printf("%-45s %4d calls\n", kind.why, nth);
  }
}

// ---- the power goes

class PowerWorld {
 public:
  explicit PowerWorld(std::uint64_t seed) : random_(seed) {}
  ~PowerWorld() { Off(); }

  // Gives whether the power went. `refused`: RocksDB opens nothing any more, as crash_test.cc has
  // it.
  bool Run(std::uint64_t changes, bool& refused) {
    EXPECT_TRUE(On().ok());
    ceremony_.Lose();
    cut_.CutAfter(changes);
    if (ceremony_.State()) (void)ceremony_.Recover();
    const bool went = cut_.is_cut();
    cut_.Cut();
    Off();
    EXPECT_TRUE(cut_.Restore().ok());
    const Status opened = On();
    refused = !opened.ok() && opened.error().code() == Code::kCorrupt;
    if (refused) return went;
    EXPECT_TRUE(opened.ok()) << opened.error().text();
    cut_.CutAfter(UINT64_MAX);
    ceremony_.ExpectOldOrNew();
    EXPECT_TRUE(ceremony_.State() && ceremony_.Recover()) << "after " << changes << " changes";
    if (!::testing::Test::HasFailure()) ceremony_.Audit();
    return went;
  }

 private:
  Status On() {
    store::RocksOptions options;
    options.file_system = cut_.rocks_files();
    options.path = cut_.root() + "/main";
    options.families = store::kMainFamilies;
    CLOISON_TRY_ASSIGN(main_, store::RocksStore::Open(options));
    options.path = cut_.root() + "/keys";
    options.families = store::kKeyFamilies;
    CLOISON_TRY_ASSIGN(keys_, store::RocksStore::Open(options));
    ceremony_.Use(*main_, *keys_);
    return Ok();
  }
  void Off() {
    ceremony_.Drop();
    main_.reset();
    keys_.reset();
  }

  store::testing::TempDirectory directory_;
  base::testing::SeededRandom random_;
  store::testing::PowerCut cut_{directory_.path(), random_};
  Ceremony ceremony_{cut_.files(), directory_.path() + "/register"};
  std::unique_ptr<store::RocksStore> main_, keys_;
};

TEST(RecoverySweep, ThePowerGoesAtAnyChange) {
  const std::uint64_t stride = IsLong() ? 1 : 9;
  std::size_t cuts = 0, refusals = 0;
  bool went = true;
  for (std::uint64_t changes = 0; went; changes += stride) {
    PowerWorld world(changes + 1);
    bool refused = false;
    went = world.Run(changes, refused);
    ASSERT_FALSE(HasFailure()) << "the power went after " << changes << " changes";
    cuts += went ? 1 : 0;
    refusals += refused ? 1 : 0;
  }
  std::printf("%zu cuts, %zu that RocksDB refuses\n", cuts, refusals);
  EXPECT_GE(cuts, 5u);
  EXPECT_LE(refusals, cuts / 4);
}

}  // namespace
}  // namespace cloison::sim
