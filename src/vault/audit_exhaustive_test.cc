// A small register whose files somebody can write to: whatever is altered, moved, swapped or mixed,
// of rows, index pages, wrapped keys or the ways back from the ledger, is found by the audit, and
// named. Of one of each kind a bit of every fifth byte with `make test`, every bit in the long run;
// of all the others three bytes; every one with a neighbour; every compartment.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "vault/audit.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using store::Family;
using testing::TestVault;

bool IsLong() {
  return std::getenv("CLOISON_LONG") != nullptr;
}

DemoSize TinyWorld() {
  DemoSize size = testing::SmallWorld();
  size.people = 40;
  return size;
}

// The families that hold people, and what a fault of each may be called.
struct Kept {
  Family family;
  const char* why;
};
const Kept kKept[] = {{Family::kPeople, "a row"},
                      {Family::kIndex, "a page"},
                      {Family::kPersonKeys, "a wrapped key"},
                      {Family::kAud, "a way back"}};

class Tampering : public ::testing::Test {
 protected:
  Tampering() : vault_(TinyWorld()) {
    EXPECT_TRUE(vault_.Start().ok());
    EXPECT_TRUE(vault_.Stop().ok());
    EXPECT_FALSE(Audit().fault.has_value());
  }

  store::Store& StoreOf(Family family) {
    const bool of_keys = family == Family::kPersonKeys || family == Family::kAud;
    return of_keys ? static_cast<store::Store&>(vault_.key_store) : vault_.main_store;
  }
  std::vector<store::KeyedRow> RowsOf(Family family) {
    auto page = vault_.Wait(StoreOf(family).Scan({family, "", ""}, store::kScanRowsMax));
    EXPECT_TRUE(page.ok() && !page->next.has_value());
    return std::move(page->rows);
  }
  void Write(Family family, const std::vector<std::pair<std::string, Bytes>>& rows) {
    store::WriteSet writes;
    for (const auto& [key, value] : rows) writes.puts.push_back({{family, key}, value});
    CLOISON_CHECK(vault_.Wait(StoreOf(family).Commit(std::move(writes))).ok());
  }
  StoreReport Audit() {
    const Result<StoreReport> report = vault_.Audit();
    EXPECT_TRUE(report.ok()) << report.error().text();
    return report.ok() ? *report : StoreReport();
  }
  // Writes what differs, looks, and puts the rows back. Counts the ways that were tried.
  void ExpectNamed(const Kept& kept, const std::vector<std::pair<std::string, Bytes>>& altered,
                   const std::vector<store::KeyedRow>& true_rows, const std::string& how) {
    ++tried_;
    Write(kept.family, altered);
    const StoreReport report = Audit();
    EXPECT_TRUE(report.fault.has_value()) << kept.why << " " << how;
    if (report.fault.has_value()) {
      const std::string& place = report.fault->place;
      const bool named = place.starts_with("people#") || place.starts_with("index");
      EXPECT_TRUE(named) << kept.why << " " << how << ": " << place;
      told_.insert(std::string(report.fault->text));
    }
    std::vector<std::pair<std::string, Bytes>> back;
    for (const auto& [key, value] : altered) {
      for (const store::KeyedRow& row : true_rows) {
        if (row.key == key) back.emplace_back(key, row.row.value);
      }
    }
    Write(kept.family, back);
  }

  TestVault vault_;
  std::size_t tried_ = 0;
  std::set<std::string> told_;
};

