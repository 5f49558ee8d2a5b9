// Leaf and record against the known answers, and what the parsers refuse.
#include "ledger/entry.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/testing/seeded_random.h"
#include "crypto/testing/fixed_random.h"
#include "tlog/tree.h"

namespace cloison::ledger {
namespace {

using nlohmann::json;

constexpr RegisterId kRegister{7};

Bytes Hex(const json& value) {
  return std::move(*base::FromHex(value.get<std::string>()));
}
template <std::size_t N>
ByteArray<N> HexArray(const json& value) {
  return base::Reader(Hex(value)).Array<N>();
}

class EntryTest : public ::testing::Test {
 protected:
  EntryTest() {
    std::ifstream file("tests/vectors/cloison-formats.json");
    EXPECT_TRUE(file.is_open());
    known_ = json::parse(file);
  }
  crypto::Secret<32> Key(const char* name) const {
    return std::move(*crypto::Secret<32>::FromBytes(Hex(known_[name])));
  }
  crypto::HmacKey Kept(const char* name) const { return crypto::HmacKey(Key(name)); }
  LogId log_id() const { return LogId(HexArray<8>(known_["log_id"])); }
  EntryId entry_id() const { return EntryId(HexArray<16>(known_["entry_id"])); }
  SubjectKey subject_key() const {
    return SubjectKey(kRegister, log_id(), PersonId(HexArray<8>(known_["person_id"])), Key("PLK"));
  }
  ActorKey actor_key() const { return ActorKey(log_id(), Key("PK")); }
  Bytes subject_part() const { return Hex(known_["leaf"]["subject_part"]); }
  Bytes actor_part() const { return Hex(known_["leaf"]["actor_part"]); }

