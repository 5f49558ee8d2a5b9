#include "vault/audit.h"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include "records/audit.h"
#include "vault/read_only_store.h"

namespace cloison::vault {
namespace {

constexpr std::size_t kRowsPerPage = 1'000;
constexpr std::size_t kSubjectAt = 2, kActorAt = 34;  // C_subj, C_actor in a leaf
// The last registration, change or erasure of somebody.
struct LastChange {
  std::uint64_t entry;  // its place (ledger/logs.h)
  std::uint64_t seq;
  bool erased;
  bool seen = false;  // a row stands for it
};

class Audit {
 public:
  Audit(Vault& vault, std::optional<tlog::Head> published)
      : vault_(vault), published_(std::move(published)), auditor_(vault.people()) {}

  Task<Status> Run() {
    CLOISON_CO_TRY(ReadErased());
    CLOISON_CO_TRY(co_await Entries());
    if (report.fault) co_return Ok();
    CLOISON_CO_TRY(co_await Rows());
    FindLost();
    co_return co_await Pages();
  }

  StoreReport report;

 private:
  // `entry`: a place. One of a closed log is told by its number and, behind an @, its generation.
  Status Put(std::string place, std::optional<std::uint64_t> entry, Literal text) {
    ++report.faults;
    if (report.others.size() + 1 == kStoreFaultsMax) return Ok();
    if (entry && ledger::GenerationOf(*entry) != vault_.ledger().generation()) {
      place += "@" + std::to_string(ledger::GenerationOf(*entry));
    }
    if (entry) entry = ledger::NumberOf(*entry);
    StoreFault fault{std::move(place), entry, text.view()};
    if (report.fault) {
      report.others.push_back(std::move(fault));
    } else {
      report.fault = std::move(fault);
    }
    return Ok();
  }

  Status ReadErased();
  // Of entries that were counted: those that expired were so many as they were.
  std::uint64_t MostOf(std::uint64_t counted) const {
    return any_expired_ ? std::numeric_limits<std::uint64_t>::max() : counted;
  }
  Task<Status> Entries();
  Task<Status> EntriesOf(std::uint32_t generation);
  Status CheckPublished(std::uint64_t size);
  Task<Status> TakeRecords(std::uint64_t first, std::size_t count);
  Status TakeRecord(std::uint64_t entry, const ledger::Record& record);
  static bool IsOfItsLeaf(const ledger::Record& record, const ledger::Leaf& leaf);
  Task<Status> FindLostLeaf(std::uint64_t entry);
  Task<Status> Rows();
  Task<Status> CheckRow(const store::KeyedRow& row, const std::string& place);
  Task<Status> CheckWayBack(const keys::PersonKey& key, const std::string& place);
  Task<Status> CheckLast(const keys::PersonKey& key, const records::RowHeader& header,
                         const std::string& place);
  Task<Result<bool>> IsOfItsLeaf(const keys::PersonKey& key, std::uint64_t entry) const;
  Task<Status> CheckPosted(const keys::PersonKey& key, ByteView row, const std::string& place);
  void FindLost();
  Task<Status> Pages();
  Task<Status> CheckChain(records::Auditor::PageName name);

