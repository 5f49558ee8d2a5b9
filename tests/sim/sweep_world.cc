#include "tests/sim/sweep_world.h"

#include <algorithm>

#include "access/tally.h"

namespace cloison::sim {

namespace {

using access::RefusalCode;

constexpr char kDirectory[] = "/register";
constexpr int kTriesMax = 4;  // there is one fault: the second try meets none
constexpr std::size_t kList = 0, kSupport = 1, kBenefit = 2;  // of Asked()
constexpr std::uint64_t kErased = 2, kLate = 3;               // persons, by number
constexpr std::size_t kFrozenAgent = 2;
constexpr char kNobody[] = "nobody", kFolding[] = "folding", kPublishing[] = "publishing";

store::testing::Fault HowOf(FileFault how) {
  return how == FileFault::kAppliedButReported ? store::testing::Fault::kAppliedButReported
                                               : store::testing::Fault::kNotApplied;
}

}  // namespace

SweepWorld::SweepWorld(const FaultAt& fault)
    : vault_({files_, random_, clock_, kDirectory, &seeded_}, WideCaps()) {
  using store::testing::Call;
  const Call call = fault.reads ? Call::kRead : Call::kCommit;
  switch (fault.where) {
    case FaultWhere::kMainStore: main_.Arm(call, fault.nth, HowOf(fault.how)); break;
    case FaultWhere::kKeyStore: keys_.Arm(call, fault.nth, HowOf(fault.how)); break;
    case FaultWhere::kFiles:
      files_.Arm(fault.reads ? FileCall::kRead : FileCall::kChange, fault.nth, fault.how);
  }
}

void SweepWorld::Disarm() {
  fired_ = main_.fired() || keys_.fired() || files_.fired();
  armed_ = false;
  main_.Arm(store::testing::Call::kCommit, INT32_MAX, store::testing::Fault::kNotApplied);
  keys_.Arm(store::testing::Call::kCommit, INT32_MAX, store::testing::Fault::kNotApplied);
  files_.Arm(FileCall::kRead, 0, FileFault::kNotApplied);
}

void SweepWorld::Failed(const Error& error, const std::string& during) {
  const bool explained = armed_ && (main_.fired() || keys_.fired() || files_.fired());
  if (!explained) Problem(during + " fails without a fault: " + std::string(error.text()));
  const Code code = error.code();
  if (code != Code::kUnavailable && code != Code::kUnknownOutcome && code != Code::kExhausted) {
    Problem(during + " answers a fault by: " + std::string(error.text()));
  }
  // A fold's sorted run is written again, with the same rows; the signed size in a new file.
  const bool again = during == kFolding || during == kPublishing;
  if (code == Code::kUnknownOutcome && !again && vault_.open() && !vault_.fatal()) {
    Problem(during + ": an unknown outcome that does not end the process");
  }
  if (vault_.open() && vault_.fatal()) Restart();
}

void SweepWorld::Restart() {
  ++restarts_;
  vault_.Drop();
  (void)Up();
}

bool SweepWorld::Up() {
  for (int i = 0; i < kTriesMax; ++i) {
    if (!created_) {
      const Status made = vault_.Create(main_, keys_);
      // A first start whose last word was lost.
      created_ = made.ok() || (i > 0 && made.error().code() == Code::kConflict);
      if (!created_) {
        Failed(made.error(), "creating");
        vault_.Drop();
        continue;
      }
    }
    const Status opened = vault_.Open(main_, keys_);
    if (opened.ok()) return true;
    Failed(opened.error(), "opening");
    vault_.Drop();
  }
  Problem("the register does not open");
  return false;
}

void SweepWorld::Stop() {
  const Status stopped = vault_.Stop();
  if (!stopped.ok()) Failed(stopped.error(), "stopping");
  vault_.Drop();
}

template <class Ask>
auto SweepWorld::Try(const std::string& during, Ask ask) {
  clock_.Advance(100);
  auto outcome = vault_.Wait(ask());
  for (int i = 1; i < kTriesMax && !outcome.ok(); ++i) {
    Failed(outcome.error(), during);
    outcome = vault_.Wait(ask());
  }
  // What failed behind the answer (a fold, say) ends the process as well.
  if (vault_.fatal()) Restart();
  return outcome;
}

template <class T>
const T* SweepWorld::Given(const access::Outcome<T>& outcome, const std::string& during) {
  if (!outcome.ok()) {
    Problem(during + ": " + std::string(outcome.error().text()));
    return nullptr;
  }
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome); refusal != nullptr) {
    Problem(during + " is refused: " + refusal->rule);
  }
  return std::get_if<T>(&*outcome);
}