  json known_;
};

TEST_F(EntryTest, KnownLeaf) {
  const json& want = known_["leaf"];
  const SubjectKey subject = subject_key();
  const ActorKey actor = actor_key();
  EXPECT_EQ(base::ToHex(subject.aud().bytes()), want["AUD"].get<std::string>());
  const crypto::Secret<32> r_s = subject.Randomness(entry_id());
  const crypto::Secret<32> r_a = actor.Randomness(entry_id());
  EXPECT_EQ(base::ToHex(r_s.Reveal()), want["r_s"].get<std::string>());
  EXPECT_EQ(base::ToHex(r_a.Reveal()), want["r_a"].get<std::string>());
  const Leaf leaf =
      MakeLeaf(Commit(r_s, "subj", subject_part()), Commit(r_a, "actor", actor_part()),
               subject.TagOf(want["n_subject"].get<std::uint64_t>()),
               actor.TagOf(want["n_actor"].get<std::uint64_t>()));
  EXPECT_EQ(base::ToHex(leaf), want["bytes"].get<std::string>());
  EXPECT_EQ(base::ToHex(tlog::LeafHash(leaf)), want["leaf_hash"].get<std::string>());
}

TEST_F(EntryTest, KnownTrailAndActivityKeys) {
  const json& want = known_["leaf"];
  const struct {
    const char* key;
    const char* label_of;
    Tag tag;
  } rows[] = {{"k_trail", "n_subject", subject_key().TagOf(want["n_subject"])},
              {"k_act", "n_actor", actor_key().TagOf(want["n_actor"])}};
  for (const auto& row : rows) {
    const auto key = crypto::Secret<32>::FromBytes(Hex(want[row.key]));
    const auto n = base::BigU64(want[row.label_of].get<std::uint64_t>());
    EXPECT_EQ(row.tag, crypto::Truncate<16>(crypto::Hmac(*key, {n}))) << row.key;
  }
}

TEST_F(EntryTest, KnownPartsAreWrittenAndReadByteForByte) {
  const Result<SubjectPart> subject = ParseSubjectPart(subject_part());
  ASSERT_TRUE(subject.ok());
  EXPECT_EQ(subject->log_id, log_id());
  EXPECT_EQ(subject->kind, Kind::kDisclosure);
  EXPECT_EQ(subject->aud, subject_key().aud());
  EXPECT_EQ(subject->seq, 5u);
  EXPECT_EQ(subject->fields, (std::vector<FieldId>{FieldId(0x101), FieldId(0x201)}));
  EXPECT_EQ(subject->form, Form::kPlain);
  EXPECT_EQ(base::ToHex(Encode(*subject)), base::ToHex(subject_part()));

  const Result<ActorPart> actor = ParseActorPart(actor_part());
  ASSERT_TRUE(actor.ok());
  EXPECT_EQ(actor->time_ms, 1'789'000'000'123);
  EXPECT_EQ(actor->organisation, OrganisationId(5));
  EXPECT_EQ(actor->office, OfficeId(12));
  EXPECT_EQ(actor->role, "adviser");
  EXPECT_EQ(actor->purpose, "support");
  EXPECT_EQ(actor->decision, Decision::kAllow);
  EXPECT_EQ(base::ToHex(Encode(*actor)), base::ToHex(actor_part()));
}

TEST_F(EntryTest, KnownCommitmentsOfTheActorPart) {
  const ActorPart part = std::move(*ParseActorPart(actor_part()));
  const ActorKey key = actor_key();
  EXPECT_EQ(part.case_commitment, key.CaseCommitment(entry_id(), "DOSSIER-42"));
  const PrincipalId principal(HexArray<16>(known_["state"]["principal_id"]));
  EXPECT_EQ(part.agent_commitment, key.AgentCommitment(entry_id(), principal));
  // The code is one of the vectors' codes, as text without dashes.
  int matches = 0;
  for (const json& code : known_["codes"]) {
    std::string text = code["text"].get<std::string>();
    std::erase(text, '-');
    const auto bytes = base::Reader(AsBytes(text)).Array<16>();
    const std::vector<FieldId> fields{FieldId(0x101), FieldId(0x201)};
    if (part.shown_commitment == key.ShownCommitment(entry_id(), bytes, fields)) ++matches;
  }
  EXPECT_EQ(matches, 1);
}

TEST_F(EntryTest, KnownRecord) {
  const json& want = known_["record"];
  Record record{entry_id(), subject_part(), actor_part(),       "DOSSIER-42",
                {},         ClientId(3),    "support/caseload", 0};
  record.session = SessionId(HexArray<16>("909192939495969798999a9b9c9d9e9f"));
  crypto::testing::FixedRandom random(Hex(want["rnd"]));
  Bytes sealed;
  SealRecord(record, kRegister, log_id(), Kept("MONTH"), random, sealed);
  EXPECT_EQ(base::ToHex(sealed), want["bytes"].get<std::string>());
  const Result<Record> opened = OpenRecord(sealed, kRegister, log_id(), Kept("MONTH"));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->entry_id, record.entry_id);
  EXPECT_EQ(opened->subject_part, record.subject_part);
  EXPECT_EQ(opened->actor_part, record.actor_part);
  EXPECT_EQ(opened->case_ref, record.case_ref);
  EXPECT_EQ(opened->session, record.session);
  EXPECT_EQ(opened->client, record.client);
  EXPECT_EQ(opened->rule, record.rule);
  EXPECT_EQ(opened->cost, 0u);
}

// Of a sealed access, and with the opening of the actor part (tests/vectors, "sealed").
TEST_F(EntryTest, KnownSealedAccess) {
  const json& want = known_["sealed"];
  const OversightKey oversight(*crypto::Secret<32>::FromBytes(Hex(want["OVS"])));
  const SealedKey sealed_key = oversight.Of(log_id(), subject_key().aud());
  EXPECT_EQ(base::ToHex(sealed_key.TagOf(want["m"])), want["tag"].get<std::string>());
  EXPECT_EQ(base::ToHex(subject_key().TrailKey(log_id()).Reveal()),
            known_["leaf"]["k_trail"].get<std::string>());
  Record record{entry_id(), subject_part(), actor_part(),       "DOSSIER-42",
                {},         ClientId(3),    "support/caseload", 0};
  record.session = SessionId(HexArray<16>("909192939495969798999a9b9c9d9e9f"));
  record.sealed_n = want["m"].get<std::uint64_t>();
  record.actor_randomness = HexArray<32>(known_["leaf"]["r_a"]);
  crypto::testing::FixedRandom random(Hex(want["rnd"]));
  Bytes sealed;
  SealRecord(record, kRegister, log_id(), Kept("MONTH"), random, sealed);
  EXPECT_EQ(base::ToHex(sealed), want["bytes"].get<std::string>());
  const Result<Record> opened = OpenRecord(sealed, kRegister, log_id(), Kept("MONTH"));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->sealed_n, record.sealed_n);
  EXPECT_EQ(opened->actor_randomness, record.actor_randomness);
}

