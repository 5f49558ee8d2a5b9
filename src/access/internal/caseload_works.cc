#include "access/internal/caseload_works.h"

#include <algorithm>
#include <set>

#include "access/internal/gate_calls.h"

namespace cloison::access::internal {

namespace {

using Does = AssignWork::Item::Does;

// The same end, said twice: a time of the wall that is turned into budget time moves a little.
constexpr std::int64_t kSameUntilMs = base::kMinuteMs;

bool SameUntil(std::int64_t a, std::int64_t b) {
  if (a == INT64_MAX || b == INT64_MAX) return a == b;
  return std::abs(a - b) < kSameUntilMs;
}

std::string RuleOf(Does does) {
  switch (does) {
    case Does::kAssign: return "caseload/assign";
    case Does::kRemove: return "caseload/remove";
    case Does::kConfirm: break;
  }
  return "caseload/confirm";
}

}  // namespace

// ---- pairs of a request

std::vector<PrincipalId> AgentsOf(const std::vector<PairItem*>& items) {
  std::set<PrincipalId> agents;
  for (const PairItem* item : items) agents.insert(item->agent);
  return {agents.begin(), agents.end()};
}

Task<Status> SightPairs(Core& core, OrganisationId organisation, std::vector<PairItem*> items) {
  std::map<PrincipalId, std::optional<OrganisationId>> organisations;
  std::vector<PersonId> persons;
  std::vector<PairItem*> there;
  for (PairItem* item : items) {
    const auto [known, fresh] = organisations.try_emplace(item->agent);
    if (fresh) {
      const Result<KnownPrincipal> agent = co_await KnownCaller(core, item->agent);
      if (agent.ok()) known->second = agent->organisation;
      if (!agent.ok() && agent.error().code() != Code::kNotFound) co_return agent.error();
    }
    item->agents_organisation = known->second;
    const Result<PersonId> person = core.parts.codes.Decode(organisation, item->named);
    if (!person.ok()) continue;
    persons.push_back(*person);
    there.push_back(item);
  }
  if (persons.empty()) co_return Ok();
  CLOISON_CO_TRY_ASSIGN(std::vector<Result<records::Sighting>> sightings,
                        co_await core.parts.people.SightMany(std::move(persons)));
  for (std::size_t i = 0; i < there.size(); ++i) {
    Result<records::Sighting>& sighting = sightings[i];
    if (!sighting.ok() && sighting.error().code() == Code::kNotFound) continue;
    if (!sighting.ok()) {
      NoteCorrupt(core, sighting.error(), "record_does_not_open");
      co_return sighting.error();
    }
    there[i]->person.emplace(std::move(*sighting));
    // What fails here fails in Load, where it counts.
    const auto head = co_await core.parts.ledger.PrefetchHead(there[i]->person->key.subject());
    if (head.ok()) there[i]->head = *head;
  }
  co_return Ok();
}

Task<Status> LoadPairs(Core& core, commit::Staging& staging, std::vector<PairItem*> items) {
  std::vector<store::Key> keys;
  for (const PrincipalId& agent : AgentsOf(items)) {
    keys.push_back({store::Family::kPrincipals, core.principals.RowKey(agent)});
  }
  for (PairItem* item : items) {
    if (!item->person.has_value()) continue;
    const PersonId person = item->person->key.person();
    if (PersonChanged(staging, *item)) {
      Result<records::Sighting> again = co_await core.parts.people.Sight(person);
      item->person.reset();
      item->head.reset();
      if (!again.ok() && again.error().code() == Code::kNotFound) continue;
      if (!again.ok()) co_return again.error();
      item->person.emplace(std::move(*again));
    }
    keys.push_back(core.caseload.PairKey(item->agent, person));
    CLOISON_CO_TRY(co_await core.parts.ledger.LoadHead(item->person->key.subject(), item->head));
  }
  co_return co_await staging.Load(std::move(keys));
}

bool PersonChanged(const commit::Staging& staging, const PairItem& item) {
  return item.person.has_value() &&
         !staging.UnchangedSince(records::RowKeyOf(item.person->key.person()),
                                 item.person->snapshot);
}

Task<Status> LoadHumansOf(Core& core, commit::Staging& staging, const PrincipalInfo& caller,
                          std::vector<PrincipalId> whose) {
  if (!caller.human.has_value()) co_return Ok();  // an application is nobody's other account
  for (const PrincipalId& one : whose) {
    const Status loaded = co_await core.principals.Load(staging, one);
    if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
  }
  co_return Ok();
}

bool IsSameHuman(Core& core, const PrincipalInfo& caller, const PrincipalId& other) {
  if (!caller.human.has_value()) return false;
  const PrincipalState* const state = core.principals.Peek(other);
  return state != nullptr && state->info().human == caller.human;
}

bool IsOthersAgent(Core& core, const commit::Staging& staging, const PrincipalInfo& caller,
                   const PairItem& item) {
  const bool theirs = item.agents_organisation == caller.organisation && item.agent != caller.id;
  if (!theirs || IsSameHuman(core, caller, item.agent)) return false;
  const store::Key agent{store::Family::kPrincipals, core.principals.RowKey(item.agent)};
  return staging.Get(agent).present();
}

bool IsOthersPair(Core& core, const commit::Staging& staging, const PrincipalInfo& caller,
                  const PairItem& item) {
  return item.person.has_value() && IsOthersAgent(core, staging, caller, item);
}

// ---- assignments

std::vector<PairItem*> AssignWork::Pairs() {
  std::vector<PairItem*> pairs;
  for (Item& item : items_) pairs.push_back(&item);
  return pairs;
}

Task<Status> AssignWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await once_.Load(staging));
  CLOISON_CO_TRY(once_.Find(staging));  // as for a registration
  CLOISON_CO_TRY(co_await LoadPairs(core_, staging, Pairs()));
  std::vector<PrincipalId> counted = AgentsOf(Pairs());
  CLOISON_CO_TRY(co_await LoadHumansOf(core_, staging, principal().info(), counted));
  CLOISON_CO_TRY_ASSIGN(std::vector<PrincipalId> writers, WritersOf(staging));
  CLOISON_CO_TRY(co_await LoadHumansOf(core_, staging, principal().info(), std::move(writers)));
  counted.push_back(caller_.principal);
  co_return co_await counts_.Load(core_, staging, std::move(counted));
}

