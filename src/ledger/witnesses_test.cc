#include "ledger/witnesses.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>
#include <thread>

#include "base/testing/seeded_random.h"
#include "ledger/testing/witness_server.h"
#include "store/testing/temp_directory.h"
#include "tlog/testing/memory_tree.h"

namespace cloison::ledger {
namespace {

using testing::SilentServer;
using testing::WitnessFault;
using testing::WitnessServer;

constexpr char kOrigin[] = "cloison.example/test";
constexpr std::int64_t kLongMs = 600'000;  // what nobody waits for

// Events by name, with what they said of the witness.
class Events final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal name, std::initializer_list<base::EventField> fields) override {
    const std::lock_guard lock(mutex_);
    std::string line(name.view());
    for (const base::EventField& field : fields) {
      line += " " + std::string(field.key.view()) + "=" + std::to_string(field.value);
    }
    lines_.push_back(line);
  }
  std::size_t Count(std::string_view beginning) const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const std::string& line : lines_) count += line.starts_with(beginning) ? 1 : 0;
    return count;
  }
  std::string Text() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

crypto::Ed25519Signer LogSigner() {
  crypto::Secret<32> seed;
  seed.Reveal()[0] = 0x10;
  return crypto::Ed25519Signer(seed);
}

// A log of made-up leaves that publishes when told. Two with another salt are a fork.
class SampleLog final : public CheckpointSource {
 public:
  SampleLog() : signer_(LogSigner()), key_(KeyOf()) {}

  static tlog::VerifierKey KeyOf() {
    return *tlog::VerifierKey::Make(kOrigin, tlog::KeyType::kSignature, LogSigner().public_key());
  }
  void Append(std::uint64_t count, std::uint8_t salt = 0) {
    const std::lock_guard lock(mutex_);
    for (std::uint64_t i = 0; i < count; ++i) {
      const ByteArray<2> leaf{static_cast<std::uint8_t>(tree_.size()), salt};
      tree_.Append(tlog::LeafHash(leaf));
    }
  }
  void Publish() {
    const std::lock_guard lock(mutex_);
    const auto note = tlog::SignCheckpoint({kOrigin, HeadNow()}, key_, signer_);
    CLOISON_CHECK(note.ok());
    published_ = *note;
    cosignatures_ = 0;
  }
  void Grow(std::uint64_t count, std::uint8_t salt = 0) {
    Append(count, salt);
    Publish();
  }
  tlog::Head head() const {
    const std::lock_guard lock(mutex_);
    return HeadNow();
  }
  tlog::Note note() const {
    const std::lock_guard lock(mutex_);
    return published_;
  }
  int cosignatures() const {
    const std::lock_guard lock(mutex_);
    return cosignatures_;
  }

  std::string Published() override {
    const std::lock_guard lock(mutex_);
    return published_.text.empty() ? "" : tlog::PrintNote(published_);
  }
  tlog::Head Newest() override { return head(); }
  Result<tlog::Proof> ProveConsistency(std::uint64_t older, std::uint64_t newer) override {
    const std::lock_guard lock(mutex_);
    return tlog::ProveConsistency(tree_, older, newer);
  }
  void AddCosignature(const std::string& text, const tlog::NoteSignature& signature) override {
    const std::lock_guard lock(mutex_);
    if (text != published_.text) return;
    published_.signatures.push_back(signature);
    ++cosignatures_;
  }

 private:
  tlog::Head HeadNow() const { return {tree_.size(), tree_.Root()}; }

  crypto::Ed25519Signer signer_;
  tlog::VerifierKey key_;
  mutable std::mutex mutex_;  // guards the rest
  tlog::testing::MemoryTree tree_;
  tlog::Note published_;
  int cosignatures_ = 0;
};

class WitnessesTest : public ::testing::Test {
 protected:
  std::unique_ptr<WitnessServer> MakeWitness(std::uint8_t seed) {
    const std::string directory = directory_.path() + "/" + std::to_string(seed);
    std::filesystem::create_directories(directory);
    auto witness =
        std::make_unique<WitnessServer>("w.example/" + std::to_string(seed), seed, directory);
    witness->Trust(SampleLog::KeyOf());
    return witness;
  }

