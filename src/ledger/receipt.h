// Receipt: the right to open the named fields of the named person once, for the named principal. It
// exists only when its entry is durable: the ledger makes it out of a Pending and the committer's
// Durable, and nothing else can.
#ifndef CLOISON_LEDGER_RECEIPT_H_
#define CLOISON_LEDGER_RECEIPT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/entry.h"

namespace cloison::ledger {

// The signed checkpoint of the batch an entry went in with.
struct SignedBatch {
  std::uint64_t first_index = 0;
  std::uint64_t size_after = 0;
  std::string checkpoint;  // signed note, tlog-checkpoint; empty when the signer was out of reach
};

// An entry that is durable: refusals and changes have one of these; disclosures have it inside
// their Receipt.
struct Recorded {
  std::uint64_t index = 0;
  std::uint32_t generation = 0;  // of its log; 0: the newest
  EntryId entry_id{ByteArray<16>{}};
  std::int64_t time_ms = 0;
  Leaf leaf{};
  // The opening of the reader's own part: with these the reader recomputes C_actor, and so the
  // leaf's second half.
  Bytes actor_part;
  crypto::Digest actor_randomness{};
  std::shared_ptr<const SignedBatch> batch;  // shared by the entries of one batch
};

struct BuiltBatch;  // the entries of a batch, made when it is closed

// An entry staged in a batch that is not durable yet. Move-only.
class Pending {
 public:
  Pending(Pending&&) noexcept = default;
  Pending& operator=(Pending&&) noexcept = default;

 private:
  friend class Ledger;
  Pending() = default;

  std::shared_ptr<BuiltBatch> batch_;
  std::size_t position_ = 0;  // in the batch
  std::uint64_t index_ = 0;   // of its leaf
  std::optional<PrincipalId> principal_;
  std::optional<PersonId> person_;
  std::vector<FieldId> fields_;
  Form form_ = Form::kPlain;
  std::uint64_t seq_ = 0;
  std::uint64_t version_ = 0;  // of the commit it goes in with: no other makes it durable
  bool allowed_ = false;
};

class Receipt {
 public:
  Receipt(Receipt&&) noexcept = default;
  Receipt& operator=(Receipt&&) noexcept = default;
  Receipt(const Receipt&) = delete;
  Receipt& operator=(const Receipt&) = delete;

  const PrincipalId& principal() const { return principal_; }
  const PersonId& person() const { return person_; }
  const std::vector<FieldId>& fields() const { return fields_; }
  Form form() const { return form_; }
  std::uint64_t seq() const { return seq_; }  // of the row it allows to open
  // Before which whatever was kept for some time has had it: no step of the wall clock is in it.
  std::int64_t now_ms() const { return now_ms_; }
  const Recorded& recorded() const { return recorded_; }

 private:
  friend class Ledger;
  Receipt(Recorded recorded, PrincipalId principal, PersonId person)
      : recorded_(std::move(recorded)), principal_(principal), person_(person) {}

  Recorded recorded_;
  PrincipalId principal_;
  PersonId person_;
  std::vector<FieldId> fields_;
  Form form_ = Form::kPlain;
  std::uint64_t seq_ = 0;
  std::int64_t now_ms_ = 0;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_RECEIPT_H_
