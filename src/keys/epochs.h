// The life of an epoch: begun, wrapping everybody's keys for some days; then left, row by row, for
// the next one while the register serves; and destroyed when no backup that is kept needs it. From
// then on whoever was erased while it wrapped is unreadable in every backup ever taken.
//
//   Begin       a new object and KEK: from its commit on no row is written under an older one
//   Rewrap      a slice of the rows of family person_keys and aud that are under older ones; when a
//               whole pass found none left, the epochs before are clear, since that moment
//   Destroy     the object of an epoch that has been clear for long enough
//
// A row is written again only when it is still what was read, so nobody who is erased meanwhile
// comes back. Where a pass stopped is not kept: the next one finds what is left. A row whose epoch
// was destroyed (an old backup was restored) is nobody's any more: it is left as it is, counted. So
// is one that does not open, and no epoch from its own on becomes clear before it is mended.
// When epochs began and became clear is a sealed row of the key database (docs/format/keys.md).
//
// Threads  one caller at a time; tasks resume on `home`. Cost: Rewrap reads kRowsPerSlice rows, and
//          writes those in 3 us each and one commit; Destroy what the object store takes.
// Source   spec crypto.md, "Epoch".
#ifndef CLOISON_KEYS_EPOCHS_H_
#define CLOISON_KEYS_EPOCHS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "keys/key_ring.h"

namespace cloison::keys {

// What the row says. Times are the caller's, in ms.
struct EpochDocument {
  std::uint32_t current = 0;
  std::int64_t begun_ms = 0;                       // the current one
  std::map<std::uint32_t, std::int64_t> clear_ms;  // older ones, until they are destroyed
};
Bytes EncodeEpochs(const EpochDocument& document);
Result<EpochDocument> ParseEpochs(ByteView bytes);  // kCorrupt

class Epochs {
 public:
  static constexpr std::size_t kRowsPerSlice = 4'000;
  static constexpr std::size_t kClearMax = 1'000;  // epochs that wait for their destruction

  // All references outlive it and its tasks.
  Epochs(KeyRing& ring, store::Store& key_store, commit::Committer& key_committer,
         const commit::SealedState& state)
      : ring_(ring), store_(key_store), committer_(key_committer), state_(state) {}

  // Before the others. Makes the row when there is none: the current epoch then begins now.
  // Fails kCorrupt: the row does not open, or names an epoch not begun.
  Task<Status> Load(std::int64_t now_ms, base::Random& random, base::Executor& home);
  const EpochDocument& document() const { return document_; }

  // Fails as KeyRing::BeginEpoch does.
  Task<Status> Begin(std::int64_t now_ms, base::Executor& home);

  struct Pass {
    bool whole = false;           // it is over: what is left under older epochs is counted here
    std::uint64_t rewrapped = 0;  // since the pass began
    std::uint64_t lost = 0;       // under an epoch that was destroyed
    std::uint64_t damaged = 0;    // that do not open
    std::uint32_t held = 0;       // the oldest epoch that one of these may be under; 0: none
  };
  // Goes on with the pass under way; the last one again when it was whole.
  Task<Result<Pass>> Rewrap(std::int64_t now_ms, base::Executor& home);

  // Epochs that have been clear for `keep_ms`, oldest first. None before this process has seen a
  // whole pass itself: what is destroyed is needed by nobody, whatever the row says.
  std::vector<std::uint32_t> Due(std::int64_t now_ms, std::int64_t keep_ms) const;
  // For ever. kConflict: not clear, or not seen to be so by this process. Again: the same.
  Task<Status> Destroy(std::uint32_t epoch, base::Executor& home);

 private:
  Task<Status> Write(EpochDocument document, base::Executor& home);
  // By the pass of this process, whatever the row says.
  bool IsSeenClear(std::uint32_t epoch) const;
  Task<Status> EndPass(std::int64_t now_ms, base::Executor& home);

  KeyRing& ring_;
  store::Store& store_;
  commit::Committer& committer_;
  const commit::SealedState& state_;
  base::Random* random_ = nullptr;
  EpochDocument document_;
  std::uint32_t pass_epoch_ = 0;  // of the pass under way; 0: none
  std::size_t pass_family_ = 0;
  std::string pass_from_;
  Pass pass_;
};

}  // namespace cloison::keys

#endif  // CLOISON_KEYS_EPOCHS_H_
