#include "store/rocks/internal/row_tail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/testing/seeded_random.h"

namespace cloison::store::internal {
namespace {

Key KeyOf(std::string_view bytes, Family family = Family::kSeen) {
  return {family, std::string(bytes)};
}
// A key of 32 bytes: `prefix` is its first half.
Key Pair(char prefix, char last) {
  return KeyOf(std::string(16, prefix) + std::string(15, '-') + last);
}
Bytes BytesOf(std::string_view text) {
  return base::ToBytes(AsBytes(text));
}
Bytes LogOf(const Key& key, std::string_view value) {
  Bytes log;
  RowTail::AppendPut({key, BytesOf(value)}, log);
  return log;
}
std::string Text(const std::optional<Row>& row) {
  if (!row.has_value()) return "unknown";
  return row->present() ? std::to_string(row->version) + ":" + std::string(AsText(row->value))
                        : "deleted";
}
std::string Found(const RowTail& tail, const Key& key) {
  return Text(tail.Open().Find(key));
}
std::string KeysOf(const RowTail& tail, const Range& range) {
  std::string keys;
  for (const auto& [key, row] : tail.Open().RowsOf(range)) {
    keys += (row.present() ? "" : "!") + key.substr(key.size() - 1);
  }
  return keys;
}

TEST(RowTail, TheNewestOfARowIsFound) {
  RowTail tail;
  const Key key = KeyOf("k");
  EXPECT_EQ(Found(tail, key), "unknown");
  const struct {
    const char* why;
    const char* value;
    const char* want;
  } rows[] = {
      {"a first value", "abc", "1:abc"},
      {"as long", "xyz", "2:xyz"},
      {"shorter", "x", "3:x"},
      {"longer than any before", "longer", "4:longer"},
      {"nothing is a value too", "", "5:"},
      {"back to the longest", "LONGER", "6:LONGER"},
  };
  Version version = 0;
  for (const auto& row : rows) {
    ASSERT_TRUE(tail.Apply(++version, LogOf(key, row.value)).ok()) << row.why;
    EXPECT_EQ(Found(tail, key), row.want) << row.why;
  }
  EXPECT_EQ(Found(tail, KeyOf("k", Family::kPrincipals)), "unknown") << "of another family";
  Bytes log;
  RowTail::AppendDelete(key, log);
  ASSERT_TRUE(tail.Apply(7, log).ok());
  EXPECT_EQ(Found(tail, key), "deleted");
}

TEST(RowTail, AFrozenGenerationIsSeenUntilItIsDropped) {
  RowTail tail;
  EXPECT_EQ(tail.Freeze(), nullptr) << "there is nothing";
  ASSERT_TRUE(tail.Apply(1, LogOf(Pair('a', '1'), "old")).ok());
  ASSERT_TRUE(tail.Apply(2, LogOf(Pair('a', '2'), "old")).ok());
  const auto frozen = tail.Freeze();
  ASSERT_NE(frozen, nullptr);
  EXPECT_EQ(frozen->last(), 2u);
  EXPECT_EQ(tail.current_bytes(), 0u);
  ASSERT_TRUE(tail.Apply(3, LogOf(Pair('a', '2'), "new")).ok());
  EXPECT_EQ(tail.Freeze(), frozen) << "one at a time";
  EXPECT_EQ(Found(tail, Pair('a', '1')), "1:old");
  EXPECT_EQ(Found(tail, Pair('a', '2')), "3:new") << "the later generation wins";
  EXPECT_EQ(KeysOf(tail, {Family::kSeen, "", ""}), "12");
  tail.DropFrozen();
  EXPECT_EQ(Found(tail, Pair('a', '1')), "unknown");
  EXPECT_EQ(Found(tail, Pair('a', '2')), "3:new");
}

TEST(RowTail, RangesByPrefixAndAcross) {
  RowTail tail;
  Version version = 0;
  for (const char prefix : {'b', 'a', 'c'}) {
    for (const char last : {'3', '1', '2'}) {
      ASSERT_TRUE(tail.Apply(++version, LogOf(Pair(prefix, last), "v")).ok());
    }
  }
  ASSERT_TRUE(tail.Apply(++version, LogOf(KeyOf("b"), "short")).ok());
  const auto all_of = [](char prefix) {
    const std::string begin(16, prefix);
    return Range{Family::kSeen, begin, begin + std::string(17, '\xff')};
  };
  EXPECT_EQ(KeysOf(tail, all_of('b')), "123") << "one prefix";
  EXPECT_EQ(KeysOf(tail, all_of('d')), "") << "nobody's";
  EXPECT_EQ(KeysOf(tail, {Family::kSeen, Pair('a', '2').bytes, Pair('a', '3').bytes}), "2");
  EXPECT_EQ(KeysOf(tail, {Family::kSeen, Pair('a', '3').bytes, Pair('b', '2').bytes}), "3b1")
      << "over prefixes, a short key too";
  EXPECT_EQ(KeysOf(tail, {Family::kSeen, Pair('c', '2').bytes, ""}), "23") << "to the end";
  EXPECT_EQ(KeysOf(tail, {Family::kPrincipals, "", ""}), "");
  Bytes log;
  RowTail::AppendDelete(Pair('b', '3'), log);
  ASSERT_TRUE(tail.Apply(++version, log).ok());
  EXPECT_EQ(KeysOf(tail, all_of('b')), "12!3") << "a deleted row hides an older one in the store";
}

// Two rows are always written together: a look that sees them apart saw two moments.
TEST(RowTail, ALookIsOfOneMomentBesideCommitsAndFolds) {
  RowTail tail;
  const Key one = Pair('a', '1'), two = KeyOf("two", Family::kPrincipals);
  const auto commit = [&](Version version) {
    Bytes log = LogOf(one, std::to_string(version));
    RowTail::AppendPut({two, BytesOf(std::to_string(version))}, log);
    return tail.Apply(version, log).ok();
  };
  ASSERT_TRUE(commit(1));
  std::atomic<bool> ended = false;
  std::atomic<int> apart = 0;
  std::thread reader([&] {
    while (!ended) {
      const RowTail::Look look = tail.Open();
      if (Text(look.Find(one)) != Text(look.Find(two))) ++apart;
    }
  });
  std::thread folder([&] {
    while (!ended) {
      if (tail.Freeze() == nullptr) continue;
      // As a fold does once its rows are elsewhere; whoever looks then finds neither.
      tail.DropFrozen();
    }
  });
  for (Version version = 2; version < 5'000; ++version) EXPECT_TRUE(commit(version));
  ended = true;
  reader.join();
  folder.join();
  EXPECT_EQ(apart, 0);
}

TEST(RowTail, SortedForARun) {
  RowTable rows;
  base::testing::SeededRandom random(7);
  for (Version version = 1; version <= 2'000; ++version) {
    const auto key = random.Draw<2>();
    rows.Set(Family::kSeen, {AsText(key), version, base::BigU64(version)});
  }
  rows.Set(Family::kPrincipals, {"other", 1, {}});
  const std::vector<RowTable::View> sorted = rows.Sorted(Family::kSeen);
  EXPECT_GT(sorted.size(), 1'000u);
  EXPECT_TRUE(std::ranges::is_sorted(sorted, std::less_equal<>{}, &RowTable::View::key));
  EXPECT_TRUE(rows.Has(Family::kPrincipals));
  EXPECT_FALSE(rows.Has(Family::kCaseload));
}

// docs/format/store.md "Rows that are folded": what lies on disks already.
TEST(RowTail, TheLogIsAsItWasWritten) {
  Bytes log = LogOf(KeyOf("key"), "value");
  RowTail::AppendDelete(KeyOf("k", Family::kPrincipals), log);
  EXPECT_EQ(base::ToHex(log),
            "01"
            "0401"
            "0003"
            "6b6579"
            "00000005"
            "76616c7565"
            "0302"
            "0001"
            "6b"
            "00000000");
}

TEST(RowTail, ALogThatIsNotOneIsRefused) {
  const Bytes good = LogOf(KeyOf("key"), "value");
  const auto changed = [&good](std::size_t at, std::uint8_t byte) {
    Bytes log = good;
    log[at] = byte;
    return log;
  };
  const Bytes cut(good.begin(), good.end() - 1);
  Bytes more = good;
  more.push_back(4);
  const struct {
    const char* why;
    Bytes log;
    bool fits;
  } rows[] = {
      {"as it was written", good, true},
      {"nothing", {}, false},
      {"another version", changed(0, 2), false},
      {"a family that is not folded", changed(1, 1), false},
      {"no such family", changed(1, 200), false},
      {"no such word", changed(2, 9), false},
      {"word 0", changed(2, 0), false},
      {"a deleted row with a value", changed(2, 2), false},
      {"a key longer than the log", changed(3, 255), false},
      {"a value longer than the log", changed(10, 255), false},
      {"cut", cut, false},
      {"a beginning of another", more, false},
  };
  for (const auto& row : rows) {
    RowTail tail;
    const Status applied = tail.Apply(1, row.log);
    EXPECT_EQ(applied.ok(), row.fits) << row.why;
    EXPECT_EQ(applied.ok() ? Code::kCorrupt : applied.error().code(), Code::kCorrupt) << row.why;
  }
}

}  // namespace
}  // namespace cloison::store::internal