void SweepWorld::EnrolAll() {
  std::vector<access::PrincipalInfo> infos;
  for (std::size_t i = 0; i < kAgents; ++i) {
    infos.push_back({AgentId(i), kAgency, OfficeId(1), "adviser", "agent", false, {}});
  }
  infos.push_back({ApplicationId(), kAgency, {}, "application", "application", false, {}});
  infos.push_back({OfficerId(), kAgency, {}, "officer", "officer", false, {}});
  const Status made =
      Try("an organisation", [this] { return vault_.vault().EnrolOrganisation(kAgency); });
  if (!made.ok()) Problem("no organisation");
  for (const access::PrincipalInfo& info : infos) Enrol(info);
}

void SweepWorld::Enrol(const access::PrincipalInfo& info) {
  clock_.Advance(100);
  for (int i = 0; i < kTriesMax; ++i) {
    const Status made = vault_.Wait(gate().Enrol({info}, vault_.home()));
    const bool was_lost = i > 0 && !made.ok() && made.error().code() == Code::kConflict;
    if (made.ok() || was_lost) return;
    Failed(made.error(), "enrolling");
  }
  Problem("a principal cannot be enrolled");
}

void SweepWorld::EnrolCitizen() {
  const auto key =
      Try("loading a key", [this] { return vault_.vault().person_keys().Load(IdOf(0)); });
  if (!key.ok()) return Problem("no key");
  Enrol({CitizenId(), OrganisationId(0), {}, "citizen", "citizen", false, key->aud()});
}

const std::string& SweepWorld::CodeOf(std::uint64_t person) const {
  static const std::string none = kNobody;
  const auto found = facts_.people().find(person);
  return found == facts_.people().end() ? none : found->second.code;
}

PersonId SweepWorld::IdOf(std::uint64_t person) {
  const auto id = vault_.vault().codes().Decode(kAgency, CodeOf(person));
  return id.ok() ? *id : PersonId(ByteArray<8>{});
}

// An answer repeated for its key names its entry by the index alone.
ledger::Leaf SweepWorld::LeafOf(const ledger::Recorded& recorded) {
  if (recorded.leaf != ledger::Leaf{}) return recorded.leaf;
  const auto leaves = Try("reading a leaf", [&, this] {
    return vault_.vault().ledger().ReadLeaves(recorded.index, 1);
  });
  if (leaves.ok() && leaves->size() == 1) return leaves->front();
  Problem("a repeated answer names an entry that is not there");
  return recorded.leaf;
}

void SweepWorld::NoteEntry(const char* what, const ledger::Recorded& recorded, bool of_person_0) {
  entries_.push_back({what, {recorded.index, LeafOf(recorded)}, of_person_0});
}

void SweepWorld::Register(std::uint64_t person) {
  const std::string number = std::to_string(person);
  facts_.Note("register? " + number);
  const access::Gate::Once once{"register-" + number, Bytes{1}};
  const auto outcome = Try("registering", [this, person, &once] {
    return gate().Register(vault_.CallerOf(ApplicationId()), ValuesOf(vault_.schema(), person),
                           {"register", ""}, once);
  });
  const auto* done = Given(outcome, "registering");
  if (done == nullptr) return;
  facts_.Note("register! " + number + " " + done->code.Text() + " " +
              std::to_string(done->version) + " " + std::to_string(done->recorded.index) + " " +
              base::ToHex(LeafOf(done->recorded)));
  NoteEntry("a registration", done->recorded, person == 0);
}

