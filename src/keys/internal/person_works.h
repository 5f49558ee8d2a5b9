// What PersonKeys submits to the key database's committer.
#ifndef CLOISON_KEYS_INTERNAL_PERSON_WORKS_H_
#define CLOISON_KEYS_INTERNAL_PERSON_WORKS_H_

#include <vector>

#include "keys/internal/person_rows.h"
#include "keys/internal/wrapped_rows.h"
#include "keys/person_keys.h"

namespace cloison::keys::internal {

// Writes a new person and removes the intent rows of `settled`. kConflict: the id is taken, or the
// epoch that wrapped has ended; nothing is written.
class CreateWork final : public commit::Work {
 public:
  using Promise = Done;
  std::uint32_t epoch = 0;
  std::vector<store::Put> puts;  // WK, AUD row, intent row; none: nobody is new
  std::vector<PersonId> settled;

  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Done Take(const commit::Durable&) { return {}; }
};

// Takes back a person whose main commit did not happen. kConflict: the person is adopted.
class AbandonWork final : public commit::Work {
 public:
  using Promise = Done;
  AbandonWork(const commit::SealedState& state, const PersonId& person)
      : state_(state), person_(person) {}

  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Done Take(const commit::Durable&) { return {}; }

 private:
  const commit::SealedState& state_;
  PersonId person_;
};

// Removes every WK, the AUD row and the intent row of an erased person. A WK that opens as another
// person's (the id was drawn again after an erasure that is now replayed) is left alone; one that
// does not open at all goes.
class DestroyWork final : public commit::Work {
 public:
  using Promise = Done;
  DestroyWork(const KeyRing& ring, LogId log_id, const PersonId& person, const Aud& aud)
      : ring_(ring), log_id_(log_id), person_(person), aud_(aud) {}

  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Done Take(const commit::Durable&) { return {}; }

 private:
  bool IsOfAnother(std::uint32_t pkv, ByteView wrapped) const;

  const KeyRing& ring_;
  LogId log_id_;
  PersonId person_;
  Aud aud_;
  std::vector<std::uint32_t> versions_;
  std::uint32_t next_version_ = kFirstPkv;  // where a re-key of the same batch would write
};

// Writes a new WK beside the old one. kNotFound: the old one is gone (erased), nothing is written;
// kConflict: the new one is there already, or the epoch that wrapped it has ended.
class RenewWork final : public commit::Work {
 public:
  using Promise = Done;
  RenewWork(std::uint32_t epoch, store::Key old, store::Put fresh)
      : epoch_(epoch), old_(std::move(old)), fresh_(std::move(fresh)) {}

  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Done Take(const commit::Durable&) { return {}; }

 private:
  std::uint32_t epoch_;
  store::Key old_;
  store::Put fresh_;
};

// Removes every WK of a person but one. kNotFound: that one is not there.
class SupersedeWork final : public commit::Work {
 public:
  using Promise = Done;
  SupersedeWork(const PersonId& person, std::uint32_t current)
      : person_(person), current_(current) {}

  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Done Take(const commit::Durable&) { return {}; }

 private:
  PersonId person_;
  std::uint32_t current_;
  std::vector<store::Key> others_;
};

// Puts each row that still is what it was; whoever was erased meanwhile stays so. kConflict: the
// epoch that wraps has ended. Gives how many were put.
class RewrapWork final : public commit::Work {
 public:
  using Promise = std::uint64_t;
  struct Rewrapped {
    store::Key key;
    Bytes before, after;
  };
  std::uint32_t epoch = 0;
  std::vector<Rewrapped> rows;

  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  std::uint64_t Take(const commit::Durable&) { return count_; }

 private:
  std::uint64_t count_ = 0;
};

}  // namespace cloison::keys::internal

#endif  // CLOISON_KEYS_INTERNAL_PERSON_WORKS_H_
