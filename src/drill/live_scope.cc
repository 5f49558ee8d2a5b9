#include "drill/live_scope.h"

#include <algorithm>
#include <map>
#include <set>

namespace cloison::drill {

namespace {

// As drill/scope.cc has it of the ledger's own records.
bool Shows(const LiveEntry& entry) {
  if (!entry.form.has_value()) return false;
  if (entry.kind == "glimpse") return entry.decision != "refuse";
  return entry.kind == "disclosure" && entry.decision == "allow";
}

// Pseudonyms and the people of a book, one to one.
class Names {
 public:
  Names(const Book& book, const std::vector<std::optional<PersonId>>& unanswered) {
    for (const BookLine& line : book.lines()) {
      for (const std::uint64_t index : line.entries) by_index_.emplace(index, line.person);
    }
    for (const std::optional<PersonId>& person : unanswered) {
      (person.has_value() ? room_[*person] : room_of_any_) += kEntriesOfOneShowing;
      if (person.has_value()) unanswered_.push_back(*person);
    }
  }
  bool Has(std::uint64_t index) const { return by_index_.contains(index); }

  // Whom an entry that the book names is about. Another than the book says, when the pseudonym or
  // the person goes with somebody else already.
  PersonId Of(const LiveEntry& entry) {
    const PersonId& person = by_index_.at(entry.index);
    if (entry.sealed) return person;  // without a pseudonym: the index alone says it
    const auto [at, fresh] = people_.emplace(entry.person, person);
    const bool one_to_one = !fresh || taken_.insert(person).second;
    return one_to_one ? at->second : Stranger(entry);
  }
  // Of an entry that it does not: who that pseudonym is elsewhere, or somebody who was asked for
  // without an answer, or nobody of the book.
  PersonId OfOther(const LiveEntry& entry) {
    const auto found = people_.find(entry.person);
    if (found != people_.end()) return found->second;
    while (!unanswered_.empty()) {
      const PersonId person = unanswered_.back();
      unanswered_.pop_back();
      if (!taken_.insert(person).second) continue;
      people_.emplace(entry.person, person);
      return person;
    }
    return Stranger(entry);
  }

  // Whether a request without an answer explains an entry about this one, which uses it up.
  bool Explains(const PersonId& person) {
    const auto found = room_.find(person);
    std::size_t& room = found != room_.end() && found->second > 0 ? found->second : room_of_any_;
    if (room == 0) return false;
    --room;
    return true;
  }

 private:
  // Nobody of the book's: people of it are digests.
  static PersonId Stranger(const LiveEntry& entry) { return PersonId(base::BigU64(~entry.index)); }

  std::map<std::uint64_t, PersonId> by_index_;
  std::map<std::string, PersonId> people_;
  std::set<PersonId> taken_;
  std::vector<PersonId> unanswered_;
  std::map<PersonId, std::size_t> room_;  // for entries of requests without an answer
  std::size_t room_of_any_ = 0;           // of those that named nobody
};

Result<ScopeEntry> EntryOf(const LiveEntry& entry, const PersonId& person,
                           const records::Schema& schema) {
  ScopeEntry out{entry.index, 0, person, *entry.form, {}};
  for (const std::string& name : entry.fields) {
    const records::FieldSpec* const field = schema.Find(name);
    if (field == nullptr) {
      return Error{Code::kCorrupt, "an entry names a field that the schema does not have"};
    }
    out.fields.push_back(field->id);
  }
  return out;
}

}  // namespace

Result<LiveScope> ScopeOfActivity(std::vector<LiveEntry> entries, std::uint64_t first_n,
                                  const Book& book, std::vector<std::optional<PersonId>> unanswered,
                                  const std::string& log, const records::Schema& schema) {
  std::ranges::sort(entries, {}, &LiveEntry::n);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].n != first_n + i || entries[i].log != entries.front().log) {
      return Error{Code::kCorrupt, "an account's numbers have a gap"};
    }
  }
  std::erase_if(entries, [](const LiveEntry& entry) { return !Shows(entry); });
  Names names(book, unanswered);
  const auto ours = [&](const LiveEntry& entry) {
    return entry.log == log && names.Has(entry.index);
  };
  std::set<std::string> sessions;
  for (const LiveEntry& entry : entries) {
    if (ours(entry)) sessions.insert(entry.session);
  }
  LiveScope scope;
  for (const bool named : {true, false}) {  // those that the book names say who is who
    for (const LiveEntry& entry : entries) {
      if (ours(entry) != named) continue;
      if (!named && !sessions.empty() && !sessions.contains(entry.session)) {
        ++scope.elsewhere;
        continue;
      }
      const PersonId person = named ? names.Of(entry) : names.OfOther(entry);
      if (!named && names.Explains(person)) {
        ++scope.unanswered;
        continue;
      }
      CLOISON_TRY_ASSIGN(ScopeEntry one, EntryOf(entry, person, schema));
      scope.entries.push_back(std::move(one));
    }
  }
  std::ranges::sort(scope.entries, {}, &ScopeEntry::index);
  return scope;
}

}  // namespace cloison::drill
