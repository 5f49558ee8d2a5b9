// What freezes without a ledger: an officer's word, fresh, for this ledger, and nothing else.
#include "ledger/freeze_statement.h"

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

constexpr std::string_view kText =
    "cloison freeze statement v1\n"
    "ledger log.example/people\n"
    "issuer https://login.example\n"
    "subject alice\n"
    "time 1798761600\n";

FreezeStatement Example() {
  return {"log.example/people", "https://login.example", "alice", 1'798'761'600};
}

std::string NoteBy(const Signer& signer, std::string_view text = kText) {
  tlog::Note note{std::string(text), {}};
  EXPECT_TRUE(tlog::Sign(note, signer.key, signer.signer).ok());
  return PrintNote(note);
}

TEST(FreezeStatementText, OneWayToWriteIt) {
  EXPECT_EQ(Print(Example()), kText);
  EXPECT_EQ(*ParseFreezeStatement(kText), Example());
  const auto replaced = [](std::string_view from, std::string_view to) {
    std::string text(kText);
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<const char*, std::string> rows[] = {
      {"nothing", ""},
      {"another first line", replaced("freeze statement v1", "freeze statement v2")},
      {"a policy's first line", replaced("freeze statement", "policy statement")},
      {"no subject", replaced("subject alice\n", "")},
      {"an empty subject", replaced("alice", "")},
      {"an empty ledger", replaced("log.example/people", "")},
      {"a time with a sign", replaced("time 1", "time +1")},
      {"a time with a zero", replaced("time 1", "time 01")},
      {"a time before all", replaced("time 1", "time -1")},
      {"a time of a fraction", replaced("1600", "1600.5")},
      {"another order", replaced("issuer https://login.example\nsubject alice",
                                 "subject alice\nissuer https://login.example")},
      {"a line more", std::string(kText) + "more\n"},
      {"a byte less", std::string(kText.substr(0, kText.size() - 1))},
  };
  for (const auto& [why, text] : rows) EXPECT_FALSE(ParseFreezeStatement(text).ok()) << why;
}

TEST(FreezeStatementNote, OneOfficerIsEnoughAndNobodyElse) {
  const Signer anna("officer.anna", 1), bruno("officer.bruno", 2), stranger("stranger", 3),
      liar("officer.anna", 4);
  const std::vector<tlog::VerifierKey> officers{anna.key, bruno.key};
  const auto code = [&officers](const std::string& note, std::string_view origin) {
    const auto read = CheckFreeze(note, origin, officers);
    return read.ok() ? std::optional<Code>() : read.error().code();
  };
  EXPECT_EQ(code(NoteBy(bruno), "log.example/people"), std::nullopt);
  EXPECT_EQ(code(NoteBy(stranger), "log.example/people"), Code::kDenied);
  EXPECT_EQ(code(NoteBy(liar), "log.example/people"), Code::kDenied);
  EXPECT_EQ(code(NoteBy(anna), "log.example/other"), Code::kConflict);
  EXPECT_EQ(code(NoteBy(anna, "anything\n"), "log.example/people"), Code::kInvalid);
  EXPECT_EQ(code(std::string(kText), "log.example/people"), Code::kInvalid);
  std::string altered = NoteBy(anna);
  altered.replace(altered.find("alice"), 5, "mabel");
  EXPECT_EQ(code(altered, "log.example/people"), Code::kCorrupt);
  EXPECT_EQ(code(std::string(kFreezeNoteBytesMax + 1, 'a'), "log.example/people"),
            Code::kExhausted);
  EXPECT_FALSE(CheckFreeze(NoteBy(anna), "log.example/people", {}).ok()) << "nobody may";
}

TEST(FreezeStatementNote, IsTakenWithinTheHour) {
  const FreezeStatement made = Example();
  for (const std::int64_t off_s : {std::int64_t{0}, kFreezeFreshS, -kFreezeFreshS}) {
    EXPECT_TRUE(CheckFresh(made, made.time_s + off_s).ok()) << off_s;
  }
  for (const std::int64_t off_s : {kFreezeFreshS + 1, -kFreezeFreshS - 1}) {
    EXPECT_EQ(CheckFresh(made, made.time_s + off_s).error().code(), Code::kDenied) << off_s;
  }
}

}  // namespace
}  // namespace cloison::ledger
