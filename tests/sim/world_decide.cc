// What may be decided about each request: the first slice's rules, written down once more.
#include <algorithm>

#include "tests/sim/world_model.h"

namespace cloison::sim {

namespace {

using access::Counter;
using access::CounterSet;
using access::Relation;
using ledger::Decision;
using ledger::Form;
using ledger::Kind;

constexpr std::uint64_t kQueries = std::uint64_t{1} << 40;  // numbers of queries, not of people

CounterSet Glimpse(bool off) {
  CounterSet set;
  set.Add(Counter::kGlimpsed);
  return off ? set.Add(Counter::kGlimpsedOff) : set;
}

std::string TextOf(const Op& op) {
  return op.by_nir ? NirText(op.nir) : EmailText(op.email);
}

std::string RuleOf(const std::string& purpose, Relation relation) {
  return purpose + "/" + std::string(access::Name(relation));
}

}  // namespace

Relation Model::RelationTo(std::size_t actor, Number person, std::int64_t now_ms) const {
  if (actors_[actor].person == person) return Relation::kSelf;
  const auto pair = pairs_.find({actor, person});
  const bool now =
      pair != pairs_.end() && pair->second.since_ms <= now_ms && now_ms < pair->second.until_ms;
  return now ? Relation::kCaseload : Relation::kAny;
}

// Off the caseload counts who is not on it, and who came to it within the last seven days.
bool Model::IsOff(std::size_t actor, Number person, std::int64_t now_ms) const {
  const Relation relation = RelationTo(actor, person, now_ms);
  if (relation != Relation::kCaseload) return relation == Relation::kAny;
  return now_ms - pairs_.find({actor, person})->second.since_ms < 7 * base::kDayMs;
}

std::uint64_t Model::QueryOf(const std::string& text) {
  return queries_.try_emplace(text, kQueries + queries_.size()).first->second;
}

WindowOracle::Shown Model::GlimpseOf(const std::string& query) {
  return {QueryOf(query), Glimpse(true)};
}

std::optional<Number> Model::HolderOf(std::uint64_t nir) const {
  for (Number person = 0; person < people_.size(); ++person) {
    if (people_[person].alive && people_[person].nir == nir) return person;
  }
  return std::nullopt;
}

Model::Decided Model::Refused(std::string rule, Decision decision) const {
  return {{Line{Kind::kRefusal, decision, std::move(rule)}}};
}

Model::Decided Model::MissOf(const std::vector<std::string>& named) {
  Decided out;
  for (const std::string& one : named) {
    out.lines.push_back(Line{Kind::kRefusal, Decision::kMiss, "not-available"});
    out.charges.push_back(GlimpseOf("code " + one));
  }
  return out;
}

Model::Decided Model::Said(std::string rule, const Op& op) {
  Decided out = Refused(std::move(rule));
  out.charges.push_back(GlimpseOf("code " + op.named.front()));
  return out;
}

Model::Decided Model::Exists(Number holder, std::string rule) const {
  Decided out;
  out.lines.push_back(Line{Kind::kGlimpse,
                           Decision::kAllow,
                           std::move(rule),
                           holder,
                           people_[holder].version,
                           {},
                           Form::kExists});
  out.charges.push_back({holder, Glimpse(true)});
  return out;
}

std::vector<Model::Decided> Model::CandidatesOf(Op& op, std::span<const Entry> decision) {
  const Entry& at = decision.front();
  // What the journal holds is finished, whatever has come between.
  const bool by_system = op.what == What::kErase && at.actor.role == RoleOf(Part::kSystem);
  if (by_system) {
    if (!Alive(op.people.front())) return {};
    return {Erasure(op.people.front(), at.index)};
  }
  if (frozen(op.actor)) return {Refused("frozen")};
  switch (op.what) {
    case What::kDisclose: return OfDisclose(op, at);
    case What::kLookUp: return OfLookUp(op, at);
    case What::kRegister: return OfRegister(op, at);
    case What::kUpdate: return OfUpdate(op, at);
    case What::kErase: return OfErase(op, at);
    case What::kAssign: return OfAssign(op, at);
    case What::kFreeze: return OfFreeze(op);
    case What::kOwnTrail: return OfOwnTrail(op);
    default: return {};  // leaves no entry
  }
}

void Model::AddForms(Decided& out, const Op& op, Number person, const Given& given,
                     const Entry& at) {
  const Relation relation = RelationTo(op.actor, person, at.budget_ms);
  const bool own = actors_[op.actor].part == Part::kCitizen;
  const std::string& purpose = own ? rules_.own().purpose : rules_.asks()[op.ask].purpose;
  const Person& who = people_[person];
  for (const bool plain : {true, false}) {
    const std::vector<FieldId>& fields = plain ? given.plain : given.masked;
    if (fields.empty()) continue;
    out.lines.push_back(Line{plain ? Kind::kDisclosure : Kind::kGlimpse, Decision::kAllow,
                             RuleOf(purpose, relation), person, who.version, fields,
                             plain ? Form::kPlain : Form::kMasked});
    for (const FieldId field : fields) {
      out.awaited.push_back({person, field, rules_.Stored(field, who.content()), plain});
    }
  }
  CounterSet counters = given.counters;
  if (IsOff(op.actor, person, at.budget_ms)) {
    counters.Add(Counter::kGlimpsedOff);
    if (!given.plain.empty()) counters.Add(Counter::kOpenedOff);
  }
  out.charges.push_back({person, counters});
}

std::vector<Model::Decided> Model::OfDisclose(Op& op, const Entry& at) {
  const Part part = actors_[op.actor].part;
  if (part == Part::kApplication) return {Refused("right/application")};
  const bool own = part == Part::kCitizen;
  const Ask& ask = own ? rules_.own() : rules_.asks()[op.ask];
  if (ask.never || (part != Part::kAgent && !own)) return {Refused("purpose/field")};
  Decided out;
  std::vector<std::string> absent;
  for (std::size_t i = 0; i < op.people.size(); ++i) {
    const Number person = op.people[i];
    const Relation relation = RelationTo(op.actor, person, at.budget_ms);
    const auto& given = ask.given[static_cast<std::size_t>(relation)];
    if (!Alive(person) || !given) {
      absent.push_back(own ? std::string() : op.named[i]);
    } else {
      AddForms(out, op, person, *given, at);
    }
  }
  // With one of them absent all are charged as misses.
  if (!absent.empty() && !own) absent = op.named;
  if (!absent.empty()) return {MissOf(absent)};
  out.allowed = true;
  return {out};
}

Model::Decided Model::Rows(Op& op, const std::set<Number>& found, const Entry& at) {
  const std::string& purpose = rules_.asks()[op.ask].purpose;
  Decided out;
  out.allowed = true;
  for (const Number person : found) {
    const Relation relation = RelationTo(op.actor, person, at.budget_ms);
    if (!Rules::ShowsRow(purpose, relation)) continue;
    const Person& who = people_[person];
    out.lines.push_back(Line{Kind::kGlimpse, Decision::kAllow, RuleOf(purpose, relation), person,
                             who.version, rules_.row_fields(), Form::kMasked});
    out.charges.push_back({person, Glimpse(IsOff(op.actor, person, at.budget_ms))});
    for (const char* name : {"identity.birth_name", "identity.first_name"}) {
      const FieldId field = rules_.Field(name);
      out.awaited.push_back({person, field, rules_.Stored(field, who.content()), false});
    }
  }
  if (!out.lines.empty() && out.lines.size() <= access::kLookupRowsMax) return out;
  Decided miss = Refused("not-available", Decision::kMiss);
  miss.charges.push_back(GlimpseOf("value " + TextOf(op)));
  miss.allowed = true;
  return miss;
}

// Who has the value; who came to it since the search began may not have been found.
std::vector<Model::Decided> Model::OfLookUp(Op& op, const Entry& at) {
  const Part part = actors_[op.actor].part;
  if (part == Part::kApplication) return {Refused("right/application")};
  if (part != Part::kAgent) return {Refused("purpose")};
  std::set<Number> sure;
  std::vector<Number> maybe;
  for (Number person = 0; person < people_.size(); ++person) {
    const Person& who = people_[person];
    const bool has = who.alive && (op.by_nir ? who.nir == op.nir : who.email == op.email);
    if (!has) continue;
    if (Touched(op, person)) {
      maybe.push_back(person);
    } else {
      sure.insert(person);
    }
  }
  std::vector<Decided> out;
  if (op.trouble) {
    // A search that failed says so only to who may still ask for somebody new.
    Decided unanswered;
    unanswered.charges.push_back(GlimpseOf("value " + TextOf(op)));
    out.push_back(unanswered);
  }
  constexpr std::size_t kMaybeMax = 6;
  const std::size_t sets = std::size_t{1} << std::min(maybe.size(), kMaybeMax);
  for (std::size_t set = 0; set < sets; ++set) {
    std::set<Number> found = sure;
    for (std::size_t i = 0; i < maybe.size(); ++i) {
      if (i >= kMaybeMax || (set >> i & 1) != 0) found.insert(maybe[i]);
    }
    out.push_back(Rows(op, found, at));
  }
  return out;
}

std::vector<Model::Decided> Model::OfRegister(Op& op, const Entry& at) {
  if (actors_[op.actor].part != Part::kApplication) return {Refused("right/register")};
  const Used* used = FindUsed(op.actor, op.once);
  // Answered once already: a second time needs no entry.
  if (used != nullptr && used->at_ms + access::kIdempotencyMs >= at.budget_ms) return {};
  if (const std::optional<Number> holder = HolderOf(op.nir)) {
    return {Exists(*holder, "register/exists")};
  }
  Decided out;
  out.allowed = true;
  out.lines.push_back(Line{Kind::kChange, Decision::kAllow, "register", people_.size(), 1,
                           rules_.all_fields(), Form::kPlain});
  if (!at.subject) return {out};
  out.effect = [this, &op, index = at.index, aud = at.subject->aud, now_ms = at.budget_ms] {
    Person person{aud};
    person.name = person.nir = op.nir;
    person.email = op.email;
    person.touched = index;
    used_[{op.actor, op.once}].push_back({now_ms, index, people_.size()});
    people_.push_back(std::move(person));
  };
  return {out};
}

std::vector<Model::Decided> Model::OfUpdate(Op& op, const Entry& at) {
  if (actors_[op.actor].part != Part::kApplication) return {Refused("right/update")};
  const Number person = op.people.front();
  std::vector<Decided> out;
  if (Touched(op, person)) out = {Said("version", op), Said("update/invalid", op)};
  if (!Alive(person)) {
    out.push_back(MissOf(op.named));
    return out;
  }
  const Person& who = people_[person];
  if (who.version != op.version) {
    out.push_back(Said("version", op));
    return out;
  }
  if (op.by_nir ? who.nir == op.nir : who.email == op.email) {
    out.push_back(Said("update/invalid", op));
    return out;
  }
  const std::optional<Number> holder = op.by_nir ? HolderOf(op.nir) : std::nullopt;
  if (holder) {
    out.push_back(Exists(*holder, "update/exists"));
    return out;
  }
  Decided done;
  done.allowed = true;
  done.lines.push_back(Line{Kind::kChange,
                            Decision::kAllow,
                            "update",
                            person,
                            who.version + 1,
                            {rules_.Field(op.by_nir ? "civil_number.nir" : "contact.email")},
                            Form::kPlain});
  done.effect = [this, &op, person, index = at.index] {
    Person& changed = people_[person];
    ++changed.version;
    (op.by_nir ? changed.nir : changed.email) = op.by_nir ? op.nir : op.email;
    changed.touched = index;
  };
  out.push_back(done);
  return out;
}

Model::Decided Model::Erasure(Number person, std::uint64_t index) {
  Decided out;
  out.allowed = true;
  out.lines.push_back(Line{Kind::kErasure, Decision::kAllow, "erase", person,
                           people_[person].version, rules_.all_fields(), Form::kPlain});
  out.effect = [this, person, index] {
    people_[person].alive = false;
    people_[person].touched = index;
    std::erase_if(pairs_, [person](const auto& pair) { return pair.first.second == person; });
  };
  return out;
}

std::vector<Model::Decided> Model::OfErase(Op& op, const Entry& at) {
  if (actors_[op.actor].part != Part::kOfficer) return {Refused("right/erase")};
  const Number person = op.people.front();
  std::vector<Decided> out;
  if (Touched(op, person)) out.push_back(Said("version", op));
  if (!Alive(person)) {
    out.push_back(MissOf(op.named));
    return out;
  }
  const bool same = people_[person].version == op.version;
  if (!same) out.push_back(Said("version", op));
  // Once it is in the journal a change that comes between does not stop it.
  if (same || Touched(op, person)) out.push_back(Erasure(person, at.index));
  return out;
}

namespace {

constexpr std::size_t kNewPairsPerDay = 50;  // of one agent

// The same end, but for the drift of a clock.
bool SameEnd(std::int64_t a, std::int64_t b) {
  return a == b || (a != INT64_MAX && b != INT64_MAX && std::abs(a - b) < base::kMinuteMs);
}

}  // namespace

// What happens to one pair: whether anything changes. `after`, `times`: the pairs of the agent, and
// when those of late were new, as they are after the people named before.
bool Model::AssignOne(const Op& op, Number person, std::int64_t now_ms, Assigned& after) const {
  const auto there = after.pairs.find({op.other, person});
  if (op.off) return after.pairs.erase({op.other, person}) != 0;
  const std::int64_t until_ms = op.until_ms.value_or(INT64_MAX);
  const bool holds = there != after.pairs.end() && now_ms < there->second.until_ms;
  if (holds && SameEnd(there->second.until_ms, until_ms)) return false;
  if (holds) {
    there->second.until_ms = until_ms;
    return true;
  }
  after.pairs.insert_or_assign({op.other, person}, Pair{now_ms, until_ms});
  after.fresh.push_back(now_ms);
  return true;
}

std::vector<Model::Decided> Model::OfAssign(Op& op, const Entry& at) {
  if (actors_[op.actor].part != Part::kApplication) return {Refused("right/assign")};
  const Used* used = FindUsed(op.actor, op.once);
  if (used != nullptr && used->at_ms + access::kIdempotencyMs >= at.budget_ms) return {};
  const bool theirs = actors_[op.other].enrolled && op.other != op.actor &&
                      actors_[op.other].organisation == actors_[op.actor].organisation;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < op.people.size(); ++i) {
    const Number person = op.people[i];
    const bool may = theirs && Alive(person) && (!op.off || HasPair(op.other, person));
    if (!may) missing.push_back(op.named[i]);
  }
  if (!missing.empty()) return {MissOf(missing)};
  Decided out;
  out.allowed = true;
  Assigned after{pairs_, fresh_[op.other]};
  for (const Number person : op.people) {
    if (!AssignOne(op, person, at.budget_ms, after)) continue;
    out.lines.push_back(Line{Kind::kRights,
                             Decision::kAllow,
                             op.off ? "caseload/remove" : "caseload/assign",
                             person,
                             people_[person].version,
                             {},
                             Form::kExists});
  }
  // By hours: the one that runs, and the 24 before.
  const std::int64_t hour = at.budget_ms / base::kHourMs;
  const auto of_day = std::ranges::count_if(
      after.fresh, [hour](std::int64_t time) { return time / base::kHourMs >= hour - 24; });
  const bool more = after.fresh.size() > fresh_[op.other].size();
  if (more && static_cast<std::size_t>(of_day) > kNewPairsPerDay) {
    return {Refused("ceiling/caseload/agent")};
  }
  if (out.lines.empty()) {
    out.lines.push_back(Line{Kind::kRights, Decision::kAllow, "caseload/unchanged"});
  }
  const std::uint64_t last = at.index + out.lines.size() - 1;
  out.effect = [this, &op, last, after, now_ms = at.budget_ms] {
    pairs_ = after.pairs;
    fresh_[op.other] = after.fresh;
    used_[{op.actor, op.once}].push_back({now_ms, last, std::nullopt});
  };
  return {out};
}

std::vector<Model::Decided> Model::OfFreeze(Op& op) {
  if (actors_[op.actor].part != Part::kOfficer) return {Refused("right/freeze")};
  if (!actors_[op.other].enrolled) return {Refused("not-available", Decision::kMiss)};
  Decided out;
  out.allowed = true;
  out.lines.push_back(Line{Kind::kFreeze, Decision::kAllow, op.off ? "unfreeze" : "freeze"});
  out.lines.push_back(Line{Kind::kFreeze, Decision::kAllow, op.off ? "unfrozen" : "frozen"});
  out.effect = [this, &op] {
    if (op.off) frozen_.erase(op.other);
    if (!op.off) frozen_.insert(op.other);
  };
  return {out};
}

std::vector<Model::Decided> Model::OfOwnTrail(Op& op) {
  const std::optional<Number> person = actors_[op.actor].person;
  if (!person || !Alive(*person)) return {Refused("right/own_trail")};
  Decided out;
  out.allowed = true;
  out.lines.push_back(Line{Kind::kDisclosure,
                           Decision::kAllow,
                           "own_trail",
                           *person,
                           people_[*person].version,
                           {},
                           Form::kExists});
  return {out};
}

}  // namespace cloison::sim
