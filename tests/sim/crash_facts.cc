#include "tests/sim/crash_facts.h"

#include <unistd.h>

#include <sstream>

namespace cloison::sim {

namespace {

KnownEntry TakeEntry(std::istream& in) {
  KnownEntry entry{};
  std::string hex;
  in >> entry.index >> hex;
  const Result<Bytes> leaf = base::FromHex(hex);
  CLOISON_CHECK(leaf.ok() && leaf->size() == entry.leaf.size());
  std::copy(leaf->begin(), leaf->end(), entry.leaf.begin());
  return entry;
}

}  // namespace

const std::vector<AskedFor>& Asked() {
  using enum access::Counter;
  static const std::vector<AskedFor> asked = {
      {"list", "identity.birth_name", {kGlimpsed, kGlimpsedOff}},
      {"support", "contact.email", {kGlimpsed, kGlimpsedOff, kOpened, kOpenedOff}},
      {"benefit", "civil_number.nir", {kGlimpsed, kGlimpsedOff, kOpened, kOpenedOff, kSensitive}},
  };
  return asked;
}

void Facts::Note(const std::string& line) {
  const std::lock_guard lock(mutex_);
  Apply(line);
  if (pipe_ < 0) return;
  // Shorter than PIPE_BUF: whole or not at all, whenever the process dies.
  const std::string whole = line + "\n";
  CLOISON_CHECK(write(pipe_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()));
}

void Facts::Recall(const std::string& line) {
  const std::lock_guard lock(mutex_);
  Apply(line);
}

void Facts::Apply(const std::string& line) {
  lines_.push_back(line);
  std::istringstream in(line);
  std::string what;
  in >> what;
  std::uint64_t number = 0;
  if (what == "signed!") {
    std::string hex;
    in >> hex;
    const Result<Bytes> text = base::FromHex(hex);
    CLOISON_CHECK(text.ok());
    checkpoints_.emplace_back(AsText(*text));
    return;
  }
  if (what == "read!") {
    std::size_t agent = 0;
    std::string purpose;
    in >> agent >> number >> purpose;
    reads_.push_back({agent, number, purpose, TakeEntry(in)});
    entries_.push_back(reads_.back().entry);
    return;
  }
  in >> number;
  if (what == "register?") {
    registering_.insert(number);
    return;
  }
  if (what == "refused" || what == "gone") registering_.erase(number);
  if (what == "register!" || what == "is") {
    registering_.erase(number);
    KnownPerson person;
    in >> person.code >> person.version;
    person.email = number;
    if (what == "is") in >> person.email;
    people_[number] = person;
    if (what == "register!") entries_.push_back(TakeEntry(in));
    return;
  }
  // A person who is not known: a registration that was refused.
  if (const auto found = people_.find(number); found != people_.end()) {
    ApplyTo(found->second, what, in);
  }
}

void Facts::ApplyTo(KnownPerson& person, const std::string& what, std::istream& in) {
  if (what == "update?") {
    std::uint64_t email = 0;
    in >> email;
    person.email_asked = email;
  } else if (what == "update!") {
    in >> person.version;
    person.email = person.email_asked.value();
    person.email_asked.reset();
    entries_.push_back(TakeEntry(in));
  } else if (what == "erase?") {
    person.erase_asked = true;
  } else if (what == "rekey?") {
    person.rekey_asked = true;
  } else if (what == "rekey!") {
    in >> person.version;
    person.rekey_asked = false;
  } else if (what == "erase!" || what == "gone") {
    person.erased = true;
    person.erase_asked = false;
    person.email_asked.reset();
    if (what == "erase!") entries_.push_back(TakeEntry(in));
  } else {
    CLOISON_CHECK(what == "refused");
    person.email_asked.reset();
    person.erase_asked = false;
    person.rekey_asked = false;
  }
}

}  // namespace cloison::sim
