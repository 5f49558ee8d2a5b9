#include "tlog/witness.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tlog/checkpoint.h"

namespace cloison::tlog {
namespace {

constexpr std::string_view kZeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

std::string Repeat(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

TEST(AddCheckpoint, IsPrintedLineByLine) {
  const AddCheckpoint request{20, {Hash{}, Hash{1}}, "log.example\n21\n"};
  EXPECT_EQ(PrintAddCheckpoint(request),
            "old 20\n"
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            "\n"
            "log.example\n21\n");
  EXPECT_EQ(PrintAddCheckpoint({0, {}, "c\n"}), "old 0\n\nc\n");
}

TEST(AddCheckpoint, IsParsedAndPrintedBack) {
  const std::string bodies[] = {
      "old 0\n\nc\n",
      "old 18446744073709551615\n\nc",
      "old 7\n" + std::string(kZeros) + "\nlog.example\n9\n\n— a AAAA\n",
      "old 7\n" + Repeat(kZeros, kWitnessProofHashesMax) + "\nc\n",
  };
  for (const std::string& body : bodies) {
    const Result<AddCheckpoint> request = ParseAddCheckpoint(body);
    ASSERT_TRUE(request.ok()) << body;
    EXPECT_EQ(PrintAddCheckpoint(*request), body);
  }
}

TEST(AddCheckpoint, RefusesEveryOtherText) {
  const std::string zeros(kZeros);
  const struct {
    const char* why;
    std::string body;
    Code want;
  } rows[] = {
      {"nothing", "", Code::kInvalid},
      {"no old line", "\nc\n", Code::kInvalid},
      {"another word", "size 1\n\nc\n", Code::kInvalid},
      {"no space", "old1\n\nc\n", Code::kInvalid},
      {"two spaces", "old  1\n\nc\n", Code::kInvalid},
      {"no number", "old \n\nc\n", Code::kInvalid},
      {"a leading zero", "old 01\n\nc\n", Code::kInvalid},
      {"a sign", "old -1\n\nc\n", Code::kInvalid},
      {"a number of more than 64 bits", "old 18446744073709551616\n\nc\n", Code::kInvalid},
      {"a space behind", "old 1 \n\nc\n", Code::kInvalid},
      {"a carriage return", "old 1\r\n\r\nc\n", Code::kInvalid},
      {"no empty line", "old 1\n" + zeros, Code::kInvalid},
      {"a hash without its line feed", "old 1\n" + zeros.substr(0, 44), Code::kInvalid},
      {"no checkpoint", "old 1\n\n", Code::kInvalid},
      {"a hash of 31 bytes", "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n\nc\n",
       Code::kInvalid},
      {"a hash of 33 bytes", "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\nc\n",
       Code::kInvalid},
      {"bits after the hash", "old 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\nc\n",
       Code::kInvalid},
      {"a hash in another alphabet", "old 1\n" + std::string(43, '_') + "=\n\nc\n", Code::kInvalid},
      {"64 hashes", "old 1\n" + Repeat(zeros, kWitnessProofHashesMax + 1) + "\nc\n",
       Code::kExhausted},
      {"too long", "old 0\n\n" + std::string(kWitnessRequestBytesMax, 'c'), Code::kExhausted},
  };
  for (const auto& row : rows) {
    const Result<AddCheckpoint> request = ParseAddCheckpoint(row.body);
    ASSERT_FALSE(request.ok()) << row.why;
    EXPECT_EQ(request.error().code(), row.want) << row.why;
  }
}

TEST(WitnessAnswer, IsReadByItsStatus) {
  using enum WitnessVerdict;
  constexpr std::string_view kSize = "text/x.tlog.size";
  const struct {
    const char* why;
    int status;
    std::string_view type;
    std::string_view body;
    WitnessVerdict want;
    std::size_t signatures;
    std::uint64_t size;
  } rows[] = {
      {"one cosignature", 200, "text/plain", "— w AAAAAAA=\n", kCosigned, 1, 0},
      {"no type at all", 200, "", "— w AAAAAAA=\n", kCosigned, 1, 0},
      {"two, of two keys", 200, "", "— w AAAAAAA=\n— w AAAAAAE=\n", kCosigned, 2, 0},
      {"another size", 409, kSize, "21\n", kOtherSize, 0, 21},
      {"it holds nothing", 409, kSize, "0\n", kOtherSize, 0, 0},
      {"a size with parameters", 409, "text/x.tlog.size; charset=utf-8", "21\n", kOtherSize, 0, 21},
      {"more than any tree has", 409, kSize, "18446744073709551615\n", kOtherSize, 0,
       18446744073709551615u},
      {"another log", 404, "text/plain", "unknown log\n", kUnknownLog, 0, 0},
      {"not our key", 403, "", "", kNotSigned, 0, 0},
      {"a fork", 422, "", "anything", kInconsistent, 0, 0},
      {"a wrong request", 400, "", "", kBadRequest, 0, 0},
      {"too many requests", 429, "", "", kNotNow, 0, 0},
      {"a fault", 500, "", "", kNotNow, 0, 0},
      {"a redirect", 302, "", "", kNotNow, 0, 0},
      {"a success that is none", 204, "", "", kNotNow, 0, 0},
  };
  for (const auto& row : rows) {
    const Result<WitnessAnswer> answer = ParseWitnessAnswer(row.status, row.type, row.body);
    ASSERT_TRUE(answer.ok()) << row.why;
    EXPECT_EQ(answer->verdict, row.want) << row.why;
    EXPECT_EQ(answer->signatures.size(), row.signatures) << row.why;
    EXPECT_EQ(answer->size, row.size) << row.why;
    if (row.status == 200) {
      EXPECT_EQ(PrintSignatures(answer->signatures), row.body);
    }
    if (row.status == 409) {
      EXPECT_EQ(PrintSize(answer->size), row.body);
    }
  }
}

TEST(WitnessAnswer, RefusesWhatItCannotRead) {
  constexpr std::string_view kSize = "text/x.tlog.size";
  const struct {
    const char* why;
    int status;
    std::string_view type;
    std::string body;
  } rows[] = {
      {"nothing", 200, "", ""},
      {"a line feed alone", 200, "", "\n"},
      {"a line without its end", 200, "", "— w AAAAAAA="},
      {"another dash", 200, "", "- w AAAAAAA=\n"},
      {"no name", 200, "", "—  AAAAAAA=\n"},
      {"a key id alone", 200, "", "— w AAAAAA==\n"},
      {"text before", 200, "", "hello\n— w AAAAAAA=\n"},
      {"text and an empty line before", 200, "", "hello\n\n— w AAAAAAA=\n"},
      {"an empty line between", 200, "", "— w AAAAAAA=\n\n— w AAAAAAA=\n"},
      {"an empty line behind", 200, "", "— w AAAAAAA=\n\n"},
      {"a page", 200, "text/html", "<html></html>\n"},
      {"too many lines", 200, "", Repeat("— w AAAAAAA=\n", kNoteSignaturesMax + 1)},
      {"no type", 409, "", "21\n"},
      {"another type", 409, "text/plain", "21\n"},
      {"a longer type", 409, "text/x.tlog.sizes", "21\n"},
      {"no number", 409, kSize, "\n"},
      {"nothing", 409, kSize, ""},
      {"no line feed", 409, kSize, "21"},
      {"two line feeds", 409, kSize, "21\n\n"},
      {"a leading zero", 409, kSize, "021\n"},
      {"a sign", 409, kSize, "+21\n"},
      {"a space", 409, kSize, " 21\n"},
      {"hexadecimal", 409, kSize, "0x21\n"},
      {"more than 64 bits", 409, kSize, "18446744073709551616\n"},
  };
  for (const auto& row : rows) {
    const Result<WitnessAnswer> answer = ParseWitnessAnswer(row.status, row.type, row.body);
    ASSERT_FALSE(answer.ok()) << row.why;
    EXPECT_EQ(answer.error().code(), Code::kCorrupt) << row.why;
  }
}

// Of tests/vectors/witness: what two foreign witnesses answered.
void CheckExchange(const nlohmann::json& exchange, const VerifierKey& witness) {
  const std::string why = exchange["why"];
  const std::string body = exchange["request"];
  const Result<AddCheckpoint> request = ParseAddCheckpoint(body);
  EXPECT_EQ(request.ok(), why != "not a request") << why;
  if (request.ok()) {
    EXPECT_EQ(PrintAddCheckpoint(*request), body) << why;
  }
  const std::string type = exchange["content_type"], text = exchange["body"];
  const Result<WitnessAnswer> answer = ParseWitnessAnswer(exchange["status"], type, text);
  ASSERT_TRUE(answer.ok()) << why;
  using enum WitnessVerdict;
  const std::map<std::string, std::pair<WitnessVerdict, std::uint64_t>> wanted = {
      {"first contact", {kCosigned, 0}},
      {"the same size again", {kCosigned, 0}},
      {"another size than it holds", {kOtherSize, 5}},
      {"a proof of another order", {kInconsistent, 0}},
      {"a proof too short", {kInconsistent, 0}},
      {"no proof", {kInconsistent, 0}},
      {"more entries", {kCosigned, 0}},
      {"back to fewer entries", {kBadRequest, 0}},
      {"a size from before", {kOtherSize, 9}},
      {"not a request", {kBadRequest, 0}},
  };
  if (const auto want = wanted.find(why); want != wanted.end()) {
    EXPECT_EQ(answer->verdict, want->second.first) << why;
    EXPECT_EQ(answer->size, want->second.second) << why;
  } else {  // here they differ
    EXPECT_TRUE(answer->verdict == kNotSigned || answer->verdict == kNotNow) << why;
  }
  if (answer->verdict != kCosigned) return;
  const Result<Note> offered = ParseNote(request->checkpoint);
  ASSERT_TRUE(offered.ok()) << why;
  const auto verified = Verify(Note{offered->text, answer->signatures}, std::span(&witness, 1));
  ASSERT_TRUE(verified.ok()) << why;
  EXPECT_GT(verified->front().time_s, 1'700'000'000u) << why;
  EXPECT_EQ(Verify(Note{offered->text + "x\n", answer->signatures}, std::span(&witness, 1))
                .error()
                .code(),
            Code::kCorrupt)
      << why;
}

TEST(WitnessAnswer, IsThatOfForeignWitnesses) {
  for (const char* name : {"omniwitness", "litewitness"}) {
    std::ifstream in("tests/vectors/witness/" + std::string(name) + ".json");
    const nlohmann::json vectors = nlohmann::json::parse(in);
    const Result<VerifierKey> witness = VerifierKey::Parse(vectors["witness"].get<std::string>());
    ASSERT_TRUE(witness.ok()) << name;
    EXPECT_EQ(witness->type(), KeyType::kCosignature);
    ASSERT_EQ(vectors["exchanges"].size(), 12u) << name;
    for (const nlohmann::json& exchange : vectors["exchanges"]) CheckExchange(exchange, *witness);
  }
}

TEST(WitnessedPath, IsTheHashOfTheOrigin) {
  EXPECT_EQ(WitnessedPath(""),
            "/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/checkpoint");
}

}  // namespace
}  // namespace cloison::tlog