  static WitnessOptions Options(const std::string& policy) {
    WitnessOptions options{*tlog::TrustPolicy::Parse(policy), {}};
    options.interval_ms = 5;
    options.start_ms_max = 2'000;
    options.answer_ms_max = kLongMs;
    options.backoff_ms_max = 20;
    return options;
  }
  static std::string SilentLine(const std::string& name, std::uint8_t seed,
                                const SilentServer& server) {
    crypto::Secret<32> key;
    key.Reveal()[0] = seed;
    const crypto::Ed25519Signer signer(key);
    const auto vkey = tlog::VerifierKey::Make("silent.example/" + name, tlog::KeyType::kCosignature,
                                              signer.public_key());
    return "witness " + name + " " + vkey->Text() + " " + server.url() + "\n";
  }
  WitnessParts Parts() { return {clock_, random_, events_}; }

  std::unique_ptr<Witnesses> Start(const std::string& policy, SampleLog& log) {
    auto started =
        Witnesses::Start(Options(policy), SampleLog::KeyOf(), log, Parts(), [this] { ++aheads_; });
    CLOISON_CHECK(started.ok());
    return std::move(*started);
  }

  // Until it holds; what never comes is a failure.
  template <class Condition>
  static ::testing::AssertionResult Comes(Condition condition) {
    for (int i = 0; i < 20'000; ++i) {
      if (condition()) return ::testing::AssertionSuccess();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return ::testing::AssertionFailure() << "it never came";
  }
  static WitnessState StateOf(const Witnesses& witnesses, std::size_t i = 0) {
    return witnesses.report().witnesses.at(i).state;
  }

  base::SystemClock clock_;
  base::testing::SeededRandom random_{7};
  Events events_;
  store::testing::TempDirectory directory_;
  std::atomic<int> aheads_{0};
};

TEST_F(WitnessesTest, EachPublishedCheckpointIsCosigned) {
  const auto witness = MakeWitness(1);
  const std::string policy = witness->PolicyLine("first") + "quorum first\n";
  SampleLog log;
  const auto witnesses = Start(policy, log);
  for (const std::uint64_t more : {1, 1, 5, 300}) {
    log.Grow(more);
    witnesses->Published();
    ASSERT_TRUE(Comes([&log] { return log.cosignatures() == 1; })) << events_.Text();
    EXPECT_EQ(witness->size(kOrigin), log.head().size);
    const auto reader = tlog::TrustPolicy::Parse(policy);
    EXPECT_TRUE(reader->Reached(*reader->CosignedBy(log.note())));
    const WitnessReport report = witnesses->report();
    EXPECT_TRUE(report.quorum);
    EXPECT_EQ(report.quorum_size, log.head().size);
    EXPECT_EQ(report.witnesses[0].name, "first");
    EXPECT_EQ(report.witnesses[0].state, WitnessState::kCosigned);
    EXPECT_EQ(report.witnesses[0].size, log.head().size);
    EXPECT_GT(report.witnesses[0].cosigned_ms, 0);
  }
  // Once each: what it has cosigned it is not asked again.
  EXPECT_EQ(witness->requests(), 4);
  EXPECT_EQ(events_.Text(), "witness_cosigned witness=1\n");
}

TEST_F(WitnessesTest, WhatItHoldsIsAskedAfterAStart) {
  const auto witness = MakeWitness(1);
  const std::string policy = witness->PolicyLine("a") + "quorum a\n";
  SampleLog log;
  for (const std::uint64_t more : {9, 0, 14}) {
    log.Grow(more);  // of 0: the same size again
    const auto witnesses = Start(policy, log);
    ASSERT_TRUE(Comes([&log] { return log.cosignatures() == 1; })) << events_.Text();
  }
  EXPECT_EQ(witness->size(kOrigin), 23u);
  EXPECT_EQ(witness->requests(), 1 + 2 + 2);
  EXPECT_EQ(aheads_, 0);
}

TEST_F(WitnessesTest, OthersMayTellItOfTheLogInBetween) {
  const auto witness = MakeWitness(1);
  const std::string policy = witness->PolicyLine("a") + "quorum a\n";
  SampleLog log;
  log.Grow(3);
  const auto first = Start(policy, log);
  ASSERT_TRUE(Comes([&log] { return log.cosignatures() == 1; }));
  log.Grow(4);
  const auto second = Start(policy, log);
  ASSERT_TRUE(Comes([&log] { return log.cosignatures() >= 2; })) << events_.Text();
  EXPECT_EQ(witness->size(kOrigin), 7u);
  EXPECT_EQ(aheads_, 0);
}

TEST_F(WitnessesTest, SaysWhatBecameOfEachOffer) {
  const struct {
    const char* why;
    WitnessFault fault;
    std::uint64_t number;
    WitnessState want;
    std::string event;
  } rows[] = {
      {"it does not know the log", WitnessFault::kStatus, 404, WitnessState::kRefused,
       "witness_refused witness=1 status=404"},
      {"it does not know the key", WitnessFault::kStatus, 403, WitnessState::kRefused,
       "witness_refused witness=1 status=403"},
      {"it can't read us", WitnessFault::kStatus, 400, WitnessState::kRefused,
       "witness_refused witness=1 status=400"},
      {"it holds something else, and does not show it", WitnessFault::kStatus, 422,
       WitnessState::kRefused, "witness_refused witness=1 status=422"},
      {"too often", WitnessFault::kStatus, 429, WitnessState::kLost,
       "witness_lost witness=1 status=429"},
      {"it is broken", WitnessFault::kStatus, 500, WitnessState::kLost,
       "witness_lost witness=1 status=500"},
      {"it is somewhere else", WitnessFault::kStatus, 302, WitnessState::kLost,
       "witness_lost witness=1 status=302"},
      {"a size of another type", WitnessFault::kStatus, 409, WitnessState::kLost,
       "witness_lost witness=1 status=6"},
      {"it says the size that it was told, again", WitnessFault::kSaysSize, 0, WitnessState::kLost,
       "witness_lost witness=1 status=4"},
      {"it says a smaller size for ever", WitnessFault::kSaysSize, 2, WitnessState::kLost,
       "witness_lost witness=1 status=4"},
      {"it cosigned something else", WitnessFault::kOtherText, 0, WitnessState::kLost,
       "witness_lost witness=1 status=6"},
      {"somebody else cosigned", WitnessFault::kOtherKey, 0, WitnessState::kLost,
       "witness_lost witness=1 status=3"},
      {"it cosigned at no time", WitnessFault::kNoTime, 0, WitnessState::kLost,
       "witness_lost witness=1 status=6"},
      {"no signature", WitnessFault::kGarbage, 0, WitnessState::kLost,
       "witness_lost witness=1 status=6"},
      {"5 MB", WitnessFault::kHuge, 0, WitnessState::kLost, "witness_lost witness=1 status=5"},
  };
  std::uint8_t seed = 1;
  for (const auto& row : rows) {
    const auto witness = MakeWitness(++seed);
    witness->Break(row.fault, row.number);
    SampleLog log;
    log.Grow(5);
    const auto witnesses = Start(witness->PolicyLine("a") + "quorum a\n", log);
    EXPECT_TRUE(Comes([&] { return StateOf(*witnesses) == row.want; }))
        << row.why << ": " << Name(StateOf(*witnesses));
    EXPECT_TRUE(Comes([&] { return events_.Count(row.event) > 0; })) << row.why << "\n"
                                                                     << events_.Text();
    EXPECT_EQ(log.cosignatures(), 0) << row.why;
    EXPECT_FALSE(witnesses->report().quorum) << row.why;
    EXPECT_EQ(witnesses->report().witnesses[0].size, 0u) << row.why;
    EXPECT_EQ(aheads_, 0) << row.why;
  }
}

TEST_F(WitnessesTest, OneThatWasLostIsFoundAgain) {
  const auto witness = MakeWitness(1);
  witness->Break(WitnessFault::kStatus, 503);
  SampleLog log;
  log.Grow(5);
  const auto witnesses = Start(witness->PolicyLine("a") + "quorum a\n", log);
  ASSERT_TRUE(Comes([&] { return witnesses->stats().lost.value() >= 3; }));
  EXPECT_EQ(events_.Count("witness_lost"), 1u);  // once, not at every try
  witness->Break(WitnessFault::kNone);
  ASSERT_TRUE(Comes([&] { return log.cosignatures() == 1; }));
  EXPECT_TRUE(Comes([&] { return events_.Count("witness_cosigned witness=1") == 1; }));
}

TEST_F(WitnessesTest, ASlowOneDelaysNobody) {
  const auto good = MakeWitness(1), other = MakeWitness(2);
  const SilentServer silent, mute;
  SampleLog log;
  log.Grow(3);
  auto witnesses =
      Start(SilentLine("a", 0xa1, silent) + good->PolicyLine("b") + SilentLine("c", 0xa2, mute) +
                other->PolicyLine("d") + "group g 2 a b c d\nquorum g\n",
            log);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Comes([&] { return log.cosignatures() == 2; })) << events_.Text();
    ASSERT_TRUE(Comes([&] { return witnesses->report().quorum_size == log.head().size; }));
    EXPECT_TRUE(witnesses->report().quorum);
    EXPECT_EQ(StateOf(*witnesses, 0), WitnessState::kNew);
    log.Grow(2);
  }
  // Two of them are waited for, for ten minutes: a stop is not.
  const std::int64_t began_us = clock_.mono_us();
  witnesses.reset();
  EXPECT_LT(clock_.mono_us() - began_us, kLongMs * 1000 / 2);
}