TEST_F(EntryTest, RefusedItemsOfARecord) {
  const std::string rule = "17000173", cost = "18000400000001", sealed = "1900080000000000000003",
                    opening = "1a0020" + std::string(64, '7');
  const struct {
    const char* why;
    std::string hex;
    bool opens;
  } rows[] = {
      {"none", "", true},
      {"all", rule + cost + sealed + opening, true},
      {"the number alone", sealed, true},
      {"the opening alone", opening, true},
      {"a number of seven bytes", "19000700000000000003", false},
      {"a number twice", sealed + sealed, false},
      {"a short opening", "1a001f" + std::string(62, '7'), false},
      {"an opening twice", opening + opening, false},
      {"the opening first", opening + sealed, false},
      {"the number before the cost", sealed + cost, false},
      {"an unknown item", opening + "1b000101", false},
      {"cut", sealed.substr(0, 10), false},
  };
  for (const auto& row : rows) {
    Bytes plain = base::ToBytes(base::BigU16(0));
    base::AppendBytes(plain, actor_part());
    base::AppendBytes(plain, Hex(row.hex));
    crypto::Context info("rec"), bound_to("rec");
    info.Raw(log_id().bytes()).Raw(entry_id().bytes());
    bound_to.U32(kRegister.value()).Raw(log_id().bytes()).Raw(entry_id().bytes());
    Bytes bytes{1, 1, 0, 0};
    base::AppendBytes(bytes, entry_id().bytes());
    base::testing::SeededRandom random(1);
    crypto::BoxKey::Derive(Kept("MONTH"), info).Seal(bound_to.view(), plain, random, bytes);
    const Result<Record> opened = OpenRecord(bytes, kRegister, log_id(), Kept("MONTH"));
    ASSERT_EQ(opened.ok(), row.opens) << row.why;
    if (opened.ok()) continue;
    EXPECT_EQ(opened.error().code(), Code::kCorrupt) << row.why;
  }
}

TEST_F(EntryTest, ARecordOpensInItsPlaceAlone) {
  const Bytes sealed = Hex(known_["record"]["bytes"]);
  ASSERT_TRUE(OpenRecord(sealed, kRegister, log_id(), Kept("MONTH")).ok());
  EXPECT_FALSE(OpenRecord(sealed, RegisterId(8), log_id(), Kept("MONTH")).ok());
  EXPECT_FALSE(OpenRecord(sealed, kRegister, LogId({1}), Kept("MONTH")).ok());
  EXPECT_FALSE(OpenRecord(sealed, kRegister, log_id(), Kept("STATE")).ok());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= 1;
    const Result<Record> opened = OpenRecord(bad, kRegister, log_id(), Kept("MONTH"));
    ASSERT_FALSE(opened.ok()) << "byte " << i << " changed";
    EXPECT_EQ(opened.error().code(), Code::kCorrupt);
    EXPECT_FALSE(OpenRecord(ByteView(sealed).first(i), kRegister, log_id(), Kept("MONTH")).ok());
  }
}

