// A register that is to be exported: who asks, who agrees, the program that carries the file, and
// who reads it elsewhere.
#ifndef CLOISON_VAULT_TESTING_EXPORTS_WORLD_H_
#define CLOISON_VAULT_TESTING_EXPORTS_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "access/exports.h"
#include "records/job_sealer.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault::testing {

// The demo's policy, and who exports by it.
inline std::string ExportPolicyToml() {
  std::string text(DemoPolicyToml());
  const std::string of_privacy = R"(rights = ["erase", "policy", "job"])";
  const std::size_t at = text.find(of_privacy);
  CLOISON_CHECK(at != std::string::npos);
  text.replace(at, of_privacy.size(), R"(rights = ["erase", "policy", "job", "export"])");
  text += R"(
[[role]]
name = "export-application"
kind = "application"
class = "application"
rights = ["export"]

[[purpose]]
name = "migration"
decree = true
text_fr = "Transmettre le registre à son successeur."
text_en = "Hand the register over to its successor."
)";
  return text;
}

inline std::shared_ptr<const access::Policy> ExportPolicy(const std::string& more = "") {
  std::vector<std::string> problems;
  auto policy = access::Policy::Parse(ExportPolicyToml() + more, *DemoSchema({}), &problems);
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
  CLOISON_CHECK(policy.ok());
  return *policy;
}

inline Status EnrolExporter(TestVault& vault, const std::string& name = "app.move") {
  access::PrincipalInfo info{DemoPrincipalId(name), OrganisationId(1), std::nullopt,
                             "export-application", name};
  std::vector<access::PrincipalInfo> infos{info};
  return vault.Wait(vault.gate().Enrol(std::move(infos), vault.executor));
}

class ExportsWorld : public ::testing::Test {
 protected:
  using Exports = access::Exports;
  using JobRequest = access::JobRequest;
  using Jobs = access::Jobs;

  void Start(const std::string& more = "") {
    vault_.policy = ExportPolicy(more);
    ASSERT_TRUE(vault_.Start().ok());
    ASSERT_TRUE(EnrolExporter(vault_).ok());
  }
  std::int64_t NowMs() { return vault_.vault().committer().Now().budget_ms; }
  Exports& exports() { return vault_.gate().exports(); }

  JobRequest Wanted() {
    JobRequest request;
    request.whom = access::Whom::kEverybody;
    request.label = "move-to-another-house";
    request.application = DemoPrincipalId("app.move");
    request.purpose = "migration";
    for (const records::FieldSpec& field : vault_.vault().people().schema().fields()) {
      request.fields.push_back(field.id);
    }
    std::ranges::sort(request.fields);
    request.recipient = house_.key().bytes();
    request.people_max = 10'000;
    request.expires_ms = NowMs() + 20 * base::kDayMs;
    return request;
  }
  std::uint64_t Asked(const JobRequest& request) {
    const auto asked = vault_.AskAs("officer.privacy", "export", Encode(request));
    CLOISON_CHECK(Word(asked) == "shown");
    return std::get<access::Approvals::Shown>(*asked).approval.number;
  }
  std::uint64_t Approved(const JobRequest& request) {
    const std::uint64_t number = Asked(request);
    CLOISON_CHECK(Word(vault_.ApproveAs("officer.privacy.b", number)) == "shown");
    return number;
  }
  // Approved, the delay is over, and begun.
  std::uint64_t Begun(const JobRequest& request) {
    const std::uint64_t number = Approved(request);
    vault_.clock.Advance(access::kExportDelayMinMs);
    CLOISON_CHECK(Word(Begin(number)) == "shown");
    return number;
  }
  access::Outcome<Jobs::Shown> Begin(std::uint64_t number, std::string_view who = "app.move") {
    return vault_.Wait(exports().Begin(vault_.As(who), number));
  }
  access::Outcome<Jobs::Sealed> Seal(std::uint64_t number, std::uint32_t part,
                                     std::string_view who = "app.move") {
    return vault_.Wait(exports().Seal(vault_.As(who), number, part));
  }
  access::Outcome<Jobs::Sealed> End(std::uint64_t number, std::string_view who = "app.move") {
    return vault_.Wait(exports().End(vault_.As(who), number));
  }
  access::Outcome<Jobs::Shown> Stop(std::uint64_t number, std::string_view who) {
    return vault_.Wait(exports().Stop(vault_.As(who), number));
  }
  access::Outcome<Jobs::Shown> Read(std::uint64_t number, std::string_view who = "app.move") {
    return vault_.Wait(exports().Read(vault_.As(who), number));
  }
  access::Job JobOf(std::uint64_t number) {
    const auto read = Read(number, "officer.security");
    CLOISON_CHECK(Word(read) == "shown");
    return std::get<Jobs::Shown>(*read).job;
  }
  access::JobRun RunOf(std::uint64_t number) { return JobOf(number).runs.back(); }
  static const Bytes& FrameOf(const access::Outcome<Jobs::Sealed>& sealed) {
    return std::get<Jobs::Sealed>(*sealed).frame;
  }
  // What the other house reads of one frame.
  std::vector<records::JobRecord> Open(std::uint64_t number, const Bytes& frame) {
    const Bytes header = std::get<Jobs::Shown>(*Read(number)).header;
    const ByteView bytes(frame);
    const auto head = records::ParseFrameHead(bytes.first(records::kJobFrameHeadBytes));
    CLOISON_CHECK(head.ok());
    auto opened = records::OpenRecords(house_, records::DigestOfHeader(header), *head,
                                       bytes.subspan(records::kJobFrameHeadBytes));
    CLOISON_CHECK(opened.ok());
    return std::move(*opened);
  }
  std::vector<records::JobRecord> Open(std::uint64_t number,
                                       const access::Outcome<Jobs::Sealed>& sealed) {
    return FrameOf(sealed).empty() ? std::vector<records::JobRecord>{}
                                   : Open(number, FrameOf(sealed));
  }
  // All parts from the next one on: the codes, in the order of the file.
  std::vector<std::string> All(std::uint64_t number) {
    std::vector<std::string> codes;
    while (true) {
      const auto sealed = Seal(number, RunOf(number).batches + 1);
      CLOISON_CHECK(Word(sealed) == "shown");
      for (const records::JobRecord& record : Open(number, sealed)) {
        codes.push_back(record.person);
      }
      if (std::get<Jobs::Sealed>(*sealed).job.walk->whole) return codes;
    }
  }
  records::JobEnd Ended(std::uint64_t number) {
    const auto ended = End(number);
    CLOISON_CHECK(Word(ended) == "shown");
    const Bytes header = std::get<Jobs::Shown>(*Read(number)).header;
    const ByteView bytes(FrameOf(ended));
    const auto head = records::ParseFrameHead(bytes.first(records::kJobFrameHeadBytes));
    CLOISON_CHECK(head.ok());
    const auto end = records::OpenEnd(house_, records::DigestOfHeader(header), *head,
                                      bytes.subspan(records::kJobFrameHeadBytes));
    CLOISON_CHECK(end.ok());
    return *end;
  }
  // The register's people in the order of their ids.
  std::vector<PersonId> InOrder() {
    std::vector<PersonId> people = vault_.world().people;
    std::ranges::sort(people, {}, [](const PersonId& id) { return base::ToBytes(id.bytes()); });
    return people;
  }
  std::string CodeOf(const PersonId& person) { return vault_.CodeFor("adviser.ft", person); }
  std::uint64_t Entries() { return vault_.vault().ledger().size(); }

  TestVault vault_;
  crypto::RecipientSecret house_{vault_.random};
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_EXPORTS_WORLD_H_
