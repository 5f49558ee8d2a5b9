#include "tests/sim/world_model.h"

#include <algorithm>

namespace cloison::sim {

namespace {

using access::RefusalCode;
using ledger::Decision;
using ledger::Kind;

constexpr char kFrozenRule[] = "frozen";

std::string At(const Entry& entry) {
  return "entry " + std::to_string(entry.index) + " (kind " +
         std::to_string(static_cast<int>(entry.actor.kind)) + ", " + entry.record.rule + ")";
}

std::string The(const Op& op) {
  return "request " + std::to_string(op.number) + " (" + std::string(Name(op.what)) + ")";
}

std::string PurposeOf(const Op& op, const Rules& rules, Part part) {
  switch (op.what) {
    case What::kDisclose:
      if (part == Part::kCitizen) return rules.own().purpose;
      return rules.asks()[op.ask].purpose;
    case What::kLookUp: return rules.asks()[op.ask].purpose;
    case What::kRegister: return "register";
    case What::kUpdate: return "update";
    case What::kErase: return "erase";
    case What::kAssign: return "assign";
    case What::kFreeze: return "freeze";
    case What::kOwnTrail: return "own";
    default: return "";
  }
}

}  // namespace

std::string_view Name(What what) {
  static constexpr std::string_view kNames[kWhats] = {
      "disclose", "look-up",      "register",   "update", "erase", "assign",  "freeze",
      "trail",    "capabilities", "aggregates", "prune",  "retry", "publish", "fold"};
  return kNames[static_cast<std::size_t>(what)];
}

Model::Model(const Rules& rules, std::vector<Actor> actors)
    : rules_(rules), actors_(std::move(actors)), by_actor_(actors_.size()) {
  for (const Actor& actor : actors_) {
    budget_.emplace_back(rules_.CapsOf(actor.part));
    real_.emplace_back(rules_.CapsOf(actor.part));
  }
}

std::optional<Number> Model::NumberOf(const PersonId& id) const {
  const auto found = std::ranges::find(people_, std::optional(id), &Person::id);
  if (found == people_.end()) return std::nullopt;
  return static_cast<Number>(found - people_.begin());
}

std::optional<Number> Model::NumberOf(const Aud& aud) const {
  const auto found = std::ranges::find(people_, aud, &Person::aud);
  if (found == people_.end()) return std::nullopt;
  return static_cast<Number>(found - people_.begin());
}

void Model::Judge(std::span<const Entry> decision) {
  const Entry& first = decision.front();
  for (const Entry& entry : decision) {
    if (entry.actor.time_ms != entry.wall_ms) Broken("G3: " + At(entry) + " has another time");
    if (entry.subject && entry.subject->kind != entry.actor.kind) {
      Broken("G3: the parts of " + At(entry) + " are of two kinds");
    }
  }
  const auto& session = first.record.session;
  const std::uint64_t number =
      session.has_value() ? base::LoadBig(session->bytes().last(8)) : std::uint64_t{0};
  if (number == 0) return JudgeSystem(decision);
  if (number > ops_.size()) return Broken("G3: " + At(first) + " is of a session that never was");
  JudgeOp(ops_[number - 1], decision);
}

void Model::JudgeOp(Op& op, std::span<const Entry> decision) {
  const Entry& at = decision.front();
  const bool ended_by_system = op.what == What::kErase && at.actor.role == RoleOf(Part::kSystem);
  if (!op.entries.empty() && !(ended_by_system && op.rule == kFrozenRule)) {
    Broken("G8: " + The(op) + " was decided twice");
  }
  for (const Entry& entry : decision) op.entries.push_back(entry.index);
  op.rule = at.record.rule;
  const std::vector<Decided> candidates = CandidatesOf(op, decision);
  const bool is_spent = op.rule.starts_with("budget/");
  for (const Decided& one : candidates) {
    const bool free = one.charges.empty() || budget_[op.actor].Allows(at.budget_ms, one.charges);
    if (is_spent ? free : !Fits(one.lines, decision)) continue;
    if (is_spent && !Fits(Refused(op.rule).lines, decision)) continue;
    if (!is_spent && !free) Broken("G1: " + The(op) + " passed a cap at " + At(at));
    if (is_spent) ++spent_;
    if (!is_spent) Accept(op, one, at);
    for (const Entry& entry : decision) {
      const bool of_other = entry.record.rule == "frozen" || entry.record.rule == "unfrozen";
      Note(entry,
           of_other && op.what == What::kFreeze && decision.size() == 2 ? op.other : op.actor);
    }
    return;
  }
  Broken((is_spent ? "G1: refused what is free: " : "G3: not what had to be decided: ") + The(op) +
         " at " + At(at));
}

void Model::Accept(Op& op, const Decided& decided, const Entry& at) {
  budget_[op.actor].Show(at.budget_ms, decided.charges);
  real_[op.actor].Show(at.real_ms, decided.charges);
  op.allowed = decided.allowed;
  op.awaited = decided.awaited;
  shown_ += op.awaited.empty() ? 0 : 1;
  if (decided.effect) decided.effect();
}

void Model::Note(const Entry& entry, std::size_t actor) {
  // Who acts for somebody else has no number of theirs.
  if (entry.actor.role == RoleOf(actors_[actor].part)) by_actor_[actor].push_back(entry.index);
  if (!entry.subject) return;
  const std::optional<Number> person = NumberOf(entry.subject->aud);
  if (!person) return Broken("G3: " + At(entry) + " names somebody who never was");
  Person& named = people_[*person];
  (entry.record.sealed_n ? named.sealed : named.trail).push_back(entry.index);
  entries_.emplace(entry.index, entry);
}

// Enrolments, aggregates, and erasures that a start or an hour finished.
void Model::JudgeSystem(std::span<const Entry> decision) {
  for (const Entry& entry : decision) {
    const std::size_t system = actors_.size() - 1;
    if (entry.actor.role != RoleOf(Part::kSystem)) Broken("G3: " + At(entry) + " is of nobody");
    if (entry.actor.kind == Kind::kErasure) {
      const std::optional<Number> person =
          entry.subject ? NumberOf(entry.subject->aud) : std::nullopt;
      const bool asked = person && std::ranges::any_of(ops_, [&](const Op& op) {
                           return op.what == What::kErase && op.people.front() == *person &&
                                  op.answer != Answer::kRefused;
                         });
      if (!asked || !Alive(*person)) {
        Broken("G6: " + At(entry) + " erases somebody whom nobody erased");
      } else {
        Erasure(*person, entry.index).effect();
      }
    } else if (entry.actor.kind == Kind::kAggregate) {
      nobodies_told_ += std::stoull(entry.record.case_ref.substr(sizeof "not-enrolled"));
      const auto sent = std::ranges::count_if(
          ops_, [&](const Op& op) { return actors_[op.actor].part == Part::kNobody; });
      if (nobodies_told_ > static_cast<std::uint64_t>(sent)) Broken("G3: too many nobodies");
    } else if (entry.actor.kind != Kind::kRights || entry.subject) {
      Broken("G3: " + At(entry) + " is nothing that the system does");
    }
    Note(entry, system);
  }
}

bool Model::Fits(const std::vector<Line>& lines, std::span<const Entry> decision) const {
  if (lines.size() != decision.size()) return false;
  std::vector<bool> used(decision.size());
  for (const Line& line : lines) {
    std::size_t i = 0;
    while (i < used.size() && (used[i] || !Says(line, decision[i]))) ++i;
    if (i == used.size()) return false;
    used[i] = true;
  }
  return true;
}

bool Model::Says(const Line& line, const Entry& entry) const {
  const std::uint64_t number = base::LoadBig(entry.record.session->bytes().last(8));
  const Op& op = ops_[number - 1];
  const Actor& caller = actors_[op.actor];
  const bool is_frozen_other = line.rule == "frozen" || line.rule == "unfrozen";
  const bool by_other = op.what == What::kFreeze && is_frozen_other && line.kind == Kind::kFreeze;
  const bool by_system = op.what == What::kErase && entry.actor.role == RoleOf(Part::kSystem);
  const Actor& actor = by_other ? actors_[op.other] : by_system ? actors_.back() : caller;
  const bool has_case = op.what <= What::kErase;
  if (has_case && entry.record.case_ref != "op-" + std::to_string(op.number)) return false;
  if (entry.actor.kind != line.kind || entry.actor.decision != line.decision ||
      entry.record.rule != line.rule || entry.actor.role != RoleOf(actor.part) ||
      entry.actor.organisation != actor.organisation ||
      entry.actor.purpose != PurposeOf(op, rules_, caller.part)) {
    return false;
  }
  if (entry.subject.has_value() != line.person.has_value()) return false;
  if (!line.person) return true;
  const std::optional<Number> person = NumberOf(entry.subject->aud);
  const bool right_one = *line.person == people_.size() ? !person : person == line.person;
  // What is shown for the sealed purpose, and nothing else.
  const bool sealed = entry.actor.purpose == "judicial";
  if (entry.record.sealed_n.has_value() != sealed) return false;
  return right_one && entry.subject->seq == line.seq && entry.subject->fields == line.fields &&
         entry.subject->form == line.form;
}

// ---- answers

void Model::CheckAnswer(Op& op) {
  switch (op.answer) {
    case Answer::kNone: return;
    case Answer::kShown: return CheckShown(op);
    case Answer::kRefused: return CheckRefused(op);
    case Answer::kFailed: return CheckFailed(op);
  }
}

void Model::CheckFailed(const Op& op) {
  const bool no_change = op.error == Code::kInvalid && op.rule == "update/invalid";
  const bool outside = op.error == Code::kUnavailable || op.error == Code::kUnknownOutcome;
  if (no_change || (outside && op.trouble)) return;
  Broken("G9: " + The(op) + " failed with code " + std::to_string(static_cast<int>(op.error)) +
         (op.trouble ? "" : " though nothing failed outside"));
}

void Model::CheckRefused(Op& op) {
  if (op.refusal == RefusalCode::kNotEnrolled) {
    if (actors_[op.actor].part != Part::kNobody) Broken("G3: " + The(op) + " is called nobody's");
    return;
  }
  if (op.recorded.empty()) {
    // Somebody else's erasure came first.
    const bool gone = op.what == What::kErase && op.refusal == RefusalCode::kNotAvailable &&
                      !Alive(op.people.front());
    if (!gone) Broken("G8: " + The(op) + " was refused without an entry");
    return;
  }
  static const std::pair<std::string_view, RefusalCode> kCodes[] = {
      {"frozen", RefusalCode::kFrozen},          {"right/", RefusalCode::kNoRight},
      {"budget/", RefusalCode::kBudgetSpent},    {"ceiling/", RefusalCode::kBudgetSpent},
      {"purpose", RefusalCode::kPurposeRefused}, {"not-available", RefusalCode::kNotAvailable},
      {"version", RefusalCode::kChanged},        {"register/exists", RefusalCode::kExists},
      {"update/exists", RefusalCode::kExists}};
  const auto code = std::ranges::find_if(
      kCodes, [&op](const auto& pair) { return op.rule.starts_with(pair.first); });
  if (code == std::end(kCodes) || code->second != op.refusal || op.allowed) {
    Broken("G3: " + The(op) + " was refused otherwise than its entry says (" + op.rule + ")");
  }
}

void Model::CheckShown(Op& op) {
  if (op.after_failure && op.what <= What::kCapabilities) {
    Broken("G9: " + The(op) + " was answered though the ledger had failed");
  }
  if (op.what >= What::kCapabilities) return;
  const bool repeats = (op.what == What::kRegister || op.what == What::kAssign) &&
                       !op.recorded.empty() && op.recorded.front().batch == nullptr;
  if (repeats) return CheckRepeated(op);
  if (op.entries.empty() || !op.allowed) {
    return Broken("G2: " + The(op) + " was answered without its entry");
  }
  const bool all = op.what == What::kDisclose || op.what == What::kLookUp;
  if (op.recorded.empty() || (all && op.recorded.size() != op.entries.size())) {
    Broken("G2: the receipts of " + The(op) + " are not those of its entries");
  }
  if (op.what == What::kErase) people_[op.people.front()].erase_told = true;
  if (op.what == What::kOwnTrail) CheckLooks(op);
  CheckReceived(op);
}

const Model::Used* Model::FindUsed(std::size_t actor, const std::string& once) const {
  const auto found = used_.find({actor, once});
  return found == used_.end() ? nullptr : &found->second.back();
}

// The answer of the use that the key had then: it may have grown too old meanwhile, and have
// another.
void Model::CheckRepeated(const Op& op) {
  const auto found = used_.find({op.actor, op.once});
  const auto is_it = [this, &op](const Used& used) {
    return used.index == op.recorded.front().index &&
           (!used.person || !people_[*used.person].id || people_[*used.person].id == op.registered);
  };
  const bool same =
      found != used_.end() && op.entries.empty() && std::ranges::any_of(found->second, is_it);
  if (!same) Broken("G8: " + The(op) + " was repeated with another answer");
}

void Model::CheckReceived(const Op& op) {
  if (op.received.size() != op.awaited.size()) {
    Broken("G3: " + The(op) + " received " + std::to_string(op.received.size()) + " values for " +
           std::to_string(op.awaited.size()));
  }
  for (const Received& value : op.received) {
    const std::optional<Number> person =
        value.person ? NumberOf(*value.person) : actors_[op.actor].person;
    const auto awaited = std::ranges::find_if(op.awaited, [&](const Awaited& one) {
      return person == one.person && one.field == value.field;
    });
    const bool right = awaited != op.awaited.end() && !value.text.empty() &&
                       (awaited->text == value.text) == awaited->plain;
    if (!right) Broken("G3: " + The(op) + " received what its entries do not say");
  }
}

// Of the newest on down, without a gap: exactly the entries that name the person.
void Model::CheckLooks(const Op& op) {
  const std::vector<std::uint64_t>& trail = people_[*actors_[op.actor].person].trail;
  bool right = !op.looks.empty() && op.looks.front().index >= op.entries.front() &&
               op.looks.size() == op.looks.front().n + 1;
  for (std::size_t i = 0; i < op.looks.size() && right; ++i) {
    const access::Look& look = op.looks[i];
    right =
        look.n == op.looks.front().n - i && look.n < trail.size() && trail[look.n] == look.index;
    if (!right) break;
    const Entry& entry = entries_.at(look.index);
    right = look.time_ms == entry.actor.time_ms && look.kind == entry.actor.kind &&
            look.fields == entry.subject->fields && look.form == entry.subject->form &&
            look.role == entry.actor.role && look.decision == entry.actor.decision;
  }
  if (!right) Broken("G8: " + The(op) + " is not the person's trail");
}

}  // namespace cloison::sim
