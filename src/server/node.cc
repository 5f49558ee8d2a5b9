#include "server/node.h"

#include <algorithm>
#include <thread>

#include "access/alerts.h"
#include "access/approvals.h"
#include "access/cases.h"
#include "access/citizens.h"
#include "access/explanations.h"
#include "access/exports.h"
#include "access/freezes.h"
#include "access/holds.h"
#include "api/handler.h"
#include "api/management.h"
#include "identity/principal_name.h"
#include "ledger/unfreeze_statement.h"
#include "server/alarm_outputs.h"
#include "server/backups.h"
#include "server/development.h"
#include "server/entrance.h"
#include "server/erasure_tending.h"
#include "server/freeze_file.h"
#include "server/officer_round.h"
#include "server/published_log.h"
#include "server/run_loop.h"
#include "server/signed_freezes.h"
#include "server/tending.h"
#include "server/upkeep.h"
#include "vault/recovery.h"
#include "vault/signed_freeze.h"

namespace cloison::server {

using api::ServiceState;
using base::Severity;

namespace {

constexpr std::size_t kProbeBytes = 1u << 20;
constexpr std::int64_t kAbandonDrainMs = 500;
constexpr std::uint64_t kTicksPerMinute = 60, kTicksPerHour = 3600;
constexpr std::uint64_t kTicksPerLookAtOfficers = 5;
constexpr std::size_t kOfficersAtOnce = 64;
constexpr int kManagementConnectionsMax = 64;
// Strangers share little: who serves many of them puts a cache in front.
constexpr int kPublicConnectionsMax = 1'000, kPublicRequestsInFlightMax = 256;

}  // namespace

// In the order of their making; destroyed in the other: listeners, then vault, then what it stands
// on.
struct Node::Parts {
  explicit Parts(std::unique_ptr<Ground> below) : ground(std::move(below)) {}

  std::unique_ptr<Ground> ground;
  std::unique_ptr<Entrance> entrance;
  std::unique_ptr<FreezeFile> freezes;
  std::unique_ptr<SignedFreezes> signed_freezes;
  std::vector<tlog::VerifierKey> officers;  // whose keys freeze, and lift freezes
  std::unique_ptr<vault::Vault> vault;
  std::unique_ptr<PublishedLog> published;
  std::unique_ptr<api::Service> service;
  std::unique_ptr<ledger::Witnesses> witnesses;  // before the listeners: they are gone when it goes
  std::unique_ptr<AlarmCouriers> couriers;       // as these
  std::unique_ptr<api::Api> api;
  std::unique_ptr<api::Management> management;
  std::unique_ptr<net::Server> listener;
  std::unique_ptr<net::Server> management_listener;
  std::unique_ptr<api::PublicApi> public_api;
  std::unique_ptr<net::Server> public_listener;
  std::atomic<bool> failed{false};
  std::atomic<bool> disowned{false};  // a witness knows another log than this one
  std::atomic<ServiceState> state_at_start{ServiceState::kServing};
  std::uint64_t ticks = 0;
  OfficerRound officer_round;
  std::vector<FreezeFile::Given> left_waiting;  // freezes that did not become entries
  std::unique_ptr<Backups> backups;             // before the ground goes
  std::unique_ptr<Upkeep> upkeep;               // before the vault goes
  std::unique_ptr<Tending> tending;             // before the vault goes
  std::unique_ptr<ErasureTending> erasures;

