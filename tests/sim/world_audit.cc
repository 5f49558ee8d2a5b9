#include "tests/sim/world_audit.h"

#include <algorithm>

#include "commit/time_keeper.h"
#include "drill/scope.h"

namespace cloison::sim {

namespace {

constexpr char kSignedFile[] = "/signed-size";  // as vault::Vault names it

std::string Who(Number person) {
  return "person " + std::to_string(person);
}

}  // namespace

void WorldAudit::Run(bool reopened) {
  if (log().size() != parts_.main.leaves().size()) {
    return Broken("G8: the log has another size than what became durable");
  }
  JudgeNew();
  ResolvePeople();
  CheckAnswers();
  CheckLedger();
  CheckPeople(reopened);
  CheckRows(reopened);
  // A new month's key cannot be made then, and without it nothing is answered.
  if (!parts_.keys.full()) CheckActors();
  CheckScope();
  for (const std::string& problem : parts_.main.problems()) Broken(problem);
}

// ---- what was decided since the last time

void WorldAudit::JudgeNew() {
  const std::vector<Entry> entries = ReadNew();
  for (std::size_t begin = 0; begin < entries.size();) {
    std::size_t end = begin + 1;
    const auto& session = entries[begin].record.session;
    while (end < entries.size() && entries[end].record.session == session &&
           entries[end].batch == entries[begin].batch) {
      ++end;
    }
    parts_.model.Judge(std::span(entries).subspan(begin, end - begin));
    begin = end;
  }
}

std::vector<Entry> WorldAudit::ReadNew() {
  std::vector<Entry> entries;
  const std::vector<SeenBatch>& batches = parts_.main.batches();
  for (; batch_ < batches.size(); ++batch_) {
    const SeenBatch& batch = batches[batch_];
    const std::optional<Clock> now = ReadClock(batch.clock_row);
    if (!now) return Broken("G1: a batch has no clock"), entries;
    CheckTime(*now);
    const auto records = Wait(log().ReadRecords(batch.first, batch.count));
    if (!records.ok() || records->size() != batch.count) {
      return Broken("G3: the records of a batch cannot be read"), entries;
    }
    for (std::size_t i = 0; i < batch.count; ++i) {
      auto actor = ledger::ParseActorPart((*records)[i].actor_part);
      if (!actor.ok()) return Broken("G3: a record does not parse"), entries;
      Entry entry{batch.first + i, batch_,         (*records)[i], *actor,
                  std::nullopt,    now->budget_ms, now->real_ms,  now->wall_ms};
      if (!entry.record.subject_part.empty()) {
        auto subject = ledger::ParseSubjectPart(entry.record.subject_part);
        if (subject.ok()) entry.subject = *subject;
      }
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

// As docs/format/state.md has the clock row.
std::optional<WorldAudit::Clock> WorldAudit::ReadClock(const Bytes& sealed) {
  const store::Key key{store::Family::kMeta, commit::kClockRow};
  const auto plain = vault().state().Open(key, sealed);
  if (!plain.ok()) return std::nullopt;
  base::Reader reader(plain->Reveal());
  reader.Take(2);
  Clock clock{};
  clock.budget_ms = static_cast<std::int64_t>(reader.U64());
  clock.wall_ms = static_cast<std::int64_t>(reader.U64());
  clock.boot_ms = static_cast<std::int64_t>(reader.U64());
  clock.boot_id = reader.Array<16>();
  clock.real_ms = parts_.time.RealOf(clock.boot_id, clock.boot_ms);
  return clock;
}

// Within a boot budget time goes as the boot clock does; over a reboot it may lose, never gain.
void WorldAudit::CheckTime(const Clock& now) {
  if (last_) {
    const std::int64_t gained = now.budget_ms - last_->budget_ms;
    if (now.boot_id == last_->boot_id) {
      if (gained != now.boot_ms - last_->boot_ms) Broken("G1: budget time left the boot clock");
    } else {
      if (gained < 0 || gained > now.real_ms - last_->real_ms) {
        Broken("G1: budget time ran ahead over a reboot");
      }
    }
    if (now.wall_ms < last_->wall_ms) Broken("G3: the ledger's time went back");
  }
  last_ = now;
}

// Whose registration nobody heard of: known by their name in the ledger.
void WorldAudit::ResolvePeople() {
  for (Number number = 0; number < parts_.model.people().size(); ++number) {
    Person& person = parts_.model.people()[number];
    if (person.id || !person.alive) continue;
    const auto id = Wait(vault().person_keys().PersonOf(person.aud));
    if (!id.ok()) Broken("G6: " + Who(number) + " is lost");
    if (id.ok()) person.id = *id;
  }
}

void WorldAudit::CheckAnswers() {
  std::deque<Op>& ops = parts_.model.ops();
  for (; checked_ops_ < ops.size(); ++checked_ops_) {
    Op& op = ops[checked_ops_];
    if (!op.settled) Broken("request " + std::to_string(op.number) + " never ended");
    parts_.model.CheckAnswer(op);
    for (const ledger::Recorded& recorded : op.recorded) {
      if (recorded.batch != nullptr) CheckReceipt(op, recorded);
    }
  }
}

// What a client can check by itself: its own part is the leaf's, and the leaf is in the tree that
// the log signed.
void WorldAudit::CheckReceipt(const Op& op, const ledger::Recorded& recorded) {
  const std::string whose = "G2: the receipt of request " + std::to_string(op.number);
  const auto& randomness = recorded.actor_randomness;
  const crypto::Digest commitment =
      ledger::Commit(*crypto::Secret<32>::FromBytes(randomness), "actor", recorded.actor_part);
  if (!base::Equal(ByteView(recorded.leaf).subspan(34, 32), commitment)) {
    Broken(whose + " does not open its leaf");
  }
  if (std::ranges::find(op.entries, recorded.index) == op.entries.end()) {
    Broken(whose + " names another request's entry");
  }
  const auto size = CheckHead(recorded.batch->checkpoint, whose);
  if (size && recorded.index >= *size) Broken(whose + " is not covered by its checkpoint");
}

// ---- the tree

std::optional<std::uint64_t> WorldAudit::CheckHead(const std::string& text,
                                                   const std::string& which) {
  if (const auto known = opened_heads_.find(text); known != opened_heads_.end()) {
    return known->second;
  }
  const auto key = tlog::VerifierKey::Parse(log().vkey());
  const auto head = tlog::OpenCheckpoint(text, *key);
  if (!head.ok() || head->head.size > parts_.main.leaves().size()) {
    Broken(which + " has no checkpoint of this log");
    return std::nullopt;
  }
  while (roots_.size() <= head->head.size) {
    const ledger::Leaf& leaf = parts_.main.leaves()[roots_.size() - 1];
    CLOISON_CHECK(frontier_.Append(tlog::LeafHash(leaf)).ok());
    roots_.push_back(frontier_.Root());
  }
  if (head->head.root != roots_[head->head.size]) Broken(which + " is of another tree");
  opened_heads_.emplace(text, head->head.size);
  return head->head.size;
}

std::string WorldAudit::signed_path() const {
  return parts_.directory + kSignedFile;
}

std::uint64_t WorldAudit::SignedSize() {
  const auto text = parts_.files.Read(signed_path());
  if (!text.ok()) return 0;
  return CheckHead(std::string(AsText(*text)), "G8: the last signed size").value_or(0);
}

void WorldAudit::CheckLedger() {
  const std::vector<ledger::Leaf>& durable = parts_.main.leaves();
  std::uint64_t at = 0;
  while (at < durable.size()) {
    const auto page = Wait(log().ReadLeaves(at, ledger::kReadEntriesMax));
    if (!page.ok() || page->empty()) return Broken("G8: the leaves cannot be read");
    for (const ledger::Leaf& leaf : *page) {
      if (leaf != durable[at++]) return Broken("G8: a leaf is another one than was written");
    }
  }
  const auto size = CheckHead(log().checkpoint(), "G8: the log's own checkpoint");
  if (size && *size != durable.size()) Broken("G8: the log's checkpoint is of another size");
  (void)SignedSize();
  ledger::Publisher& publisher = vault().publisher();
  if (!Wait(publisher.Publish()).ok()) return Broken("G8: the log cannot be published");
  const auto published = CheckHead(publisher.checkpoint(), "G8: the published checkpoint");
  if (published && *published != durable.size()) Broken("G8: not the whole log is published");
}

// ---- people

std::set<PersonId> WorldAudit::FindBy(const char* name, std::uint64_t nir, std::uint64_t email) {
  const Rules& rules = parts_.model.rules();
  const records::FieldSpec* field = rules.schema()->Find(name);
  const std::string stored = rules.Stored(field->id, {0, nir, email});
  const records::Criterion criterion{field->index,
                                     rules.schema()->IndexForm(*field, AsBytes(stored))};
  const records::Matcher matcher(vault().people());
  const auto found = Wait(matcher.Exact(criterion, 100));
  if (!found.ok()) {
    Broken(std::string("G6: a search by ") + name + " fails");
    return {};
  }
  return {found->begin(), found->end()};
}

void WorldAudit::CheckPeople(bool reopened) {
  for (Number person = 0; person < parts_.model.people().size(); ++person) {
    if (!parts_.model.people()[person].id) continue;
    if (parts_.model.people()[person].alive) {
      CheckLiving(person);
    } else {
      CheckDead(person, reopened);
    }
  }
}

void WorldAudit::CheckLiving(Number number) {
  const std::vector<Person>& people = parts_.model.people();
  const Person& person = people[number];
  const auto sighting = Wait(vault().people().Sight(*person.id));
  if (!sighting.ok()) return Broken("G6: " + Who(number) + " is lost");
  if (sighting->header.seq != person.version) Broken("G6: " + Who(number) + " has another version");
  if (FindBy("civil_number.nir", person.nir, 0) != std::set{*person.id}) {
    Broken("G6: " + Who(number) + " is not found by number");
  }
  std::set<PersonId> same;
  for (const Person& one : people) {
    if (one.alive && one.email == person.email && one.id) same.insert(*one.id);
  }
  if (FindBy("contact.email", 0, person.email) != same) {
    Broken("G6: " + Who(number) + " is not found by e-mail, or somebody else is");
  }
  const ledger::SubjectKey& key = sighting->key.subject();
  const auto head = Wait(log().HeadOf(key));
  if (!head.ok() || *head != person.trail.size()) {
    return Broken("G8: the running number of " + Who(number) + " is not that of its entries");
  }
  const auto trail = Wait(log().ReadTrail(key, *head + 1, *head + 1));
  bool right = trail.ok() && trail->size() == *head;
  for (std::size_t i = 0; right && i < *head; ++i) {
    const ledger::TrailEntry& entry = (*trail)[*head - 1 - i];
    right = entry.n == i && entry.index == person.trail[i];
  }
  if (!right) Broken("G8: the trail of " + Who(number) + " has a gap");
  CheckSealed(number, key);
}

// By the oversight key: all of them, without a gap, each about this person.
void WorldAudit::CheckSealed(Number number, const ledger::SubjectKey& key) {
  const std::vector<std::uint64_t>& sealed = parts_.model.people()[number].sealed;
  const ledger::SealedKey oversight = vault().ring().oversight().Of(log().log_id(), key.aud());
  const auto head = Wait(log().HeadOf(oversight));
  if (!head.ok() || *head != sealed.size()) {
    return Broken("G8: the sealed number of " + Who(number) + " is not that of its entries");
  }
  const auto trail = Wait(log().ReadSealedTrail(oversight, *head + 1, *head + 1));
  bool right = trail.ok() && trail->size() == *head;
  for (std::size_t i = 0; right && i < *head; ++i) {
    const ledger::TrailEntry& entry = (*trail)[*head - 1 - i];
    right = entry.n == i && entry.index == sealed[i] && ledger::Opens(key, entry);
  }
  if (!right) Broken("G8: the sealed trail of " + Who(number) + " has a gap");
}

void WorldAudit::CheckDead(Number number, bool reopened) {
  const Person& person = parts_.model.people()[number];
  const auto is_gone = [](const auto& result) {
    return !result.ok() && result.error().code() == Code::kNotFound;
  };
  if (!is_gone(Wait(vault().people().Sight(*person.id)))) {
    Broken("G6: " + Who(number) + " is back from the dead");
  }
  if (!person.erase_told && !reopened) return;
  if (!is_gone(Wait(vault().person_keys().Load(*person.id))) ||
      !is_gone(Wait(vault().person_keys().PersonOf(person.aud)))) {
    Broken("G6: " + Who(number) + " left a key");
  }
  if (FindBy("civil_number.nir", person.nir, 0).contains(*person.id)) {
    Broken("G6: " + Who(number) + " is still found");
  }
}

std::set<std::string> WorldAudit::PersonsIn(WorldStore& store, store::Family family) {
  std::set<std::string> persons;
  store::Range range{family, "", ""};
  const auto page = Wait(store.Scan(range, store::kScanRowsMax));
  if (!page.ok()) return Broken("G6: a family cannot be scanned"), persons;
  for (const store::KeyedRow& row : page->rows) {
    persons.insert(row.key.substr(0, PersonId::kSize));
  }
  return persons;
}

void WorldAudit::CheckRows(bool reopened) {
  std::set<std::string> living;
  for (const Person& person : parts_.model.people()) {
    if (person.alive && person.id) living.emplace(AsText(person.id->bytes()));
  }
  if (PersonsIn(parts_.main, store::Family::kPeople) != living) {
    Broken("G6: the rows are not of the living");
  }
  if (reopened && PersonsIn(parts_.keys, store::Family::kPersonKeys) != living) {
    Broken("G6: the keys are not of the living");
  }
}

// ---- principals

void WorldAudit::CheckActors() {
  for (std::size_t actor = 0; actor < parts_.model.actors().size(); ++actor) {
    const Actor& who = parts_.model.actors()[actor];
    if (!who.enrolled || who.part == Part::kSystem) continue;
    if (const std::string broken = parts_.model.real(actor).Broken(); !broken.empty()) {
      Broken("G1: in real time, " + broken);
    }
    if (!parts_.model.frozen(actor)) CheckActor(actor);
  }
}

// What is left is what is free, to the person.
void WorldAudit::CheckActor(std::size_t actor) {
  const Actor& who = parts_.model.actors()[actor];
  const access::Caller caller{who.id, SessionId(ByteArray<16>{}), ClientId(0), parts_.vault.home(),
                              identity::Assurance::Internal()};
  const auto asked = Wait(vault().gate().OwnCapabilities(caller));
  const auto* found = asked.ok() ? std::get_if<access::Capabilities>(&*asked) : nullptr;
  if (found == nullptr) return Broken("G1: a budget cannot be read");
  const std::int64_t now_ms = vault().committer().Now().budget_ms;
  const WindowOracle& budget = parts_.model.budget(actor);
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    for (std::size_t w = 0; w < access::kWindows; ++w) {
      const std::size_t used = budget.Within(c, w, now_ms).size();
      const std::size_t cap = found->budget->caps.of[c][w];
      if (found->budget->left[c][w] != (used >= cap ? 0 : cap - used)) {
        return Broken("G1: a budget is not what was shown");
      }
    }
  }
  CheckNumbers(actor);
}

// Entries of a principal are numbered without a gap, and its row says the next one.
void WorldAudit::CheckNumbers(std::size_t actor) {
  const std::vector<std::uint64_t>& entries = parts_.model.entries_of(actor);
  access::PrincipalState& state = vault().gate().principals().Get(parts_.model.actors()[actor].id);
  const std::uint64_t n = state.n();
  if (n != entries.size()) return Broken("G8: a principal's number is not that of its entries");
  const auto beyond = Wait(log().HasActorTag(state.key().TagOf(n)));
  if (!beyond.ok() || *beyond) Broken("G8: a principal's next number is used");
  if (n == 0) return;
  const auto activity = Wait(log().ReadActivity(state.key(), n - 1, n));
  bool right = activity.ok() && activity->entries.size() == n;
  for (std::size_t i = 0; right && i < n; ++i) {
    right = activity->entries[n - 1 - i].index == entries[i];
  }
  if (!right) Broken("G8: a principal's activity has a gap");
}

// ---- scope

// Of one session drawn among those answered: read back by the tool that an officer has.
void WorldAudit::CheckScope() {
  std::deque<Op>& ops = parts_.model.ops();
  if (ops.empty()) return;
  const Op& op = ops[parts_.random.Below(ops.size())];
  if (op.answer == Answer::kNone || op.answer == Answer::kFailed) return;
  ByteArray<16> session{};
  const ByteArray<8> number = base::BigU64(op.number);
  std::ranges::copy(number, session.begin() + 8);
  const auto scope = Wait(drill::ScopeOf(vault(), SessionId(session)));
  if (!scope.ok()) return Broken("G3: a scope cannot be read");
  std::set<std::pair<PersonId, FieldId>> named, received, of_living;
  for (const drill::ScopeEntry& entry : *scope) {
    if (entry.form == ledger::Form::kExists) continue;
    for (const FieldId field : entry.fields) named.emplace(entry.person, field);
  }
  for (const Received& value : op.received) {
    const std::optional<Number> person = value.person ? parts_.model.NumberOf(*value.person)
                                                      : parts_.model.actors()[op.actor].person;
    if (!person || !parts_.model.people()[*person].id) continue;
    const Person& who = parts_.model.people()[*person];
    received.emplace(*who.id, value.field);
    if (who.alive) of_living.emplace(*who.id, value.field);
  }
  // The dead lose their names with their keys; a row names fields that the person has no value of.
  const bool exact = std::ranges::includes(named, of_living) &&
                     (op.what == What::kLookUp || std::ranges::includes(received, named));
  if (!exact) Broken("G3: the scope of request " + std::to_string(op.number) + " is not exact");
}

}  // namespace cloison::sim
