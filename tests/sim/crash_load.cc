#include "tests/sim/crash_load.h"

#include <algorithm>

#include "access/approvals.h"

namespace cloison::sim {

namespace {

std::string EntryText(const ledger::Recorded& recorded) {
  return std::to_string(recorded.index) + " " + base::ToHex(recorded.leaf);
}

}  // namespace

Load::Load(SimVault& vault, Facts& facts, base::Random& random)
    : vault_(vault), facts_(facts), random_(random), known_(facts.people()) {
  for (const auto& [number, person] : known_) {
    if (!person.erased) living_.push_back(number);
    next_person_ = std::max(next_person_, number + 1);
    next_email_ = std::max(next_email_, person.email + 1);
  }
  // Numbers whose registration came to nothing are not used again: others may still know them.
  for (const std::string& line : facts.lines()) {
    if (!line.starts_with("register? ") && !line.starts_with("update? ")) continue;
    const std::uint64_t last = std::stoull(line.substr(line.rfind(' ') + 1));
    std::uint64_t& next = line[0] == 'r' ? next_person_ : next_email_;
    next = std::max(next, last + 1);
  }
}

void Load::Start(std::size_t clients, std::size_t requests) {
  running_ = clients;
  for (std::size_t i = 0; i < clients; ++i) base::Detach(Client(requests));
}

std::vector<std::string> Load::problems() {
  const std::lock_guard lock(mutex_);
  return problems_;
}

void Load::Problem(const std::string& what) {
  const std::lock_guard lock(mutex_);
  problems_.push_back(what);
}

Task<void> Load::Client(std::size_t requests) {
  Going going = true;
  for (std::size_t i = 0; i < requests && going; ++i) {
    co_await vault_.home().Schedule();
    switch (random_.Below(10)) {
      case 0:
      case 1: going = co_await Register(); break;
      case 2: going = co_await Update(); break;
      case 3: going = co_await Erase(); break;
      case 4:
      case 5: going = co_await LookUp(); break;
      case 6: going = co_await Rekey(); break;
      default: going = co_await Read();
    }
  }
  --running_;
}

std::optional<std::uint64_t> Load::Take(bool change) {
  const std::lock_guard lock(mutex_);
  if (living_.empty()) return std::nullopt;
  const std::uint64_t person = living_[random_.Below(living_.size())];
  if (busy_.contains(person)) return std::nullopt;
  if (change) busy_.insert(person);
  return person;
}

void Load::GiveBack(std::uint64_t person) {
  const std::lock_guard lock(mutex_);
  busy_.erase(person);
}

KnownPerson Load::Known(std::uint64_t person) {
  const std::lock_guard lock(mutex_);
  return known_.at(person);
}

// The newest checkpoint that was received, once.
void Load::NoteSigned(const ledger::Recorded& recorded) {
  if (recorded.batch == nullptr || recorded.batch->checkpoint.empty()) return;
  const std::string& text = recorded.batch->checkpoint;
  {
    const std::lock_guard lock(mutex_);
    if (text == last_signed_) return;
    last_signed_ = text;
  }
  facts_.Note("signed! " + base::ToHex(AsBytes(text)));
}

Load::Going Load::Failed(const Error& error, std::uint64_t person, const char* during) {
  // Nothing was decided, or nobody knows: the line stays open.
  if (error.code() == Code::kUnknownOutcome || error.code() == Code::kUnavailable) return false;
  facts_.Note("refused " + std::to_string(person));
  if (error.code() != Code::kConflict) {
    Problem(std::string(during) + ": " + std::string(error.text()));
  }
  return true;
}

Task<Load::Going> Load::Register() {
  std::uint64_t person = 0;
  {
    const std::lock_guard lock(mutex_);
    person = next_person_++;
  }
  const std::string number = std::to_string(person);
  facts_.Note("register? " + number);
  records::Values values = ValuesOf(vault_.schema(), person);
  access::Gate::Once once{"register-" + number, Bytes{1}};
  access::Reason reason{"register", ""};
  const access::Caller caller = vault_.CallerOf(ApplicationId());
  auto outcome = co_await vault_.vault().gate().Register(caller, std::move(values),
                                                         std::move(reason), std::move(once));
  if (!outcome.ok()) co_return Failed(outcome.error(), person, "register");
  const auto* registered = std::get_if<access::Registered>(&*outcome);
  if (registered == nullptr) {
    facts_.Note("refused " + number);
    Problem("a new person was refused");
    co_return true;
  }
  KnownPerson known;
  known.code = registered->code.Text();
  known.version = registered->version;
  known.email = person;
  facts_.Note("register! " + number + " " + known.code + " " + std::to_string(known.version) + " " +
              EntryText(registered->recorded));
  NoteSigned(registered->recorded);
  const std::lock_guard lock(mutex_);
  known_[person] = known;
  living_.push_back(person);
  co_return true;
}

Task<Load::Going> Load::Read() {
  const std::optional<std::uint64_t> person = Take(false);
  if (!person.has_value()) co_return true;
  const AskedFor& asked = Asked()[random_.Below(Asked().size())];
  const std::size_t agent = random_.Below(kAgents);
  access::DisclosureRequest request;
  request.persons.push_back(Known(*person).code);
  request.fields.push_back(vault_.Field(asked.field));
  request.reason = {asked.purpose, "case"};
  const access::Caller caller = vault_.CallerOf(AgentId(agent));
  auto outcome = co_await vault_.vault().gate().Disclose(caller, std::move(request));
  if (!outcome.ok()) {
    const Code code = outcome.error().code();
    if (code == Code::kUnknownOutcome || code == Code::kUnavailable) co_return false;
    Problem("read: " + std::string(outcome.error().text()));
    co_return true;
  }
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome); refusal != nullptr) {
    co_return Refused(*person, refusal->rule);
  }
  co_return Shown(agent, *person, asked, std::get<access::Disclosed>(*outcome).records.front());
}