void SweepWorld::RegisterAgain(std::uint64_t person) {
  const access::Gate::Once once{"again-" + std::to_string(person), Bytes{2}};
  const auto outcome = Try("registering a taken number", [this, person, &once] {
    return gate().Register(vault_.CallerOf(ApplicationId()), ValuesOf(vault_.schema(), person),
                           {"register", ""}, once);
  });
  if (!outcome.ok()) return Problem("a taken number: no answer");
  const auto* refusal = std::get_if<access::Refusal>(&*outcome);
  if (refusal == nullptr || refusal->code != RefusalCode::kExists) {
    return Problem("a taken number was registered");
  }
  NoteEntry("a taken number", *refusal->recorded, false);
}

void SweepWorld::Update(std::uint64_t person, std::uint64_t email) {
  const std::string number = std::to_string(person);
  const KnownPerson known = facts_.people().at(person);
  facts_.Note("update? " + number + " " + std::to_string(email));
  bool lost = false;
  const auto outcome = Try("updating", [&, this] {
    lost = lost || main_.fired() || keys_.fired() || files_.fired();
    std::vector<records::FieldChange> changes;
    changes.push_back(
        {vault_.Field("contact.email"), crypto::SecretBytes::CopyOf(AsBytes(EmailOf(email)))});
    return gate().Update(vault_.CallerOf(ApplicationId()), known.code, known.version,
                         std::move(changes), {"update", ""});
  });
  if (!outcome.ok()) return Problem("updating: no answer");
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome); refusal != nullptr) {
    // It had happened, and the answer was lost: the line stays open, the audit finds it.
    if (refusal->code != RefusalCode::kChanged || !lost) Problem("a change is refused");
    return;
  }
  const auto& done = std::get<access::Registered>(*outcome);
  facts_.Note("update! " + number + " " + std::to_string(done.version) + " " +
              std::to_string(done.recorded.index) + " " + base::ToHex(done.recorded.leaf));
}

void SweepWorld::Erase(std::uint64_t person) {
  const std::string number = std::to_string(person);
  const KnownPerson known = facts_.people().at(person);
  facts_.Note("erase? " + number);
  bool lost = false;
  const auto outcome = Try("erasing", [&, this] {
    lost = lost || main_.fired() || keys_.fired() || files_.fired();
    return gate().Erase(vault_.CallerOf(OfficerId()), known.code, known.version, {"erase", ""});
  });
  if (!outcome.ok()) return Problem("erasing: no answer");
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome); refusal != nullptr) {
    if (refusal->code != RefusalCode::kNotAvailable || !lost) Problem("an erasure is refused");
    return;
  }
  const auto& done = std::get<access::Gate::Erased>(*outcome);
  facts_.Note("erase! " + number + " " + std::to_string(done.recorded.index) + " " +
              base::ToHex(done.recorded.leaf));
}

access::DisclosureRequest SweepWorld::Asking(const std::string& code, std::size_t asked) const {
  access::DisclosureRequest request;
  request.persons.push_back(code);
  request.fields.push_back(vault_.Field(Asked()[asked].field));
  request.reason = {Asked()[asked].purpose, "case"};
  return request;
}

void SweepWorld::NoteRead(std::size_t agent, std::uint64_t person, std::size_t asked,
                          const access::ShownRecord& record) {
  if (record.values.empty()) Problem("a value is missing");
  const ledger::Recorded& recorded = record.recorded.front();
  facts_.Note("read! " + std::to_string(agent) + " " + std::to_string(person) + " " +
              Asked()[asked].purpose + " " + std::to_string(recorded.index) + " " +
              base::ToHex(recorded.leaf));
  if (recorded.batch != nullptr && !recorded.batch->checkpoint.empty()) {
    facts_.Note("signed! " + base::ToHex(AsBytes(recorded.batch->checkpoint)));
  }
  NoteEntry("a reading", recorded, person == 0);
}

void SweepWorld::Read(std::size_t agent, std::uint64_t person, std::size_t asked) {
  const auto outcome = Try("reading", [&, this] {
    return gate().Disclose(vault_.CallerOf(AgentId(agent)), Asking(CodeOf(person), asked));
  });
  const auto* shown = Given(outcome, "reading");
  if (shown != nullptr) NoteRead(agent, person, asked, shown->records.front());
}

