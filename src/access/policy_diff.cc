#include "access/policy_diff.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>

namespace cloison::access {

namespace {

using Organisations = std::vector<std::optional<OrganisationId>>;

// Those that a grant names, and one that stands for every other.
Organisations NamedBy(const Policy& before, const Policy& after) {
  std::set<OrganisationId> named;
  for (const Policy* policy : {&before, &after}) {
    for (const Grant& grant : policy->grants()) {
      if (grant.organisation.has_value()) named.insert(*grant.organisation);
    }
  }
  Organisations all(named.begin(), named.end());
  all.push_back(std::nullopt);
  return all;
}

template <class T>
std::set<std::string> Names(const std::vector<T>& a, const std::vector<T>& b,
                            std::string T::*name) {
  std::set<std::string> names;
  for (const std::vector<T>* all : {&a, &b}) {
    for (const T& one : *all) names.insert(one.*name);
  }
  return names;
}

std::vector<const Grant*> GrantsFor(const Policy& policy, std::optional<OrganisationId> of,
                                    const std::string& role, const std::string& purpose) {
  // No organisation has the number 0 in a policy: it has what all have.
  return policy.GrantsOf(of.value_or(OrganisationId(0)), role, purpose);
}

std::string FormName(const std::optional<ledger::Form>& form) {
  if (!form.has_value()) return "";
  return *form == ledger::Form::kPlain ? "plain" : "masked";
}

// Of one organisation, role and purpose.
class GrantDiff {
 public:
  GrantDiff(std::vector<const Grant*> before, std::vector<const Grant*> after,
            const records::Schema& schema)
      : before_(std::move(before)), after_(std::move(after)), schema_(schema) {}

  std::vector<PolicyDifference> Make() {
    if (before_.empty() && after_.empty()) return {};
    for (std::size_t r = 0; r < kRelations; ++r) {
      const auto relation = static_cast<Relation>(r);
      for (const records::FieldSpec& field : schema_.fields()) {
        const auto old = Policy::FormOf(before_, relation, field.id);
        const auto now = Policy::FormOf(after_, relation, field.id);
        if (old != now) Note(relation, field, FormName(old), FormName(now));
        for (const auto& [form, name] : {std::pair{ledger::Form::kExists, "exists"},
                                         std::pair{ledger::Form::kMatches, "matches"}}) {
          const bool had = Policy::Answers(before_, relation, field.id, form);
          const bool has = Policy::Answers(after_, relation, field.id, form);
          if (had != has) Note(relation, field, had ? name : "", has ? name : "");
        }
      }
    }
    return Collect();
  }

 private:
  using Change = std::pair<std::string, std::string>;  // form before, form after

  void Note(Relation relation, const records::FieldSpec& field, std::string before,
            std::string after) {
    changes_[{static_cast<std::size_t>(relation), Change(std::move(before), std::move(after))}]
        .push_back(field.name);
  }

  // Relations that change alike are said together.
  std::vector<PolicyDifference> Collect() const {
    std::map<std::pair<Change, std::vector<std::string>>, std::string> together;
    for (const auto& [key, fields] : changes_) {
      std::string& relations = together[{key.second, fields}];
      if (!relations.empty()) relations += ", ";
      relations += Name(static_cast<Relation>(key.first));
    }
    std::vector<PolicyDifference> out;
    for (const auto& [key, relations] : together) {
      const auto& [old, now] = key.first;
      const bool gains = old.empty() || now == "plain";
      PolicyDifference one{gains ? DiffKind::kGains : DiffKind::kLoses, "grant"};
      one.relation = relations;
      one.fields = key.second;
      one.before = old;
      one.after = now;
      out.push_back(std::move(one));
    }
    return out;
  }

  std::vector<const Grant*> before_, after_;
  const records::Schema& schema_;
  std::map<std::pair<std::size_t, Change>, std::vector<std::string>> changes_;
};

// `before` null: there was none.
void AddGrants(std::vector<PolicyDifference>& out, const Policy* before, const Policy& after,
               const records::Schema& schema) {
  const Policy& first = before == nullptr ? after : *before;
  const Organisations organisations = NamedBy(first, after);
  for (const std::string& role : Names(first.roles(), after.roles(), &Role::name)) {
    for (const std::string& purpose : Names(first.purposes(), after.purposes(), &Purpose::name)) {
      for (const auto& organisation : organisations) {
        std::vector<const Grant*> had;
        if (before != nullptr) had = GrantsFor(*before, organisation, role, purpose);
        GrantDiff diff(std::move(had), GrantsFor(after, organisation, role, purpose), schema);
        for (PolicyDifference& one : diff.Make()) {
          one.organisation = organisation;
          one.role = role;
          one.purpose = purpose;
          out.push_back(std::move(one));
        }
      }
    }
  }
}

// What is there on both sides, on one of them, and how it reads: everything that is not a grant.
using Facts = std::map<std::tuple<std::string, std::string, std::string>, std::string>;

std::string Joined(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ",") + word;
  return out;
}

std::string MethodsText(identity::Methods methods) {
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 16; ++bit) {
    const auto method = static_cast<identity::Method>(1u << bit);
    if (methods.Has(method)) names.emplace_back(identity::Name(method));
  }
  return Joined(std::move(names));
}