Load::Going Load::Refused(std::uint64_t person, const std::string& rule) {
  const std::lock_guard lock(mutex_);
  const bool maybe_erased = busy_.contains(person) || known_.at(person).erased;
  if (!maybe_erased) problems_.push_back("a living person was refused: " + rule);
  return true;
}

Load::Going Load::Shown(std::size_t agent, std::uint64_t person, const AskedFor& asked,
                        const access::ShownRecord& record) {
  if (record.values.empty()) Problem("a value is missing");
  facts_.Note("read! " + std::to_string(agent) + " " + std::to_string(person) + " " +
              asked.purpose + " " + EntryText(record.recorded.front()));
  NoteSigned(record.recorded.front());
  return true;
}

// By the national number, which nobody changes.
Task<Load::Going> Load::LookUp() {
  const std::optional<std::uint64_t> person = Take(false);
  if (!person.has_value()) co_return true;
  const records::FieldSpec* field = vault_.schema().Find("civil_number.nir");
  const auto canonical = vault_.schema().Canonical(*field, NirOf(*person), false);
  CLOISON_CHECK(canonical.ok());
  const std::size_t agent = random_.Below(kAgents);
  const AskedFor& asked = Asked().front();  // the list, masked
  records::Criterion criterion{field->index,
                               vault_.schema().IndexForm(*field, canonical->Reveal())};
  access::Reason reason{asked.purpose, "case"};
  access::LookupRequest request{std::move(criterion), std::move(reason)};
  const access::Caller caller = vault_.CallerOf(AgentId(agent));
  auto outcome = co_await vault_.vault().gate().LookUp(caller, std::move(request));
  if (!outcome.ok()) {
    const Code code = outcome.error().code();
    if (code == Code::kUnknownOutcome || code == Code::kUnavailable) co_return false;
    Problem("look up: " + std::string(outcome.error().text()));
    co_return true;
  }
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome); refusal != nullptr) {
    co_return Refused(*person, refusal->rule);
  }
  const auto& found = std::get<access::LookedUp>(*outcome);
  if (found.rows.empty()) co_return Refused(*person, "nobody is found");
  co_return Shown(agent, *person, asked, found.rows.front());
}

