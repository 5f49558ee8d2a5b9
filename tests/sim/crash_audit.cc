#include "tests/sim/crash_audit.h"

#include <algorithm>
#include <array>
#include <set>

#include "access/approvals.h"
#include "drill/book.h"
#include "tlog/checkpoint.h"

namespace cloison::sim {

namespace {

class Auditor {
 public:
  Auditor(SimVault& vault, store::Store& main, store::Store& keys, Facts& facts)
      : vault_(vault), main_(main), keys_(keys), facts_(facts) {}

  std::vector<std::string> Run() {
    // What was agreed to and cut short is done, as a server does when it starts.
    base::Executor& home = vault_.home();
    if (!Wait(vault_.vault().gate().approvals().Finish(home)).ok()) Broken("approvals do not end");
    CheckLedger();
    CheckPeople();
    CheckRegistering();
    CheckKeys();
    for (std::size_t agent = 0; agent < kAgents; ++agent) CheckAgent(agent);
    return std::move(problems_);
  }

 private:
  void Broken(const std::string& what) { problems_.push_back(what); }
  template <class T>
  T Wait(Task<T> task) {
    return vault_.Wait(std::move(task));
  }
  ledger::Ledger& log() { return vault_.vault().ledger(); }

  void CheckLedger() {
    std::vector<tlog::Hash> roots{tlog::EmptyRoot()};  // by size
    std::vector<ledger::Leaf> leaves;
    tlog::Frontier frontier;
    while (leaves.size() < log().size()) {
      const auto page = Wait(log().ReadLeaves(leaves.size(), ledger::kReadEntriesMax));
      if (!page.ok() || page->empty()) return Broken("the ledger's leaves cannot be read");
      for (const ledger::Leaf& leaf : *page) {
        leaves.push_back(leaf);
        if (!frontier.Append(tlog::LeafHash(leaf)).ok()) return Broken("the tree is full");
        roots.push_back(frontier.Root());
      }
    }
    CheckHead(log().checkpoint(), roots, "the log's own checkpoint");
    ledger::Publisher& publisher = vault_.vault().publisher();
    if (Wait(publisher.Publish()).ok() && publisher.size() == log().size()) {
      CheckHead(publisher.checkpoint(), roots, "the published checkpoint");
    } else {
      Broken("the log cannot be published");
    }
    for (const std::string& text : facts_.checkpoints()) CheckHead(text, roots, "a received one");
    for (const KnownEntry& entry : facts_.entries()) {
      if (entry.index >= leaves.size()) {
        Broken("entry " + std::to_string(entry.index) + " is lost");
      } else if (leaves[entry.index] != entry.leaf) {
        Broken("entry " + std::to_string(entry.index) + " is another one");
      }
    }
  }

  void CheckHead(const std::string& text, const std::vector<tlog::Hash>& roots,
                 const std::string& which) {
    const auto key = tlog::VerifierKey::Parse(log().vkey());
    if (!key.ok()) return Broken("the log's key does not parse");
    const auto head = tlog::OpenCheckpoint(text, *key);
    if (!head.ok()) return Broken(which + " does not open");
    if (head->head.size >= roots.size()) return Broken(which + " is longer than the log");
    if (head->head.root != roots[head->head.size]) Broken(which + " is of another tree");
  }

  std::vector<PersonId> FindBy(const char* field_name, const std::string& text) {
    const records::FieldSpec* field = vault_.schema().Find(field_name);
    const auto canonical = vault_.schema().Canonical(*field, text, false);
    CLOISON_CHECK(canonical.ok());
    const records::Criterion criterion{field->index,
                                       vault_.schema().IndexForm(*field, canonical->Reveal())};
    const records::Matcher matcher(vault_.vault().people());
    auto found = Wait(matcher.Exact(criterion, 10));
    if (!found.ok()) {
      Broken(std::string("a search by ") + field_name + " fails");
      return {};
    }
    return std::move(*found);
  }
  bool Finds(const char* field, const std::string& text, const PersonId& person) {
    const std::vector<PersonId> found = FindBy(field, text);
    return found.size() == 1 && found.front() == person;
  }

  PersonId IdOf(const std::string& code) {
    const Result<PersonId> person = vault_.vault().codes().Decode(kAgency, code);
    CLOISON_CHECK(person.ok());
    return *person;
  }

  void CheckPeople() {
    const std::map<std::uint64_t, KnownPerson> people = facts_.people();
    for (const auto& [number, known] : people) {
      const PersonId person = IdOf(known.code);
      const Result<records::Sighting> sighting = Wait(vault_.vault().people().Sight(person));
      if (!sighting.ok() && sighting.error().code() != Code::kNotFound) {
        Broken("person " + std::to_string(number) + " does not open");
      } else if (known.erased || !sighting.ok()) {
        CheckGone(number, known, person, sighting.ok());
      } else {
        CheckThere(number, known, person, sighting->header.seq);
      }
    }
  }

  void CheckGone(std::uint64_t number, const KnownPerson& known, const PersonId& person,
                 bool there) {
    const std::string who = "person " + std::to_string(number);
    if (there) return Broken(who + " is back from the dead");
    if (!known.erased && !known.erase_asked) return Broken(who + " is lost");
    const auto key = Wait(vault_.vault().person_keys().Load(person));
    if (key.ok() || key.error().code() != Code::kNotFound) Broken(who + " left a key");
    if (!FindBy("civil_number.nir", NirOf(number)).empty()) Broken(who + " is still found");
    if (!known.erased) facts_.Note("gone " + std::to_string(number));
  }

