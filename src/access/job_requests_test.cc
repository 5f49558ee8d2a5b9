#include "access/job_requests.h"

#include <gtest/gtest.h>

#include "access/exports.h"
#include "base/testing/seeded_random.h"

namespace cloison::access {
namespace {

JobRequest Good() {
  base::testing::SeededRandom random(1);
  JobRequest request;
  request.label = "monthly-payment-2026";
  request.application = PrincipalId(ByteArray<16>{7});
  request.purpose = "payment";
  request.fields = {FieldId(0x0101), FieldId(0x0601)};
  request.recipient = crypto::RecipientSecret(random).key().bytes();
  request.people_max = 2'500'000;
  request.runs = 12;
  request.pause_days = 28;
  request.expires_ms = 1'000'000;
  return request;
}

TEST(JobRequests, LabelsHaveNoRoomForAPerson) {
  const struct {
    const char* why;
    std::string label;
    bool good;
  } kRows[] = {
      {"what it is for", "monthly-payment-2026", true},
      {"a day", "letters.20261128", true},
      {"the longest", std::string(48, 'a'), true},
      {"longer", std::string(49, 'a'), false},
      {"nothing", "", false},
      {"a name has capitals", "Dupont", false},
      {"and spaces", "jean dupont", false},
      {"an address", "a@b.example", false},
      {"a phone number", "33639980001", false},
      {"a national number", "255017500100101", false},
      {"nine digits", "123456789", false},
      {"accents", "é", false},
      {"a line's end", "a\n", false},
  };
  for (const auto& row : kRows) EXPECT_EQ(IsJobLabel(row.label), row.good) << row.why;
}

TEST(JobRequests, ReadsWhatItWritesAndNothingElse) {
  const JobRequest good = Good();
  const Bytes bytes = Encode(good);
  const auto read = ParseJob(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, good);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseJob(ByteView(bytes).first(size)).ok()) << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(ParseJob(longer).ok());
  const struct {
    const char* why;
    void (*change)(JobRequest&);
  } kRows[] = {
      {"nobody", [](JobRequest& r) { r.people_max = 0; }},
      {"too many", [](JobRequest& r) { r.people_max = kJobPeopleMax + 1; }},
      {"no run", [](JobRequest& r) { r.runs = 0; }},
      {"too many runs", [](JobRequest& r) { r.runs = kJobRunsMax + 1; }},
      {"several runs at once", [](JobRequest& r) { r.pause_days = 0; }},
      {"a pause of years", [](JobRequest& r) { r.pause_days = kJobPauseDaysMax + 1; }},
      {"no field", [](JobRequest& r) { r.fields.clear(); }},
      {"a field twice", [](JobRequest& r) { r.fields[1] = r.fields[0]; }},
      {"fields in another order", [](JobRequest& r) { std::swap(r.fields[0], r.fields[1]); }},
      {"no purpose", [](JobRequest& r) { r.purpose.clear(); }},
      {"a name for a label", [](JobRequest& r) { r.label = "Jean Dupont"; }},
      {"no end", [](JobRequest& r) { r.expires_ms = 0; }},
      {"an end before time", [](JobRequest& r) { r.expires_ms = -1; }},
      {"a key everybody opens", [](JobRequest& r) { r.recipient = {}; }},
  };
  for (const auto& row : kRows) {
    JobRequest bad = Good();
    row.change(bad);
    const auto refused = ParseJob(Encode(bad));
    ASSERT_FALSE(refused.ok()) << row.why;
    EXPECT_EQ(refused.error().code(), Code::kInvalid) << row.why;
  }
}

// One byte tells the two kinds apart: what is agreed to as the one is never read as the other.
TEST(JobRequests, AnExportIsNoJob) {
  JobRequest request = Good();
  request.whom = Whom::kEverybody;
  request.runs = 1;
  request.pause_days = 0;
  const Bytes bytes = Encode(request);
  const auto read = ParseJob(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, request);
  EXPECT_EQ(ExportBound(request), request.people_max);
  Bytes other = bytes;
  other[0] = 1;
  EXPECT_EQ(ParseJob(other)->whom, Whom::kNamed);
  for (const std::uint8_t version : {std::uint8_t{0}, std::uint8_t{3}}) {
    other[0] = version;
    EXPECT_FALSE(ParseJob(other).ok()) << int{version};
  }
  for (const auto& [runs, pause] : {std::pair(2u, 28u), std::pair(1u, 1u)}) {
    JobRequest again = request;
    again.runs = runs;
    again.pause_days = pause;
    EXPECT_FALSE(ParseJob(Encode(again)).ok()) << "more than once";
  }
  request.fields.clear();
  for (std::uint16_t i = 1; i <= records::kExportFieldsMax; ++i) {
    request.fields.emplace_back(i);
  }
  EXPECT_TRUE(ParseJob(Encode(request)).ok()) << "all that a schema has";
  EXPECT_LE(PartPeopleMax(1), records::kJobBatchPeopleMax);
  EXPECT_GE(PartPeopleMax(records::kExportFieldsMax), 1u);
  EXPECT_LT(PartPeopleMax(records::kExportFieldsMax), records::kJobBatchPeopleMax)
      << "200 of the longest records are no frame";
}

TEST(JobRequests, BoundOfAnyInterval) {
  const struct {
    const char* why;
    std::uint32_t runs, pause_days;
    std::int64_t duration_ms;
    std::uint64_t want;  // runs
  } kRows[] = {
      {"one run is one run", 1, 0, 1, 1},
      {"for ever", 1, 0, 400 * base::kDayMs, 1},
      {"two months' runs can meet in an hour", 12, 28, base::kHourMs, 2},
      {"28 days: one that began before, one that begins", 12, 28, 28 * base::kDayMs, 2},
      {"a moment more", 12, 28, 28 * base::kDayMs + 1, 3},
      {"never more than there are", 2, 1, 400 * base::kDayMs, 2},
  };
  for (const auto& row : kRows) {
    JobRequest request = Good();
    request.runs = row.runs;
    request.pause_days = row.pause_days;
    EXPECT_EQ(JobBound(request, row.duration_ms), row.want * request.people_max) << row.why;
  }
}

}  // namespace
}  // namespace cloison::access
