#include "api/internal/trail_proofs.h"

#include <algorithm>
#include <vector>

#include "tlog/checkpoint.h"
#include "tlog/inclusion_text.h"

namespace cloison::api::internal {

namespace {

// A signed checkpoint, and whether everybody may read it.
struct Statement {
  std::string note;
  std::uint64_t size;
  bool published;
};

// Of the newest log alone: a closed one is no longer published, its root is in the statement of its
// ceremony.
std::vector<std::uint64_t> IndexesOf(const access::Trail& trail, std::uint32_t newest) {
  std::vector<std::uint64_t> indexes;
  const auto add = [&indexes, newest](const auto& one) {
    if (one.generation == newest) indexes.push_back(one.index);
  };
  for (const access::Look& look : trail.looks) {
    add(look);
    if (look.unsealed.has_value()) add(*look.unsealed);
  }
  for (const ledger::TrailPage::Expired& one : trail.proofs->expired) add(one);
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  return indexes;
}

// The published checkpoint, and the one that was signed with the reading's own entry.
std::vector<Statement> StatementsOf(const access::Trail& trail, std::string published) {
  std::vector<Statement> statements;
  const Result<tlog::Note> note = tlog::ParseNote(published);
  const Result<tlog::Checkpoint> checkpoint =
      note.ok() ? tlog::ParseCheckpoint(note->text) : Result<tlog::Checkpoint>(note.error());
  if (checkpoint.ok()) {
    statements.push_back({std::move(published), checkpoint->head.size, true});
  }
  const ledger::SignedBatch& batch = *trail.recorded.batch;
  if (!batch.checkpoint.empty()) statements.push_back({batch.checkpoint, batch.size_after, false});
  return statements;
}

}  // namespace

const PageProofs::One* PageProofs::Find(std::uint64_t place) const {
  const auto found = by_place_.find(place);
  return found == by_place_.end() ? nullptr : &found->second;
}

void PageProofs::Add(std::uint64_t place, One one) {
  bytes_ += 2 * one.text.size();
  by_place_.insert_or_assign(place, std::move(one));
}

Task<Result<PageProofs>> ProvePage(const Call& call, const access::Trail& trail,
                                   std::string published) {
  PageProofs proofs;
  if (!trail.proofs.has_value()) co_return proofs;
  const std::uint32_t newest = call.service.vault->ledger().generation();
  const std::vector<std::uint64_t> indexes = IndexesOf(trail, newest);
  auto next = indexes.begin();
  for (const Statement& statement : StatementsOf(trail, std::move(published))) {
    const auto end = std::lower_bound(next, indexes.end(), statement.size);
    const std::vector<std::uint64_t> held(next, end);
    if (held.empty()) continue;
    const Result<std::vector<tlog::Proof>> proven =
        co_await call.service.vault->publisher().ProveInclusions(held, statement.size);
    if (!proven.ok() && proven.error().code() == Code::kUnavailable) co_return proofs;
    if (!proven.ok()) co_return proven.error();
    for (std::size_t i = 0; i < held.size(); ++i) {
      const tlog::InclusionText text{{}, held[i], (*proven)[i], statement.note};
      proofs.Add(ledger::PlaceOf(newest, held[i]), {tlog::Print(text), statement.published});
    }
    next = end;
  }
  co_return proofs;
}

}  // namespace cloison::api::internal
