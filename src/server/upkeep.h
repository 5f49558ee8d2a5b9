// What a running server does a little of each second, beside everything else: everybody's keys are
// wrapped anew (vault/epoch_life.h), and rows follow a schema that was changed
// (vault/schema_life.h). What fails is an event, and rests for a minute. Threads: one caller.
#ifndef CLOISON_SERVER_UPKEEP_H_
#define CLOISON_SERVER_UPKEEP_H_

#include "server/node.h"
#include "vault/epoch_life.h"
#include "vault/schema_life.h"

namespace cloison::server {

class Upkeep {
 public:
  // Both outlive it.
  Upkeep(Ground& ground, vault::Vault& vault);
  // Once a second. Cost: at most some 350 ms, when everybody's keys and rows are to be written.
  void Tick();

 private:
  // Gives whether it was its turn; `rest` counts down the ticks until the next one.
  static bool IsDue(std::uint64_t& rest);
  void Advance();
  void Follow();

  Ground& ground_;
  vault::EpochLife epochs_;
  vault::SchemaLife schema_;
  std::uint64_t epochs_rest_ = 0, schema_rest_ = 0;  // ticks
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_UPKEEP_H_
