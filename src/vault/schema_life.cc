#include "vault/schema_life.h"

#include "access/schemas.h"

namespace cloison::vault {

Task<Status> SchemaLife::Advance() {
  access::Schemas& schemas = vault_.gate().schemas();
  base::Executor& home = vault_.environment().home;
  if (!schemas.rewriting().has_value()) co_return Ok();
  bool whole = false;
  for (int slice = 0; slice < kSlicesPerCall && !whole; ++slice) {
    const Result<bool> done = co_await schemas.Rewrite(home);
    if (!done.ok() && done.error().code() != Code::kConflict) co_return done.error();
    whole = done.ok() && *done;
  }
  if (!whole) co_return Ok();
  const std::int64_t now_ms = vault_.committer().Now().budget_ms;
  if (!whole_ms_.has_value()) whole_ms_ = now_ms;
  if (now_ms < *whole_ms_ + kRestMs) co_return Ok();
  whole_ms_.reset();
  co_return co_await schemas.EndRewriting(home);
}

}  // namespace cloison::vault
