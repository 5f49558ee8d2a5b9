// The project's own known answers (tests/vectors/cloison-formats.json, computed by an independent
// implementation), as far as keys, boxes and digits go. Rows, pages and leaves have their own
// tests.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/box.h"
#include "crypto/ff1.h"
#include "crypto/testing/fixed_random.h"

namespace cloison::crypto {
namespace {

using nlohmann::json;

constexpr std::uint32_t kRegister = 7;
constexpr std::uint32_t kPkv = 1;
constexpr std::size_t kRowHeader = 12;

class Formats : public ::testing::Test {
 protected:
  Formats() {
    std::ifstream file("tests/vectors/cloison-formats.json");
    EXPECT_TRUE(file.is_open());
    known_ = json::parse(file);
    person_ = Hex(known_["person_id"]);
    log_ = Hex(known_["log_id"]);
    entry_ = Hex(known_["entry_id"]);
  }
  static Bytes Hex(const json& value) {
    return std::move(*base::FromHex(value.get<std::string>()));
  }
  Secret<32> Key(const char* name) const {
    return std::move(*Secret<32>::FromBytes(Hex(known_[name])));
  }
  static std::string Text(const Secret<32>& key) { return base::ToHex(key.Reveal()); }

  // Seals with the vector's randomness, compares, and opens again.
  static void ExpectBox(const BoxKey& key, ByteView aad, ByteView plain, const json& rnd,
                        ByteView want) {
    testing::FixedRandom random(Hex(rnd));
    Bytes sealed;
    key.Seal(aad, plain, random, sealed);
    EXPECT_TRUE(random.used_up());
    EXPECT_EQ(base::ToHex(sealed), base::ToHex(want));
    const Result<SecretBytes> opened = key.Open(aad, want);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(base::ToHex(opened->Reveal()), base::ToHex(plain));
  }

