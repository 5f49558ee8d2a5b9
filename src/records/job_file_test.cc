#include "records/job_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/testing/seeded_random.h"

namespace cloison::records {
namespace {

using Golden = std::map<std::string, std::string>;

// tests/vectors/job_file.txt: what version 1 looks like, and must stay readable.
Golden ReadGolden() {
  std::ifstream file("tests/vectors/job_file.txt");
  Golden golden;
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) golden[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return golden;
}

crypto::RecipientSecret OwnerOf(const Golden& golden) {
  return crypto::RecipientSecret(
      std::move(*crypto::Secret<32>::FromBytes(*base::FromHex(golden.at("secret")))));
}

JobFileHeader HeaderFor(const crypto::RecipientSecret& owner) {
  JobFileHeader header;
  header.register_id = RegisterId(1);
  header.organisation = OrganisationId(1);
  header.job = 12;
  header.run = 3;
  header.began_ms = 1'764'306'000'000;
  header.recipient = owner.key().bytes();
  header.label = "monthly-payment";
  header.purpose = "payment";
  header.fields = {"identity.birth_name", "bank.iban"};
  return header;
}

// Two people; of the second nothing could be read.
Bytes PlainRecords() {
  Bytes plain{0, 2};
  const auto text = [&plain](std::string_view value) {
    plain.push_back(static_cast<std::uint8_t>(value.size()));
    base::AppendBytes(plain, AsBytes(value));
  };
  text("7KQ2-9TZD-1H7V-CX2M");
  base::AppendU64(plain, 4);
  base::AppendU64(plain, 1'001);
  plain.push_back(0);
  text("1043.20");
  plain.push_back(2);
  plain.push_back(0);
  base::AppendU16(plain, 6);
  base::AppendBytes(plain, AsBytes("MARTIN"));
  plain.push_back(1);
  base::AppendU16(plain, 3);
  base::AppendBytes(plain, AsBytes("FR7"));
  text("0000-0000-0000-0000");
  base::AppendU64(plain, 1);
  base::AppendU64(plain, 1'002);
  plain.push_back(1);
  text("");
  plain.push_back(0);
  plain.resize(2 * kJobSlotBytes);
  return plain;
}

void ExpectRecords(const Result<std::vector<JobRecord>>& records) {
  ASSERT_TRUE(records.ok()) << records.error().text();
  ASSERT_EQ(records->size(), 2u);
  const JobRecord& first = records->front();
  EXPECT_EQ(first.person, "7KQ2-9TZD-1H7V-CX2M");
  EXPECT_EQ(first.version, 4u);
  EXPECT_EQ(first.entry, 1'001u);
  EXPECT_TRUE(first.readable);
  EXPECT_EQ(AsText(first.attached.Reveal()), "1043.20");
  ASSERT_EQ(first.values.size(), 2u);
  EXPECT_EQ(first.values[1].first, 1u);
  EXPECT_EQ(AsText(first.values[1].second.Reveal()), "FR7");
  EXPECT_FALSE(records->back().readable);
  EXPECT_TRUE(records->back().values.empty());
}

struct Split {
  FrameHead head;
  ByteView message;
};
Split SplitOf(ByteView frame) {
  const auto head = ParseFrameHead(frame.first(kJobFrameHeadBytes));
  CLOISON_CHECK(head.ok());
  return {*head, frame.subspan(kJobFrameHeadBytes)};
}

TEST(JobFile, Golden) {
  const Golden golden = ReadGolden();
  const crypto::RecipientSecret owner = OwnerOf(golden);
  const JobFileHeader header = HeaderFor(owner);
  const Bytes whole = Encode(header);
  EXPECT_EQ(base::ToHex(whole), golden.at("header"));
  const auto read = ParseJobFileHeader(whole);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, header);
  const crypto::Digest digest = DigestOfHeader(whole);
  const Bytes records = *base::FromHex(golden.at("records")),
              end = *base::FromHex(golden.at("end"));
  const Split of_records = SplitOf(records), of_end = SplitOf(end);
  EXPECT_EQ(of_records.head.kind, FrameKind::kRecords);
  ExpectRecords(OpenRecords(owner, digest, of_records.head, of_records.message));
  const auto ended = OpenEnd(owner, digest, of_end.head, of_end.message);
  ASSERT_TRUE(ended.ok());
  EXPECT_EQ(*ended, (JobEnd{1, 3, 2}));
}

TEST(JobFile, AFrameOpensInItsPlaceAlone) {
  base::testing::SeededRandom random(3);
  const crypto::RecipientSecret owner(random), other(random);
  const JobFileHeader header = HeaderFor(owner);
  JobFileHeader next = header;
  next.run = 4;
  const crypto::Digest digest = DigestOfHeader(Encode(header));
  const Bytes frame =
      internal::SealFrame(owner.key(), digest, FrameKind::kRecords, 1, PlainRecords(), random);
  const Split good = SplitOf(frame);
  ExpectRecords(OpenRecords(owner, digest, good.head, good.message));
  FrameHead second = good.head, as_end = good.head;
  second.number = 2;
  as_end.kind = FrameKind::kEnd;
  const crypto::Digest of_next = DigestOfHeader(Encode(next));
  const auto opens = [&good](const crypto::RecipientSecret& by, const crypto::Digest& of,
                             const FrameHead& head) {
    return OpenRecords(by, of, head, good.message).ok();
  };
  EXPECT_FALSE(opens(other, digest, good.head)) << "another recipient";
  EXPECT_FALSE(opens(owner, of_next, good.head)) << "another run";
  EXPECT_FALSE(opens(owner, digest, second)) << "another place";
  EXPECT_FALSE(opens(owner, digest, as_end)) << "another kind";
}

TEST(JobFile, HeadersAreStrict) {
  base::testing::SeededRandom random(4);
  const Bytes whole = Encode(HeaderFor(crypto::RecipientSecret(random)));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseJobFileHeader(ByteView(whole).first(size)).ok()) << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(ParseJobFileHeader(longer).ok());
  Bytes huge = whole;
  huge[14] = 0x7f;  // of its size
  EXPECT_FALSE(JobHeaderSize(ByteView(huge).first(kJobPrefixBytes)).ok());
  const struct {
    const char* why;
    Bytes head;
  } kHeads[] = {
      {"no such kind", {3, 0, 0, 0, 1, 0, 0, 1, 0}},
      {"number 0", {1, 0, 0, 0, 0, 0, 0, 1, 0}},
      {"shorter than a message", {1, 0, 0, 0, 1, 0, 0, 0, 47}},
      {"longer than any", {1, 0, 0, 0, 1, 0xff, 0, 0, 0}},
      {"cut", {1, 0, 0, 0, 1, 0, 0, 1}},
      {"a byte more", {1, 0, 0, 0, 1, 0, 0, 1, 0, 0}},
  };
  for (const auto& row : kHeads) EXPECT_FALSE(ParseFrameHead(row.head).ok()) << row.why;
}

TEST(JobFile, WhatIsInsideIsStrictToo) {
  const Bytes good = PlainRecords();
  ExpectRecords(internal::ParseRecords(good));
  std::size_t used = good.size();
  while (good[used - 1] == 0) --used;
  for (std::size_t size = 0; size + 1 < used; ++size) {
    EXPECT_FALSE(internal::ParseRecords(ByteView(good).first(size)).ok()) << size;
  }
  Bytes unpadded = good;
  unpadded.back() = 1;
  EXPECT_FALSE(internal::ParseRecords(unpadded).ok()) << "something behind the records";
  Bytes many = good;
  many[0] = 1;
  EXPECT_FALSE(internal::ParseRecords(many).ok()) << "more than there are";
  Bytes order = good;
  const std::size_t second = 2 + 20 + 16 + 1 + 8 + 1 + 1 + 2 + 6;
  ASSERT_EQ(order[second], 1);
  order[second] = 0;
  EXPECT_FALSE(internal::ParseRecords(order).ok()) << "a field twice";
  EXPECT_FALSE(internal::ParseEnd(internal::EncodeEnd({1, 2, 3})).ok()) << "more than asked for";
  ASSERT_TRUE(internal::ParseEnd(internal::EncodeEnd({1, 3, 3})).ok());
  const Bytes of_export = internal::EncodeEnd({1, 3, 3, 7});
  EXPECT_EQ(internal::ParseEnd(of_export)->late, 7u);
  for (std::size_t size = 0; size < of_export.size(); ++size) {
    if (size == 20) continue;  // of a job
    EXPECT_FALSE(internal::ParseEnd(ByteView(of_export).first(size)).ok()) << size;
  }
  Bytes longer = of_export;
  longer.push_back(0);
  EXPECT_FALSE(internal::ParseEnd(longer).ok());
}

}  // namespace
}  // namespace cloison::records