// Of the pairs that are to be confirmed.
Result<std::vector<PrincipalId>> AssignWork::WritersOf(const commit::Staging& staging) {
  std::vector<PrincipalId> writers;
  for (const Item& item : items_) {
    if (item.does != Does::kConfirm || !item.person.has_value()) continue;
    const store::Key key = core_.caseload.PairKey(item.agent, item.person->key.person());
    const store::Row& row = staging.Get(key);
    if (!row.present()) continue;
    CLOISON_TRY_ASSIGN(const Pair pair, core_.caseload.Open(key, row));
    if (pair.caseload.has_value()) writers.push_back(pair.caseload->by.principal);
  }
  std::ranges::sort(writers);
  writers.erase(std::unique(writers.begin(), writers.end()), writers.end());
  return writers;
}

// Whether the caller may change this pair: of its own organisation's agents, never itself; and to
// take off, or to confirm, only who is on the caseload.
Result<bool> AssignWork::MayChange(const commit::Staging& staging, const Item& item) {
  if (!IsOthersPair(core_, staging, principal().info(), item)) return false;
  if (item.does == Does::kAssign) return true;
  const store::Key key = core_.caseload.PairKey(item.agent, item.person->key.person());
  const store::Row& row = staging.Get(key);
  if (!row.present()) return false;
  CLOISON_TRY_ASSIGN(const Pair pair, core_.caseload.Open(key, row));
  const std::int64_t now_ms = staging.time().budget_ms;
  const bool holds = pair.caseload.has_value() && pair.caseload->HoldsAt(now_ms);
  return item.does == Does::kRemove ? pair.caseload.has_value() : holds;
}

// Nobody confirms what they wrote under any of their accounts, nor an application what came through
// its own client.
Result<bool> AssignWork::IsOwnWork(const commit::Staging& staging, const Item& item) {
  if (item.does != Does::kConfirm) return false;
  const store::Key key = core_.caseload.PairKey(item.agent, item.person->key.person());
  CLOISON_TRY_ASSIGN(const Pair pair, core_.caseload.Open(key, staging.Get(key)));
  const WrittenBy& by = pair.caseload->by;
  return by.principal == caller_.principal ||
         IsSameHuman(core_, principal().info(), by.principal) ||
         ((IsApplication() || HasApplicationRole(core_, principal().info())) &&
          by.client == caller_.client.value());
}