Task<access::Outcome<access::LookedUp>> SweepWorld::LookUpTask(std::size_t agent,
                                                               std::uint64_t person) {
  const records::FieldSpec* field = vault_.schema().Find("civil_number.nir");
  const auto canonical = vault_.schema().Canonical(*field, NirOf(person), false);
  CLOISON_CHECK(canonical.ok());
  access::LookupRequest request{
      {field->index, vault_.schema().IndexForm(*field, canonical->Reveal())},
      {Asked()[kList].purpose, "case"}};
  return gate().LookUp(vault_.CallerOf(AgentId(agent)), std::move(request));
}

void SweepWorld::LookUp(std::size_t agent, std::uint64_t person) {
  const auto outcome = Try("looking up", [&, this] { return LookUpTask(agent, person); });
  const auto* found = Given(outcome, "looking up");
  if (found == nullptr) return;
  if (found->rows.size() != 1) return Problem("a look-up shows nobody, or others");
  NoteRead(agent, person, kList, found->rows.front());
}

void SweepWorld::Assign(std::size_t agent, std::uint64_t person) {
  const access::Gate::Once once{"assign", Bytes{3}};
  const auto outcome = Try("assigning", [&, this] {
    return gate().Assign(vault_.CallerOf(ApplicationId()),
                         {{AgentId(agent), CodeOf(person), std::nullopt},
                          {AgentId(agent), CodeOf(person + 1), std::nullopt}},
                         once);
  });
  const auto* done = Given(outcome, "assigning");
  if (done == nullptr) return;
  assigned_ = done->count == 2;
  NoteEntry("an assignment", done->recorded, false);
}

void SweepWorld::Freeze(std::size_t agent) {
  const auto outcome = Try("freezing", [&, this] {
    return gate().Freeze(vault_.CallerOf(OfficerId()), AgentId(agent), true);
  });
  const auto* done = Given(outcome, "freezing");
  if (done == nullptr) return;
  frozen_ = true;
  NoteEntry("a freeze", done->recorded, false);
}

void SweepWorld::Refuse(const PrincipalId& who, const std::string& code, RefusalCode want) {
  const auto outcome = Try("asking in vain", [&, this] {
    return gate().Disclose(vault_.CallerOf(who), Asking(code, kSupport));
  });
  if (!outcome.ok()) return Problem("asking in vain: no answer");
  const auto* refusal = std::get_if<access::Refusal>(&*outcome);
  if (refusal == nullptr || refusal->code != want) return Problem("not refused as it should be");
  if (refusal->recorded.has_value()) NoteEntry("a refusal", *refusal->recorded, false);
}

void SweepWorld::OwnTrail() {
  const auto outcome = Try("a trail", [this] {
    return gate().OwnTrail(vault_.CallerOf(CitizenId()), std::nullopt, 100);
  });
  const auto* trail = Given(outcome, "a trail");
  if (trail != nullptr) NoteEntry("a trail", trail->recorded, true);
}