TEST_F(WitnessesTest, CountsTheQuorumPerCheckpoint) {
  const auto one = MakeWitness(1), two = MakeWitness(2), three = MakeWitness(3);
  SampleLog log;
  const auto witnesses = Start(one->PolicyLine("a") + two->PolicyLine("b") +
                                   three->PolicyLine("c") + "group g 2 a b c\nquorum g\n",
                               log);
  EXPECT_FALSE(witnesses->report().quorum);  // nothing is published yet
  one->Break(WitnessFault::kStatus, 503);
  log.Grow(3);
  ASSERT_TRUE(Comes([&] { return witnesses->report().quorum_size == 3; }));
  EXPECT_TRUE(witnesses->report().quorum);
  two->Break(WitnessFault::kStatus, 503);
  log.Grow(3);
  ASSERT_TRUE(Comes([&] { return three->size(kOrigin) == 6; }));
  ASSERT_TRUE(Comes([&] { return StateOf(*witnesses, 1) == WitnessState::kLost; }));
  EXPECT_EQ(witnesses->report().quorum_size, 3u);
  one->Break(WitnessFault::kNone);
  ASSERT_TRUE(Comes([&] { return witnesses->report().quorum_size == 6; }));
}

// Of one key there are two histories, and each reader is shown one: the witness has seen the first.
TEST_F(WitnessesTest, AForkIsFoundThroughTheWitness) {
  const auto witness = MakeWitness(1);
  const std::string policy = witness->PolicyLine("a") + "quorum a\n";
  const auto reader = tlog::TrustPolicy::Parse(policy);
  SampleLog first, second;
  first.Append(4);
  second.Append(4);
  first.Grow(3, 1);
  second.Grow(5, 2);

  const auto shown_first = Start(policy, first);
  ASSERT_TRUE(Comes([&] { return first.cosignatures() == 1; }));
  EXPECT_TRUE(reader->Reached(*reader->CosignedBy(first.note())));

  const auto shown_second = Start(policy, second);
  ASSERT_TRUE(Comes([&] { return aheads_ == 1; })) << events_.Text();
  EXPECT_EQ(StateOf(*shown_second), WitnessState::kForked);
  EXPECT_EQ(events_.Count("witness_forked witness=1 holds=7 here=9 signed=1"), 1u)
      << events_.Text();
  EXPECT_FALSE(shown_second->report().quorum);
  EXPECT_FALSE(reader->Reached(*reader->CosignedBy(second.note())));
  EXPECT_EQ(witness->size(kOrigin), 7u);
  // The first goes on; the second is never offered again.
  const int asked = witness->requests();
  constexpr int kMore = 20;
  for (int i = 0; i < kMore; ++i) {
    second.Grow(1, 2);
    shown_second->Published();
    first.Grow(1, 1);
    ASSERT_TRUE(Comes([&] { return first.cosignatures() == 1; }));
  }
  EXPECT_EQ(witness->requests(), asked + kMore);
  EXPECT_EQ(aheads_, 1);
}

