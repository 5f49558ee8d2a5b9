// The formats, against answers computed by an independent implementation.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "keys/internal/person_rows.h"
#include "keys/person_keys.h"

namespace cloison::keys {
namespace {

// Gives the bytes that the vector was made with.
class VectorRandom final : public base::Random {
 public:
  explicit VectorRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void Fill(std::span<std::uint8_t> out) override {
    CLOISON_CHECK(out.size() == bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), out.begin());
  }

 private:
  Bytes bytes_;
};

class PersonKeyVectors : public ::testing::Test {
 protected:
  PersonKeyVectors() {
    std::ifstream file("tests/vectors/cloison-formats.json");
    vectors_ = nlohmann::json::parse(file);
  }
  static Bytes Hex(const nlohmann::json& value) { return *base::FromHex(value.get<std::string>()); }
  crypto::Secret<32> Key(const char* name) const {
    return std::move(*crypto::Secret<32>::FromBytes(Hex(vectors_[name])));
  }
  PersonId person() const { return *PersonId::FromBytes(Hex(vectors_["person_id"])); }
  RegisterId register_id() const { return RegisterId(vectors_["register"].get<std::uint32_t>()); }
  std::uint32_t epoch() const { return vectors_["epoch"].get<std::uint32_t>(); }
  PersonKey MakeKey() const {
    return PersonKey(register_id(), *LogId::FromBytes(Hex(vectors_["log_id"])), person(),
                     vectors_["pkv"].get<std::uint32_t>(), Key("PDK"), Key("PLK"));
  }

  nlohmann::json vectors_;
};

TEST_F(PersonKeyVectors, KekBox) {
  const auto box = crypto::Expand<64>(Key("KEK"), crypto::Context("kek"));
  EXPECT_EQ(base::ToBytes(box.Reveal()), Hex(vectors_["WK"]["kek_box"]));
}

TEST_F(PersonKeyVectors, WrappedPersonKey) {
  const EpochKeys keys(Key("KEK"));
  crypto::Secret<64> secret;
  std::ranges::copy(Key("PDK").Reveal(), secret.Reveal().begin());
  std::ranges::copy(Key("PLK").Reveal(), secret.Reveal().begin() + 32);
  VectorRandom random(Hex(vectors_["WK"]["rnd"]));
  const internal::KeyName name{register_id(), person(), 1};
  const Bytes wrapped = internal::WrapWk(name, internal::Under{epoch(), keys}, secret, random);
  EXPECT_EQ(wrapped.size(), kWrappedPersonKeyBytes);
  EXPECT_EQ(wrapped, Hex(vectors_["WK"]["bytes"]));
}

TEST_F(PersonKeyVectors, AudAndAudRow) {
  const PersonKey key = MakeKey();
  EXPECT_EQ(base::ToBytes(key.aud().bytes()), Hex(vectors_["leaf"]["AUD"]));
  const EpochKeys keys(Key("KEK"));
  VectorRandom random(Hex(vectors_["aud_row"]["rnd"]));
  const Bytes row = internal::SealAudRow(person(), key.aud(), register_id(),
                                         internal::Under{epoch(), keys}, random);
  EXPECT_EQ(row, Hex(vectors_["aud_row"]["bytes"]));
}

TEST_F(PersonKeyVectors, RowKey) {
  EXPECT_EQ(base::ToBytes(MakeKey().RowKey().Reveal()), Hex(vectors_["row"]["RK"]));
}

// A compartment's key does not show its bytes, so what it seals is compared.
TEST_F(PersonKeyVectors, CompartmentKeys) {
  const PersonKey key = MakeKey();
  const Bytes message{1, 2, 3};
  for (const auto& blob : vectors_["blobs"]) {
    const CompartmentId compartment(blob["compartment"].get<std::uint16_t>());
    SCOPED_TRACE(compartment.value());
    VectorRandom random(Hex(blob["rnd"]));
    auto box_key = crypto::Secret<64>::FromBytes(Hex(blob["box_key"]));
    Bytes ours, theirs;
    key.CompartmentKey(compartment).Seal({}, message, random, ours);
    crypto::BoxKey(std::move(*box_key)).Seal({}, message, random, theirs);
    EXPECT_EQ(ours, theirs);
    // And the blob itself opens under it.
    const Bytes bytes = Hex(blob["bytes"]);
    crypto::Context aad("field");
    aad.U32(register_id().value()).Raw(person().bytes()).U32(1);
    aad.U64(vectors_["seq"].get<std::uint64_t>()).Raw(ByteView(bytes).first(4));
    const auto plain = key.CompartmentKey(compartment).Open(aad.view(), ByteView(bytes).subspan(4));
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(base::ToBytes(plain->Reveal()), Hex(blob["plain"]));
    const CompartmentId other(static_cast<std::uint16_t>(compartment.value() + 1));
    EXPECT_FALSE(key.CompartmentKey(other).Open(aad.view(), ByteView(bytes).subspan(4)).ok());
  }
}

}  // namespace
}  // namespace cloison::keys
