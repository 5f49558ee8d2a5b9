#include "approvals/document.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace cloison::approvals {
namespace {

Document Asked() {
  Document document;
  document.number = 12;
  document.kind = "enrol";
  document.organisation = OrganisationId(1);
  document.asker = PrincipalId(ByteArray<16>{0xaa});
  document.asked_ms = 1'000;
  document.expires_ms = 2'000;
  document.reason = "inc-7";
  document.what = {1, 2, 3};
  return document;
}

Document Decided(State state) {
  Document document = Asked();
  document.state = state;
  document.decider = PrincipalId(ByteArray<16>{0xbb});
  document.decided_ms = 1'500;
  return document;
}

// docs/format/state.md, "Approvals".
TEST(Document, Bytes) {
  EXPECT_EQ(
      base::ToHex(Encode(Asked())),
      "03000000000000000c05656e726f6c0100000001aa00000000000000000000000000000000000000000003e8"
      "00000000000007d0000000000000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000005696e632d3700000003010203");
}

Document Waiting(std::int64_t due_ms, std::int64_t told_ms = 0, bool needs_yes = false) {
  Document document = Decided(State::kApproved);
  document.due_ms = due_ms;
  document.told_ms = told_ms;
  document.generation = 3;
  document.needs_yes = needs_yes;
  return document;
}

TEST(Document, WhatIsWrittenIsRead) {
  for (const Document& document :
       {Asked(), Decided(State::kApproved), Decided(State::kDenied), Decided(State::kUsed),
        Waiting(1'500), Waiting(9'000), Waiting(9'000, 2'000), Waiting(1'500, 1'500, true)}) {
    const Bytes bytes = Encode(document);
    const Result<Document> read = Parse(bytes);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, document);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(Parse(ByteView(bytes).first(size)).ok()) << size;
    }
  }
}

TEST(Document, NothingElseIsRead) {
  const Bytes good = Encode(Asked());
  const std::size_t state = 1 + 8 + 6, has_decider = state + 1 + 4 + 16 + 8 + 8;
  const struct {
    const char* why;
    std::size_t at;
    std::uint8_t value;
  } kRows[] = {
      {"another version", 0, 2},
      {"number 0", 8, 0},
      {"an empty kind", 9, 0},
      {"no state", state, 0},
      {"a state there is not", state, 6},
      {"approved by nobody", state, 2},
      {"denied by nobody", state, 3},
      {"used by nobody", state, 5},
      {"a mark that is none", has_decider, 2},
      {"pending with a decider", has_decider, 1},
      {"a decider behind no mark", has_decider + 1, 1},
      {"a time of a decision that was not", has_decider + 17, 1},
      {"a time to wait for of what was not decided", has_decider + 17 + 8, 1},
      {"told of what does not wait", has_decider + 17 + 16, 1},
      {"of a log, and does not wait", has_decider + 17 + 24, 1},
      {"needs a yes, and does not wait", has_decider + 17 + 28, 1},
      {"a mark of a yes that is none", has_decider + 17 + 28, 2},
      {"an end before it begins", has_decider - 2, 0},
  };
  for (const auto& row : kRows) {
    Bytes bytes = good;
    ASSERT_NE(bytes[row.at], row.value) << row.why;
    bytes[row.at] = row.value;
    const Result<Document> read = Parse(bytes);
    EXPECT_FALSE(read.ok()) << row.why;
    EXPECT_EQ(read.error().code(), Code::kCorrupt) << row.why;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(Parse(longer).ok());
}

TEST(Document, OnlyWhatWasAgreedToWaits) {
  const std::size_t state = 1 + 8 + 6, due = state + 1 + 4 + 16 + 8 + 8 + 1 + 16 + 8;
  Bytes early = Encode(Waiting(0x0600));
  early[due + 6] = 0x05;  // before 1,500, when it was decided
  EXPECT_FALSE(Parse(early).ok());
  for (const State other : {State::kDenied, State::kUsed}) {
    Bytes bytes = Encode(Waiting(9'000));
    bytes[state] = static_cast<std::uint8_t>(other);
    EXPECT_FALSE(Parse(bytes).ok()) << Name(other);
  }
  EXPECT_TRUE(Waiting(9'000).waits());
  EXPECT_FALSE(Decided(State::kApproved).waits());
  EXPECT_EQ(Waiting(1'500).StateAt(99'000), State::kApproved) << "it does not expire";
}

TEST(Document, TimeEndsWhatNobodyDecided) {
  const struct {
    const char* why;
    Document document;
    std::int64_t now_ms;
    State want;
  } kRows[] = {
      {"in time", Asked(), 1'999, State::kPending},
      {"at its end", Asked(), 2'000, State::kExpired},
      {"approved stays so", Decided(State::kApproved), 9'000, State::kApproved},
      {"denied stays so", Decided(State::kDenied), 9'000, State::kDenied},
      {"used stays so", Decided(State::kUsed), 9'000, State::kUsed},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(row.document.StateAt(row.now_ms), row.want) << row.why;
  }
}

}  // namespace
}  // namespace cloison::approvals