Result<std::variant<bool, Passed>> AssignWork::PutOn(PairEdit& edit, const Item& item,
                                                     std::int64_t now_ms) {
  const records::Sighting& person = *item.person;
  CLOISON_TRY_ASSIGN(Pair* const pair,
                     edit.Find(item.agent, person.key.person(), person.key.aud()));
  std::optional<CaseloadPair>& caseload = pair->caseload;
  const std::int64_t until_ms = item.until_ms.value_or(INT64_MAX);
  if (caseload.has_value() && caseload->HoldsAt(now_ms)) {
    if (SameUntil(caseload->until_ms, until_ms)) return std::variant<bool, Passed>(false);
    caseload->until_ms = until_ms;
    edit.Touch(item.agent, person.key.person());
    return std::variant<bool, Passed>(true);
  }
  CLOISON_TRY_ASSIGN(Tally* const agent, edit.TallyOf(item.agent));
  CLOISON_TRY_ASSIGN(Tally* const writer, edit.TallyOf(caller_.principal));
  if (!caseload.has_value() && ++agent->people > kCaseloadMax) {
    return std::variant<bool, Passed>(Passed{"ceiling/caseload/people"});
  }
  agent->Add(kTallyAssignments, TallySide::kFor, now_ms, 1);
  writer->Add(kTallyAssignments, TallySide::kBy, now_ms, 1);
  if (agent->InDay(kTallyAssignments, TallySide::kFor, now_ms) > kNewPairsPerAgentDayMax) {
    return std::variant<bool, Passed>(Passed{"ceiling/caseload/agent", base::kHourMs});
  }
  if (writer->InDay(kTallyAssignments, TallySide::kBy, now_ms) > kNewPairsPerWriterDayMax) {
    return std::variant<bool, Passed>(Passed{"ceiling/caseload/writer", base::kHourMs});
  }
  caseload = CaseloadPair{now_ms, until_ms, 0, {caller_.principal, caller_.client.value()}};
  edit.Touch(item.agent, person.key.person());
  return std::variant<bool, Passed>(true);
}

Result<std::variant<bool, Passed>> AssignWork::Apply(PairEdit& edit, const Item& item,
                                                     std::int64_t now_ms) {
  if (item.does == Does::kAssign) return PutOn(edit, item, now_ms);
  const records::Sighting& person = *item.person;
  CLOISON_TRY_ASSIGN(Pair* const pair,
                     edit.Find(item.agent, person.key.person(), person.key.aud()));
  std::optional<CaseloadPair>& caseload = pair->caseload;
  if (!caseload.has_value()) return std::variant<bool, Passed>(false);  // named twice
  if (item.does == Does::kConfirm) {
    if (caseload->SettledAt(now_ms)) return std::variant<bool, Passed>(false);
    caseload->confirmed_ms = now_ms;
  } else {
    CLOISON_TRY_ASSIGN(Tally* const agent, edit.TallyOf(item.agent));
    if (agent->people > 0) --agent->people;
    caseload.reset();
  }
  edit.Touch(item.agent, person.key.person());
  return std::variant<bool, Passed>(true);
}

void AssignWork::StageChange(const Item& item) {
  const records::Sighting& person = *item.person;
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kRights, ledger::Decision::kAllow, RuleOf(item.does));
  draft.subject = ledger::EntryDraft::Subject{
      person.key.person(), &person.key.subject(), person.header.seq, {}, ledger::Form::kExists, {}};
  last_ = StageEntry(std::move(draft));
}