  void CheckThere(std::uint64_t number, const KnownPerson& known, const PersonId& person,
                  std::uint64_t version) {
    const std::string who = "person " + std::to_string(number);
    if (!Finds("civil_number.nir", NirOf(number), person)) Broken(who + " is not found by number");
    const bool old_email = Finds("contact.email", EmailOf(known.email), person);
    const bool new_email = known.email_asked.has_value() &&
                           Finds("contact.email", EmailOf(*known.email_asked), person);
    if (old_email == new_email) return Broken(who + " has lost or doubled an e-mail");
    const std::uint64_t want = known.version + (new_email ? 1 : 0);
    const bool rekeyed = known.rekey_asked && version == want + 1;
    if (version != want && !rekeyed) return Broken(who + " has another version");
    if (known.email_asked.has_value() || known.erase_asked || known.rekey_asked) {
      const std::uint64_t email = new_email ? *known.email_asked : known.email;
      facts_.Note("is " + std::to_string(number) + " " + known.code + " " +
                  std::to_string(version) + " " + std::to_string(email));
    }
  }

  void CheckRegistering() {
    const std::set<std::uint64_t> open = facts_.registering();
    for (const std::uint64_t number : open) {
      const std::string who = "person " + std::to_string(number);
      const std::vector<PersonId> found = FindBy("civil_number.nir", NirOf(number));
      if (found.size() > 1) Broken(who + " is there twice");
      if (found.empty()) {
        if (!FindBy("contact.email", EmailOf(number)).empty()) Broken(who + " is there by half");
        facts_.Note("gone " + std::to_string(number));
        continue;
      }
      const auto sighting = Wait(vault_.vault().people().Sight(found.front()));
      const auto code = vault_.vault().codes().Encode(kAgency, found.front());
      if (!sighting.ok() || !code.ok()) {
        Broken(who + " is found and not there");
        continue;
      }
      facts_.Note("is " + std::to_string(number) + " " + code->Text() + " " +
                  std::to_string(sighting->header.seq) + " " + std::to_string(number));
    }
  }

  // One per row.
  std::multiset<std::string> PersonsIn(store::Store& store, store::Family family) {
    std::multiset<std::string> persons;
    store::Range range{family, "", ""};
    for (bool more = true; more;) {
      const auto page = Wait(store.Scan(range, store::kScanRowsMax));
      if (!page.ok()) {
        Broken("a family cannot be scanned");
        break;
      }
      for (const store::KeyedRow& row : page->rows) {
        persons.insert(row.key.substr(0, PersonId::kSize));
      }
      more = page->next.has_value();
      if (more) range.begin = *page->next;
    }
    return persons;
  }

  void CheckKeys() {
    if (PersonsIn(main_, store::Family::kPeople) != PersonsIn(keys_, store::Family::kPersonKeys)) {
      Broken("rows and keys are not of the same people, one of each");
    }
  }

  void CheckAgent(std::size_t agent) {
    const PrincipalId id = AgentId(agent);
    drill::Book book;
    std::array<std::set<std::uint64_t>, access::kCounters> shown;
    for (const KnownRead& read : facts_.reads()) {
      if (read.agent != agent) continue;
      const KnownPerson& known = facts_.people().at(read.person);
      const auto asked = std::ranges::find_if(
          Asked(), [&read](const AskedFor& one) { return read.purpose == one.purpose; });
      for (const access::Counter counter : asked->counters) {
        shown[static_cast<std::size_t>(counter)].insert(read.person);
      }
      // The dead have no name in the ledger any more.
      if (known.erased) continue;
      book.Add({0, IdOf(known.code), {}, {read.entry.index}, {vault_.Field(asked->field)}});
    }
    CheckBudget(id, shown);
    const auto scope = Wait(drill::ScopeOf(vault_.vault(), SessionId(id.array())));
    if (!scope.ok()) return Broken("a scope: " + std::string(scope.error().text()));
    const std::uint64_t missing = book.Compare(*scope).missing;
    if (missing != 0) Broken(std::to_string(missing) + " received values without their entry");
  }

  // A simulation lasts less than a month: everybody who was shown still counts in that window.
  void CheckBudget(const PrincipalId& id,
                   const std::array<std::set<std::uint64_t>, access::kCounters>& shown) {
    const auto asked = Wait(vault_.vault().gate().OwnCapabilities(vault_.CallerOf(id)));
    const auto* found = asked.ok() ? std::get_if<access::Capabilities>(&*asked) : nullptr;
    if (found == nullptr) return Broken("an agent's budget cannot be read");
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      const std::uint32_t cap = found->budget->caps.of[c].back();
      const std::uint32_t used = cap - found->budget->left[c].back();
      if (used < shown[c].size()) Broken("a budget forgot somebody who was shown");
    }
  }

  SimVault& vault_;
  store::Store& main_;
  store::Store& keys_;
  Facts& facts_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> Audit(SimVault& vault, store::Store& main, store::Store& keys,
                               Facts& facts) {
  return Auditor(vault, main, keys, facts).Run();
}

}  // namespace cloison::sim
