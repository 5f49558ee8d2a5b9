#include "tlog/note.h"

#include <gtest/gtest.h>

#include <optional>

#include "crypto/base64.h"

namespace cloison::tlog {
namespace {

// The example of golang.org/x/mod/sumdb/note.
constexpr std::string_view kPeter =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kEnoch =
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
constexpr std::string_view kSaying =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kPeterLine =
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n";

std::string Join(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out.append(part);
  return out;
}

crypto::Ed25519Signer SignerOf(std::uint8_t seed) {
  crypto::Secret<32> key;
  key.Reveal()[0] = seed;
  return crypto::Ed25519Signer(key);
}

VerifierKey KeyOf(std::string_view name, KeyType type, const crypto::Signer& signer) {
  return *VerifierKey::Make(name, type, signer.public_key());
}

TEST(VerifierKey, IsParsedAndPrintedBack) {
  for (const std::string_view vkey : {kPeter, kEnoch}) {
    const Result<VerifierKey> key = VerifierKey::Parse(vkey);
    ASSERT_TRUE(key.ok()) << vkey;
    EXPECT_EQ(key->Text(), vkey);
  }
  EXPECT_EQ(VerifierKey::Parse(kPeter)->id(), 0xc74f20a3u);
  EXPECT_EQ(VerifierKey::Parse(kPeter)->type(), KeyType::kSignature);
}

TEST(VerifierKey, RefusesEveryOtherText) {
  const struct {
    const char* why;
    std::string vkey;
  } rows[] = {
      {"nothing", ""},
      {"a name alone", "PeterNeumann"},
      {"no key", "PeterNeumann+c74f20a3"},
      {"an empty key", "PeterNeumann+c74f20a3+"},
      {"no name", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"another name", "PeterNeumamm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"another id", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"an id in capitals", "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"a short id", "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"another key", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX"},
      {"a short key", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy"},
      {"an unknown type", "PeterNeumann+c74f20a3+Bhpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"a space in the name",
       "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
      {"a space before", Join({" ", kPeter})},
      {"a line feed after", Join({kPeter, "\n"})},
      {"not base64", "PeterNeumann+c74f20a3+!Rpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"},
  };
  for (const auto& row : rows) {
    const Result<VerifierKey> key = VerifierKey::Parse(row.vkey);
    ASSERT_FALSE(key.ok()) << row.why;
    EXPECT_EQ(key.error().code(), Code::kInvalid) << row.why;
  }
}

TEST(VerifierKey, RefusesNamesThatANoteCannotHold) {
  const struct {
    const char* why;
    std::string name;
    bool want;
  } rows[] = {
      {"a host and a path", "log.example.fr/ledger", true},
      {"letters beyond ASCII", "registre-agréé", true},
      {"the longest", std::string(kKeyNameBytesMax, 'a'), true},
      {"empty", "", false},
      {"too long", std::string(kKeyNameBytesMax + 1, 'a'), false},
      {"a space", "a b", false},
      {"a no-break space",
       "a\xc2\xa0"
       "b",
       false},
      {"an ideographic space", "a\xe3\x80\x80", false},
      {"a thin space", "\xe2\x80\x89", false},
      {"a plus", "a+b", false},
      {"a line feed", "a\nb", false},
      {"a zero byte", std::string("a\0b", 3), false},
      {"a lone continuation byte", "a\x80", false},
      {"a cut code point", "a\xc3", false},
      {"an overlong slash", "a\xc0\xaf", false},
      {"an overlong euro", "a\xf0\x82\x82\xac", false},
      {"a surrogate", "a\xed\xa0\x80", false},
      {"above Unicode", "a\xf4\x90\x80\x80", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(VerifierKey::Make(row.name, KeyType::kSignature, {}).ok(), row.want) << row.why;
  }
}

TEST(Note, TheExampleOfTheGoPackageVerifies) {
  const std::string bytes = Join({kSaying, "\n", kPeterLine});
  const Result<Note> note = ParseNote(bytes);
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->text, kSaying);
  EXPECT_EQ(PrintNote(*note), bytes);
  const VerifierKey keys[] = {*VerifierKey::Parse(kEnoch), *VerifierKey::Parse(kPeter)};
  const Result<std::vector<VerifiedSignature>> good = Verify(*note, keys);
  ASSERT_TRUE(good.ok());
  ASSERT_EQ(good->size(), 1u);
  EXPECT_EQ(good->front().key, 1u);
  EXPECT_EQ(good->front().time_s, 0u);
}

TEST(Note, RefusesWhatIsNotANote) {
  const std::string line(kPeterLine);
  const struct {
    const char* why;
    std::string bytes;
    Code want;
  } rows[] = {
      {"nothing", "", Code::kInvalid},
      {"no signature", Join({kSaying, "\n"}), Code::kInvalid},
      {"no empty line", Join({kSaying, line}), Code::kInvalid},
      {"no text", Join({"\n", line}), Code::kInvalid},
      {"a line without its feed", Join({"a\n\n", line.substr(0, line.size() - 1)}), Code::kInvalid},
      {"a hyphen for the dash", "a\n\n- n AAAAAAA=\n", Code::kInvalid},
      {"no space after the dash", "a\n\n—n AAAAAAA=\n", Code::kInvalid},
      {"no name", "a\n\n—  AAAAAAA=\n", Code::kInvalid},
      {"a name with a plus", "a\n\n— n+m AAAAAAA=\n", Code::kInvalid},
      {"no signature in the line", "a\n\n— n\n", Code::kInvalid},
      {"an empty signature", "a\n\n— n \n", Code::kInvalid},
      {"a key id and no more", "a\n\n— n AAAAAA==\n", Code::kInvalid},
      {"base64 without padding", "a\n\n— n AAAAAAA\n", Code::kInvalid},
      {"base64 with bits set in the padding", "a\n\n— n AAAAAAB=\n", Code::kInvalid},
      {"a word after the signature", "a\n\n— n AAAAAAA= x\n", Code::kInvalid},
      {"a carriage return", "a\r\n\n— n AAAAAAA=\n", Code::kInvalid},
      {"a tab in the text", "a\tb\n\n— n AAAAAAA=\n", Code::kInvalid},
      {"a zero byte", std::string("a\0\n\n— n AAAAAAA=\n", 19), Code::kInvalid},
      {"text that is not UTF-8", "a\xff\n\n— n AAAAAAA=\n", Code::kInvalid},
      {"an empty line at the end", "a\n\n— n AAAAAAA=\n\n", Code::kInvalid},
      {"too long", Join({std::string(kNoteBytesMax, 'a'), "\n\n— n AAAAAAA=\n"}), Code::kExhausted},
  };
  for (const auto& row : rows) {
    const Result<Note> note = ParseNote(row.bytes);
    ASSERT_FALSE(note.ok()) << row.why;
    EXPECT_EQ(note.error().code(), row.want) << row.why;
  }
}

TEST(Note, SplitsAtTheLastEmptyLine) {
  const Result<Note> note = ParseNote("a\n\nb\n\n— n AAAAAAA=\n");
  ASSERT_TRUE(note.ok());
  EXPECT_EQ(note->text, "a\n\nb\n");
}

TEST(Note, HoldsSoManySignaturesAndNoMore) {
  std::string bytes = "a\n\n";
  for (std::size_t i = 0; i < kNoteSignaturesMax; ++i) bytes += "— n AAAAAAA=\n";
  EXPECT_TRUE(ParseNote(bytes).ok());
  Note full = *ParseNote(bytes);
  const crypto::Ed25519Signer signer = SignerOf(1);
  EXPECT_EQ(Sign(full, KeyOf("n", KeyType::kSignature, signer), signer).error().code(),
            Code::kExhausted);
  EXPECT_EQ(full.signatures.size(), kNoteSignaturesMax);
  EXPECT_EQ(ParseNote(bytes + "— n AAAAAAA=\n").error().code(), Code::kExhausted);
}

class Signed : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Sign(note_, log_, log_signer_).ok());
    ASSERT_TRUE(Cosign(note_, witness_, witness_signer_, 1'700'000'000).ok());
  }

  crypto::Ed25519Signer log_signer_ = SignerOf(1);
  crypto::Ed25519Signer witness_signer_ = SignerOf(2);
  VerifierKey log_ = KeyOf("log", KeyType::kSignature, log_signer_);
  VerifierKey witness_ = KeyOf("witness", KeyType::kCosignature, witness_signer_);
  Note note_{"text\n", {}};
};

TEST_F(Signed, IsReadBackAndVerifies) {
  const Result<Note> back = ParseNote(PrintNote(note_));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, note_);
  const VerifierKey keys[] = {witness_, log_};
  const auto good = Verify(*back, keys);
  ASSERT_TRUE(good.ok());
  ASSERT_EQ(good->size(), 2u);
  EXPECT_EQ((*good)[0].key, 1u);
  EXPECT_EQ((*good)[1].key, 0u);
  EXPECT_EQ((*good)[1].time_s, 1'700'000'000u);
}

TEST_F(Signed, UnknownKeysAreIgnoredAndKnownOnesMustHold) {
  const VerifierKey stranger = KeyOf("log", KeyType::kSignature, witness_signer_);
  Note forged = note_;
  forged.signatures[0].blob[0] ^= 1;
  Note other_text = note_;
  other_text.text = "texT\n";
  Note other_time = note_;
  other_time.signatures[1].blob[7] ^= 1;
  Note cut = note_;
  cut.signatures[0].blob.pop_back();
  Note twice = note_;
  twice.signatures.push_back(forged.signatures[0]);
  const struct {
    const char* why;
    Note note;
    std::vector<VerifierKey> keys;
    std::optional<Code> want;
  } rows[] = {
      {"the log's key", note_, {log_}, std::nullopt},
      {"the witness's key", note_, {witness_}, std::nullopt},
      {"the log's key beside an unknown one", note_, {stranger, log_}, std::nullopt},
      {"a bad signature of a key we don't know", forged, {witness_}, std::nullopt},
      {"the same name, another key", note_, {stranger}, Code::kDenied},
      {"no key", note_, {}, Code::kDenied},
      {"a bad signature of a key we know", forged, {log_}, Code::kCorrupt},
      {"one bad, one good", forged, {witness_, log_}, Code::kCorrupt},
      {"good, then bad, of one key", twice, {log_}, Code::kCorrupt},
      {"another text", other_text, {log_}, Code::kCorrupt},
      {"another time", other_time, {witness_}, Code::kCorrupt},
      {"a signature cut short", cut, {log_}, Code::kCorrupt},
  };
  for (const auto& row : rows) {
    const auto verdict = Verify(row.note, row.keys);
    EXPECT_EQ(verdict.ok(), !row.want.has_value()) << row.why;
    if (!verdict.ok() && row.want.has_value()) {
      EXPECT_EQ(verdict.error().code(), *row.want) << row.why;
    }
  }
}

TEST_F(Signed, AKeyCountsOnce) {
  note_.signatures.push_back(note_.signatures[0]);
  const VerifierKey keys[] = {log_};
  EXPECT_EQ(Verify(note_, keys)->size(), 1u);
}

TEST_F(Signed, SigningRefusesWhatCouldNotBeVerified) {
  const struct {
    const char* why;
    Status status;
  } rows[] = {
      {"another signer's key", Sign(note_, log_, witness_signer_)},
      {"a cosigner's key", Sign(note_, witness_, witness_signer_)},
      {"cosigning with a log's key", Cosign(note_, log_, log_signer_, 1)},
  };
  for (const auto& row : rows) {
    ASSERT_FALSE(row.status.ok()) << row.why;
    EXPECT_EQ(row.status.error().code(), Code::kInvalid) << row.why;
  }
  Note no_feed{"text", {}};
  EXPECT_EQ(Sign(no_feed, log_, log_signer_).error().code(), Code::kInvalid);
  Note long_text{std::string(kNoteBytesMax, 'a') + "\n", {}};
  EXPECT_EQ(Sign(long_text, log_, log_signer_).error().code(), Code::kExhausted);
  EXPECT_TRUE(long_text.signatures.empty());
}

}  // namespace
}  // namespace cloison::tlog
