#include "records/codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/testing/seeded_random.h"
#include "keys/testing/key_world.h"
#include "records/testing/samples.h"
#include "text/base32.h"

namespace cloison::records {
namespace {

nlohmann::json Vectors() {
  return nlohmann::json::parse(testing::ReadText("tests/vectors/cloison-formats.json"));
}
crypto::Ff1 VectorPartner() {
  return crypto::Ff1(testing::CountedKey(0x80).Reveal(), 32);
}
internal::CodeScope ScopeOf(const nlohmann::json& vector) {
  return {testing::kVectorRegister, OrganisationId(vector["org"].get<std::uint32_t>()),
          vector["generation"].get<std::uint32_t>()};
}

TEST(CodeVectors, EverySymbolBothWays) {
  const crypto::Ff1 key = VectorPartner();
  const nlohmann::json vectors = Vectors()["codes"];
  for (const auto& vector : vectors) {
    const std::string text = vector["text"].get<std::string>();
    SCOPED_TRACE(text);
    const Bytes id = *base::FromHex(vector["person_id"].get<std::string>());
    const PersonId person = *PersonId::FromBytes(id);
    const Result<PersonCode> code = internal::EncodeCode(key, ScopeOf(vector), person);
    ASSERT_TRUE(code.ok());
    EXPECT_EQ(code->Text(), text);
    for (std::size_t i = 0; i < 15; ++i) {
      EXPECT_EQ(text::Base32Symbol(vector["digits"][i].get<std::uint8_t>()), code->symbols()[i]);
    }
    EXPECT_EQ(text::Base32Symbol(vector["check"].get<std::uint8_t>()), code->symbols()[15]);
    const Result<PersonId> back = internal::DecodeCode(key, ScopeOf(vector), text);
    ASSERT_TRUE(back.ok());
    EXPECT_TRUE(*back == person);
  }
}

TEST(CodeVectors, NobodysIsNotFound) {
  const nlohmann::json vector = Vectors()["code_of_nobody"];
  const Result<PersonId> person =
      internal::DecodeCode(VectorPartner(), ScopeOf(vector), vector["text"].get<std::string>());
  ASSERT_FALSE(person.ok());
  EXPECT_EQ(person.error().code(), Code::kNotFound);
}

TEST(Codes, ReadsWhatPeopleWrite) {
  const internal::CodeScope scope{testing::kVectorRegister, OrganisationId(5), 1};
  const struct {
    const char* why;
    std::string text;
    std::optional<Code> error;
  } rows[] = {
      {"as shown", "XP9V-Q37N-1JK9-F4JC", {}},
      {"without dashes", "XP9VQ37N1JK9F4JC", {}},
      {"small letters", "xp9v-q37n-1jk9-f4jc", {}},
      {"I for 1", "XP9V-Q37N-IJK9-F4JC", {}},
      {"L for 1", "XP9V-Q37N-LJK9-F4JC", {}},
      {"empty", "", Code::kInvalid},
      {"a symbol short", "XP9V-Q37N-1JK9-F4J", Code::kInvalid},
      {"a symbol more", "XP9V-Q37N-1JK9-F4JCC", Code::kInvalid},
      {"U is no symbol", "UP9V-Q37N-1JK9-F4JC", Code::kInvalid},
      {"a wrong check", "XP9V-Q37N-1JK9-F4JD", Code::kInvalid},
      {"two symbols swapped", "PX9V-Q37N-1JK9-F4JC", Code::kInvalid},
      {"not ASCII", "XP9V-Q37N-1JK9-F4J\xc3\xa9", Code::kInvalid},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Result<PersonId> person = internal::DecodeCode(VectorPartner(), scope, row.text);
    ASSERT_EQ(person.ok(), !row.error.has_value());
    if (row.error.has_value()) {
      EXPECT_EQ(person.error().code(), *row.error);
    }
  }
}

// Of every code tried, each wrong symbol and each swap of two different ones, wherever they stand.
TEST(Codes, CheckCatchesEverySingleErrorAndEverySwap) {
  const OrganisationId organisation(37);
  base::testing::SeededRandom random(1);
  const internal::CodeScope scope{testing::kVectorRegister, organisation, 1};
  for (int tried = 0; tried < 12; ++tried) {
    const auto code = internal::EncodeCode(VectorPartner(), scope, PersonId(random.Draw<8>()));
    ASSERT_TRUE(code.ok());
    const text::CodeDigits digits = *text::ParseCode(code->Text());
    ASSERT_TRUE(internal::CheckHolds(digits, organisation));
    for (std::size_t i = 0; i < digits.size(); ++i) {
      for (std::uint8_t wrong = 1; wrong < 32; ++wrong) {
        text::CodeDigits changed = digits;
        changed[i] ^= wrong;
        ASSERT_FALSE(internal::CheckHolds(changed, organisation)) << i;
      }
      for (std::size_t j = i + 1; j < digits.size(); ++j) {
        if (digits[i] == digits[j]) continue;
        text::CodeDigits changed = digits;
        std::swap(changed[i], changed[j]);
        ASSERT_FALSE(internal::CheckHolds(changed, organisation)) << i << " " << j;
      }
    }
  }
}

TEST(Codes, OrganisationsHaveNothingInCommon) {
  keys::testing::KeyWorld world;
  ASSERT_TRUE(world.Start().ok());
  const Codes codes(world.ring());
  const OrganisationId first(1), second(2), none(3);
  ASSERT_TRUE(world.Wait(world.ring().EnsurePartner(first, kCodeGeneration)).ok());
  ASSERT_TRUE(world.Wait(world.ring().EnsurePartner(second, kCodeGeneration)).ok());
  std::size_t same = 0;
  for (int i = 0; i < 200; ++i) {
    const PersonId person(world.random.Draw<8>());
    const Result<PersonCode> a = codes.Encode(first, person);
    const Result<PersonCode> b = codes.Encode(second, person);
    ASSERT_TRUE(a.ok() && b.ok());
    for (std::size_t s = 0; s < 16; ++s) same += a->symbols()[s] == b->symbols()[s] ? 1 : 0;
    EXPECT_TRUE(*codes.Decode(first, a->Text()) == person);
    EXPECT_FALSE(codes.Decode(second, a->Text()).ok());
    std::string written = a->Text();
    for (char& c : written) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    std::erase(written, '-');
    std::ranges::replace(written, '0', 'o');
    std::ranges::replace(written, '1', i % 2 == 0 ? 'i' : 'L');
    const Result<NamedPerson> named = codes.Read(first, written);
    ASSERT_TRUE(named.ok());
    EXPECT_TRUE(named->person == person);
    EXPECT_EQ(named->code.symbols(), a->symbols()) << "written otherwise, and still the same code";
    EXPECT_FALSE(codes.Read(second, written).ok());
  }
  EXPECT_LT(same, 160u) << "100 of 3,200 symbols agree by chance";
  EXPECT_EQ(codes.Encode(none, PersonId(ByteArray<8>{})).error().code(), Code::kNotFound);
  EXPECT_EQ(codes.Decode(none, "XP9V-Q37N-1JK9-F4JC").error().code(), Code::kNotFound);
  EXPECT_EQ(codes.Read(none, "XP9V-Q37N-1JK9-F4JC").error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace cloison::records