Task<Load::Going> Load::Update() {
  const std::optional<std::uint64_t> person = Take(true);
  if (!person.has_value()) co_return true;
  const KnownPerson known = Known(*person);
  std::uint64_t email = 0;
  {
    const std::lock_guard lock(mutex_);
    email = next_email_++;
  }
  const std::string number = std::to_string(*person);
  facts_.Note("update? " + number + " " + std::to_string(email));
  std::vector<records::FieldChange> changes;
  changes.push_back(
      {vault_.Field("contact.email"), crypto::SecretBytes::CopyOf(AsBytes(EmailOf(email)))});
  access::Reason reason{"update", ""};
  const access::Caller caller = vault_.CallerOf(ApplicationId());
  auto outcome = co_await vault_.vault().gate().Update(caller, known.code, known.version,
                                                       std::move(changes), std::move(reason));
  if (!outcome.ok()) {
    // What hangs is never touched again: its line stays open.
    const Going going = Failed(outcome.error(), *person, "update");
    if (going) GiveBack(*person);
    co_return going;
  }
  const auto* updated = std::get_if<access::Registered>(&*outcome);
  if (updated == nullptr) {
    facts_.Note("refused " + number);
    Problem("a change was refused");
  } else {
    facts_.Note("update! " + number + " " + std::to_string(updated->version) + " " +
                EntryText(updated->recorded));
    NoteSigned(updated->recorded);
    const std::lock_guard lock(mutex_);
    known_[*person].version = updated->version;
    known_[*person].email = email;
  }
  GiveBack(*person);
  co_return true;
}

Task<Load::Going> Load::Erase() {
  const std::optional<std::uint64_t> person = Take(true);
  if (!person.has_value()) co_return true;
  const KnownPerson known = Known(*person);
  const std::string number = std::to_string(*person);
  facts_.Note("erase? " + number);
  access::Reason reason{"erase", ""};
  const access::Caller caller = vault_.CallerOf(OfficerId());
  auto outcome =
      co_await vault_.vault().gate().Erase(caller, known.code, known.version, std::move(reason));
  if (!outcome.ok()) {
    const Going going = Failed(outcome.error(), *person, "erase");
    if (going) GiveBack(*person);
    co_return going;
  }
  const auto* erased = std::get_if<access::Gate::Erased>(&*outcome);
  if (erased == nullptr) {
    facts_.Note("refused " + number);
    Problem("an erasure was refused");
  } else {
    facts_.Note("erase! " + number + " " + EntryText(erased->recorded));
    NoteSigned(erased->recorded);
    const std::lock_guard lock(mutex_);
    known_[*person].erased = true;
    std::erase(living_, *person);
  }
  GiveBack(*person);
  co_return true;
}

// Two officers give a person another key.
Task<Load::Going> Load::Rekey() {
  const std::optional<std::uint64_t> person = Take(true);
  if (!person.has_value()) co_return true;
  const KnownPerson known = Known(*person);
  const std::string number = std::to_string(*person);
  facts_.Note("rekey? " + number);
  access::Gate::Once once{"rekey-" + number + "-" + std::to_string(known.version), Bytes{1}};
  access::Reason reason{"rekey", "INC-1"};
  access::Approvals& asks = vault_.vault().gate().approvals();
  auto asked = co_await asks.AskRekey(vault_.CallerOf(OfficerId()), known.code, std::move(reason),
                                      std::move(once));
  const auto* shown = asked.ok() ? std::get_if<access::Approvals::Shown>(&*asked) : nullptr;
  if (shown != nullptr) {
    const std::uint64_t approval = shown->approval.number;
    asked = co_await asks.Approve(vault_.CallerOf(SecondOfficerId()), approval);
    shown = asked.ok() ? std::get_if<access::Approvals::Shown>(&*asked) : nullptr;
  }
  if (!asked.ok()) {
    const Going going = Failed(asked.error(), *person, "rekey");
    if (going) GiveBack(*person);
    co_return going;
  }
  if (shown == nullptr) {
    facts_.Note("refused " + number);
    Problem("a re-key was refused: " + std::get<access::Refusal>(*asked).rule);
  } else if (shown->approval.state != approvals::State::kUsed) {
    co_return true;  // agreed to, and not done: its line stays open, and nobody else touches it
  } else {
    const std::uint64_t version = known.version + 1;
    facts_.Note("rekey! " + number + " " + std::to_string(version));
    NoteSigned(shown->recorded);
    const std::lock_guard lock(mutex_);
    known_[*person].version = version;
  }
  GiveBack(*person);
  co_return true;
}

}  // namespace cloison::sim