  Status OpenFreezes(std::vector<std::string>& problems);
  Status OpenVault(std::vector<std::string>& problems);
  Status ProbeSpace();
  Status OpenRegister();
  Status FollowMode(std::vector<std::string>& problems);
  Status SubmitFreezes();
  void FollowAccounts();
  Task<Status> FollowOfficers(std::vector<PrincipalId> named = {});
  void SubmitSignedFreezes();
  void HoldSignedFreezes();
  Status TakeSignedFreeze(std::string note);
  Task<Result<bool>> Lift(std::string note);
  Status Listen();
  Status ListenForManagement();
  Status ListenForStrangers();
  void MakeService();
  void OnFatal();
  Status StartWitnesses();
  Status StartCallers(std::vector<std::string>& problems);
  void OnAhead();
};

// From a committer's thread, once the waiting works were told, or from the one that could not keep
// an erasure's intent.
void Node::Parts::OnFatal() {
  failed = true;
  if (service != nullptr) service->state = ServiceState::kRefusing;
  ground->events().Emit(Severity::kError, "commit_outcome_unknown", {});
  RunLoop::WakeFatal();
}

// From a witness's thread.
void Node::Parts::OnAhead() {
  disowned = true;
  vault->ledger().Refuse();
  // A later start may not hear of it: the witness is away, or knows a size alone.
  const Status kept = vault::Disown(*vault, ground->config().data + "/ledger");
  if (!kept.ok()) {
    ground->events().Emit(Severity::kError, "disowned_not_kept",
                          {{"code", static_cast<std::int64_t>(kept.error().code())}});
  }
  ServiceState serving = ServiceState::kServing;
  service->state.compare_exchange_strong(serving, ServiceState::kRefusing);
}

Status Node::Parts::StartWitnesses() {
  const std::optional<ledger::WitnessOptions>& options = ground->witnesses();
  if (vault == nullptr || !options) return Ok();
  CLOISON_TRY_ASSIGN(tlog::VerifierKey key, tlog::VerifierKey::Parse(vault->ledger().vkey()));
  const bool named = std::ranges::any_of(
      options->policy.logs(), [&key](const tlog::TrustedLog& log) { return log.key == key; });
  if (!named && !options->policy.logs().empty()) {
    ground->events().Emit(Severity::kWarning, "witness_policy_names_another_log", {});
  }
  published = std::make_unique<PublishedLog>(*vault);
  CLOISON_TRY_ASSIGN(witnesses,
                     ledger::Witnesses::Start(*options, std::move(key), *published,
                                              {ground->clock(), ground->random(), ground->events()},
                                              [this] { OnAhead(); }));
  service->witnesses = witnesses.get();
  return Ok();
}

// Who calls others.
Status Node::Parts::StartCallers(std::vector<std::string>& problems) {
  if (vault == nullptr) return Ok();
  vault->gate().exports().Rule(ground->config().export_delay_hours * base::kHourMs);
  CLOISON_TRY_ASSIGN(erasures, ErasureTending::Start(*ground, *vault, problems));
  CLOISON_TRY_ASSIGN(couriers, AlarmCouriers::Start(*ground, *vault, problems));
  service->alarm_outputs = couriers.get();
  return Ok();
}

// A store that is opened on a full disk may end the process; a file of ours is asked first.
Status Node::Parts::ProbeSpace() {
  const std::string probe = ground->config().data + "/probe";
  if (!ground->files().Stat(ground->config().data).ok()) return Ok();  // never created: said later
  const Status wrote = base::WriteWhole(ground->files(), probe, Bytes(kProbeBytes));
  if (ground->files().Stat(probe).ok()) {
    CLOISON_TRY(base::RemoveDurably(ground->files(), probe));
  }
  const std::string partly = probe + ".new";
  if (!wrote.ok() && ground->files().Stat(partly).ok()) {
    CLOISON_TRY(base::RemoveDurably(ground->files(), partly));
  }
  return wrote;
}

Status Node::Parts::OpenRegister() {
  CLOISON_TRY(ProbeSpace());
  CLOISON_TRY(ground->OpenStores());
  const Status objects = ground->OpenKeyObjects(false);
  if (!objects.ok()) {
    state_at_start = ServiceState::kSealed;
    return objects.error().code() == Code::kNotFound
               ? Status(Error{Code::kUnavailable, "the key objects are not there"})
               : objects;
  }
  CLOISON_TRY(backup::EnsureIncarnation(ground->environment().main_store, ground->random()));
  vault::Settings settings = ground->settings([this] { OnFatal(); });
  Result<std::unique_ptr<vault::Vault>> opened =
      base::SyncWait(vault::Vault::Open(ground->environment(), std::move(settings)));
  if (!opened.ok()) {
    const bool sealed = opened.error().code() == Code::kUnavailable && !failed;
    if (sealed) state_at_start = ServiceState::kSealed;
    return opened.error();
  }
  vault = std::move(*opened);
  if (vault->ledger().end() != 0) return Ok();
  // What a crash left of an init: keys, and nobody. It begins by that command, not by being served.
  CLOISON_TRY(base::SyncWait(vault->Stop()));
  vault.reset();
  return Error{Code::kNotFound, "the register has not begun"};
}

// No register, and another schema's file, are errors: what else goes wrong here is answered by
// refusing.
Status Node::Parts::OpenVault(std::vector<std::string>& problems) {
  state_at_start = ServiceState::kRefusing;
  const Status opened = OpenRegister();
  if (opened.ok()) {
    state_at_start = ServiceState::kServing;
    return Ok();
  }
  if (opened.error().code() == Code::kNotFound) return opened;
  if (records::IsSchemaConflict(opened.error())) {
    problems.push_back(ground->config().schema + ": " + std::string(opened.error().text()));
    return opened;
  }
  ground->events().Emit(Severity::kError, "register_does_not_open",
                        {{"code", static_cast<std::int64_t>(opened.error().code())},
                         {"detail", opened.error().detail()}});
  return Ok();
}

Status Node::Parts::FollowMode(std::vector<std::string>& problems) {
  if (vault == nullptr) return Ok();
  const bool development = ground->config().development();
  const Status fits = base::SyncWait(CheckMode(*vault, development, problems));
  if (!fits.ok()) {
    (void)base::SyncWait(vault->Stop());
    vault.reset();
    return fits;
  }
  if (!development) return Ok();
  for (std::string& told : base::SyncWait(EnrolMissing(*vault, ground->invented()))) {
    problems.push_back(std::move(told));
  }
  return Ok();
}

// Freezes that waited for a ledger become entries before anybody is served.
// Whoever gave one had the right when it was taken, and was told that it holds: whatever became of
// them since, it does.
Status Node::Parts::SubmitFreezes() {
  if (vault == nullptr) return Ok();
  const std::vector<FreezeFile::Given> waiting = freezes->waiting();
  if (waiting.empty()) return Ok();
  Status first = Ok();
  std::vector<FreezeFile::Given> done;
  for (const FreezeFile::Given& given : waiting) {
    const Status frozen = base::SyncWait(vault::FreezeByOfficer(*vault, given.who, given.by));
    const Code code = frozen.ok() ? Code::kNotFound : frozen.error().code();
    if (!frozen.ok()) ground->events().Emit(Severity::kError, "waiting_freeze_refused", {});
    if (code == Code::kNotFound || code == Code::kDenied) {
      done.push_back(given);
    } else if (code != Code::kCorrupt && first.ok()) {
      // It goes on holding from the file, and the others do not wait for it. One of an account
      // whose state does not open holds there too, and shuts nobody out: that account is given
      // nothing.
      first = frozen;
    }
  }
  const Status removed = freezes->Remove(done);
  if (!removed.ok()) ground->events().Emit(Severity::kError, "freeze_file_not_cleared", {});
  return first.ok() ? removed : first;
}

// Whose right ended, whom somebody froze otherwise or the sentinel holds back gives none without a
// ledger either.
Task<Status> Node::Parts::FollowOfficers(std::vector<PrincipalId> named) {
  if (vault == nullptr) co_return Ok();
  base::Executor& home = ground->environment().home;
  const OfficerRound::Asked round =
      officer_round.Next(freezes->officers(), named, vault->gate().freezes().Officers());
  const std::vector<PrincipalId>& asked = round.who;
  if (round.too_many) {
    ground->events().Emit(Severity::kWarning, "officers_beyond_the_freeze_file", {});
  }
  // In slices: whoever is in the batch waits for the rows of one.
  for (std::size_t from = 0; from < asked.size() && vault != nullptr; from += kOfficersAtOnce) {
    const std::size_t count = std::min(kOfficersAtOnce, asked.size() - from);
    const auto first = asked.begin() + static_cast<std::ptrdiff_t>(from);
    const std::vector<PrincipalId> some(first, first + static_cast<std::ptrdiff_t>(count));
    const std::uint64_t asked_at = freezes->asked_at();
    CLOISON_CO_TRY_ASSIGN(const std::vector<access::FreezeRight> may,
                          co_await vault->gate().freezes().WhoMay(some, home));
    freezes->Learn(asked_at, some, may);
  }
  co_return Ok();
}

// The same for those that an officer's key signed. While one of them is no entry, nobody is served:
// nothing else here knows that it holds. Nor while one that is stays in the file: it would freeze
// again, at a later start, whom two people unfroze meanwhile.
void Node::Parts::SubmitSignedFreezes() {
  if (vault == nullptr || signed_freezes->size() == 0) return;
  const std::vector<SignedFreezes::Given> waiting = signed_freezes->waiting();
  for (const SignedFreezes::Given& given : waiting) {
    const Status frozen = base::SyncWait(vault::FreezeBySignature(*vault, given.who, given.note));
    if (frozen.ok()) continue;
    const bool nobody =
        frozen.error().code() == Code::kNotFound || frozen.error().code() == Code::kDenied;
    ground->events().Emit(Severity::kError, "waiting_freeze_refused", {});
    if (nobody) continue;
    state_at_start = ServiceState::kRefusing;
    return;
  }
  // The register says it now, and two people may say otherwise.
  for (const SignedFreezes::Given& given : waiting) freezes->Forget(given.who);
  const Status removed = signed_freezes->Remove(waiting);
  if (!removed.ok()) ground->events().Emit(Severity::kError, "freeze_file_not_cleared", {});
  const auto left = static_cast<std::int64_t>(signed_freezes->size());
  if (left > 0) {
    ground->events().Emit(Severity::kError, "waiting_freeze_by_unknown_key", {{"count", left}});
  }
  if (!removed.ok() || left > 0) state_at_start = ServiceState::kRefusing;
}

// Whom a key froze signs in no more meanwhile, nor freezes others.
void Node::Parts::HoldSignedFreezes() {
  for (const SignedFreezes::Given& given : signed_freezes->waiting()) freezes->Hold(given.who);
}

Status Node::Parts::TakeSignedFreeze(std::string note) {
  CLOISON_TRY(signed_freezes->Add(std::move(note)));
  HoldSignedFreezes();
  return Ok();
}

// By two officers' keys, when too few accounts are left that could (ledger/unfreeze_statement.h).
Task<Result<bool>> Node::Parts::Lift(std::string note) {
  CLOISON_CO_TRY_ASSIGN(const ledger::UnfreezeStatement statement,
                        ledger::CheckUnfreeze(note, ground->config().origin, officers,
                                              ground->clock().wall_ms() / base::kSecondMs));
  std::vector<PrincipalId> who;
  for (const ledger::UnfreezeStatement::Account& account : statement.accounts) {
    who.push_back(identity::PrincipalIdOf(account.issuer, account.subject));
  }
  base::Executor& home = ground->environment().home;
  CLOISON_CO_TRY_ASSIGN(const bool lifts,
                        co_await vault->gate().freezes().Lift(Print(statement), who, home));
  if (!lifts) co_return false;
  for (const PrincipalId& one : who) freezes->Forget(one);
  (void)co_await FollowOfficers(who);  // what fails is asked again by the tick
  ground->events().Emit(Severity::kWarning, "freezes_lifted_by_officers",
                        {{"count", static_cast<std::int64_t>(who.size())}});
  co_return true;
}

Status Node::Parts::OpenFreezes(std::vector<std::string>& problems) {
  const std::string path = ground->config().data + "/freezes";
  Result<std::unique_ptr<FreezeFile>> opened = FreezeFile::Open(ground->files(), path);
  if (!opened.ok()) {
    problems.push_back(path + ": " + std::string(opened.error().text()));
    return opened.error();
  }
  freezes = std::move(*opened);
  officers = ground->settings([] {}).officers;
  const std::string signed_path = ground->config().data + "/signed-freezes";
  Result<std::unique_ptr<SignedFreezes>> by_key = SignedFreezes::Open(
      signed_path, {ground->files(), ground->clock(), ground->config().origin, officers});
  if (!by_key.ok()) {
    problems.push_back(signed_path + ": " + std::string(by_key.error().text()));
    return by_key.error();
  }
  signed_freezes = std::move(*by_key);
  HoldSignedFreezes();
  return Ok();
}

Status Node::Parts::Listen() {
  const Config& config = ground->config();
  net::ServerOptions options;
  options.address = config.address;
  options.port = static_cast<std::uint16_t>(config.port);
  const auto cores = std::max(1u, std::thread::hardware_concurrency());
  options.threads = config.threads > 0 ? static_cast<int>(config.threads) : static_cast<int>(cores);
  options.connections_max = static_cast<int>(config.connections_max);
  options.body_bytes_max = api::kApiBodyBytesMax;
  options.error_body = api::ErrorBody(ground->random());
  options.tls = entrance->tls();
  CLOISON_TRY_ASSIGN(listener, net::Server::Start(std::move(options), *api, ground->clock()));
  return Ok();
}

Status Node::Parts::ListenForManagement() {
  net::ServerOptions options;
  options.port = static_cast<std::uint16_t>(ground->config().management_port);
  options.connections_max = kManagementConnectionsMax;
  CLOISON_TRY_ASSIGN(management_listener,
                     net::Server::Start(std::move(options), *management, ground->clock()));
  return Ok();
}

Status Node::Parts::ListenForStrangers() {
  const Config& config = ground->config();
  if (config.public_port < 0) return Ok();
  net::ServerOptions options;
  options.address = config.public_address;
  options.port = static_cast<std::uint16_t>(config.public_port);
  options.connections_max = kPublicConnectionsMax;
  options.requests_in_flight_max = kPublicRequestsInFlightMax;
  options.body_bytes_max = api::kPublicBodyBytesMax;
  options.error_body = api::ErrorBody(ground->random());
  if (config.public_tls != 0) {
    net::TlsServerOptions tls;
    tls.certificate_pem = entrance->tls().certificate_pem;
    tls.private_key_pem = entrance->tls().private_key_pem;
    options.tls = std::move(tls);
  }
  public_api = std::make_unique<api::PublicApi>(*service);
  CLOISON_TRY_ASSIGN(public_listener,
                     net::Server::Start(std::move(options), *public_api, ground->clock()));
  return Ok();
}

void Node::Parts::MakeService() {
  service.reset(new api::Service{entrance->sign_in(), ground->clock(), ground->random(),
                                 vault.get(), freezes.get(), ground->config().development(),
                                 state_at_start.load()});
  if (entrance->production() != nullptr) service->desk = &entrance->production()->desk();
  service->answer_tick_ms = ground->config().answer_tick_ms;
  if (failed) service->state = ServiceState::kRefusing;
  api = std::make_unique<api::Api>(*service);
  management = std::make_unique<api::Management>(api::ManagementParts{
      *service, ground->main_store(), ground->key_store(),
      [this]() -> const net::ServerStats* {
        return listener == nullptr ? nullptr : &listener->stats();
      },
      [this]() -> const net::ServerStats* {
        return public_listener == nullptr ? nullptr : &public_listener->stats();
      },
      [this](std::string note) { return TakeSignedFreeze(std::move(note)); },
      [this](std::string note) { return Lift(std::move(note)); }});
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::Start(std::unique_ptr<Ground> ground,
                                          const std::vector<std::string>& names,
                                          std::vector<std::string>& problems) {
  auto parts = std::make_unique<Parts>(std::move(ground));
  Ground& below = *parts->ground;
  CLOISON_TRY_ASSIGN(parts->entrance, Entrance::Make(below, names, problems));
  CLOISON_TRY(parts->OpenFreezes(problems));
  CLOISON_TRY(parts->OpenVault(problems));
  CLOISON_TRY(parts->FollowMode(problems));
  // What stays in the file would freeze again, at a later start, whom two people unfroze meanwhile.
  if (!parts->SubmitFreezes().ok()) parts->state_at_start = ServiceState::kRefusing;
  parts->SubmitSignedFreezes();
  // What fails is asked again by the tick.
  (void)base::SyncWait(parts->FollowOfficers());
  parts->MakeService();
  Status listening = parts->StartWitnesses();
  if (listening.ok()) listening = parts->StartCallers(problems);
  if (listening.ok()) listening = parts->Listen();
  if (listening.ok()) listening = parts->ListenForStrangers();
  if (listening.ok()) listening = parts->ListenForManagement();
  if (!listening.ok()) {
    problems.push_back("listen: " + std::string(listening.error().text()));
    (void)Node(std::move(parts)).Stop();
    return listening.error();
  }
  return std::unique_ptr<Node>(new Node(std::move(parts)));
}

std::uint16_t Node::port() const {
  return parts_->listener->port();
}
std::uint16_t Node::management_port() const {
  return parts_->management_listener->port();
}
std::uint16_t Node::public_port() const {
  return parts_->public_listener == nullptr ? 0 : parts_->public_listener->port();
}
bool Node::serving() const {
  return parts_->service->state == ServiceState::kServing;
}
bool Node::failed() const {
  return parts_->failed;
}

// Whose sessions end, whose provider is gone, who may freeze, who was frozen without a ledger.
void Node::Parts::FollowAccounts() {
  base::EventSink& events = ground->events();
  if (api::ProductionDesk* desk = entrance->production()) {
    if (!base::SyncWait(desk->Follow(vault->gate())).ok()) {
      events.Emit(Severity::kWarning, "sessions_not_followed", {});
    }
    // What fails again is tried the next second: the event of the outage is there already.
    const access::Alarms alarms = vault->gate().cases().alarms();
    (void)base::SyncWait(desk->TellOutages(alarms, ground->environment().home));
  }
  if (ticks % kTicksPerLookAtOfficers == 0) {
    if (!base::SyncWait(FollowOfficers()).ok()) {
      events.Emit(Severity::kWarning, "officers_not_followed", {});
    }
    // Given while something could not be recorded for a moment; those that failed are tried again
    // each minute.
    const bool news = freezes->waiting() != left_waiting;
    if (news || ticks % kTicksPerMinute == 0) {
      (void)SubmitFreezes();
      left_waiting = freezes->waiting();
    }
    if (!freezes->Keep().ok()) events.Emit(Severity::kError, "freeze_file_not_cleared", {});
  }
}

void Node::Tick() {
  Parts& parts = *parts_;
  if (parts.vault == nullptr || parts.failed || parts.disowned) return;
  base::EventSink& events = parts.ground->events();
  base::Executor& home = parts.ground->environment().home;
  ++parts.ticks;
  const Status published = base::SyncWait(parts.vault->publisher().Publish());
  if (!published.ok()) {
    events.Emit(Severity::kWarning, "ledger_not_published",
                {{"code", static_cast<std::int64_t>(published.error().code())},
                 {"lag_ms", parts.vault->publisher().lag_ms()}});
  }
  if (parts.witnesses != nullptr) parts.witnesses->Published();
  parts.FollowAccounts();
  if (parts.ticks % kTicksPerMinute == 0) {
    if (!base::SyncWait(parts.vault->gate().holds().Advance(home)).ok()) {
      events.Emit(Severity::kWarning, "holds_not_advanced", {});
    }
    const Status flushed = base::SyncWait(parts.vault->gate().FlushAggregates(home));
    if (!flushed.ok()) events.Emit(Severity::kWarning, "aggregates_not_recorded", {});
  }
  if (parts.upkeep == nullptr) parts.upkeep = std::make_unique<Upkeep>(*parts.ground, *parts.vault);
  parts.upkeep->Tick();
  if (parts.ground->config().backup_every_hours != 0 && parts.ticks % kTicksPerMinute == 1) {
    if (parts.backups == nullptr) {
      parts.backups = std::make_unique<Backups>(*parts.ground, parts.vault->person_keys());
    }
    parts.backups->Look();
  }
  if (parts.ticks % kTicksPerMinute == 2) parts.erasures->Look();
  if (parts.tending == nullptr) parts.tending = std::make_unique<Tending>(*parts.vault);
  parts.tending->LookAtIndexes();
  if (parts.ticks % kTicksPerHour == kTicksPerMinute) parts.tending->LookAtDecoys();
  if (parts.ticks % kTicksPerHour == 0) {
    ExpireRecords();
    const Status swept = base::SyncWait(parts.vault->gate().explanations().Sweep(home));
    if (!swept.ok()) events.Emit(Severity::kWarning, "pairs_not_swept", {});
    const Status told = base::SyncWait(parts.vault->gate().alerts().Prune(home));
    if (!told.ok()) events.Emit(Severity::kWarning, "alerts_not_pruned", {});
    const Status letters = base::SyncWait(parts.vault->gate().citizens().Sweep(home));
    if (!letters.ok()) events.Emit(Severity::kWarning, "letter_codes_not_swept", {});
    const Status pruned = base::SyncWait(parts.vault->gate().PruneIdempotency(home));
    if (!pruned.ok()) events.Emit(Severity::kWarning, "idempotency_not_pruned", {});
    // What fails again says so itself.
    (void)base::SyncWait(parts.vault->gate().RetryErasures(home));
    (void)base::SyncWait(parts.vault->gate().approvals().Finish(home));
    const Status expired = base::SyncWait(parts.vault->gate().approvals().Expire(home));
    if (!expired.ok()) events.Emit(Severity::kWarning, "approvals_not_expired", {});
  }
}

void Node::ExpireRecords() {
  const Config& config = parts_->ground->config();
  const Status expired = base::SyncWait(parts_->vault->gate().holds().Expire(
      static_cast<std::uint32_t>(config.record_months), config.record_reason,
      parts_->ground->environment().home));
  if (expired.ok()) return;
  parts_->ground->events().Emit(Severity::kWarning, "records_not_expired",
                                {{"code", static_cast<std::int64_t>(expired.error().code())}});
}

Status Node::Stop() {
  Parts& parts = *parts_;
  if (parts.service != nullptr && parts.service->state == ServiceState::kServing) {
    parts.service->state = ServiceState::kStopping;
  }
  // Couriers first: once nobody waits any more, one that is refused would try again without a rest,
  // and give up.
  if (parts.couriers != nullptr) parts.couriers->Stop();
  // Who waits for the next alarm is answered now.
  if (parts.vault != nullptr) parts.vault->gate().cases().alarms().bell().Hush();
  const std::int64_t drain_ms = parts.ground->config().drain_ms;
  if (parts.listener != nullptr && !parts.listener->Drain(drain_ms)) {
    parts.ground->events().Emit(Severity::kWarning, "connections_cut_at_stop", {});
  }
  parts.management_listener.reset();
  parts.public_listener.reset();
  parts.listener.reset();
  parts.service->alarm_outputs = nullptr;
  parts.couriers.reset();
  parts.service->witnesses = nullptr;
  parts.witnesses.reset();
  parts.backups.reset();
  parts.upkeep.reset();
  parts.tending.reset();
  parts.erasures.reset();
  if (parts.vault == nullptr) return Ok();
  const Status stopped = base::SyncWait(parts.vault->Stop());
  parts.service->vault = nullptr;
  parts.vault.reset();
  return stopped;
}

void Node::Abandon() {
  if (parts_->listener != nullptr) parts_->listener->Drain(kAbandonDrainMs);
}

}  // namespace cloison::server
