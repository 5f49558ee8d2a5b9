// A register whose policy changes, for tests: three officers' keys, who signs and who agrees.
#ifndef CLOISON_VAULT_TESTING_POLICIES_FIXTURE_H_
#define CLOISON_VAULT_TESTING_POLICIES_FIXTURE_H_

#include <gtest/gtest.h>

#include "access/policies.h"
#include "vault/testing/officer_keys.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault::testing {

using access::Approvals;
using access::Policies;
using store::Family;

inline std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

class PoliciesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    vault_.officers = {KeyOf(1), KeyOf(2), KeyOf(3)};
    ASSERT_TRUE(vault_.Start().ok());
  }

  ledger::PolicyStatement StatementFor(const std::string& document, std::uint32_t version = 2) {
    return {vault_.vault().schema().register_id(), version,
            access::DigestOfPolicy(vault_.vault().policy()->document()),
            access::DigestOfPolicy(document)};
  }
  std::string NoteFor(const std::string& document, std::uint32_t version = 2) {
    return Signed(Print(StatementFor(document, version)), {1, 2});
  }
  access::Outcome<Approvals::Shown> Propose(std::string_view who, const std::string& document,
                                            const std::string& note) {
    const std::string key = "policy-" + std::to_string(++keys_);
    Policies::Request request{document, note, "ticket-9"};
    return vault_.Wait(vault_.gate().policies().Propose(vault_.As(who), std::move(request),
                                                        {key, base::ToBytes(AsBytes(document))}));
  }
  access::Outcome<Approvals::Shown> Approve(std::string_view who, std::uint64_t number) {
    return vault_.Wait(vault_.gate().approvals().Approve(vault_.As(who), number));
  }
  access::Outcome<Policies::Shown> Read(std::string_view who, std::uint32_t version) {
    return vault_.Wait(vault_.gate().policies().Read(vault_.As(who), version));
  }
  // Asked for by one officer, approved by another.
  void PutInForce(const std::string& document, std::uint32_t version) {
    const auto asked = Propose("officer.security", document, NoteFor(document, version));
    ASSERT_EQ(Word(asked), "shown") << (asked.ok() ? "" : asked.error().text());
    const auto approved =
        Approve("officer.privacy", std::get<Approvals::Shown>(*asked).approval.number);
    ASSERT_EQ(Word(approved), "shown") << (approved.ok() ? "" : approved.error().text());
    EXPECT_EQ(std::get<Approvals::Shown>(*approved).approval.state, approvals::State::kUsed);
    ASSERT_EQ(vault_.vault().policy()->version(), version);
  }
  std::string_view Look(std::size_t i, const std::string& field = "address.city") {
    return Word(
        vault_.DiscloseAs("adviser.ft", vault_.CaseloadOf("adviser.ft")[i], {field}, "support"));
  }
  Task<void> LookInto(std::size_t i, std::vector<std::string>& words) {
    const PersonId person = vault_.CaseloadOf("adviser.ft")[i];
    access::DisclosureRequest request{{vault_.CodeFor("adviser.ft", person)},
                                      vault_.Fields({"address.city"}),
                                      {"support", "case-1"}};
    const auto outcome =
        co_await vault_.gate().Disclose(vault_.As("adviser.ft"), std::move(request));
    words.emplace_back(Word(outcome));
  }
  Task<void> SealedLookInto(std::size_t i, std::vector<std::string>& words) {
    const PersonId person = vault_.CaseloadOf("adviser.ft")[i];
    access::DisclosureRequest request{{vault_.CodeFor("investigator", person)},
                                      vault_.Fields({"address.city"}),
                                      {"judicial", "order-7"}};
    const auto outcome =
        co_await vault_.gate().Disclose(vault_.As("investigator"), std::move(request));
    words.emplace_back(Word(outcome));
  }
  Task<void> ApproveInto(std::uint64_t number, std::string& word) {
    const auto outcome =
        co_await vault_.gate().approvals().Approve(vault_.As("officer.privacy"), number);
    word = Word(outcome);
  }
  std::vector<store::KeyedRow> KeyRows() {
    const auto page =
        vault_.Wait(vault_.key_store.Scan({Family::kWrappedKeys, "", ""}, store::kScanRowsMax));
    CLOISON_CHECK(page.ok() && !page->next.has_value());
    return page->rows;
  }
  void PutBackKeys(const std::vector<store::KeyedRow>& rows) {
    store::WriteSet gone, puts;
    gone.range_deletes.push_back({Family::kWrappedKeys, "", ""});
    CLOISON_CHECK(vault_.Wait(vault_.key_store.Commit(std::move(gone))).ok());
    for (const store::KeyedRow& row : rows) {
      puts.puts.push_back(store::Put{{Family::kWrappedKeys, row.key}, row.row.value});
    }
    CLOISON_CHECK(vault_.Wait(vault_.key_store.Commit(std::move(puts))).ok());
  }
  std::string first() const { return vault_.policy->document(); }
  // Nobody's address is shown for support any more.
  std::string WithoutAddress(std::uint32_t version = 2) const {
    return Replaced(Versioned(first(), version),
                    "\"identity\", \"contact\", \"address\", \"agency\"",
                    "\"identity\", \"contact\", \"agency\"");
  }
  static std::string Versioned(const std::string& document, std::uint32_t version) {
    return Replaced(document, "version = 1", "version = " + std::to_string(version));
  }
  std::size_t EntriesOfRule(const std::string& rule) {
    const ledger::Ledger& log = vault_.vault().ledger();
    std::size_t count = 0;
    for (std::uint64_t from = 0; from < log.size(); from += ledger::kReadEntriesMax) {
      const auto records = vault_.Wait(log.ReadRecords(from, ledger::kReadEntriesMax));
      CLOISON_CHECK(records.ok());
      for (const ledger::Record& record : *records) count += record.rule == rule ? 1 : 0;
    }
    return count;
  }

  TestVault vault_;
  int keys_ = 0;
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_POLICIES_FIXTURE_H_