TEST_F(EntryTest, ARecordMayHaveNoSubject) {
  base::testing::SeededRandom random(1);
  const Record record{entry_id(), {}, actor_part(), {}, {}, {}, {}, 9};
  Bytes sealed;
  SealRecord(record, kRegister, log_id(), Kept("MONTH"), random, sealed);
  const Result<Record> opened = OpenRecord(sealed, kRegister, log_id(), Kept("MONTH"));
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(opened->subject_part.empty());
  EXPECT_EQ(opened->actor_part, record.actor_part);
  EXPECT_TRUE(opened->case_ref.empty() && opened->rule.empty() && !opened->session);
  EXPECT_EQ(opened->cost, 9u);
}

TEST_F(EntryTest, RefusedSubjectParts) {
  const std::string log = "0100081112131415161718", kind = "02000101",
                    aud = "0300106339ade553227023d51df241a4e18292",
                    fields = "04000a00000000000000050101", form = "05000101";
  ASSERT_TRUE(ParseSubjectPart(Hex(log + kind + aud + fields + form)).ok());
  const struct {
    const char* why;
    std::string hex;
  } rows[] = {
      {"empty", ""},
      {"no log", kind + aud + fields + form},
      {"no kind", log + aud + fields + form},
      {"no person", log + kind + fields + form},
      {"no fields", log + kind + aud + form},
      {"no form", log + kind + aud + fields},
      {"out of order", kind + log + aud + fields + form},
      {"an item twice", log + kind + kind + aud + fields + form},
      {"an unknown item", log + kind + aud + fields + form + "06000101"},
      {"a short log", "01000711121314151617" + kind + aud + fields + form},
      {"kind zero", log + "02000100" + aud + fields + form},
      {"kind past the last", log + "0200010e" + aud + fields + form},
      {"a kind of two bytes", log + "0200020001" + aud + fields + form},
      {"half a field", log + kind + aud + "0400090000000000000005" + "01" + form},
      {"no row number", log + kind + aud + "0400020101" + form},
      {"form zero", log + kind + aud + fields + "05000100"},
      {"form past the last", log + kind + aud + fields + "05000105"},
      {"an item longer than the part", log + kind + aud + fields + "05000201"},
      {"cut in a length", log + kind + aud + fields + "0500"},
  };
  for (const auto& row : rows) {
    const Result<SubjectPart> part = ParseSubjectPart(Hex(row.hex));
    ASSERT_FALSE(part.ok()) << row.why;
    EXPECT_EQ(part.error().code(), Code::kCorrupt) << row.why;
  }
}

TEST_F(EntryTest, RefusedActorParts) {
  const std::string log = "0100081112131415161718", kind = "02000101",
                    time = "030008000001a088b5a27b", allow = "0a000101";
  ASSERT_TRUE(ParseActorPart(Hex(log + kind + time + allow)).ok()) << "a citizen's";
  const struct {
    const char* why;
    std::string hex;
  } rows[] = {
      {"no time", log + kind + allow},
      {"a time before time", log + kind + "0300088000000000000000" + allow},
      {"no decision", log + kind + time},
      {"decision zero", log + kind + time + "0a000100"},
      {"decision past the last", log + kind + time + "0a000104"},
      {"an organisation of two bytes", log + kind + time + "0400020005" + allow},
      {"office before organisation",
       log + kind + time + "0500040000000c" + "04000400000005" + allow},
      {"an empty role", log + kind + time + "060000" + allow},
      {"an empty purpose", log + kind + time + "070000" + allow},
      {"a role too long", log + kind + time + "060041" + std::string(130, '6') + allow},
      {"a short commitment", log + kind + time + "08000101" + allow},
      {"a record's item", log + kind + time + allow + "18000400000001"},
      {"the decision twice", log + kind + time + allow + allow},
  };
  for (const auto& row : rows) {
    const Result<ActorPart> part = ParseActorPart(Hex(row.hex));
    ASSERT_FALSE(part.ok()) << row.why;
    EXPECT_EQ(part.error().code(), Code::kCorrupt) << row.why;
  }
}

}  // namespace
}  // namespace cloison::ledger
