// A stolen disk says nothing: a demo world after a day's load, killed and stopped, read as a thief
// reads it who has every file but the key objects and the credentials (docs/threat_model.md).
//
// 3,000 people with `make test`, 100,000 in the long run. Searched are both databases (sorted
// files, write-ahead logs, manifests, RocksDB's own logs), the ledger's directory, journals, a
// backup of it all, and the server's log, whose lines are all of one level: there is no more to
// say.
//
// Left out, with the reason: key-objects/ (in an HSM, or outside every backup: what the thief does
// not have) and credentials/ (tokens and certificates of the development sign-in, the clients'
// own). Whatever holds by chance alone is held against its chance: all tests of one run together
// fail of themselves once in a million runs.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <set>

#include "base/testing/seeded_random.h"
#include "tests/disk/image.h"
#include "tests/disk/register_load.h"
#include "tests/disk/sealed_parts.h"
#include "tests/disk/statistics.h"
#include "tests/e2e/e2e.h"
#include "tests/sim/seeds.h"
#include "vault/demo_world.h"

namespace cloison::disk {
namespace {

using store::Family;

constexpr double kRisk = 1e-6;       // of a false alarm, over all tests of a run
constexpr double kRiskOfOne = 1e-9;  // of one comparison with chance
constexpr std::size_t kUsual = 3'000, kMany = 100'000;

std::size_t People() {
  return sim::IsLong() ? kMany : kUsual;
}

Bytes BytesOf(const std::string& path) {
  const std::string text = e2e::ReadFile(path);
  return base::ToBytes(AsBytes(text));
}

// p-values of one question, each held against its share of the risk.
class Judge {
 public:
  void Add(const std::string& name, double p) { verdicts_.push_back({name, p}); }
  void AddNoise(const std::string& name, ByteView bytes) {
    if (bytes.size() < kNoiseBytesMin) return;
    for (const Verdict& verdict : NoiseTests(bytes)) Add(name + " " + verdict.test, verdict.p);
  }
  std::size_t size() const { return verdicts_.size(); }
  void Expect() const {
    const double least = kRisk / static_cast<double>(verdicts_.size());
    double worst = 1;
    for (const Verdict& verdict : verdicts_) {
      EXPECT_GT(verdict.p, least) << verdict.test;
      worst = std::min(worst, verdict.p);
    }
    std::printf("%zu tests, least p %.2g (bound %.2g)\n", verdicts_.size(), worst, least);
  }

 private:
  std::vector<Verdict> verdicts_;
};

struct World {
  e2e::Folder folder;
  Daemon daemon{folder.path(), People()};
  std::shared_ptr<const records::Schema> schema;
  std::unique_ptr<RegisterTexts> texts;
  std::string killed;  // the files as they were when the process was killed
  std::vector<std::string> backup;
  std::vector<std::string> files;  // all that the thief has
  FamilyRows main, keys;
  std::set<std::string> persons;  // their ids, and under which names
  std::set<std::string> auds;
  std::vector<std::string> problems;  // of the load
  std::size_t answers = 0;
};

class StolenDisk : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new World;
    vault::DemoSize size;
    size.people = People();
    world_->schema = vault::DemoSchema(size);
    Live();
    if (HasFatalFailure()) return;
    ReadAll();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  static void Live() {
    World& w = *world_;
    ASSERT_TRUE(w.daemon.Start()) << e2e::ReadFile(w.daemon.log_path());
    RegisterLoad load(w.daemon, People());
    load.Run();
    w.problems = load.problems();
    w.answers = load.answers();
    (void)w.daemon.End(SIGKILL);
    w.killed = w.folder.path("killed");
    std::filesystem::copy(w.daemon.world() + "/data", w.killed,
                          std::filesystem::copy_options::recursive);
    ASSERT_TRUE(w.daemon.Start()) << e2e::ReadFile(w.daemon.log_path());
    RegisterTexts& texts = *(w.texts = std::make_unique<RegisterTexts>(*w.schema, People()));
    load.AddTo(texts, *w.schema);
    for (const char* name : {"adviser.ft", "adviser.ce", "manager.a", "manager.b",
                             "officer.security", "officer.privacy", "citizen.one", "app.case"}) {
      texts.AddText(name);
      texts.AddText(w.daemon.As(name).token());
    }
    texts.Build();
    ASSERT_EQ(w.daemon.End(SIGTERM), 0);
    TakeBackup();
  }