  json known_;
  Bytes person_;
  Bytes log_;
  Bytes entry_;
};

TEST_F(Formats, WrappedKeys) {
  const json& wk = known_["WK"];
  const Secret<64> box_key = Expand<64>(Key("KEK"), Context("kek"));
  EXPECT_EQ(base::ToHex(box_key.Reveal()), wk["kek_box"].get<std::string>());
  const Bytes bytes = Hex(wk["bytes"]);
  const ByteView header = ByteView(bytes).first(kRowHeader);
  Context aad("wk");
  aad.Raw(header).U32(kRegister).Raw(person_);
  Bytes plain = Hex(known_["PDK"]);
  base::AppendBytes(plain, Hex(known_["PLK"]));
  // WK is 104 bytes: its header holds the epoch and pkv after the suite.
  EXPECT_EQ(bytes.size(), kRowHeader + plain.size() + kBoxOverhead);
  ExpectBox(BoxKey::Derive(Key("KEK"), Context("kek")), aad.view(), plain, wk["rnd"],
            ByteView(bytes).subspan(kRowHeader));
}

TEST_F(Formats, CompartmentKeysAndBlobs) {
  for (const json& blob : known_["blobs"]) {
    Context info("ck");
    info.U32(kRegister).Raw(person_).U32(kPkv).U16(blob["compartment"].get<std::uint16_t>());
    EXPECT_EQ(base::ToHex(Expand<64>(Key("PDK"), info).Reveal()),
              blob["box_key"].get<std::string>());
    const Bytes bytes = Hex(blob["bytes"]);
    Context aad("field");
    aad.U32(kRegister).Raw(person_).U32(kPkv).U64(known_["seq"].get<std::uint64_t>());
    aad.Raw(ByteView(bytes).first(4));
    ExpectBox(BoxKey::Derive(Key("PDK"), info), aad.view(), Hex(blob["plain"]), blob["rnd"],
              ByteView(bytes).subspan(4));
  }
}

TEST_F(Formats, RowKeyAndSeal) {
  Context info("row");
  info.U32(kRegister).Raw(person_).U32(kPkv);
  const Secret<32> row_key = Expand<32>(Key("PDK"), info);
  EXPECT_EQ(Text(row_key), known_["row"]["RK"].get<std::string>());
  Bytes sealed = Hex(known_["row"]["bytes"]);
  sealed.resize(16);
  for (const json& blob : known_["blobs"]) {
    const Bytes bytes = Hex(blob["bytes"]);
    base::AppendBytes(sealed, ByteView(bytes).first(16));
    base::AppendBytes(sealed, ByteView(bytes).last(16));
  }
  EXPECT_EQ(base::ToHex(Hmac(row_key, {sealed})), known_["row"]["seal"].get<std::string>());
}

TEST_F(Formats, IndexKeysAndPagePlaces) {
  for (const json& index : known_["index"]) {
    const auto number = index["index"].get<std::uint16_t>();
    Context info("ik");
    info.U32(kRegister).U16(number).U32(index["generation"].get<std::uint32_t>());
    const Secret<32> key = Expand<32>(Key("IDX"), info);
    EXPECT_EQ(Text(key), index["IK"].get<std::string>());
    const Bytes canonical = Hex(index["canonical"]);
    Context input("ix");
    input.U16(number).U16(static_cast<std::uint16_t>(canonical.size())).Raw(canonical);
    const Digest digest = Hmac(key, {input.view()});
    const int slot_bits = index["page_bits"].get<int>() + 4;
    EXPECT_EQ(base::LoadBig(ByteView(digest).first(8)) >> (64 - slot_bits), index["slot"]);
  }
}

TEST_F(Formats, IndexPagesOpenAndSealAgain) {
  for (const json& index : known_["index"]) {
    const Bytes bytes = Hex(index["bytes"]);
    const ByteView place = ByteView(bytes).subspan(2, 10);  // i, g, page
    const ByteView sealed = ByteView(bytes).subspan(kRowHeader);
    Context info("pg");
    info.U32(kRegister).Raw(place).U16(0);
    Context aad("page");
    aad.U32(kRegister).U16(0).Raw(ByteView(bytes).first(kRowHeader));
    const BoxKey key = BoxKey::Derive(Key("PG"), info);
    const Result<SecretBytes> plain = key.Open(aad.view(), sealed);
    ASSERT_TRUE(plain.ok());
    ASSERT_EQ(plain->size(), 984u);
    EXPECT_EQ(base::LoadBig(plain->Reveal().subspan(4, 8)), index["page_seq"]);
    ExpectBox(key, aad.view(), plain->Reveal(), index["rnd"], sealed);

    Context overflow("ov");
    overflow.U32(kRegister).Raw(place).U16(1);
    const auto name = ExpandPublic<16>(Key("PG"), overflow);
    Bytes store_key = base::ToBytes(place.first(6));
    base::AppendBytes(store_key, name);
    if (index.contains("overflow_1")) {
      EXPECT_EQ(base::ToHex(store_key), index["overflow_1"]["key"].get<std::string>());
    }
  }
}

TEST_F(Formats, NameInTheLedgerAndItsRow) {
  Context info("aud");
  info.U32(kRegister).Raw(person_);
  const auto aud = ExpandPublic<16>(Key("PLK"), info);
  EXPECT_EQ(base::ToHex(aud), known_["leaf"]["AUD"].get<std::string>());

  const json& row = known_["aud_row"];
  const Bytes bytes = Hex(row["bytes"]);
  Context aad("aud-row");
  aad.Raw(ByteView(bytes).first(8)).U32(kRegister).Raw(aud);
  ExpectBox(BoxKey::Derive(Key("KEK"), Context("kek-aud")), aad.view(), person_, row["rnd"],
            ByteView(bytes).subspan(8));
}

TEST_F(Formats, LedgerKeys) {
  const json& leaf = known_["leaf"];
  const auto of = [](Context info, ByteView what) {
    info.Raw(what);
    return info;
  };
  EXPECT_EQ(Text(Expand<32>(Key("PLK"), of(Context("rs"), entry_))),
            leaf["r_s"].get<std::string>());
  EXPECT_EQ(Text(Expand<32>(Key("PK"), of(Context("ra"), entry_))), leaf["r_a"].get<std::string>());
  EXPECT_EQ(Text(Expand<32>(Key("PLK"), of(Context("trail"), log_))),
            leaf["k_trail"].get<std::string>());
  EXPECT_EQ(Text(Expand<32>(Key("PK"), of(Context("act"), log_))),
            leaf["k_act"].get<std::string>());
}

TEST_F(Formats, LedgerRecord) {
  const json& record = known_["record"];
  Context info("rec");
  info.Raw(log_).Raw(entry_);
  EXPECT_EQ(base::ToHex(Expand<64>(Key("MONTH"), info).Reveal()),
            record["box_key"].get<std::string>());
  Context aad("rec");
  aad.U32(kRegister).Raw(log_).Raw(entry_);
  const Bytes bytes = Hex(record["bytes"]);
  ExpectBox(BoxKey::Derive(Key("MONTH"), info), aad.view(), Hex(record["plain"]), record["rnd"],
            ByteView(bytes).subspan(20));
}

TEST_F(Formats, StateRow) {
  const json& state = known_["state"];
  const auto family = state["family"].get<std::string>();
  Context prf("prf");
  prf.U32(kRegister).Name(family);
  const Digest name = Hmac(Expand<32>(Key("STATE"), prf), {Hex(state["principal_id"])});
  const auto store_key = Truncate<16>(name);
  EXPECT_EQ(base::ToHex(store_key), state["key"].get<std::string>());

  Context info("st");
  info.U32(kRegister).Name(family).Raw(store_key);
  Context aad("state");
  aad.U32(kRegister).U32(state["generation"].get<std::uint32_t>()).Name(family).Raw(store_key);
  const Bytes bytes = Hex(state["bytes"]);
  const auto plain = state["plain"].get<std::string>();
  ExpectBox(BoxKey::Derive(Key("STATE"), info), aad.view(), AsBytes(plain), state["rnd"],
            ByteView(bytes).subspan(6));
}

TEST_F(Formats, DigitsOfCodes) {
  const Secret<32> key = Key("PPK");
  const Ff1 ff1(key.Reveal(), 32);
  for (const json& code : known_["codes"]) {
    Context tweak("code");
    tweak.U32(kRegister).U32(code["org"].get<std::uint32_t>());
    tweak.U32(code["generation"].get<std::uint32_t>());
    EXPECT_EQ(base::ToHex(tweak.view()), code["tweak"].get<std::string>());
    std::uint64_t person = base::LoadBig(Hex(code["person_id"]));
    std::vector<std::uint16_t> digits(15);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
      *digit = static_cast<std::uint16_t>(person & 31);
      person >>= 5;
    }
    const auto encrypted = ff1.Encrypt(tweak.view(), digits);
    ASSERT_TRUE(encrypted.ok());
    EXPECT_EQ(json(*encrypted), code["digits"]);
    const auto decrypted = ff1.Decrypt(tweak.view(), *encrypted);
    ASSERT_TRUE(decrypted.ok());
    EXPECT_EQ(*decrypted, digits);
  }
}

}  // namespace
}  // namespace cloison::crypto