void AddRoleFacts(Facts& facts, const Policy& policy, const Role& role) {
  const auto fact = [&](std::string what, std::string value) {
    facts[{"role", role.name, std::move(what)}] = std::move(value);
  };
  fact("kind", std::string(Name(role.kind)));
  fact("levels", Joined(role.levels));
  fact("methods", MethodsText(role.methods));
  fact("step_up_s", std::to_string(role.step_up_s));
  if (role.sealed) fact("sealed", "true");
  if (role.archive) fact("archive", "true");
  for (const Right right : role.rights) {
    facts[{"right", role.name, std::string(Name(right))}] = "given";
  }
  const Result<const BudgetClass*> of = policy.ClassOf(role.name);
  if (!of.ok()) return;
  for (std::size_t c = 0; c < kCounters; ++c) {
    for (std::size_t w = 0; w < kWindows; ++w) {
      const auto counter = static_cast<Counter>(c);
      const auto window = static_cast<Window>(w);
      const std::string name = std::string(Name(counter)) + "/" + std::string(Name(window));
      facts[{"cap", role.name, name}] = std::to_string((*of)->caps.cap(counter, window));
    }
  }
}

std::string PlaceOf(const CeilingSpec& ceiling) {
  std::string place(Name(ceiling.scope));
  if (ceiling.family != ShowingFamily::kClass) place += " " + std::string(Name(ceiling.family));
  if (ceiling.organisation.has_value()) {
    place += " " + std::to_string(ceiling.organisation->value());
  }
  if (ceiling.office.has_value()) place += "/" + std::to_string(ceiling.office->value());
  return place + ", " + std::to_string(ceiling.buckets) + " x " +
         std::to_string(ceiling.bucket_ms / 60'000) + " min";
}

void AddPlaceFacts(Facts& facts, const Policy& policy) {
  for (const Organisation& organisation : policy.organisations()) {
    const std::string id = std::to_string(organisation.id.value());
    facts[{"organisation", id, "name"}] = organisation.name;
    if (!organisation.second_contact.empty()) {
      facts[{"organisation", id, "second_contact"}] = organisation.second_contact;
    }
    for (const Office& office : organisation.offices) {
      const std::string of = id + "/" + std::to_string(office.id.value());
      facts[{"office", of, "name"}] = office.name;
      facts[{"office", of, "departements"}] = Joined(office.departements);
    }
  }
  for (const CeilingSpec& ceiling : policy.ceilings()) {
    for (std::size_t c = 0; c < kCounters; ++c) {
      if (!ceiling.caps[c].has_value()) continue;
      facts[{"ceiling", PlaceOf(ceiling), std::string(Name(static_cast<Counter>(c)))}] =
          std::to_string(*ceiling.caps[c]);
    }
  }
}

std::string InWords(const std::vector<TailBound>& bounds) {
  std::string words;
  for (const TailBound& bound : bounds) {
    std::array<char, 32> number;
    const auto end = std::to_chars(number.data(), number.data() + number.size(), bound.at_most).ptr;
    words += (words.empty() ? "" : " ") + std::to_string(bound.at_least) + ":" +
             std::string(number.data(), end);
  }
  return words;
}

void AddDetectorFacts(Facts& facts, const DetectorsSpec& spec) {
  if (spec.act) facts[{"detectors", "", "act"}] = "true";
  const RungThresholds& at = spec.thresholds;
  const std::pair<const char*, double> thresholds[] = {{"r1", at.purpose_text},
                                                       {"r2", at.step_up},
                                                       {"r3", at.second_person},
                                                       {"r4", at.frozen},
                                                       {"r5", at.pool}};
  for (const auto& [name, value] : thresholds) {
    facts[{"detectors", "", name}] = std::to_string(static_cast<std::int64_t>(value));
  }
  facts[{"detectors", "", "hours"}] =
      std::to_string(spec.from_hour) + "-" + std::to_string(spec.to_hour);
  for (const ScoreBounds& one : spec.scores) {
    facts[{"detectors", one.budget_class, std::string(Name(one.score))}] = InWords(one.bounds);
  }
  for (const PoolBounds& one : spec.pools) {
    const std::string pool =
        std::to_string(one.pool.organisation) + "/" + std::to_string(one.pool.office);
    facts[{"detectors", pool, std::string(Name(one.score))}] = InWords(one.bounds);
  }
}

Facts FactsOf(const Policy& policy, const records::Schema& schema) {
  Facts facts;
  for (const Role& role : policy.roles()) AddRoleFacts(facts, policy, role);
  AddPlaceFacts(facts, policy);
  for (const Purpose& purpose : policy.purposes()) {
    facts[{"purpose", purpose.name, "text_fr"}] = purpose.text_fr;
    facts[{"purpose", purpose.name, "text_en"}] = purpose.text_en;
    if (purpose.decree) facts[{"purpose", purpose.name, "decree"}] = "true";
    if (purpose.sealed) facts[{"purpose", purpose.name, "sealed"}] = "true";
  }
  for (const ExplanationSpec& spec : policy.explanations()) {
    const auto fact = [&](std::string what, std::string value) {
      facts[{"explanation", spec.kind, std::move(what)}] = std::move(value);
    };
    fact("per_day_max", std::to_string(spec.per_day_max));
    fact("lasts_minutes", std::to_string(spec.lasts_ms / 60'000));
    fact("needs_review", spec.needs_review ? "true" : "false");
  }
  for (const ApprovalSpec& spec : policy.approvals()) {
    facts[{"approval", spec.kind, "asks"}] = Joined(spec.asks);
    facts[{"approval", spec.kind, "approves"}] = Joined(spec.approves);
  }
  AddDetectorFacts(facts, policy.detectors());
  if (policy.archive().has_value()) {
    facts[{"archive", schema.Find(policy.archive()->field)->name, "after_days"}] =
        std::to_string(policy.archive()->after_days);
  }
  return facts;
}

PolicyDifference OfFact(const Facts::key_type& key, std::string before, std::string after) {
  PolicyDifference one{DiffKind::kChanges, std::get<0>(key)};
  if (before.empty()) one.kind = DiffKind::kGains;
  if (after.empty()) one.kind = DiffKind::kLoses;
  const bool counts = one.about == "cap" || one.about == "ceiling";
  if (counts && one.kind == DiffKind::kChanges) {
    one.kind = std::stoul(before) < std::stoul(after) ? DiffKind::kGains : DiffKind::kLoses;
  }
  one.role = std::get<1>(key);
  one.name = std::get<2>(key);
  one.before = std::move(before);
  one.after = std::move(after);
  return one;
}

void AddFacts(std::vector<PolicyDifference>& out, const Facts& before, const Facts& after) {
  for (const auto& [key, value] : before) {
    const auto found = after.find(key);
    const std::string now = found == after.end() ? "" : found->second;
    if (now != value) out.push_back(OfFact(key, value, now));
  }
  for (const auto& [key, value] : after) {
    if (!before.contains(key) && !value.empty()) out.push_back(OfFact(key, "", value));
  }
}

}  // namespace

std::string_view Name(DiffKind kind) {
  static constexpr std::string_view kNames[] = {"gains", "loses", "changes"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<PolicyDifference> Diff(const Policy& before, const Policy& after,
                                   const records::Schema& schema) {
  std::vector<PolicyDifference> out;
  AddGrants(out, &before, after, schema);
  AddFacts(out, FactsOf(before, schema), FactsOf(after, schema));
  return out;
}

std::vector<PolicyDifference> Whole(const Policy& policy, const records::Schema& schema) {
  std::vector<PolicyDifference> out;
  AddGrants(out, nullptr, policy, schema);
  AddFacts(out, {}, FactsOf(policy, schema));
  return out;
}

std::string Print(const PolicyDifference& difference) {
  const std::string verb(Name(difference.kind));
  if (difference.about != "grant") {
    std::string out = difference.about + " " + difference.role + " " + verb + " " + difference.name;
    if (!difference.after.empty()) out += ": " + difference.after;
    if (!difference.before.empty()) out += " (was " + difference.before + ")";
    return out;
  }
  std::string out = difference.organisation.has_value()
                        ? "organisation " + std::to_string(difference.organisation->value())
                        : std::string("every other organisation");
  out += ", " + difference.role + ", " + difference.purpose + ", " + difference.relation + " " +
         verb + " ";
  for (std::size_t i = 0; i < difference.fields.size(); ++i) {
    out += (i == 0 ? "" : ", ") + difference.fields[i];
  }
  if (!difference.after.empty()) out += ": " + difference.after;
  if (!difference.before.empty()) out += " (was " + difference.before + ")";
  return out;
}

}  // namespace cloison::access