  static void TakeBackup() {
    World& w = *world_;
    const std::string config = w.folder.path("backup.toml"), to = w.folder.path("backup");
    e2e::WriteFile(config, "mode = \"development\"\ndata = \"" + w.daemon.world() +
                               "/data\"\nkey_objects = \"" + w.daemon.world() +
                               "/key-objects\"\ncredentials = \"" + w.daemon.world() +
                               "/credentials\"\n");
    const e2e::Ended taken =
        e2e::Shell("\"$cloison\" backup --config '" + config + "' --to '" + to + "'");
    ASSERT_EQ(taken.exit, 0) << taken.err;
    w.backup = FilesBelow(to);
    ASSERT_EQ(w.backup.size(), 2u) << "of each database one";
  }

  static void ReadAll() {
    World& w = *world_;
    w.files = FilesBelow(w.killed);
    const std::string excluded[] = {w.daemon.world() + "/key-objects/",
                                    w.daemon.world() + "/credentials/"};
    for (const std::string& path : FilesBelow(w.daemon.world())) {
      const bool left_out = path.starts_with(excluded[0]) || path.starts_with(excluded[1]);
      if (!left_out) w.files.push_back(path);
    }
    w.files.push_back(w.daemon.log_path());
    w.files.insert(w.files.end(), w.backup.begin(), w.backup.end());
    // The rows are of a copy: opening a database writes to it.
    const std::string rows = w.folder.path("rows");
    std::filesystem::copy(w.daemon.world() + "/data", rows,
                          std::filesystem::copy_options::recursive);
    std::vector<store::KeyedRow> segments =
        std::move(RowsOf(rows + "/main", store::kMainFamilies)[Family::kSegments]);
    const Status folded = FoldLedger(rows, w.daemon.world() + "/key-objects");
    ASSERT_TRUE(folded.ok()) << folded.error().text();
    w.main = RowsOf(rows + "/main", store::kMainFamilies);
    w.main[Family::kSegments] = std::move(segments);
    w.keys = RowsOf(rows + "/keys", store::kKeyFamilies);
    for (const auto& row : w.main[Family::kPeople]) w.persons.insert(row.key);
    for (const auto& row : w.keys[Family::kPersonKeys]) w.persons.insert(row.key.substr(0, 8));
    for (const auto& row : w.keys[Family::kAud]) w.auds.insert(row.key);
  }

  // All that is data in the databases, without RocksDB's own words: `visit(bytes)` for every value
  // and every key that is no name of ours.
  template <class Visit>
  static double EachDatum(Visit visit) {
    double bytes = 0;
    const auto take = [&](std::string_view text) {
      visit(AsBytes(text));
      bytes += static_cast<double>(text.size());
    };
    for (const FamilyRows* rows : {&world_->main, &world_->keys}) {
      for (const auto& [family, all] : *rows) {
        const bool named = family == Family::kMeta || family == Family::kWrappedKeys;
        for (const store::KeyedRow& row : all) {
          if (!named) take(row.key);
          take(AsText(row.row.value));
        }
      }
    }
    for (const std::string& path : WriteAheadLogsBelow(world_->killed)) {
      const Bytes log = BytesOf(path);
      EXPECT_TRUE(ReadWriteAheadLog(log, [&](const Logged& one) { take(one.value); })) << path;
    }
    return bytes;
  }

