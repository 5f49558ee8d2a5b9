// What lifts freezes when nobody is left who could: two officers' word, fresh, for this ledger.
#include "ledger/unfreeze_statement.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::ledger {
namespace {

struct Signer {
  Signer(std::string_view name, std::uint8_t byte)
      : signer(SeedOf(byte)),
        key(*tlog::VerifierKey::Make(name, tlog::KeyType::kSignature, signer.public_key())) {}
  static crypto::Secret<32> SeedOf(std::uint8_t byte) {
    crypto::Secret<32> seed;
    std::ranges::fill(seed.Reveal(), byte);
    return seed;
  }
  crypto::Ed25519Signer signer;
  tlog::VerifierKey key;
};

constexpr std::int64_t kTimeS = 1'798'761'600;
constexpr std::string_view kOrigin = "log.example/people";
constexpr std::string_view kText =
    "cloison unfreeze statement v1\n"
    "ledger log.example/people\n"
    "time 1798761600\n"
    "issuer https://login.example\n"
    "subject alice\n"
    "issuer https://login.example\n"
    "subject bruno\n";

std::string NoteBy(const std::vector<const Signer*>& signers, std::string_view text = kText) {
  tlog::Note note{std::string(text), {}};
  for (const Signer* one : signers) EXPECT_TRUE(tlog::Sign(note, one->key, one->signer).ok());
  return PrintNote(note);
}

TEST(UnfreezeStatementText, OneWayToWriteIt) {
  const UnfreezeStatement example{
      std::string(kOrigin),
      kTimeS,
      {{"https://login.example", "alice"}, {"https://login.example", "bruno"}}};
  EXPECT_EQ(Print(example), kText);
  EXPECT_EQ(*ParseUnfreezeStatement(kText), example);
  const auto replaced = [](std::string_view from, std::string_view to) {
    std::string text(kText);
    return text.replace(text.find(from), from.size(), to);
  };
  UnfreezeStatement many = example;
  many.accounts.clear();
  for (std::size_t i = 0; i < kLiftedMax; ++i) many.accounts.push_back({"i", std::to_string(i)});
  EXPECT_TRUE(ParseUnfreezeStatement(Print(many)).ok());
  many.accounts.push_back({"i", "one more"});
  const std::pair<const char*, std::string> rows[] = {
      {"nothing", ""},
      {"another first line", replaced("statement v1", "statement v2")},
      {"a freeze's first line", replaced("unfreeze", "freeze")},
      {"nobody", std::string(kText.substr(0, kText.find("issuer")))},
      {"half an account", replaced("subject bruno\n", "")},
      {"an empty subject", replaced("alice", "")},
      {"an empty ledger", replaced("log.example/people", "")},
      {"an account twice", replaced("bruno", "alice")},
      {"a time with a sign", replaced("time 1", "time +1")},
      {"a time before all", replaced("time 1", "time -1")},
      {"a time of a fraction", replaced("1600", "1600.5")},
      {"a line more", std::string(kText) + "more\n"},
      {"a byte less", std::string(kText.substr(0, kText.size() - 1))},
      {"one more than there may be", Print(many)},
  };
  for (const auto& [why, text] : rows) EXPECT_FALSE(ParseUnfreezeStatement(text).ok()) << why;
}

TEST(UnfreezeStatementNote, TakesTwoOfTheOfficersAndIsFresh) {
  const Signer anna("officer.anna", 1), bruno("officer.bruno", 2), carla("officer.carla", 3),
      stranger("stranger", 4), liar("officer.bruno", 5);
  const std::vector<tlog::VerifierKey> officers{anna.key, bruno.key, carla.key};
  const auto code = [&officers](const std::string& note, std::string_view origin,
                                std::int64_t now_s) {
    const auto read = CheckUnfreeze(note, origin, officers, now_s);
    return read.ok() ? std::optional<Code>() : read.error().code();
  };
  const std::string good = NoteBy({&anna, &carla});
  const struct {
    const char* why;
    std::string note;
    std::string_view origin;
    std::int64_t now_s;
    std::optional<Code> want;
  } rows[] = {
      {"two of them", good, kOrigin, kTimeS, std::nullopt},
      {"and a stranger", NoteBy({&anna, &bruno, &stranger}), kOrigin, kTimeS, std::nullopt},
      {"to the hour", good, kOrigin, kTimeS + kFreezeFreshS, std::nullopt},
      {"of a clock that is behind", good, kOrigin, kTimeS - kFreezeFreshS, std::nullopt},
      {"later", good, kOrigin, kTimeS + kFreezeFreshS + 1, Code::kDenied},
      {"from tomorrow", good, kOrigin, kTimeS - kFreezeFreshS - 1, Code::kDenied},
      {"one", NoteBy({&anna}), kOrigin, kTimeS, Code::kDenied},
      {"nobody they know", NoteBy({&stranger}), kOrigin, kTimeS, Code::kDenied},
      {"one and a stranger", NoteBy({&anna, &stranger}), kOrigin, kTimeS, Code::kDenied},
      {"one and who is called so", NoteBy({&anna, &liar}), kOrigin, kTimeS, Code::kDenied},
      {"another ledger", good, "log.example/other", kTimeS, Code::kConflict},
      {"no note", std::string(kText), kOrigin, kTimeS, Code::kInvalid},
      {"of another kind", NoteBy({&anna, &bruno}, "cloison freeze statement v1\n"), kOrigin, kTimeS,
       Code::kInvalid},
      {"too long", std::string(kUnfreezeNoteBytesMax + 1, 'x'), kOrigin, kTimeS, Code::kExhausted},
  };
  for (const auto& row : rows)
    EXPECT_EQ(code(row.note, row.origin, row.now_s), row.want) << row.why;
  std::string twice = NoteBy({&anna});
  twice += twice.substr(twice.find("\xe2\x80\x94"));
  EXPECT_NE(code(twice, kOrigin, kTimeS), std::nullopt) << "one officer is one";
}

}  // namespace
}  // namespace cloison::ledger
