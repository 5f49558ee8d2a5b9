// A register that loses entries, and the officers who bring it back.
#ifndef CLOISON_VAULT_TESTING_RECOVERY_WORLD_H_
#define CLOISON_VAULT_TESTING_RECOVERY_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tlog/tree.h"
#include "vault/recovery.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault::testing {

struct Officer {
  explicit Officer(std::string_view name, std::uint8_t seed)
      : signer(SeedOf(seed)),
        key(*tlog::VerifierKey::Make(name, tlog::KeyType::kSignature, signer.public_key())) {}
  static crypto::Secret<32> SeedOf(std::uint8_t byte) {
    crypto::Secret<32> seed;
    seed.Reveal()[0] = byte;
    return seed;
  }
  crypto::Ed25519Signer signer;
  tlog::VerifierKey key;
};

// A database, as it was.
using Image = std::map<store::Family, std::vector<store::KeyedRow>>;

class RecoveryWorld : public ::testing::Test {
 protected:
  explicit RecoveryWorld(std::shared_ptr<const access::Policy> policy = nullptr) {
    if (policy != nullptr) vault_.policy = std::move(policy);
    EXPECT_TRUE(vault_.Start().ok());
  }

  std::vector<store::KeyedRow> Rows(store::Store& from, store::Family family) {
    std::vector<store::KeyedRow> rows;
    store::Range range{family, "", ""};
    while (true) {
      Result<store::ScanPage> page = vault_.Wait(from.Scan(range, store::kScanRowsMax));
      CLOISON_CHECK(page.ok());
      for (store::KeyedRow& row : page->rows) rows.push_back(std::move(row));
      if (!page->next.has_value()) return rows;
      range.begin = *page->next;
    }
  }
  Image Take(store::Store& from, std::span<const store::Family> families) {
    Image image;
    for (const store::Family family : families) image[family] = Rows(from, family);
    return image;
  }
  Image TakeMain() { return Take(vault_.main_store, store::kMainFamilies); }
  void PutBack(store::Store& to, const Image& image) {
    for (const auto& [family, rows] : image) {
      std::set<std::string> kept;
      store::WriteSet writes;
      for (const store::KeyedRow& row : rows) {
        kept.insert(row.key);
        writes.puts.push_back(store::Put{{family, row.key}, row.row.value});
      }
      for (const store::KeyedRow& row : Rows(to, family)) {
        if (!kept.contains(row.key)) writes.deletes.push_back({family, row.key});
      }
      if (!writes.empty()) CLOISON_CHECK(vault_.Wait(to.Commit(std::move(writes))).ok());
    }
  }
  static bool Same(const Image& a, const Image& b) {
    for (const auto& [family, rows] : a) {
      const std::vector<store::KeyedRow>& others = b.at(family);
      const bool same = std::ranges::equal(rows, others, [](const auto& x, const auto& y) {
        return x.key == y.key && x.row.value == y.row.value;
      });
      if (!same) return false;
    }
    return true;
  }
  std::string Path(const char* name) { return vault_.directory.path() + "/register/" + name; }

  std::string_view Look(const PersonId& person) {
    return Word(vault_.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support"));
  }
  PersonId Followed(std::size_t i) { return vault_.CaseloadOf("adviser.ft")[i]; }
  PersonId Citizen() { return vault_.world().citizen_one.person; }

  // Stops, after `lost` looks at the citizen that the copy put back does not know.
  void LoseLooks(int lost) {
    ASSERT_TRUE(vault_.Reopen().ok());
    const Image image = TakeMain();
    for (int i = 0; i < lost; ++i) ASSERT_EQ(Look(Citizen()), "shown");
    ASSERT_TRUE(vault_.Stop().ok());
    PutBack(vault_.main_store, image);
  }
  Result<std::string> State(const std::string& witnessed = "") {
    return vault_.Wait(StateRecovery(vault_.MakeEnvironment(), vault_.MakeSettings(), witnessed));
  }
  std::string Signed(const std::string& statement, std::vector<const Officer*> by) {
    tlog::Note note{statement, {}};
    for (const Officer* officer : by) {
      CLOISON_CHECK(tlog::Sign(note, officer->key, officer->signer).ok());
    }
    return tlog::PrintNote(note);
  }
  std::string SignedByBoth(const std::string& statement) {
    return Signed(statement, {&anna_, &bruno_});
  }
  Status Recover(const std::string& note, const std::string& witnessed = "") {
    return vault_.Wait(vault::Recover(vault_.MakeEnvironment(), vault_.MakeSettings(), witnessed,
                                      note, {anna_.key, bruno_.key}));
  }
  void Ceremony() {
    const Result<std::string> statement = State();
    ASSERT_TRUE(statement.ok()) << statement.error().text();
    note_ = SignedByBoth(*statement);
    const Status recovered = Recover(note_);
    ASSERT_TRUE(recovered.ok()) << recovered.error().text();
    ASSERT_TRUE(vault_.Open().ok());
  }
  void ExpectRefused(const char* why) {
    const Status opened = vault_.Open();
    ASSERT_FALSE(opened.ok()) << why;
    EXPECT_EQ(opened.error().code(), Code::kCorrupt) << why;
  }
  // "generation:n" of every look, the newest first.
  std::string TrailText(std::size_t page) {
    std::string text;
    std::optional<std::uint64_t> below;
    do {
      const auto outcome =
          vault_.Wait(vault_.gate().OwnTrail(vault_.As("citizen.one"), below, page));
      if (Word(outcome) != "shown") return std::string(Word(outcome));
      const auto& trail = std::get<access::Trail>(*outcome);
      for (const access::Look& look : trail.looks) {
        text += (text.empty() ? "" : " ") + std::to_string(look.generation) + ":" +
                std::to_string(look.n);
      }
      below = trail.next;
    } while (below.has_value());
    return text;
  }
  std::uint32_t Left(access::Counter counter, access::Window window) {
    const auto outcome = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As("adviser.ft")));
    const auto& budget = *std::get<access::Capabilities>(*outcome).budget;
    return budget.left[static_cast<std::size_t>(counter)][static_cast<std::size_t>(window)];
  }
  tlog::Hash RootOf(std::uint32_t generation) {
    tlog::Frontier tree;
    const std::uint64_t size = vault_.vault().ledger().SizeOf(generation);
    while (tree.size() < size) {
      const auto leaves = vault_.Wait(
          vault_.vault().ledger().ReadLeaves(tree.size(), ledger::kReadEntriesMax, generation));
      CLOISON_CHECK(leaves.ok() && !leaves->empty());
      for (const ledger::Leaf& leaf : *leaves)
        CLOISON_CHECK(tree.Append(tlog::LeafHash(leaf)).ok());
    }
    return tree.Root();
  }

  TestVault vault_;
  Officer anna_{"officer.anna", 1}, bruno_{"officer.bruno", 2}, carla_{"officer.carla", 3};
  std::string note_;
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_RECOVERY_WORLD_H_