void SweepWorld::Life() {
  if (!Up()) return;
  EnrolAll();
  for (std::uint64_t person = 0; person <= kErased; ++person) Register(person);
  if (facts_.people().size() <= kErased) return;
  EnrolCitizen();
  Assign(kFrozenAgent, 0);
  LookUp(1, 1);
  Read(0, 0, kSupport);
  Read(1, 1, kBenefit);
  Read(kFrozenAgent, kErased, kList);
  Update(1, 1'000);
  Refuse(AgentId(0), kNobody, RefusalCode::kNotAvailable);
  Refuse(OfficerId(), CodeOf(0), RefusalCode::kPurposeRefused);
  Refuse(PrincipalId(ByteArray<16>{99}), CodeOf(0), RefusalCode::kNotEnrolled);
  RegisterAgain(1);
  Freeze(kFrozenAgent);
  Refuse(AgentId(kFrozenAgent), CodeOf(0), RefusalCode::kFrozen);
  Erase(kErased);
  OwnTrail();
  Rest();
}

// What a server does by itself, a clean stop, and another day.
void SweepWorld::Rest() {
  const std::pair<const char*, std::function<Task<Status>()>> chores[] = {
      {kFolding, [this] { return vault_.vault().ledger().Fold(); }},
      {"counting nobodies", [this] { return gate().FlushAggregates(vault_.home()); }},
      {"pruning", [this] { return gate().PruneIdempotency(vault_.home()); }},
      {"erasing again", [this] { return gate().RetryErasures(vault_.home()); }},
  };
  clock_.Advance(access::kIdempotencyMs + 1);
  for (const auto& [name, chore] : chores) {
    if (!Try(name, chore).ok()) Problem(std::string(name) + " does not come to an end");
  }
  const Status published = vault_.Wait(vault_.vault().publisher().Publish());
  if (!published.ok()) Failed(published.error(), kPublishing);
  Stop();
  if (!Up()) return;
  Read(1, 1, kList);
  LookUp(0, 0);
  Stop();
}

void SweepWorld::Run() {
  Life();
  if (vault_.open()) vault_.Drop();
  Disarm();
  if (!created_) return Problem("never created");
  const Status opened = vault_.Open(main_, keys_);
  if (!opened.ok()) return Problem("does not open: " + std::string(opened.error().text()));
  AuditAll();
  GoOn();
  if (!vault_.Stop().ok()) Problem("does not stop");
}

void SweepWorld::AuditAll() {
  AuditFrozen();
  for (std::string& problem : Audit(vault_, main_, keys_, facts_)) Problem(problem);
  AuditEntries();
  AuditTrail();
  AuditCaseload();
}

void SweepWorld::AuditEntries() {
  for (const Entry& held : entries_) {
    const auto leaves = vault_.Wait(vault_.vault().ledger().ReadLeaves(held.entry.index, 1));
    if (!leaves.ok() || leaves->size() != 1 || leaves->front() != held.entry.leaf) {
      Problem("the entry of " + held.what + " is not there");
    }
  }
}

// The citizen sees every entry that anybody holds of them, and no gap.
void SweepWorld::AuditTrail() {
  const auto outcome =
      vault_.Wait(gate().OwnTrail(vault_.CallerOf(CitizenId()), std::nullopt, 100));
  const auto* trail = Given(outcome, "the last trail");
  if (trail == nullptr) return;
  std::uint64_t next = trail->looks.size();
  for (const access::Look& look : trail->looks) {
    if (look.n != --next) return Problem("a trail with a gap");
  }
  for (const Entry& held : entries_) {
    const bool seen = std::ranges::any_of(
        trail->looks, [&held](const access::Look& look) { return look.index == held.entry.index; });
    if (held.of_person_0 && !seen) Problem(held.what + " is not in its person's trail");
  }
}

// Who was frozen is; afterwards all budgets can be read again.
void SweepWorld::AuditFrozen() {
  if (!frozen_) return Problem("nobody was frozen");
  Refuse(AgentId(kFrozenAgent), CodeOf(0), RefusalCode::kFrozen);
  const auto thawed =
      vault_.Wait(gate().Freeze(vault_.CallerOf(OfficerId()), AgentId(kFrozenAgent), false));
  (void)Given(thawed, "unfreezing");
}

void SweepWorld::AuditCaseload() {
  if (!assigned_) return Problem("nobody was assigned");
  access::Caseload caseload(vault_.vault().state());
  for (const std::uint64_t person : {0, 1}) {  // all of a request
    const auto agents = vault_.Wait(caseload.AgentsOf(main_, IdOf(person), 10));
    if (!agents.ok() || *agents != std::vector<PrincipalId>{AgentId(kFrozenAgent)}) {
      Problem("an assignment is lost");
    }
  }
  const auto tally_key = caseload.TallyKey(AgentId(kFrozenAgent));
  const auto rows = vault_.Wait(main_.MultiGet({tally_key}, store::ReadMode::kAny));
  if (!rows.ok() || !rows->front().present()) return Problem("a tally is lost");
  const auto plain = vault_.vault().state().Open(tally_key, rows->front().value);
  if (!plain.ok() || access::Tally::Parse(plain->Reveal())->people != 2) {
    Problem("a tally is not that of the pairs");
  }
}

// It is not only whole: it works.
void SweepWorld::GoOn() {
  Register(kLate);
  Read(0, kLate, kSupport);
  Update(0, 2'000);
  Erase(kLate);
  for (std::string& problem : Audit(vault_, main_, keys_, facts_)) Problem(problem);
}

}  // namespace cloison::sim
