// The insides of a Publisher: what its files share.
#ifndef CLOISON_LEDGER_INTERNAL_PUBLISHING_H_
#define CLOISON_LEDGER_INTERNAL_PUBLISHING_H_

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/internal/growth.h"
#include "ledger/internal/level_files.h"
#include "ledger/internal/tile_nodes.h"
#include "ledger/internal/turn.h"
#include "ledger/publisher.h"
#include "tlog/checkpoint.h"

namespace cloison::ledger {

struct Publisher::State {
  State(Options options_in, Parts parts_in);

  const Options options;
  const Parts parts;
  const tlog::VerifierKey key;
  // Trees that were signed before this start, smallest first: what the files are held against.
  std::vector<tlog::Head> marks;

  // Whoever has the turn.
  internal::Turn turn;
  internal::LevelFiles files;  // reading them needs no turn
  bool opened = false;
  bool lost = false;            // a sync failed: what the files hold is not known
  bool inherited = false;       // the files may hold what an earlier process left in them
  bool corrupt = false;         // the frames are not what was signed
  tlog::Frontier written;       // of what all files have
  std::optional<Error> failed;  // of the work in the background
  std::atomic<bool> catching_up{false};

  // What the committer added and nobody has looked at: [added_begin, added_end).
  struct Added {
    std::uint64_t first;
    std::vector<tlog::Hash> hashes;
  };
  std::mutex added_mutex;  // guards the next three; held for moves alone
  std::vector<Added> added;
  std::uint64_t added_begin;
  std::uint64_t added_end;

  mutable std::mutex mutex;  // guards the next two
  internal::Growth growth;
  bool whole = false;  // growth goes on where the files end, and reaches all that was added

  mutable std::mutex note_mutex;  // guards the next two
  std::optional<tlog::Note> note;
  std::string checkpoint;
  std::atomic<std::uint64_t> size{0};
  std::atomic<std::int64_t> latest_at_us;  // when the published checkpoint was last the latest one

  // publisher.cc
  Task<Status> PublishLatest();
  Task<Status> WriteAll();
  void GiveOut(const std::string& latest, const tlog::Head& head);
  void BeginCatchingUp();
  Task<void> CatchUpInBackground();

  // internal/catch_up.cc
  bool IsWhole() const;
  std::size_t FreshEntries() const;
  bool Absorb();  // under `mutex`; false: entries are missing in between
  Task<Status> CatchUp(std::size_t entries);
  Status OpenFiles();
  Task<Result<std::size_t>> Advance(std::size_t entries);
  Task<Result<std::vector<tlog::Hash>>> HashesOf(std::uint64_t first, std::size_t count,
                                                 bool in_file);
  Result<bool> Extend(const std::vector<tlog::Hash>& hashes, bool in_file);
  Result<bool> MatchesLevel(unsigned level);
  std::uint64_t NextMark(std::uint64_t after) const;
  bool MeetsMark() const;
  Status WriteFresh();
  void GoBack();  // to what all files have; what is in memory is read again

  // internal/prove.cc
  Task<Result<Bytes>> ReadBundle(tlog::TileId tile) const;
  Task<Status> LoadTiles(internal::TileNodes& nodes, std::uint64_t size);
  Task<Result<tlog::Hash>> RootAt(std::uint64_t size);
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_INTERNAL_PUBLISHING_H_