  Vault& vault_;
  std::optional<tlog::Head> published_;
  records::Auditor auditor_;
  tlog::Frontier frontier_;  // of the log that is read
  std::unordered_map<Aud, LastChange, IdHash> last_;
  std::vector<PersonId> people_;      // who has a row, ascending
  std::uint64_t loads_ = 0;           // load entries
  std::vector<ledger::Leaf> leaves_;  // of the records that are read
  std::uint64_t leaves_first_ = 0;    // the place of the first
  bool any_expired_ = false;
  // Of the erase journal, which keeps all.
  std::set<PersonId> erased_;
  std::set<Aud> erased_auds_;
  // Erasures of what was damaged (access/internal/erasure.cc): of a row that was not opened, and of
  // those the ones that name nobody.
  std::uint64_t unopened_ = 0, unnamed_ = 0;
  std::set<PersonId> hinted_;    // of the erased, who have postings
  std::uint64_t unmatched_ = 0;  // rows whose keys do not tell whose they are
};

Status Audit::ReadErased() {
  CLOISON_TRY_ASSIGN(const auto items, vault_.ReadEraseJournal());
  for (const keys::EraseJournal::Item& item : items) {
    if (item.past_pkv != 0) continue;
    erased_.insert(item.person);
    erased_auds_.insert(item.aud);
  }
  return Ok();
}

Status Audit::CheckPublished(std::uint64_t size) {
  if (!published_ || published_->size != size || published_->root == frontier_.Root()) return Ok();
  return Put("entries", {}, "the entries in the store are not those that are published");
}

// The closed logs first: what is done last is in the newest that tells of it.
Task<Status> Audit::Entries() {
  const ledger::Ledger& log = vault_.ledger();
  for (std::uint32_t generation = 1; generation < log.generation(); ++generation) {
    frontier_ = tlog::Frontier();
    CLOISON_CO_TRY(co_await EntriesOf(generation));
    if (report.fault) co_return Ok();
    const tlog::Head left{frontier_.size(), frontier_.Root()};
    if (log.logs()[generation - 1].closing->head == left) continue;
    co_return Put("entries@" + std::to_string(generation), {},
                  "the entries of a closed log are not those that were left of it");
  }
  frontier_ = tlog::Frontier();
  if (published_ && published_->size > log.size()) {
    co_return Put("entries", log.end(), "the store has fewer entries than are published");
  }
  CLOISON_CO_TRY(CheckPublished(0));
  CLOISON_CO_TRY(co_await EntriesOf(log.generation()));
  report.head = {frontier_.size(), frontier_.Root()};
  co_return Ok();
}

Task<Status> Audit::EntriesOf(std::uint32_t generation) {
  const ledger::Ledger& log = vault_.ledger();
  const std::uint64_t size = log.SizeOf(generation);
  for (std::uint64_t first = 0; first < size && !report.fault; first += ledger::kReadEntriesMax) {
    Result<std::vector<ledger::Leaf>> leaves =
        co_await log.ReadLeaves(first, ledger::kReadEntriesMax, generation);
    if (!leaves.ok() && leaves.error().code() == Code::kCorrupt) {
      co_return co_await FindLostLeaf(ledger::PlaceOf(generation, first));
    }
    if (!leaves.ok()) co_return leaves.error();
    for (const ledger::Leaf& leaf : *leaves) {
      CLOISON_CO_TRY(frontier_.Append(tlog::LeafHash(leaf)));
      if (generation != log.generation()) continue;
      CLOISON_CO_TRY(CheckPublished(frontier_.size()));
    }
    leaves_ = std::move(*leaves);
    leaves_first_ = ledger::PlaceOf(generation, first);
    CLOISON_CO_TRY(co_await TakeRecords(leaves_first_, leaves_.size()));
  }
  co_return Ok();
}

// The first from there on that cannot be read.
Task<Status> Audit::FindLostLeaf(std::uint64_t entry) {
  const ledger::Ledger& log = vault_.ledger();
  while (true) {
    const auto leaf =
        co_await log.ReadLeaves(ledger::NumberOf(entry), 1, ledger::GenerationOf(entry));
    if (!leaf.ok() && leaf.error().code() != Code::kCorrupt) co_return leaf.error();
    if (!leaf.ok()) co_return Put("frames", entry, "the leaf is not there, or is none");
    CLOISON_CHECK(!leaf->empty());  // reading more than one of these failed
    ++entry;
  }
}

// Where some have expired, or do not open, they are taken one by one.
Task<Status> Audit::TakeRecords(std::uint64_t first, std::size_t count) {
  Result<std::vector<ledger::Record>> records = co_await vault_.ledger().ReadRecords(
      ledger::NumberOf(first), count, ledger::GenerationOf(first));
  const Code code = records.ok() ? Code::kNotFound : records.error().code();
  if (code != Code::kNotFound && code != Code::kCorrupt) co_return records.error();
  if (records.ok()) {
    for (std::size_t i = 0; i < records->size() && !report.fault; ++i) {
      CLOISON_CO_TRY(TakeRecord(first + i, (*records)[i]));
    }
    co_return Ok();
  }
  any_expired_ = any_expired_ || code == Code::kNotFound;
  if (count == 1 && code == Code::kCorrupt) {
    co_return Put("records", first, "the record is not there, or does not open");
  }
  if (count == 1) co_return Ok();
  CLOISON_CO_TRY(co_await TakeRecords(first, count / 2));
  if (report.fault) co_return Ok();
  co_return co_await TakeRecords(first + count / 2, count - count / 2);
}

// By its actor's side, which whoever reads the record can open.
bool Audit::IsOfItsLeaf(const ledger::Record& record, const ledger::Leaf& leaf) {
  if (!record.actor_randomness) return true;  // of an entry of an earlier version
  const auto randomness = crypto::Secret<32>::FromBytes(*record.actor_randomness);
  const crypto::Digest commitment = ledger::Commit(*randomness, "actor", record.actor_part);
  return base::Equal(ByteView(leaf).subspan(kActorAt, commitment.size()), commitment);
}

Status Audit::TakeRecord(std::uint64_t entry, const ledger::Record& record) {
  if (!IsOfItsLeaf(record, leaves_[entry - leaves_first_])) {
    return Put("records", entry, "the record is not its leaf's");
  }
  CLOISON_TRY_ASSIGN(const ledger::ActorPart actor, ledger::ParseActorPart(record.actor_part));
  loads_ += actor.kind == ledger::Kind::kLoad ? 1 : 0;
  const bool change = actor.kind == ledger::Kind::kChange;
  if (actor.kind == ledger::Kind::kErasure && record.subject_part.empty()) {
    ++unopened_;
    ++unnamed_;
  }
  if ((!change && actor.kind != ledger::Kind::kErasure) || record.subject_part.empty()) return Ok();
  if (actor.decision != ledger::Decision::kAllow) return Ok();
  CLOISON_TRY_ASSIGN(const ledger::SubjectPart subject,
                     ledger::ParseSubjectPart(record.subject_part));
  unopened_ += !change && subject.fields.empty() ? 1 : 0;
  last_.insert_or_assign(subject.aud, LastChange{entry, subject.seq, !change});
  return Ok();
}

Task<Status> Audit::Rows() {
  store::Range range{store::Family::kPeople, "", ""};
  std::uint64_t number = 0;
  while (true) {
    Result<store::ScanPage> page =
        co_await vault_.environment().main_store.Scan(range, kRowsPerPage);
    if (!page.ok()) co_return page.error();
    for (const store::KeyedRow& row : page->rows) {
      const std::string place = "people#" + std::to_string(number++);
      CLOISON_CO_TRY(co_await CheckRow(row, place));
    }
    if (!page->next.has_value()) break;
    range.begin = *page->next;
  }
  co_return Ok();
}

Task<Status> Audit::CheckRow(const store::KeyedRow& row, const std::string& place) {
  const Result<PersonId> person = PersonId::FromBytes(AsBytes(row.key));
  const Result<records::RowHeader> header = records::ParseRowHeader(row.row.value);
  if (person.ok()) people_.push_back(*person);
  ++unmatched_;  // until its key tells whose it is
  if (!person.ok() || !header.ok()) co_return Put(place, {}, "not a row");
  Result<keys::PersonKey> key = co_await vault_.person_keys().LoadVersion(*person, header->pkv);
  if (!key.ok() && key.error().code() == Code::kNotFound) {
    co_return Put(place, {}, "the row's wrapped key is not there");
  }
  if (!key.ok() && key.error().code() == Code::kCorrupt) {
    co_return Put(place, {}, "the row's wrapped key does not open");
  }
  if (!key.ok()) co_return key.error();
  --unmatched_;
  const std::uint64_t before = report.faults;
  CLOISON_CO_TRY(co_await CheckLast(*key, *header, place));
  if (report.faults > before) co_return Ok();
  CLOISON_CO_TRY(co_await CheckWayBack(*key, place));
  co_return co_await CheckPosted(*key, row.row.value, place);
}

// By which the scope of a theft, and a trail, come from an entry to the person.
Task<Status> Audit::CheckWayBack(const keys::PersonKey& key, const std::string& place) {
  const Result<PersonId> person = co_await vault_.person_keys().PersonOf(key.aud());
  const Code code = person.ok() ? Code::kNotFound : person.error().code();
  if (code != Code::kNotFound && code != Code::kCorrupt) co_return person.error();
  if (person.ok() && *person == key.person()) co_return Ok();
  co_return Put(place, {}, "no way back from the ledger leads to the row");
}

Task<Status> Audit::CheckLast(const keys::PersonKey& key, const records::RowHeader& header,
                              const std::string& place) {
  const auto last = last_.find(key.aud());
  if (last == last_.end()) {
    // A first load writes no entry for each; a row of it that was never changed has the first seq.
    if (any_expired_) {
      ++report.expired;
    } else if (loads_ > 0 && header.seq == 1) {
      ++report.loaded;
    } else {
      co_return Put(place, {}, "a row that no entry tells of");
    }
    co_return Ok();
  }
  last->second.seen = true;
  const std::uint64_t entry = last->second.entry;
  if (last->second.erased) co_return Put(place, entry, "somebody who was erased has a row");
  if (last->second.seq != header.seq) {
    co_return Put(place, entry, "not the row that was written last");
  }
  const Result<bool> of_its_leaf = co_await IsOfItsLeaf(key, entry);
  if (!of_its_leaf.ok()) co_return of_its_leaf.error();
  if (!*of_its_leaf) co_return Put(place, entry, "the record of its last change is not its leaf's");
  ++report.people;
  co_return Ok();
}

Task<Result<bool>> Audit::IsOfItsLeaf(const keys::PersonKey& key, std::uint64_t entry) const {
  const std::uint64_t index = ledger::NumberOf(entry);
  const std::uint32_t of = ledger::GenerationOf(entry);
  const Result<std::vector<ledger::Leaf>> leaf = co_await vault_.ledger().ReadLeaves(index, 1, of);
  if (!leaf.ok()) co_return leaf.error();
  const Result<std::vector<ledger::Record>> record =
      co_await vault_.ledger().ReadRecords(index, 1, of);
  if (!record.ok()) co_return record.error();
  const crypto::Digest commitment = ledger::Commit(
      key.subject().Randomness(record->front().entry_id), "subj", record->front().subject_part);
  co_return base::Equal(ByteView(leaf->front()).subspan(kSubjectAt, commitment.size()), commitment);
}

Task<Status> Audit::CheckPosted(const keys::PersonKey& key, ByteView row,
                                const std::string& place) {
  const Result<std::vector<records::Slot>> slots = auditor_.SlotsOf(key, row);
  if (!slots.ok()) co_return Put(place, {}, "the row does not open");
  for (const records::Slot& slot : *slots) {
    const Result<bool> posted = co_await auditor_.IsPosted(slot, key.person());
    if (!posted.ok() && posted.error().code() != Code::kCorrupt) co_return posted.error();
    if (!posted.ok() || !*posted) {
      co_return Put(place, {}, "an index does not lead to the row, or to a value of it");
    }
  }
  co_return Ok();
}

// The changes whose rows are not there. A row whose key tells nobody may be that of any of them.
void Audit::FindLost() {
  std::vector<std::uint64_t> lost;
  for (const auto& [aud, last] : last_) {
    if (last.seen || last.erased) continue;
    const bool unnamed = erased_auds_.contains(aud) && report.unnamed < MostOf(unnamed_);
    if (unnamed) {
      ++report.unnamed;
    } else {
      lost.push_back(last.entry);
    }
  }
  if (lost.size() <= unmatched_) return;
  std::ranges::sort(lost);
  for (const std::uint64_t entry : lost) {
    (void)Put("people", entry, "the row of this entry is not there");
  }
}

Task<Status> Audit::Pages() {
  store::Range range{store::Family::kIndex, "", ""};
  std::uint64_t rows = 0;
  const std::uint64_t before = report.faults;
  while (true) {
    Result<store::ScanPage> page =
        co_await vault_.environment().main_store.Scan(range, kRowsPerPage);
    if (!page.ok()) co_return page.error();
    for (const store::KeyedRow& row : page->rows) {
      const Result<records::Auditor::Key> key = auditor_.ParseKey(row.key);
      if (!key.ok()) {
        CLOISON_CO_TRY(Put("index", {}, "a page of no index"));
        continue;
      }
      const bool leftover = key->kind == records::Auditor::Kind::kLeftover;
      report.leftovers += leftover ? 1 : 0;
      rows += leftover ? 0 : 1;
      if (key->kind != records::Auditor::Kind::kFirst) continue;
      CLOISON_CO_TRY(co_await CheckChain(key->name));
    }
    if (!page->next.has_value()) break;
    range.begin = *page->next;
  }
  // Behind a page that does not open nobody knows what is reached.
  if (report.faults == before && rows != report.pages) {
    co_return Put("index", {}, "a page that no chain leads to");
  }
  co_return Ok();
}

Task<Status> Audit::CheckChain(records::Auditor::PageName name) {
  for (bool more = true; more; ++name.overflow) {
    const std::string place = "index/" + std::to_string(name.index) + "/" +
                              std::to_string(name.page) + "/" + std::to_string(name.overflow);
    const Result<records::Page> page = co_await auditor_.Read(name);
    if (!page.ok() && page.error().code() != Code::kCorrupt) co_return page.error();
    if (!page.ok()) co_return Put(place, {}, "the page is not there, or does not open");
    ++report.pages;
    for (const records::Posting& posting : page->postings) {
      if (!auditor_.MayHold(name, posting.person)) {
        co_return Put(place, {}, "a posting of somebody whom the new index has not come to");
      }
      if (std::binary_search(people_.begin(), people_.end(), posting.person)) {
        ++report.postings;
        continue;
      }
      if (erased_.contains(posting.person)) hinted_.insert(posting.person);
      if (!hinted_.contains(posting.person) || hinted_.size() > MostOf(unopened_)) {
        co_return Put(place, {}, "a posting of nobody");
      }
      ++report.hints;
    }
    more = page->more && name.overflow < records::kOverflowPagesMax;
  }
  co_return Ok();
}

}  // namespace

Task<Result<StoreReport>> AuditStore(Environment environment, Settings settings,
                                     std::optional<tlog::Head> published) {
  ReadOnlyStore main_store(environment.main_store), key_store(environment.key_store);
  const Environment guarded{main_store,
                            key_store,
                            environment.objects,
                            environment.files,
                            environment.clock,
                            environment.random,
                            environment.events,
                            environment.main_executor,
                            environment.key_executor,
                            environment.background,
                            environment.home,
                            environment.builders,
                            environment.disk};
  Result<std::unique_ptr<Vault>> opened = co_await Vault::OpenToRead(guarded, std::move(settings));
  if (!opened.ok()) co_return opened.error();
  Audit audit(**opened, std::move(published));
  const Status ran = co_await audit.Run();
  const Status stopped = co_await (*opened)->Stop();
  if (!ran.ok()) co_return ran.error();
  if (!stopped.ok()) co_return stopped.error();
  co_return std::move(audit.report);
}

}  // namespace cloison::vault
