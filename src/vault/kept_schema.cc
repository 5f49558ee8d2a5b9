#include "vault/kept_schema.h"

#include <utility>

#include "vault/read_only_store.h"

namespace cloison::vault {

Task<Result<records::SchemaState>> ReadKeptSchema(Environment environment, RegisterId of) {
  ReadOnlyStore main_store(environment.main_store), key_store(environment.key_store);
  commit::Committer::Options options;
  auto committer = co_await commit::Committer::Open(key_store, environment.key_executor,
                                                    environment.clock, std::move(options));
  if (!committer.ok()) co_return committer.error();
  Result<records::SchemaState> kept(Error{Code::kUnavailable, "not begun"});
  const auto ring = co_await keys::KeyRing::Open(environment.objects, key_store, **committer, of,
                                                 environment.random, environment.main_executor);
  if (ring.ok()) {
    const commit::SealedState state(of, (*ring)->state_generation(), (*ring)->state().Duplicate(),
                                    environment.random);
    kept = co_await records::LoadSchemaState(main_store, state);
  } else {
    kept = ring.error();
  }
  co_await (*committer)->Stop();
  co_await environment.home.Schedule();
  co_return kept;
}

}  // namespace cloison::vault