Result<commit::Staged> AssignWork::Decide(commit::Staging& staging) {
  last_.reset();
  done_.reset();
  if (!core_.parts.policy.Now().Has(principal().info().role, Right::kAssign)) {
    return Refuse(staging, Plain(RefusalCode::kNoRight, "right/assign"), ledger::Decision::kRefuse,
                  {});
  }
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  if (used.has_value()) {
    done_ = Gate::Assigned{static_cast<std::size_t>(used->number), Repeated(*used)};
    return commit::Staged::kDone;
  }
  std::vector<Principals::Debit> missing;
  for (const Item& item : items_) {
    if (PersonChanged(staging, item)) return commit::Staged::kAgain;
    CLOISON_TRY_ASSIGN(const bool may, MayChange(staging, item));
    if (!may) missing.push_back(DebitOfCode(item.named));
  }
  if (!missing.empty()) return RefuseMisses(staging, missing);
  PairEdit edit(core_, staging, counts_);
  std::vector<const Item*> changes;
  for (const Item& item : items_) {
    CLOISON_TRY_ASSIGN(const bool own, IsOwnWork(staging, item));
    if (own)
      return Refuse(staging, Plain(RefusalCode::kNoRight, "caseload/confirm/own"),
                    ledger::Decision::kRefuse, {});
    CLOISON_TRY_ASSIGN(const auto applied, Apply(edit, item, staging.time().budget_ms));
    if (const Passed* passed = std::get_if<Passed>(&applied)) {
      return Refuse(staging, CeilingRefusal(*passed), ledger::Decision::kRefuse, {});
    }
    if (std::get<bool>(applied)) changes.push_back(&item);
  }
  for (const Item* item : changes) StageChange(*item);
  if (changes.empty()) {  // an answer has its receipt all the same
    last_ =
        StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "caseload/unchanged"));
  }
  edit.Stage(staging);
  once_.Put(staging, Used{{}, 0, {}, items_.size(), PlaceIn(core_.parts.ledger, *last_)});
  Charge(staging, {});
  done_ = Gate::Assigned{items_.size(), {}};
  return commit::Staged::kDone;
}

AssignWork::Promise AssignWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (last_.has_value()) done_->recorded = core_.parts.ledger.Redeem(std::move(*last_), durable);
  return std::move(*done_);
}

// ---- set-up

Task<Status> LoadPairsWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys;
  std::set<PrincipalId> agents;
  for (const Gate::SetUpPair& pair : pairs_) {
    keys.push_back(core_.caseload.PairKey(pair.agent, pair.person));
    agents.insert(pair.agent);
  }
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  std::vector<PrincipalId> counted(agents.begin(), agents.end());
  co_return co_await counts_.Load(core_, staging, std::move(counted));
}

Result<commit::Staged> LoadPairsWork::Decide(commit::Staging& staging) {
  PairEdit edit(core_, staging, counts_);
  for (const Gate::SetUpPair& one : pairs_) {
    CLOISON_TRY_ASSIGN(Pair* const pair, edit.Find(one.agent, one.person, one.aud));
    CLOISON_TRY_ASSIGN(Tally* const agent, edit.TallyOf(one.agent));
    if (!pair->caseload.has_value()) ++agent->people;
    const std::int64_t confirmed_ms = std::max<std::int64_t>(1, one.since_ms);
    pair->caseload = CaseloadPair{one.since_ms, INT64_MAX, confirmed_ms, {}};
    edit.Touch(one.agent, one.person);
  }
  (void)StageEntry(Draft(ledger::Kind::kLoad, ledger::Decision::kAllow, "system"));
  edit.Stage(staging);
  Charge(staging, {});
  return commit::Staged::kDone;
}

// ---- the end of a person

Task<Status> ForgetPersonWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys;
  for (const PrincipalId& agent : agents_) {
    keys.push_back(core_.caseload.PairKey(agent, person_));
    keys.push_back(core_.caseload.TallyKey(agent));
  }
  co_return co_await staging.Load(std::move(keys));
}

namespace {

Status OneFewer(Core& core, commit::Staging& staging, const PrincipalId& agent) {
  const store::Key key = core.caseload.TallyKey(agent);
  const store::Row& row = staging.Get(key);
  if (!row.present()) return Ok();  // counted from its pairs when it is needed
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core.parts.state.Open(key, row.value));
  CLOISON_TRY_ASSIGN(Tally tally, Tally::Parse(plain.Reveal()));
  if (tally.people > 0) --tally.people;
  staging.Put(key, core.parts.state.Seal(key, tally.Serialise()));
  return Ok();
}

}  // namespace

Result<commit::Staged> ForgetPersonWork::Decide(commit::Staging& staging) {
  for (const PrincipalId& agent : agents_) {
    const store::Key key = core_.caseload.PairKey(agent, person_);
    const store::Row& row = staging.Get(key);
    // One that does not open keeps nobody from being forgotten.
    const Result<Pair> pair = core_.caseload.Open(key, row);
    core_.caseload.Remove(staging, agent, person_);
    if (!pair.ok() || !pair->caseload.has_value()) continue;
    CLOISON_TRY(OneFewer(core_, staging, agent));
  }
  for (const store::Key& key : reviews_) staging.Delete(key);
  Charge(staging, {});
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
