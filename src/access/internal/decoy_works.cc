#include "access/internal/decoy_works.h"

namespace cloison::access::internal {

namespace {

// What an entry says of either.
struct Told {
  const keys::PersonKey& key;
  std::uint64_t seq;
  std::string_view rule;
};
Told Of(const records::Registration& registration) {
  return {registration.key(), 1, "register"};
}
Told Of(const records::Change& change) {
  return {change.sighting().key, change.new_seq(), "update"};
}

}  // namespace

bool IsDecoy(const Core& core, const records::Sighting& sighting) {
  Observer* const observer = core.parts.observer;
  return observer != nullptr && observer->decoys().Has(sighting.key.aud());
}

Result<commit::Staged> DecoyListWork::Decide(commit::Staging& staging) {
  DecoyList& list = core_.parts.observer->decoys();
  now_ = Now{list.All(), list.share()};
  if (add_.empty() && remove_.empty()) return commit::Staged::kDone;
  // The list is tied to the anchor, which goes with entries alone: a batch that put its pages
  // without one would leave a register that does not open. It names nobody.
  (void)StageEntry(Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow, "decoys/list"));
  Charge(staging, {});
  list.Add(add_);
  list.Remove(remove_);
  return commit::Staged::kDone;
}

DecoyListWork::Promise DecoyListWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::move(*now_);
}

template <class Record>
Task<Status> DecoyRecordWork<Record>::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await record_.Load(staging));
  co_return co_await core_.parts.ledger.LoadHead(Of(record_).key.subject());
}

template <class Record>
Result<commit::Staged> DecoyRecordWork<Record>::Decide(commit::Staging& staging) {
  const Result<commit::Staged> staged = record_.Stage(staging);
  if (!staged.ok() || *staged == commit::Staged::kAgain) return staged;
  const Told told = Of(record_);
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kChange, ledger::Decision::kAllow, std::string(told.rule));
  draft.subject = ledger::EntryDraft::Subject{told.key.person(), &told.key.subject(),  told.seq,
                                              record_.fields(),  ledger::Form::kPlain, {}};
  (void)StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

template class DecoyRecordWork<records::Registration>;
template class DecoyRecordWork<records::Change>;

}  // namespace cloison::access::internal
