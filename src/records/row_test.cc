#include "records/row.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/testing/seeded_random.h"
#include "crypto/testing/fixed_random.h"
#include "records/testing/samples.h"

namespace cloison::records {
namespace {

using base::testing::SeededRandom;
using testing::kVectorSchema;
using testing::MustParse;
using testing::Secretly;
using testing::VectorKey;

nlohmann::json Vectors() {
  return nlohmann::json::parse(testing::ReadText("tests/vectors/cloison-formats.json"));
}
Bytes Hex(const nlohmann::json& text) {
  return *base::FromHex(text.get<std::string>());
}

Values VectorValues(const nlohmann::json& vectors) {
  Values values;
  for (const auto& blob : vectors["blobs"]) {
    for (const auto& field : blob["fields"]) {
      const std::uint64_t id = base::LoadBig(Hex(field[0]));
      values.push_back(
          Value{FieldId(static_cast<std::uint16_t>(id)), Secretly(field[1].get<std::string>())});
    }
  }
  return values;
}

TEST(RowVectors, EveryByte) {
  const nlohmann::json vectors = Vectors();
  const auto schema = MustParse(kVectorSchema);
  Bytes randomness;
  for (const auto& blob : vectors["blobs"]) base::AppendBytes(randomness, Hex(blob["rnd"]));
  crypto::testing::FixedRandom random(randomness);
  const Result<Bytes> row = SealRow(*schema, VectorKey(), vectors["seq"].get<std::uint64_t>(),
                                    VectorValues(vectors), random);
  ASSERT_TRUE(row.ok());
  EXPECT_TRUE(random.used_up());
  EXPECT_EQ(base::ToHex(*row), vectors["row"]["bytes"].get<std::string>());
  EXPECT_EQ(base::ToHex(ByteView(*row).subspan(16, 32)), vectors["row"]["seal"].get<std::string>());
  std::size_t at = 48;
  for (const auto& blob : vectors["blobs"]) {
    const Bytes want = Hex(blob["bytes"]);
    EXPECT_EQ(base::ToHex(ByteView(*row).subspan(at, want.size())), base::ToHex(want));
    at += want.size();
  }
  EXPECT_EQ(at, row->size());
}

TEST(RowVectors, PlainTextsAndOpening) {
  const nlohmann::json vectors = Vectors();
  const auto schema = MustParse(kVectorSchema);
  const Values values = VectorValues(vectors);
  for (const auto& blob : vectors["blobs"]) {
    const CompartmentId id(blob["compartment"].get<std::uint16_t>());
    Values mine;
    for (const Value& value : values) {
      if (schema->Find(value.field)->compartment != id) continue;
      mine.push_back(Value{value.field, crypto::SecretBytes::CopyOf(value.text.Reveal())});
    }
    const auto plain = internal::EncodePlain(*schema->Find(id), mine);
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(base::ToHex(plain->Reveal()), blob["plain"].get<std::string>());
  }
  const Bytes row = Hex(vectors["row"]["bytes"]);
  const Result<Values> opened = internal::OpenWholeRow(*schema, VectorKey(), row);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(testing::TextsOf(*schema, *opened), testing::TextsOf(*schema, values));
  const CompartmentId wanted[] = {CompartmentId(2)};
  const Result<Values> one = internal::OpenRow(*schema, VectorKey(), row, wanted);
  ASSERT_TRUE(one.ok());
  ASSERT_EQ(one->size(), 1u);
  EXPECT_EQ(AsText(one->front().text.Reveal()), "184127645108946");
}

// A row made with every secret, so that only its form can be what is refused.
struct Maker {
  std::shared_ptr<const Schema> schema = MustParse(kVectorSchema);
  SeededRandom random{1};
  Bytes Row(std::uint64_t seq, const testing::NamedTexts& texts) {
    Result<Bytes> row =
        SealRow(*schema, VectorKey(), seq, testing::ValuesOf(*schema, texts), random);
    CLOISON_CHECK(row.ok());
    return std::move(*row);
  }
};
const testing::NamedTexts kTexts = {{"identity.birth_name", "Lefèvre"},
                                    {"civil_number.nir", "184127645108946"}};

// Seals a row of hand-made plain texts as SealRow would.
Bytes ForgeRow(const keys::PersonKey& key, std::uint16_t count,
               const std::vector<std::pair<std::uint16_t, Bytes>>& blobs) {
  SeededRandom random(2);
  Bytes head = {1, 1};
  base::AppendU16(head, count);
  base::AppendU32(head, key.pkv());
  base::AppendU64(head, 1);
  Bytes body, over = head;
  for (const auto& [compartment, plain] : blobs) {
    Bytes blob;
    base::AppendU16(blob, compartment);
    base::AppendU16(blob, static_cast<std::uint16_t>(plain.size()));
    const crypto::Context aad =
        crypto::Context("field").U32(7).Raw(key.person().bytes()).U32(key.pkv()).U64(1).Raw(blob);
    key.CompartmentKey(CompartmentId(compartment)).Seal(aad.view(), plain, random, blob);
    base::AppendBytes(over, ByteView(blob).first(16));
    base::AppendBytes(over, ByteView(blob).last(16));
    base::AppendBytes(body, blob);
  }
  const crypto::Digest seal = crypto::Hmac(key.RowKey(), {over});
  base::AppendBytes(head, seal);
  base::AppendBytes(head, body);
  return head;
}

Bytes Padded(Bytes content, std::size_t size) {
  content.push_back(0x80);
  content.resize(size);
  return content;
}
Bytes FieldBytes(std::uint16_t id, std::string_view text) {
  Bytes out;
  base::AppendU16(out, id);
  base::AppendU16(out, static_cast<std::uint16_t>(text.size()));
  base::AppendBytes(out, AsBytes(text));
  return out;
}
Bytes Joined(Bytes a, const Bytes& b) {
  base::AppendBytes(a, b);
  return a;
}

TEST(Row, WellSealedButWronglyFormedIsRefused) {
  const keys::PersonKey key = VectorKey();
  const Bytes none32 = Padded({}, 32), none64 = Padded({}, 64);
  const std::vector<std::pair<std::uint16_t, Bytes>> good = {
      {1, none32}, {2, none32}, {3, none64}, {4, none32}, {5, none32}};
  const auto with = [&good](std::size_t at, Bytes plain) {
    auto changed = good;
    changed[at].second = std::move(plain);
    return changed;
  };
  auto swapped = good;
  std::swap(swapped[0], swapped[1]);
  auto twice = good;
  twice[1] = twice[0];
  auto extra = good;
  extra.emplace_back(6, none32);
  const Bytes nir = FieldBytes(0x0201, "184127645108946");
  const Bytes birth = FieldBytes(0x0101, "A"), first = FieldBytes(0x0102, "B");
  const struct {
    const char* why;
    std::uint16_t count;
    std::vector<std::pair<std::uint16_t, Bytes>> blobs;
    bool opens;
  } rows[] = {
      {"as it should be", 5, good, true},
      {"two fields in order", 5, with(0, Padded(Joined(birth, first), 32)), true},
      {"compartments in the wrong order", 5, swapped, false},
      {"a compartment twice", 5, twice, false},
      {"a compartment too many", 6, extra, false},
      {"a compartment too many that the head does not count", 5, extra, false},
      {"a compartment missing", 4, {good.begin(), good.end() - 1}, false},
      {"a compartment missing that the head counts", 5, {good.begin(), good.end() - 1}, false},
      {"no compartments", 0, {}, false},
      {"no padding mark", 5, with(0, Bytes(32, 0)), false},
      {"nothing at all", 5, with(0, {}), false},
      {"another padding mark", 5, with(0, Joined(Bytes(31, 0), {0x40})), false},
      {"not a multiple of 32", 5, with(0, Padded({}, 33)), false},
      {"a block too many", 5, with(0, none64), false},
      {"below the schema's size", 5, with(2, none32), false},
      {"a sensitive compartment of another size", 5, with(1, Padded(nir, 64)), false},
      {"fields not ascending", 5, with(0, Padded(Joined(first, birth), 32)), false},
      {"a field twice", 5, with(0, Padded(Joined(birth, birth), 32)), false},
      {"a field of another compartment", 5, with(0, Padded(nir, 32)), false},
      {"an unknown field", 5, with(0, Padded(FieldBytes(0x0109, "A"), 32)), false},
      {"a field number of 0x8000", 5, with(0, Padded(FieldBytes(0x8000, "A"), 32)), false},
      {"an empty value", 5, with(0, Padded(FieldBytes(0x0101, ""), 32)), false},
      {"a value longer than the text", 5, with(0, Padded({1, 1, 0, 9, 'A'}, 32)), false},
      {"a cut field head", 5, with(0, Padded({1, 1, 0}, 32)), false},
  };
  const auto schema = MustParse(kVectorSchema);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Bytes bytes = ForgeRow(key, row.count, row.blobs);
    const Result<Values> opened = internal::OpenWholeRow(*schema, key, bytes);
    EXPECT_EQ(opened.ok(), row.opens);
    if (!opened.ok()) {
      EXPECT_EQ(opened.error().code(), Code::kCorrupt);
    }
  }
}

TEST(Row, EveryBitFlipIsRefused) {
  Maker maker;
  const keys::PersonKey key = VectorKey();
  const Bytes row = maker.Row(3, kTexts);
  ASSERT_TRUE(internal::OpenWholeRow(*maker.schema, key, row).ok());
  Bytes flipped = row;
  for (std::size_t bit = 0; bit < row.size() * 8; ++bit) {
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    const Result<Values> opened = internal::OpenWholeRow(*maker.schema, key, flipped);
    ASSERT_FALSE(opened.ok()) << bit;
    ASSERT_EQ(opened.error().code(), Code::kCorrupt) << bit;
    flipped[bit / 8] = row[bit / 8];
  }
}

TEST(Row, EveryCutAndAnyByteMoreIsRefused) {
  Maker maker;
  const Bytes row = maker.Row(3, kTexts);
  for (std::size_t size = 0; size < row.size(); ++size) {
    EXPECT_FALSE(internal::OpenWholeRow(*maker.schema, VectorKey(), ByteView(row).first(size)).ok())
        << size;
  }
  Bytes longer = row;
  longer.push_back(0);
  EXPECT_FALSE(internal::OpenWholeRow(*maker.schema, VectorKey(), longer).ok());
}

// The seal is looked at before any compartment: a damaged one that nobody asked for is found too.
TEST(Row, SealIsCheckedBeforeAnyCompartment) {
  Maker maker;
  Bytes row = maker.Row(3, kTexts);
  row.back() ^= 1;  // the tag of compartment 5
  const CompartmentId wanted[] = {CompartmentId(1)};
  EXPECT_FALSE(internal::OpenRow(*maker.schema, VectorKey(), row, wanted).ok());
  EXPECT_FALSE(internal::OpenRow(*maker.schema, VectorKey(), row, {}).ok());
}

TEST(Row, NoMixing) {
  Maker maker;
  const Bytes old_row = maker.Row(3, kTexts);
  const Bytes new_row = maker.Row(4, {{"identity.birth_name", "Lefèbvre"}});
  ASSERT_EQ(old_row.size(), new_row.size());
  const std::size_t blob = 4 + 12 + 32 + 16;
  Bytes mixed = new_row;  // the first compartment rolled back
  std::copy_n(old_row.begin() + 48, blob, mixed.begin() + 48);
  EXPECT_FALSE(internal::OpenWholeRow(*maker.schema, VectorKey(), mixed).ok());
  const PersonId other(ByteArray<8>{1});
  EXPECT_FALSE(internal::OpenWholeRow(*maker.schema, VectorKey(1, other), new_row).ok());
  EXPECT_FALSE(internal::OpenWholeRow(*maker.schema, VectorKey(2), new_row).ok());
}

TEST(Row, RefusesToSeal) {
  Maker maker;
  const auto seal = [&maker](std::uint64_t seq, Values values) {
    const Result<Bytes> row = SealRow(*maker.schema, VectorKey(), seq, values, maker.random);
    return row.ok() ? std::optional<Code>() : row.error().code();
  };
  const auto one = [](std::uint16_t field, std::size_t size) {
    Values values;
    values.push_back(Value{FieldId(field), Secretly(std::string(size, 'x'))});
    return values;
  };
  EXPECT_EQ(seal(1, one(0x0401, 65'499)), std::nullopt) << "the largest that fits";
  EXPECT_EQ(seal(1, one(0x0401, 65'500)), Code::kExhausted) << "a byte more";
  EXPECT_EQ(seal(1, one(0x0201, 27)), std::nullopt) << "a sensitive one filled";
  EXPECT_EQ(seal(1, one(0x0201, 28)), Code::kExhausted) << "a sensitive one over its one size";
  EXPECT_EQ(seal(1, one(0x0101, 0)), Code::kInvalid) << "an empty value";
  EXPECT_EQ(seal(kSeqMax, {}), std::nullopt) << "the last seq";
  EXPECT_EQ(seal(kSeqMax + 1, {}), Code::kExhausted) << "past it";
}

TEST(RowHeaders, Table) {
  Maker maker;
  const Bytes row = maker.Row(9, kTexts);
  const auto header = ParseRowHeader(row);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->seq, 9u);
  EXPECT_EQ(header->pkv, 1u);
  Bytes version = row, suite = row;
  version[0] = 2;
  suite[1] = 2;
  EXPECT_FALSE(ParseRowHeader(version).ok());
  EXPECT_FALSE(ParseRowHeader(suite).ok());
  EXPECT_FALSE(ParseRowHeader(ByteView(row).first(15)).ok());
  EXPECT_FALSE(ParseRowHeader({}).ok());
}

// A schema of a few compartments with a few text fields each.
std::string RandomSchema(SeededRandom& random) {
  std::string toml = "name = \"random\"\nregister = 7\nversion = 1\ncapacity = 1000\n";
  const std::uint64_t compartments = 1 + random.Below(6);
  for (std::uint64_t c = 1; c <= compartments; ++c) {
    toml += "[[compartment]]\nid = " + std::to_string(c) + "\nname = \"c" + std::to_string(c) +
            "\"\nleast = " + std::to_string(32 * (1 + random.Below(4))) + "\n";
    const std::uint64_t fields = 1 + random.Below(5);
    for (std::uint64_t f = 1; f <= fields; ++f) {
      toml += "[[compartment.field]]\nid = " + std::to_string(c * 256 + f) + "\nname = \"f" +
              std::to_string(f) + "\"\ntype = \"text\"\n";
    }
  }
  return toml;
}

TEST(RowProperty, WhatIsSealedIsOpened) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    SeededRandom random(seed);
    const auto schema = MustParse(RandomSchema(random));
    testing::NamedTexts texts;
    for (const FieldSpec& field : schema->fields()) {
      if (random.Below(3) == 0) continue;
      std::string text(1 + random.Below(200), 'a');
      for (char& c : text) c = static_cast<char>('a' + random.Below(26));
      texts.emplace_back(field.name, text);
    }
    const std::uint64_t seq = 1 + random.Below(kSeqMax);
    const Result<Bytes> row =
        SealRow(*schema, VectorKey(), seq, testing::ValuesOf(*schema, texts), random);
    ASSERT_TRUE(row.ok());
    const Result<Values> opened = internal::OpenWholeRow(*schema, VectorKey(), *row);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(testing::TextsOf(*schema, *opened), texts);
    EXPECT_EQ(ParseRowHeader(*row)->seq, seq);
    for (const auto& [name, text] : texts) {
      if (text.size() < 8) continue;
      EXPECT_EQ(std::string(AsText(*row)).find(text), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace cloison::records