TEST_F(WitnessesTest, ALogThatWentBackIsFound) {
  for (const bool hidden : {false, true}) {
    const auto witness = MakeWitness(hidden ? 2 : 1);
    const std::string policy = witness->PolicyLine("a") + "quorum a\n";
    {
      SampleLog log;
      log.Grow(9);
      const auto witnesses = Start(policy, log);
      ASSERT_TRUE(Comes([&] { return log.cosignatures() == 1; }));
    }
    if (hidden) witness->Break(WitnessFault::kHidden);
    aheads_ = 0;
    SampleLog restored;
    restored.Grow(8);
    const auto witnesses = Start(policy, restored);
    ASSERT_TRUE(Comes([&] { return aheads_ == 1; })) << events_.Text();
    EXPECT_EQ(StateOf(*witnesses), WitnessState::kAhead);
    const std::string event = "witness_ahead witness=1 holds=9 here=8 signed=";
    EXPECT_EQ(events_.Count(event + (hidden ? "0" : "1")), 1u) << events_.Text();
    EXPECT_FALSE(witnesses->report().quorum);
  }
}

// What is signed and not published yet may be known to a witness: of a run that ended in between.
TEST_F(WitnessesTest, OneThatHoldsWhatWeHaveNotPublishedYetIsNotAhead) {
  const auto witness = MakeWitness(1);
  const std::string policy = witness->PolicyLine("a") + "quorum a\n";
  SampleLog log;
  log.Grow(5);
  const tlog::Note kept = log.note();
  {
    log.Grow(4);
    const auto witnesses = Start(policy, log);
    ASSERT_TRUE(Comes([&] { return log.cosignatures() == 1; }));
  }
  SampleLog again;
  again.Grow(5);
  again.Append(4);
  const auto witnesses = Start(policy, again);
  ASSERT_TRUE(Comes([&] { return witness->requests() >= 2; }));
  again.Grow(1);
  ASSERT_TRUE(Comes([&] { return again.cosignatures() == 1; })) << events_.Text();
  EXPECT_EQ(witness->size(kOrigin), 10u);
  EXPECT_EQ(aheads_, 0);
}

