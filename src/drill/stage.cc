#include "drill/stage.h"

#include "store/memory/memory_store.h"

namespace cloison::drill {

namespace {

// 2024-01-08 00:00 UTC, a Monday: thirty days of work, then the night of 6 to 7 February.
constexpr std::int64_t kBeginMs = 1'704'672'000'000;

Result<std::unique_ptr<FaultyStore>> OpenOrMake(const OpenStore& open, const char* name,
                                                std::span<const store::Family> families) {
  if (!open) return std::make_unique<FaultyStore>(std::make_unique<store::MemoryStore>());
  CLOISON_TRY_ASSIGN(std::unique_ptr<store::Store> store, open(name, families));
  return std::make_unique<FaultyStore>(std::move(store));
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
  settings_.on_fatal = [this] { fatal_ = true; };
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

void Stage::EndFaults() {
  plan_ = FaultPlan();
  for (FaultyStore* const store : {main_store_.get(), key_store_.get()}) {
    // What was armed and met nothing did not befall anybody.
    if (const std::optional<Fault> left = store->Disarm()) {
      --befell_[static_cast<std::size_t>(*left)];
    }
  }
}

Status Stage::BreakWhatIsDue() {
  const std::optional<Fault> fault = plan_.Due(clock_.now_ms());
  if (!fault.has_value()) return Ok();
  ++befell_[static_cast<std::size_t>(*fault)];
  constexpr std::int64_t kJumpMs = 30 * base::kDayMs;
  switch (*fault) {
    case Fault::kCrash: return Restart();
    case Fault::kReboot: clock_.Reboot(); return Restart();
    case Fault::kJump:
      clock_.SetWall(static_cast<std::int64_t>(faults_.Below(2 * kJumpMs)) - kJumpMs);
      return Ok();
    case Fault::kLost:
    case Fault::kKept:
    case Fault::kRead: break;
  }
  // One at a time in each store: what waits there is replaced, and did not befall anybody.
  FaultyStore& store = *fault == Fault::kRead && faults_.Below(2) == 0 ? *key_store_ : *main_store_;
  if (const std::optional<Fault> left = store.Disarm()) {
    --befell_[static_cast<std::size_t>(*left)];
  }
  store.Arm(*fault);
  return Ok();
}

// What waits in the queue has run, as when other threads of the process came that far; nothing else
// is finished.
Status Stage::Restart() {
  executor_.RunAll();
  for (FaultyStore* const store : {main_store_.get(), key_store_.get()}) {
    if (const std::optional<Fault> left = store->Disarm()) {
      --befell_[static_cast<std::size_t>(*left)];
    }
  }
  vault_.reset();
  fatal_ = false;
  CLOISON_TRY_ASSIGN(vault_, executor_.Wait(vault::Vault::Open(Around(), settings_)));
  return Ok();
}

Result<ScopeDifference> CompareScope(Stage& stage, SessionId session, const Book& book) {
  CLOISON_TRY_ASSIGN(const std::vector<ScopeEntry> scope,
                     stage.Wait(ScopeOf(stage.vault(), session)));
  return book.Compare(scope);
}

}  // namespace cloison::drill