  static World* world_;
};

World* StolenDisk::world_ = nullptr;

TEST_F(StolenDisk, TheLoadWasAnsweredAsItShould) {
  EXPECT_EQ(world_->problems, std::vector<std::string>());
  EXPECT_GT(world_->answers, 250u);
}

// Words and numbers that RocksDB writes of itself, into its logs and options: those of a database
// in which nobody is. (The date on which it was built is somebody's date of registration.)
std::set<std::string> OwnWords(const TextSearch& texts) {
  const e2e::Folder folder;
  (void)RowsOf(folder.path("empty"), store::kMainFamilies);
  std::set<std::string> words;
  for (const std::string& path : FilesBelow(folder.path())) {
    texts.Search(BytesOf(path),
                 [&words](std::string_view text, std::size_t) { words.emplace(text); });
  }
  return words;
}

bool IsRocksDbText(const std::string& path) {
  return e2e::Contains(path, "/LOG") || e2e::Contains(path, "/OPTIONS-");
}

TEST_F(StolenDisk, NoValueIsInAnyFile) {
  const auto begin = std::chrono::steady_clock::now();
  const TextSearch& texts = world_->texts->whole();
  ASSERT_GT(texts.size(), 20 * People() / 10);
  const std::set<std::string> own = OwnWords(texts);
  EXPECT_LE(own.size(), 10u);
  double bytes = 0;
  std::uint64_t hits = 0;
  for (const std::string& path : world_->files) {
    const Bytes file = BytesOf(path);
    bytes += static_cast<double>(file.size());
    texts.Search(file, [&](std::string_view text, std::size_t offset) {
      if (IsRocksDbText(path) && own.contains(std::string(text))) return;
      if (++hits < 20) ADD_FAILURE() << text << " in " << path << " at " << offset;
    });
  }
  EXPECT_EQ(hits, 0u);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%zu texts in %zu files, %.1f MB: %llu found (by chance %.1g), %.1f s\n",
              texts.size(), world_->files.size(), bytes / 1e6,
              static_cast<unsigned long long>(hits), texts.Expected(bytes), took.count());
  EXPECT_GT(world_->files.size(), 40u);
}

TEST_F(StolenDisk, NoPieceOfAValueIsInAnyRow) {
  const TextSearch& pieces = world_->texts->pieces();
  std::uint64_t hits = 0;
  const double bytes = EachDatum([&](ByteView datum) {
    pieces.Search(datum, [&](std::string_view piece, std::size_t) {
      if (++hits < 20) std::printf("a piece: %.*s\n", static_cast<int>(piece.size()), piece.data());
    });
  });
  const double expected = pieces.Expected(bytes);
  EXPECT_LT(hits, PoissonBound(expected, kRiskOfOne));
  std::printf("%zu pieces of 8 bytes in %.1f MB of data: %llu found (by chance %.1g)\n",
              pieces.size(), bytes / 1e6, static_cast<unsigned long long>(hits), expected);
}

// Values of 4 to 7 bytes are in any noise that is long enough: as often as chance has it, and as
// often as values of the same shapes that nobody has. In the data: RocksDB's own English words and
// numbers hold many a short name.
TEST_F(StolenDisk, ShortValuesAreNoMoreThanChance) {
  const TextSearch& shorts = world_->texts->shorts();
  const TextSearch& others = world_->texts->others();
  ASSERT_GT(shorts.size(), 200u);
  std::uint64_t found = 0, found_others = 0;
  const double bytes = EachDatum([&](ByteView datum) {
    found += shorts.Count(datum);
    found_others += others.Count(datum);
  });
  const double expected = shorts.Expected(bytes);
  const double p = PoissonTail(expected, found);
  std::printf("%zu short values: %llu found, %.2f by chance (p %.2g); of %zu others %llu\n",
              shorts.size(), static_cast<unsigned long long>(found), expected, p, others.size(),
              static_cast<unsigned long long>(found_others));
  EXPECT_GT(p, kRiskOfOne);
  // Given as many of both, those of the register are no more than their half.
  EXPECT_LE(found, PoissonBound(expected + static_cast<double>(found_others), kRiskOfOne));
}

