// A register with an approved job: who asks, who agrees, who runs it, and the bank that reads.
#ifndef CLOISON_VAULT_TESTING_JOBS_WORLD_H_
#define CLOISON_VAULT_TESTING_JOBS_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "access/jobs.h"
#include "records/job_sealer.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault::testing {

// The demo's, with these lines behind it.
inline std::shared_ptr<const access::Policy> PolicyWith(const std::string& more) {
  std::vector<std::string> problems;
  auto policy =
      access::Policy::Parse(std::string(DemoPolicyToml()) + more, *DemoSchema({}), &problems);
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
  CLOISON_CHECK(policy.ok());
  return *policy;
}

class JobsWorld : public ::testing::Test {
 protected:
  using JobItem = access::JobItem;
  using JobRequest = access::JobRequest;
  using Jobs = access::Jobs;

  void Start(const std::string& more = "") {
    vault_.policy = PolicyWith(more);
    ASSERT_TRUE(vault_.Start().ok());
  }
  std::int64_t NowMs() { return vault_.vault().committer().Now().budget_ms; }

  JobRequest Wanted() {
    JobRequest request;
    request.label = "monthly-payment";
    request.application = DemoPrincipalId("app.payment");
    request.purpose = "payment";
    request.fields = vault_.Fields({"identity.birth_name", "bank.iban"});
    std::ranges::sort(request.fields);
    request.recipient = bank_.key().bytes();
    request.people_max = 10;
    request.expires_ms = NowMs() + 60 * base::kDayMs;
    return request;
  }
  // Agreed to by the second officer. CHECKs it.
  std::uint64_t Approved(const JobRequest& request) {
    const auto asked = vault_.AskAs("officer.privacy", "job", Encode(request));
    CLOISON_CHECK(Word(asked) == "shown");
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(vault_.ApproveAs("officer.privacy.b", number)) == "shown");
    return number;
  }
  access::Outcome<Jobs::Shown> Begin(std::uint64_t job, std::uint32_t people,
                                     std::string_view who = "app.payment") {
    access::Gate::Once once{"run-" + std::to_string(++keys_), {}};
    return vault_.Wait(vault_.gate().jobs().Begin(vault_.As(who), job, people, std::move(once)));
  }
  std::vector<JobItem> Items(std::size_t from, std::size_t count) {
    const std::vector<PersonId> people = vault_.CaseloadOf("adviser.ft");
    std::vector<JobItem> items;
    for (std::size_t i = from; i < from + count; ++i) {
      items.push_back(
          {vault_.CodeFor("adviser.ft", people[i]), false, "amount-" + std::to_string(i)});
    }
    return items;
  }
  access::Outcome<Jobs::Sealed> Seal(std::uint64_t job, std::uint32_t batch,
                                     std::vector<JobItem> items, std::uint32_t run = 1,
                                     std::string_view who = "app.payment") {
    return vault_.Wait(
        vault_.gate().jobs().Seal(vault_.As(who), job, run, batch, std::move(items)));
  }
  access::Outcome<Jobs::Shown> Read(std::uint64_t job, std::string_view who = "app.payment") {
    return vault_.Wait(vault_.gate().jobs().Read(vault_.As(who), job));
  }
  access::JobRun LastRun(std::uint64_t job) {
    const auto read = Read(job);
    CLOISON_CHECK(Word(read) == "shown");
    return std::get<Jobs::Shown>(*read).job.runs.back();
  }
  // What the bank reads of one frame.
  std::vector<records::JobRecord> Open(std::uint64_t job,
                                       const access::Outcome<Jobs::Sealed>& sealed) {
    const Bytes header = std::get<Jobs::Shown>(*Read(job)).header;
    const ByteView frame = std::get<Jobs::Sealed>(*sealed).frame;
    const auto head = records::ParseFrameHead(frame.first(records::kJobFrameHeadBytes));
    CLOISON_CHECK(head.ok());
    auto opened = records::OpenRecords(bank_, records::DigestOfHeader(header), *head,
                                       frame.subspan(records::kJobFrameHeadBytes));
    CLOISON_CHECK(opened.ok());
    return std::move(*opened);
  }
  static const Bytes& FrameOf(const access::Outcome<Jobs::Sealed>& sealed) {
    return std::get<Jobs::Sealed>(*sealed).frame;
  }
  std::uint64_t Entries() { return vault_.vault().ledger().size(); }

  TestVault vault_;
  crypto::RecipientSecret bank_{vault_.random};
  std::uint64_t keys_ = 0;
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_JOBS_WORLD_H_