TEST_F(Tampering, OfAnyBitIsNamed) {
  for (const Kept& kept : kKept) {
    const std::vector<store::KeyedRow> rows = RowsOf(kept.family);
    ASSERT_GE(rows.size(), 40u) << kept.why;
    // Of the first many bytes or all, of the others the first, the middle and the last.
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Bytes& value = rows[i].row.value;
      for (std::size_t at = 0; at < value.size(); ++at) {
        const bool wanted = i == 0 ? IsLong() || at % 5 == 0 || at + 1 == value.size()
                                   : at == 0 || at == value.size() / 2 || at + 1 == value.size();
        if (!wanted) continue;
        for (unsigned bit = 0; bit < 8; ++bit) {
          if (!(IsLong() && i == 0) && bit != at % 8) continue;
          Bytes altered = value;
          altered[at] = static_cast<std::uint8_t>(altered[at] ^ 1u << bit);
          ExpectNamed(kept, {{rows[i].key, altered}}, rows,
                      std::to_string(i) + " byte " + std::to_string(at));
        }
      }
    }
  }
  EXPECT_FALSE(Audit().fault.has_value()) << "as it was";
  RecordProperty("tried", static_cast<int>(tried_));
}

// Each in the place of its neighbour, both exchanged, and the half of one behind the half of the
// other.
TEST_F(Tampering, MovedSwappedOrMixedIsNamed) {
  for (const Kept& kept : kKept) {
    const std::vector<store::KeyedRow> rows = RowsOf(kept.family);
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      const std::size_t other = IsLong() || i % 2 == 0 ? i + 1 : (i * 7 + 3) % rows.size();
      if (other == i) continue;
      const store::KeyedRow &one = rows[i], &two = rows[other];
      if (one.row.value == two.row.value) continue;
      const std::string pair = std::to_string(i) + " and " + std::to_string(other);
      ExpectNamed(kept, {{one.key, two.row.value}}, rows, "moved " + pair);
      ExpectNamed(kept, {{one.key, two.row.value}, {two.key, one.row.value}}, rows,
                  "swapped " + pair);
      Bytes mixed = one.row.value;
      const std::size_t half = std::min(mixed.size(), two.row.value.size()) / 2;
      std::copy_n(two.row.value.begin(), half, mixed.begin());
      if (mixed != one.row.value) ExpectNamed(kept, {{one.key, mixed}}, rows, "mixed " + pair);
    }
  }
  EXPECT_FALSE(Audit().fault.has_value()) << "as it was";
  EXPECT_GT(tried_, 600u);
}

// One compartment of somebody's in the row of another, or of the same person's in another place.
TEST_F(Tampering, OfOneCompartmentIsNamed) {
  const Kept& kept = kKept[0];
  const std::vector<store::KeyedRow> rows = RowsOf(kept.family);
  constexpr std::size_t kHead = 48, kBlobHead = 4, kBox = 28;
  struct Blob {
    std::size_t at, size;
  };
  const auto blobs_of = [](const Bytes& row) {
    std::vector<Blob> blobs;
    for (std::size_t at = kHead; at < row.size();) {
      const std::size_t size = kBlobHead + (row[at + 2] * 256u + row[at + 3]) + kBox;
      blobs.push_back({at, size});
      at += size;
    }
    return blobs;
  };
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    const Bytes &mine = rows[i].row.value, &theirs = rows[i + 1].row.value;
    const std::vector<Blob> my_blobs = blobs_of(mine), their_blobs = blobs_of(theirs);
    ASSERT_EQ(my_blobs.size(), 9u);
    for (std::size_t k = 0; k < my_blobs.size(); ++k) {
      const auto put = [&](const Bytes& from, const Blob& blob, const std::string& how) {
        Bytes mixed(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(my_blobs[k].at));
        mixed.insert(mixed.end(), from.begin() + static_cast<std::ptrdiff_t>(blob.at),
                     from.begin() + static_cast<std::ptrdiff_t>(blob.at + blob.size));
        mixed.insert(mixed.end(),
                     mine.begin() + static_cast<std::ptrdiff_t>(my_blobs[k].at + my_blobs[k].size),
                     mine.end());
        ExpectNamed(kept, {{rows[i].key, mixed}}, rows, how + std::to_string(k));
      };
      put(theirs, their_blobs[k], "another's ");
      put(mine, my_blobs[(k + 1) % my_blobs.size()], "the next one's ");
    }
  }
  EXPECT_EQ(told_, std::set<std::string>{"the row does not open"});
}

}  // namespace
}  // namespace cloison::vault