TEST_F(StolenDisk, IndexPagesAreOfOneSize) {
  const auto& pages = world_->main[Family::kIndex];
  EXPECT_GT(pages.size(), 100u);
  for (const store::KeyedRow& page : pages) ASSERT_EQ(page.row.value.size(), 1'024u);
  std::size_t logged = 0;
  for (const std::string& path : WriteAheadLogsBelow(world_->killed + "/main")) {
    const Bytes log = BytesOf(path);
    ReadWriteAheadLog(log, [&logged](const Logged& one) {
      // u16 index ‖ u32 generation ‖ u32 page: of no other family.
      const bool page = one.put && one.key.size() == 10 && one.key[0] == 0;
      if (!page) return;
      ++logged;
      const auto last = std::ranges::find_if(one.value, [](std::uint8_t b) { return b < 0x80; });
      const std::size_t version = static_cast<std::size_t>(last - one.value.begin()) + 1;
      EXPECT_EQ(one.value.size(), version + 1'024u) << "the commit's number alone adds to it";
    });
  }
  EXPECT_GT(logged, 20u);
}

// Person ids stand in the clear in two places: keys of people, keys of person_keys. An AUD in one:
// keys of aud, in the key database. Nowhere else, and in no form in a text.
TEST_F(StolenDisk, IdsAreWhereTheyBelong) {
  TextSearch ids, auds, texts;
  for (const std::string& person : world_->persons) {
    ids.Add(person);
    texts.Add(base::ToHex(AsBytes(person)));
  }
  for (const std::string& aud : world_->auds) {
    auds.Add(aud);
    texts.Add(base::ToHex(AsBytes(aud)));
  }
  for (TextSearch* search : {&ids, &auds, &texts}) search->Build();
  ASSERT_GT(ids.size(), People() - 1);
  std::uint64_t id_hits = 0, aud_hits = 0;
  double bytes = 0;
  const auto look = [&](std::string_view text, bool key_of_person, bool key_of_aud) {
    bytes += static_cast<double>(text.size());
    if (!key_of_person) id_hits += ids.Count(AsBytes(text));
    if (!key_of_aud) aud_hits += auds.Count(AsBytes(text));
  };
  for (const FamilyRows* rows : {&world_->main, &world_->keys}) {
    for (const auto& [family, all] : *rows) {
      const bool of_person = family == Family::kPeople || family == Family::kPersonKeys;
      for (const store::KeyedRow& row : all) {
        look(row.key, of_person || row.key.starts_with("intent/"), family == Family::kAud);
        look(AsText(row.row.value), false, false);
      }
    }
  }
  const auto is_key = [](std::string_view key) {
    return world_->persons.contains(std::string(key.substr(0, 8))) || key.starts_with("intent/");
  };
  for (const std::string& path : WriteAheadLogsBelow(world_->killed)) {
    const Bytes log = BytesOf(path);
    const bool of_keys = path.find("/keys/") != std::string::npos;
    EXPECT_TRUE(ReadWriteAheadLog(log, [&](const Logged& one) {
      look(one.key, is_key(one.key), of_keys && one.key.size() == 16);
      look(one.value, false, false);
    }));
  }
  EXPECT_LT(id_hits, PoissonBound(ids.Expected(bytes), kRiskOfOne));
  EXPECT_EQ(aud_hits, 0u);
  std::uint64_t in_texts = 0;
  for (const std::string& path : world_->files) {
    // Sorted files hold rows, which have been looked through.
    if (path.ends_with(".sst")) continue;
    const Bytes file = BytesOf(path);
    in_texts += texts.Count(file);
    const bool of_main = path.find("/main/") != std::string::npos;
    const bool ours = path.find("/keys/") == std::string::npos && !of_main;
    // The AUDs of the whole main database, and both in what is no database.
    EXPECT_EQ(of_main || ours ? auds.Count(file) : 0, 0u) << path;
    EXPECT_EQ(ours ? ids.Count(file) : 0, 0u) << path;
  }
  EXPECT_EQ(in_texts, 0u);
}

// Neither keys nor who has the accounts: raw or in hexadecimal.
TEST_F(StolenDisk, NoKeyIsInAnyFile) {
  TextSearch secrets;
  const std::string objects = world_->daemon.world() + "/key-objects";
  std::size_t count = 0;
  for (const std::string& path : FilesBelow(objects)) {
    const std::string key = e2e::ReadFile(path);
    ASSERT_EQ(key.size(), 32u);
    for (std::size_t at = 0; at + kLongTextBytes <= key.size(); ++at) {
      secrets.Add(key.substr(at, kLongTextBytes));
      secrets.Add(base::ToHex(AsBytes(key.substr(at, kLongTextBytes))));
    }
    ++count;
  }
  EXPECT_GE(count, 3u);
  secrets.Add(e2e::ReadFile(world_->daemon.world() + "/credentials/issuer.key"));
  for (const vault::DemoPrincipal& principal : vault::DemoPrincipals({})) {
    const std::string id(AsText(principal.id.bytes()));
    secrets.Add(id);
    secrets.Add(base::ToHex(AsBytes(id)));
  }
  secrets.Build();
  for (const std::string& path : world_->files) {
    // Officers who may freeze while there is no ledger, by id: docs/operate/failure.md.
    if (path.ends_with("/freezes")) continue;
    EXPECT_EQ(secrets.Count(BytesOf(path)), 0u) << path;
  }
}

TEST_F(StolenDisk, StoreKeysLookLikeNoise) {
  Judge judge;
  base::testing::SeededRandom random(1);
  for (const FamilyRows* rows : {&world_->main, &world_->keys}) {
    for (auto& [name, keys] : RandomKeyParts(*rows)) {
      if (keys.size() < 2) continue;
      judge.Add(name + " prefixes", PrefixP(keys));
      // They come sorted; as they were drawn they have no order.
      for (std::size_t i = keys.size(); i > 1; --i) std::swap(keys[i - 1], keys[random.Below(i)]);
      judge.AddNoise(name, AsBytes(std::accumulate(keys.begin(), keys.end(), std::string())));
    }
  }
  EXPECT_GT(judge.size(), 50u);
  judge.Expect();
}

TEST_F(StolenDisk, SealedValuesLookLikeNoise) {
  Judge judge;
  for (const FamilyRows* rows : {&world_->main, &world_->keys}) {
    for (const auto& [name, parts] : SealedParts(*rows)) {
      Bytes all;
      for (const ByteView part : parts) base::AppendBytes(all, part);
      judge.AddNoise(name, all);
      for (const auto& [position, column] : Columns(parts)) {
        judge.Add(name + " at " + std::to_string(position), BytesP(column));
      }
    }
  }
  EXPECT_GT(judge.size(), 2'000u);
  judge.Expect();
}

// The same people in another register have nothing in common with these.
TEST_F(StolenDisk, TwoRegistersHaveNothingInCommon) {
  // Bytes between the pieces that are kept: what two registers share, they share in many parts.
  constexpr std::size_t kEvery = 8, kEveryOfMany = 64, kManyParts = 10'000;
  const e2e::Folder folder;
  Daemon second(folder.path(), People());
  ASSERT_TRUE(second.Start()) << e2e::ReadFile(second.log_path());
  ASSERT_EQ(second.End(SIGTERM), 0);
  FamilyRows main = RowsOf(second.world() + "/data/main", store::kMainFamilies);
  FamilyRows keys = RowsOf(second.world() + "/data/keys", store::kKeyFamilies);
  TextSearch pieces;
  const auto keep = [&pieces](ByteView bytes, std::size_t every) {
    for (std::size_t at = 0; at + kLongTextBytes <= bytes.size(); at += every) {
      pieces.Add(AsText(bytes.subspan(at, kLongTextBytes)));
    }
  };
  const auto each = [](FamilyRows& of_main, FamilyRows& of_keys, const auto& visit) {
    for (const FamilyRows* rows : {&of_main, &of_keys}) {
      for (const auto& [name, all] : RandomKeyParts(*rows)) {
        for (const std::string& key : all) visit(AsBytes(key), kEvery);
      }
      for (const auto& [name, parts] : SealedParts(*rows)) {
        const std::size_t every = parts.size() > kManyParts ? kEveryOfMany : kEvery;
        for (const ByteView part : parts) visit(part, every);
      }
    }
  };
  each(world_->main, world_->keys, keep);
  pieces.Build();
  std::uint64_t hits = 0;
  double bytes = 0;
  each(main, keys, [&](ByteView part, std::size_t) {
    hits += pieces.Count(part);
    bytes += static_cast<double>(part.size());
  });
  const double expected = pieces.Expected(bytes);
  std::printf("%zu pieces of one register in %.1f MB of the other: %llu (by chance %.1g)\n",
              pieces.size(), bytes / 1e6, static_cast<unsigned long long>(hits), expected);
  EXPECT_LT(hits, PoissonBound(expected, kRiskOfOne));
  EXPECT_EQ(main[Family::kPeople].size(), People());
}

}  // namespace
}  // namespace cloison::disk
