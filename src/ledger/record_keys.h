// The keys that records are sealed under. A month's key is destroyed when its time has passed; a
// hold's key keeps the entries of an incident beyond that, sealed again, until it is released.
//
// Source   docs/format/ledger.md "Record", "Holds"; docs/format/keys.md (keys::KeyRing has them).
#ifndef CLOISON_LEDGER_RECORD_KEYS_H_
#define CLOISON_LEDGER_RECORD_KEYS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "base/task.h"
#include "crypto/mac.h"

namespace cloison::ledger {

// month = year * 12 + (month - 1), UTC.
std::uint32_t MonthOf(std::int64_t wall_ms);

class MonthKeys {
 public:
  virtual ~MonthKeys() = default;
  // Makes the month's key when there is none yet (the ledger awaits it in Prepare). Fails
  // kNotFound (destroyed, and no other takes its place), kUnavailable.
  virtual Task<Status> Ensure(std::uint32_t month) = 0;
  // Fails kNotFound (destroyed, or never made), kUnavailable. Threads: any. Cost: a look-up under a
  // lock.
  virtual Result<std::shared_ptr<const crypto::HmacKey>> KeyOf(std::uint32_t month) = 0;
  // For ever; fine when it is destroyed already. Fails kNotFound (never made), kUnavailable.
  virtual Status DestroyMonth(std::uint32_t month) = 0;
};

class HoldKeys {
 public:
  virtual ~HoldKeys() = default;
  // Makes the hold's key when there is none yet. Fails kNotFound (released: no other takes its
  // place), kUnavailable.
  virtual Task<Status> EnsureHold(std::uint32_t hold) = 0;
  // Fails kNotFound (released, or never made), kUnavailable. Threads: any.
  virtual Result<std::shared_ptr<const crypto::HmacKey>> HoldKeyOf(std::uint32_t hold) = 0;
  // The holds whose keys are there, ascending. Threads: any.
  virtual std::vector<std::uint32_t> Holds() const = 0;
  // As DestroyMonth.
  virtual Status DestroyHold(std::uint32_t hold) = 0;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_RECORD_KEYS_H_