struct StartRow {
  const char* why;
  std::uint64_t witnessed;  // entries that the witness cosigned; 0: none
  std::uint8_t salt;        // of those past the first 5: 0 is our own history
  std::uint64_t kept;       // published here; 0: none
  std::uint64_t durable;
  WitnessFault fault;
  std::string event;  // "": nothing is wrong
};

TEST_F(WitnessesTest, BeforeASignatureTheyAreAsked) {
  const auto kNone = WitnessFault::kNone;
  const auto kHidden = WitnessFault::kHidden;
  const StartRow rows[] = {
      {"it never heard of us", 0, 0, 8, 8, kNone, ""},
      {"nothing is published and nothing held", 0, 0, 0, 1, kNone, ""},
      {"as much as is here", 8, 0, 8, 8, kNone, ""},
      {"as much, not shown", 8, 0, 8, 8, kHidden, ""},
      {"less than is here", 6, 0, 8, 8, kNone, ""},
      {"more than was published, as much as is durable", 8, 0, 6, 8, kNone, ""},
      {"more than is here", 9, 0, 8, 8, kNone, "witness_ahead witness=1 holds=9 here=8 signed=1"},
      {"more, not shown", 9, 0, 8, 8, kHidden, "witness_ahead witness=1 holds=9 here=8 signed=0"},
      {"more, and nothing is kept here", 9, 0, 0, 1, kNone,
       "witness_ahead witness=1 holds=9 here=1 signed=1"},
      {"another root", 8, 1, 8, 8, kNone, "witness_forked witness=1 holds=8 here=8"},
      {"another root, not shown", 8, 1, 8, 8, kHidden, "witness_forked witness=1 holds=8 here=8"},
      {"another root, of what was published", 6, 1, 6, 8, kNone,
       "witness_forked witness=1 holds=6 here=8"},
      {"it is broken", 9, 0, 8, 8, WitnessFault::kGarbage, ""},
      {"it says too much", 0, 0, 8, 8, WitnessFault::kSaysSize,
       "witness_ahead witness=1 holds=99 here=8 signed=0"},
  };
  std::uint8_t seed = 1;
  for (const StartRow& row : rows) {
    const auto witness = MakeWitness(++seed);
    const std::string policy = witness->PolicyLine("a") + "quorum a\n";
    if (row.witnessed != 0) {
      SampleLog log;
      log.Append(5);
      log.Grow(row.witnessed - 5, row.salt);
      const auto witnesses = Start(policy, log);
      ASSERT_TRUE(Comes([&] { return log.cosignatures() == 1; })) << row.why;
    }
    witness->Break(row.fault, 99);
    SampleLog here;
    if (row.kept != 0) here.Grow(row.kept);
    const std::string kept = here.Published();
    here.Append(row.durable - row.kept);
    const std::size_t wrong = events_.Count("witness_ahead") + events_.Count("witness_forked");
    const Status checked =
        CheckWitnesses(Options(policy), SampleLog::KeyOf(), kept, here.head(), Parts());
    if (row.event.empty()) {
      EXPECT_TRUE(checked.ok()) << row.why << ": " << checked.error().text();
      EXPECT_EQ(events_.Count("witness_ahead") + events_.Count("witness_forked"), wrong) << row.why;
    } else {
      ASSERT_FALSE(checked.ok()) << row.why;
      EXPECT_EQ(checked.error().code(), Code::kCorrupt) << row.why;
      EXPECT_EQ(checked.error().detail(), 1) << row.why;
      EXPECT_GT(events_.Count(row.event), 0u) << row.why << "\n" << events_.Text();
    }
  }
}

