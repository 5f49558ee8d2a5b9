// Generations of the index pages: which is in force, which is being built beside it, whose pages
// are still to go (docs/format/index.md "Generations"; vector "generations").
//
// A sealed row says it. Who writes postings decides by the row as the batch has it, on the
// committer, and so does the walk that builds the next generation (index_build.h): in the next one
// is everybody up to the person the row names, and nobody behind them. Who looks something up
// reads the pages of what was in force, and looks again when it no longer is.
//
// Source   docs/design/0032-index-generations.md
#ifndef CLOISON_RECORDS_GENERATIONS_H_
#define CLOISON_RECORDS_GENERATIONS_H_

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "commit/committer.h"
#include "records/schema.h"

namespace cloison::records {

inline constexpr std::uint32_t kFirstGeneration = 1;
inline constexpr std::size_t kGenerationsDroppedMax = 8;

// How the pages of one generation are laid out.
struct Layout {
  std::uint32_t generation = kFirstGeneration;
  std::uint64_t capacity = 0;                                 // of the schema, then
  std::array<std::uint8_t, std::size(kIndexes)> page_bits{};  // in the order of kIndexes

  static Layout Of(const Schema& schema, std::uint32_t generation);
  std::uint8_t BitsOf(std::uint16_t index) const;  // CHECKs that it is one of kIndexes
  friend bool operator==(const Layout&, const Layout&) = default;
};

struct IndexState {
  Layout in_force;
  std::uint32_t last = kFirstGeneration;  // the highest number that was ever given
  std::optional<Layout> next;             // is being built
  std::optional<PersonId> built;          // of it: everybody up to here is in it
  std::vector<std::uint32_t> dropped;     // whose pages go, ascending
  std::uint64_t refused = 0;              // a capacity that was too small; 0: none

  static IndexState First(const Schema& schema);
  // Whether the person is posted in the next generation too.
  bool IsBuiltFor(const PersonId& person) const {
    return next.has_value() && built.has_value() && person <= *built;
  }
  bool Knows(std::uint32_t generation) const;  // in force, next, or to be dropped
  bool IsDropped(std::uint32_t generation) const;
  // How far the walk is, 0 to 1: ids are drawn at random. 1 when none is under way.
  double Share() const;
  // The next one is in force from here on. CHECKs that there is one.
  IndexState Switched() const;
  // There is no next one any more: a chain of it is full, and the capacity is not tried again; or
  // a page of it is damaged, and it is begun anew.
  enum class Why { kFull, kDamaged };
  IndexState GivenUp(Why why) const;
  friend bool operator==(const IndexState&, const IndexState&) = default;
};
Bytes EncodeIndexState(const IndexState& state);
Result<IndexState> ParseIndexState(ByteView bytes);  // kCorrupt

// The row, and what it says. Threads: Current any; the rest as said.
class Generations final : public commit::Participant {
 public:
  // Both outlive it. Until Open, and without a row: generation 1, laid out for the schema.
  Generations(const Schema& schema, const commit::SealedState& state);

  static store::Key RowKey();

  // Reads the row. kCorrupt: it does not open.
  Task<Status> Read(store::Store& store);
  // What was in force when the last commit ended.
  std::shared_ptr<const IndexState> Current() const;

  // On the committer, of a batch that has loaded RowKey: as the work sees it. kCorrupt.
  Result<std::shared_ptr<const IndexState>> In(const commit::Staging& staging);
  void Put(commit::Staging& staging, const IndexState& state) const;
  // On the committer: a work of this batch put or deleted the person's row.
  void Note(const PersonId& person) { noted_.push_back(person); }
  // Whether one did behind `from` (nothing: from the first), up to `to` (nothing: to the last).
  bool IsNoted(const std::optional<PersonId>& from, const std::optional<PersonId>& to) const;

  // commit::Participant
  Task<Status> Prepare(commit::Staging&) override { co_return Ok(); }
  void Begin(const commit::Staging&) override { noted_.clear(); }
  std::size_t Mark() const override { return noted_.size(); }
  void Rollback(std::size_t mark) override;
  void Close(commit::Staging& staging) override;
  void Committed(const commit::Durable& durable) override;

 private:
  Result<std::shared_ptr<const IndexState>> Open(ByteView row) const;

  const commit::SealedState& state_;
  const std::shared_ptr<const IndexState> first_;
  mutable std::mutex mutex_;  // guards current_
  std::shared_ptr<const IndexState> current_;
  // The committer's alone.
  Bytes opened_row_;  // the last that was opened, and what it said
  std::shared_ptr<const IndexState> opened_;
  std::shared_ptr<const IndexState> staged_;
  std::vector<PersonId> noted_;  // of this batch
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_GENERATIONS_H_
