// A register in which applications write why agents may open somebody, for tests.
#ifndef CLOISON_VAULT_TESTING_EXPLAINED_WORLD_H_
#define CLOISON_VAULT_TESTING_EXPLAINED_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "access/caseload_requests.h"
#include "access/explanations.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault::testing {

using access::Assignment;
using access::Counter;
using access::ExplanationKind;
using access::NewExplanation;
using access::Window;

inline constexpr char kAgent[] = "adviser.ft";

class Explained : public ::testing::Test {
 protected:
  Explained() {
    // Managers answer what agents ask.
    std::string toml(DemoPolicyToml());
    const std::string manager = "name = \"manager\"\nkind = \"officer\"\nclass = \"officer\"\n";
    const std::size_t at = toml.find(manager);
    CLOISON_CHECK(at != std::string::npos);
    const std::size_t rights = toml.find("rights = ", at), end = toml.find('\n', rights);
    toml.replace(rights, end - rights, R"(rights = ["assign", "review", "enrol"])");
    std::vector<std::string> problems;
    auto policy = access::Policy::Parse(toml, *DemoSchema(testing::SmallWorld()), &problems);
    CLOISON_CHECK(policy.ok());
    vault_.policy = *policy;
    CLOISON_CHECK(vault_.Start().ok());
    stranger_ = vault_.world().stranger.person;
  }

  access::Gate::Once Once() { return {"key-" + std::to_string(++keys_), {1}}; }
  std::string CodeOf(const PersonId& person) { return vault_.CodeFor(kAgent, person); }
  Assignment To(const PersonId& person, std::string_view agent = kAgent) {
    return {DemoPrincipalId(agent), CodeOf(person), std::nullopt, false, false};
  }
  auto AssignAll(std::string_view who, std::vector<Assignment> all) {
    return vault_.Wait(vault_.gate().Assign(vault_.As(who), std::move(all), Once()));
  }
  std::string_view Assign(std::string_view who, const PersonId& person) {
    return Word(AssignAll(who, {To(person)}));
  }
  std::string_view Confirm(std::string_view who, const PersonId& person) {
    Assignment one = To(person);
    one.confirm = true;
    return Word(AssignAll(who, {one}));
  }
  std::string_view Write(std::string_view who, std::vector<NewExplanation> all) {
    return Word(
        vault_.Wait(vault_.gate().explanations().Write(vault_.As(who), std::move(all), Once())));
  }
  NewExplanation Of(ExplanationKind kind, const PersonId& person, std::string_view agent = kAgent) {
    return {DemoPrincipalId(agent), CodeOf(person), kind, std::nullopt, "T-17"};
  }
  auto Declare(std::string_view who, const std::string& code) {
    return vault_.Wait(vault_.gate().explanations().DeclareEmergency(vault_.As(who), code,
                                                                     "the phone rings", Once()));
  }
  std::string_view Open(const PersonId& person, std::string_view who = kAgent) {
    return Word(vault_.DiscloseAs(who, person, {"contact.email"}, "support"));
  }
  // Off the caseload: opened in the last day.
  std::uint32_t OffToday(std::string_view who = kAgent) {
    const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(who)));
    const access::BudgetLeft& budget = *std::get<access::Capabilities>(*own).budget;
    return budget.caps.cap(Counter::kOpenedOff, Window::kDay) -
           budget.left[static_cast<std::size_t>(Counter::kOpenedOff)]
                      [static_cast<std::size_t>(Window::kDay)];
  }
  // People who are on nobody's caseload.
  std::vector<PersonId> Strangers(std::size_t count) {
    std::vector<PersonId> out;
    for (const PersonId& person : vault_.CaseloadOf("adviser.ft.002")) {
      if (out.size() < count) out.push_back(person);
    }
    return out;
  }

  TestVault vault_;
  PersonId stranger_{ByteArray<8>{}};
  int keys_ = 0;
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_EXPLAINED_WORLD_H_
