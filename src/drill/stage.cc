#include "drill/stage.h"

#include "store/memory/memory_store.h"

namespace cloison::drill {

namespace {

// 2024-01-08 00:00 UTC, a Monday: thirty days of work, then the night of 6 to 7 February.
constexpr std::int64_t kBeginMs = 1'704'672'000'000;
constexpr std::uint64_t kFateSeed = 0xfa7e;

// A person's key, and away with it again.
Task<Status> WriteKeys(vault::Vault& vault, base::Executor& home) {
  Result<keys::PersonKey> key = co_await vault.person_keys().Create(home);
  if (!key.ok()) co_return key.error();
  const PersonId person = key->person();
  co_return co_await vault.person_keys().Abandon(person, home);
}

Result<std::unique_ptr<FaultyStore>> OpenOrMake(const OpenStore& open, const char* name,
                                                std::span<const store::Family> families) {
  if (!open) return std::make_unique<FaultyStore>(std::make_unique<store::MemoryStore>());
  CLOISON_TRY_ASSIGN(std::unique_ptr<store::Store> store, open(name, families));
  return std::make_unique<FaultyStore>(std::move(store));
}

}  // namespace

Stage::Stage(const Ground& ground) : ground_(ground), clock_(kBeginMs) {
  WriteKeysBy([this] { return WriteKeys(*vault_, executor_); });
}

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

void Stage::Befall(const Options& options, std::int64_t begin_ms) {
  if (!Any(options.faults)) return;
  Draw fate(options.seed + kFateSeed);
  plan_ = FaultPlan(options.faults, begin_ms, begin_ms + options.days * base::kDayMs, fate);
  breaks_ = true;
}

FaultReport Stage::EndFaults() {
  plan_ = FaultPlan();
  Disarm();
  breaks_ = false;
  return befallen_;
}

bool Stage::IsOfAFault(const Error& error) const {
  return breaks_ && vault_ != nullptr &&
         (error.code() == Code::kUnknownOutcome || error.code() == Code::kUnavailable);
}

void Stage::NoteFault(const Error& error, std::optional<PersonId> person, std::size_t people,
                      Book& book) const {
  if (error.code() != Code::kUnknownOutcome) return;
  book.AddUnanswered({grown_from_, grown_to_, person, people});
}

// One at a time: what waits is replaced. Armed during requests of Try alone.
void Stage::Arm(FaultyStore& store, Fault fault) {
  waiting_ = {&store, fault};
  store.Arm(fault);
}

// What was armed and met nothing did not befall anybody.
void Stage::Disarm() {
  if (waiting_.has_value()) (void)waiting_->first->Disarm();
  waiting_.reset();
}

Status Stage::BreakWhatIsDue() {
  if (vault_ == nullptr) return Error{Code::kCorrupt, "the register did not open again"};
  const std::optional<Fault> fault = plan_.Due(clock_.now_ms());
  if (!fault.has_value()) {
    if (waiting_.has_value()) waiting_->first->Arm(waiting_->second);
    return Ok();
  }
  constexpr std::int64_t kJumpMs = 30 * base::kDayMs;
  switch (*fault) {
    case Fault::kCrash: break;
    case Fault::kReboot: clock_.Reboot(); break;
    case Fault::kJump:
      ++befallen_.befell[static_cast<std::size_t>(*fault)];
      clock_.SetWall(static_cast<std::int64_t>(faults_.Below(2 * kJumpMs)) - kJumpMs);
      return Ok();
    case Fault::kLost:
    case Fault::kKept:
      if (faults_.Below(2) == 0) return BreakKeys(*fault);
      Arm(*main_store_, *fault);
      return Ok();
    case Fault::kRead: Arm(faults_.Below(2) == 0 ? *key_store_ : *main_store_, *fault); return Ok();
  }
  ++befallen_.befell[static_cast<std::size_t>(*fault)];
  return Restart();
}

// Those who read people write no keys: somebody is registered for it.
Status Stage::BreakKeys(Fault fault) {
  Arm(*key_store_, fault);
  const Status written = executor_.Wait(writes_keys_());
  CLOISON_TRY(Settle());
  if (written.ok() || IsOfAFault(written.error())) return Ok();
  return written;
}

Status Stage::Settle() {
  if (waiting_.has_value() && !waiting_->first->Disarm().has_value()) {
    const bool keys = waiting_->first == key_store_.get() && waiting_->second != Fault::kRead;
    befallen_.keys += keys ? 1 : 0;
    ++befallen_.befell[static_cast<std::size_t>(waiting_->second)];
    waiting_.reset();
  }
  if (!fatal_) return Ok();
  ++befallen_.unanswered;
  return Restart();
}

// What waits in the queue has run, as when other threads of the process came that far; nothing else
// is finished.
Status Stage::Restart() {
  executor_.RunAll();
  Disarm();
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
