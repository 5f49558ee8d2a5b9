// An officer's file made from a real ledger, against that ledger published as files.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "crypto/base64.h"
#include "ledger/testing/ledger_world.h"
#include "tlog/inclusion_text.h"
#include "tlog/testing/memory_tree.h"
#include "verify/internal/opened.h"
#include "verify/officer.h"
#include "verify/testing/test_log.h"

namespace cloison::verify {
namespace {

using Json = nlohmann::json;
using ledger::testing::LedgerWorld;

constexpr std::size_t kLooks = 600;
constexpr std::int64_t kBetweenMs = 60'000;

class ActivityTest : public ::testing::Test {
 protected:
  ActivityTest() {
    EXPECT_TRUE(world_.Open().ok());
    for (std::size_t i = 0; i < kLooks; ++i) {
      world_.Submit({.agent = i % 3, .person = i % 4});
      world_.Run();
      world_.clock.Advance(kBetweenMs);
    }
    base::testing::MemoryFiles files;
    LogWriter writer(files, "log");
    for (std::uint64_t i = 0; i < kLooks; ++i) {
      const auto leaf = *world_.executor.Wait(world_.ledger->ReadLeaves(i, 1));
      leaves_.push_back(leaf->front());
      EXPECT_TRUE(writer.Append(leaves_.back()).ok());
      tree_.Append(tlog::LeafHash(leaves_.back()));
    }
    head_ = *writer.Finish();
    for (auto& [path, bytes] : files.contents) source_.objects[path.substr(4)] = std::move(bytes);
    source_.objects["checkpoint"] = base::ToBytes(AsBytes(world_.ledger->checkpoint()));
  }

  Json FileOf(std::size_t agent, std::int64_t from_ms, std::int64_t until_ms) {
    const ledger::ActorKey& key = world_.agent_key(agent);
    const LogId log_id = world_.ledger->log_id();
    Json file = {
        {"log_id", base::ToHex(log_id.bytes())},
        {"origin", world_.ledger->origin()},
        {"key", world_.ledger->vkey()},
        {"period", {{"from", internal::Rfc3339(from_ms)}, {"until", internal::Rfc3339(until_ms)}}},
        {"entries", Json::array()}};
    file["activity_key"] = crypto::ToBase64(
        crypto::Expand<32>(key.pk(), crypto::Context("act").Raw(log_id.bytes())).Reveal());
    auto read = *world_.executor.Wait(world_.ledger->ReadActivity(key, kLooks / 3 - 1, kLooks));
    EXPECT_TRUE(read.ok());
    std::vector<ledger::TrailEntry>* const entries = &read->entries;
    std::reverse(entries->begin(), entries->end());
    const std::size_t size = entries->size();
    for (std::size_t i = 0; i < size; ++i) {
      // One neighbour on either side.
      const bool before = i + 1 < size && (*entries)[i + 1].actor.time_ms < from_ms;
      const bool after = i > 0 && (*entries)[i - 1].actor.time_ms >= until_ms;
      if (!before && !after) file["entries"].push_back(RowOf((*entries)[i], key));
    }
    return file;
  }

  Json RowOf(const ledger::TrailEntry& entry, const ledger::ActorKey& key) {
    const auto proof = tlog::ProveInclusion(tree_, entry.index, head_.size);
    const crypto::Secret<32> randomness = key.Randomness(entry.record.entry_id);
    const auto text = tlog::Print({std::nullopt, entry.index, *proof, world_.ledger->checkpoint()});
    return {{"n", entry.n},
            {"index", entry.index},
            {"proof",
             {{"log_id", base::ToHex(world_.ledger->log_id().bytes())},
              {"leaf", crypto::ToBase64(leaves_[entry.index])},
              {"actor_part", crypto::ToBase64(entry.record.actor_part)},
              {"actor_randomness", crypto::ToBase64(randomness.Reveal())},
              {"tlog_proof", text},
              {"published", true}}}};
  }

  OfficerReport Verify(const Json& file) {
    const LogOptions options{.key = *tlog::VerifierKey::Parse(world_.ledger->vkey())};
    return *VerifyOfficer(source_, options, AsBytes(file.dump()));
  }

  LedgerWorld world_{1};
  tlog::testing::MemoryTree tree_;
  tlog::Head head_{};
  std::vector<ledger::Leaf> leaves_;
  testing::MemorySource source_;
};

TEST_F(ActivityTest, OfARealLedgerIsCompleteAndWhatIsLeftOutIsNamed) {
  const std::int64_t now = world_.clock.wall_ms();
  for (std::size_t agent = 0; agent < LedgerWorld::kAgents; ++agent) {
    const Json all = FileOf(agent, 0, now);
    OfficerReport report = Verify(all);
    ASSERT_TRUE(report.log.ok()) << Describe(*report.log.fault);
    EXPECT_EQ(report.facts.inside, kLooks / 3);
    EXPECT_FALSE(report.facts.closed_before || report.facts.closed_after);
    // The middle third, closed on both sides.
    const std::int64_t third = static_cast<std::int64_t>(kLooks) * kBetweenMs / 3;
    const Json part = FileOf(agent, now - 2 * third, now - third);
    report = Verify(part);
    ASSERT_TRUE(report.log.ok()) << Describe(*report.log.fault);
    EXPECT_NEAR(static_cast<double>(report.facts.inside), kLooks / 9.0, 1.0);
    EXPECT_TRUE(report.facts.closed_before && report.facts.closed_after);
    for (const std::size_t left_out :
         {std::size_t{0}, part["entries"].size() / 2, part["entries"].size() - 1}) {
      Json file = part;
      file["entries"].erase(left_out);
      report = Verify(file);
      ASSERT_FALSE(report.log.ok()) << left_out;
      const bool middle = left_out == part["entries"].size() / 2;
      EXPECT_EQ(report.log.fault->kind, middle ? FaultKind::kGap : FaultKind::kScope) << left_out;
    }
  }
}

}  // namespace
}  // namespace cloison::verify
