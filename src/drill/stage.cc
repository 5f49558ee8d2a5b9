#include "drill/stage.h"

#include "store/memory/memory_store.h"

namespace cloison::drill {

namespace {

// 2024-01-08 00:00 UTC, a Monday: thirty days of work, then the night of 6 to 7 February.
constexpr std::int64_t kBeginMs = 1'704'672'000'000;

Result<std::unique_ptr<store::Store>> OpenOrMake(const OpenStore& open, const char* name,
                                                 std::span<const store::Family> families) {
  if (open) return open(name, families);
  return std::unique_ptr<store::Store>(std::make_unique<store::MemoryStore>());
}

}  // namespace

Stage::Stage(const Ground& ground) : ground_(ground), clock_(kBeginMs) {}

Stage::~Stage() {
  if (vault_ == nullptr) return;
  // The stores go right after: what a clean stop would write, nobody reads.
  (void)executor_.Wait(vault_->Stop());
}

Result<std::unique_ptr<Stage>> Stage::Open(const Ground& ground, Register of) {
  std::unique_ptr<Stage> stage(new Stage(ground));
  CLOISON_TRY(stage->OpenVault(std::move(of)));
  return stage;
}

vault::Environment Stage::Around() {
  return {*main_store_, *key_store_, *objects_, ground_.files, clock_,   ground_.random,
          heard_,       executor_,   executor_, executor_,     executor_};
}

Status Stage::OpenStores() {
  CLOISON_TRY_ASSIGN(main_store_, OpenOrMake(ground_.open_store, "main", store::kMainFamilies));
  CLOISON_TRY_ASSIGN(key_store_, OpenOrMake(ground_.open_store, "keys", store::kKeyFamilies));
  CLOISON_TRY_ASSIGN(objects_, keys::FileKeyObjects::Open(ground_.files, ground_.random,
                                                          ground_.directory + "/objects", true));
  return Ok();
}

Status Stage::OpenVault(Register of) {
  CLOISON_TRY(OpenStores());
  settings_.schema = std::move(of.schema);
  settings_.policy = std::move(of.policy);
  settings_.origin = std::move(of.origin);
  settings_.directory = ground_.directory;
  CLOISON_TRY(executor_.Wait(vault::Vault::Create(Around(), settings_)));
  CLOISON_TRY_ASSIGN(vault_, executor_.Wait(vault::Vault::Open(Around(), settings_)));
  return Ok();
}

Status Stage::Reopen(std::vector<Aud> decoys) {
  CLOISON_TRY(executor_.Wait(vault_->Stop()));
  vault_.reset();
  settings_.decoys = std::move(decoys);
  CLOISON_TRY_ASSIGN(vault_, executor_.Wait(vault::Vault::Open(Around(), settings_)));
  return Ok();
}

Result<ScopeDifference> CompareScope(Stage& stage, SessionId session, const Book& book) {
  CLOISON_TRY_ASSIGN(const std::vector<ScopeEntry> scope,
                     stage.Wait(ScopeOf(stage.vault(), session)));
  return book.Compare(scope);
}

}  // namespace cloison::drill