TEST_F(WitnessesTest, AStartDoesNotWaitForTheSilent) {
  const SilentServer silent;
  const auto good = MakeWitness(1), ahead = MakeWitness(2);
  SampleLog here;
  here.Grow(3);
  const std::string calm = SilentLine("a", 0xa1, silent) + good->PolicyLine("b") + "quorum b\n";
  WitnessOptions options = Options(calm);
  options.start_ms_max = 200;
  EXPECT_TRUE(
      CheckWitnesses(options, SampleLog::KeyOf(), here.Published(), here.head(), Parts()).ok());
  EXPECT_EQ(events_.Count("witness_lost witness=1 status=0"), 1u) << events_.Text();
  // Beside one that is silent, one that is ahead is heard.
  {
    SampleLog more;
    more.Grow(4);
    const auto witnesses = Start(ahead->PolicyLine("c") + "quorum c\n", more);
    ASSERT_TRUE(Comes([&] { return more.cosignatures() == 1; }));
  }
  options = Options(SilentLine("a", 0xa1, silent) + ahead->PolicyLine("c") + "quorum c\n");
  const Status checked =
      CheckWitnesses(options, SampleLog::KeyOf(), here.Published(), here.head(), Parts());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().detail(), 2);
}

TEST_F(WitnessesTest, AWitnessHasAPlace) {
  const auto witness = MakeWitness(1);
  const std::string vkey = witness->key().Text();
  const struct {
    const char* why;
    std::string url;
    bool want;
  } rows[] = {
      {"TLS", "https://w.example/prefix/", true},
      {"TLS and a port", "https://w.example:8443", true},
      {"the loopback", "http://127.0.0.1:7380/", true},
      {"the loopback by its name", "http://localhost:7380/", true},
      {"the other loopback", "http://[::1]:7380/", true},
      {"none", "", false},
      {"no TLS", "http://w.example/", false},
      {"a name that begins like the loopback's", "http://localhost.example/", false},
      {"a name that begins like its address", "http://127.0.0.1.example/", false},
      {"a query", "https://w.example/?x=1", false},
      {"another scheme", "ftp://w.example/", false},
      {"rubbish", "w.example", false},
  };
  for (const auto& row : rows) {
    const auto policy =
        tlog::TrustPolicy::Parse("witness a " + vkey + " " + row.url + "\nquorum a\n");
    ASSERT_TRUE(policy.ok()) << row.why;
    const Status placed = CheckPlaces(*policy);
    EXPECT_EQ(placed.ok(), row.want) << row.why;
    if (!placed.ok()) {
      EXPECT_EQ(placed.error().detail(), 1) << row.why;
    }
  }
}

}  // namespace
}  // namespace cloison::ledger
