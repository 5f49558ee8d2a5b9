#include "vault/recovery.h"

#include <utility>

#include "backup/take.h"

namespace cloison::vault {

namespace {

constexpr Error kNothing{Code::kConflict, "there is nothing to recover from"};

// What of a vault the ceremony needs.
struct Half {
  Half(Environment where, Settings how) : environment(where), settings(std::move(how)) {}

  Environment environment;
  Settings settings;
  std::unique_ptr<commit::Committer> key_committer;
  std::unique_ptr<keys::KeyRing> ring;
  std::unique_ptr<commit::SealedState> state;
  std::unique_ptr<commit::Committer> committer;
  std::unique_ptr<ledger::Succession> succession;

  RegisterId register_id() const { return settings.schema->register_id(); }
  Task<Status> OpenKeys();
  Task<Status> OpenMain();
  Task<Status> Find(std::string witnessed);
  Task<void> Stop();
};

Task<Status> Half::OpenKeys() {
  const Environment& e = environment;
  commit::Committer::Options options;
  options.on_fatal = settings.on_fatal;
  auto opened =
      co_await commit::Committer::Open(e.key_store, e.key_executor, e.clock, std::move(options));
  if (!opened.ok()) co_return opened.error();
  key_committer = std::move(*opened);
  auto found = co_await keys::KeyRing::Open(e.objects, e.key_store, *key_committer, register_id(),
                                            e.random, e.main_executor);
  if (!found.ok()) co_return found.error();
  ring = std::move(*found);
  state = std::make_unique<commit::SealedState>(register_id(), ring->state_generation(),
                                                ring->state().Duplicate(), e.random);
  co_return Ok();
}

Task<Status> Half::OpenMain() {
  const Environment& e = environment;
  commit::Committer::Options options;
  options.on_fatal = settings.on_fatal;
  options.sealed = state.get();
  auto opened =
      co_await commit::Committer::Open(e.main_store, e.main_executor, e.clock, std::move(options));
  if (!opened.ok()) co_return opened.error();
  committer = std::move(*opened);
  if (committer->began_empty()) {
    co_return Error{Code::kCorrupt, "there are entries but no clock"};
  }
  co_return Ok();
}

// kConflict: the ledger may go on.
Task<Status> Half::Find(std::string witnessed) {
  const Environment& e = environment;
  std::vector<ledger::Succession::Known> known = ring->LogKeys();
  ledger::Ledger::Options options{settings.origin, register_id(), SignedPath(settings.directory),
                                  settings.fold_entries};
  // It is asked for no signature.
  const auto signs = static_cast<std::uint32_t>(known.size());
  const ledger::Ledger::Parts parts{e.main_store, *state,      ring->log_signer(signs),
                                    *ring,        e.files,     e.clock,
                                    e.random,     e.background};
  auto found = co_await ledger::Succession::Open(std::move(options), parts, std::move(known),
                                                 std::move(witnessed));
  if (!found.ok()) co_return found.error();
  succession = std::move(*found);
  co_return succession->fault() == ledger::Fault::kNone ? Status(kNothing) : Ok();
}

Task<void> Half::Stop() {
  if (committer != nullptr) co_await committer->Stop();
  if (key_committer != nullptr) co_await key_committer->Stop();
  co_await environment.home.Schedule();
}

Task<Result<std::string>> MakeStatement(Half& half, std::string witnessed) {
  CLOISON_CO_TRY(co_await half.OpenKeys());
  CLOISON_CO_TRY(co_await half.OpenMain());
  CLOISON_CO_TRY(co_await half.Find(std::move(witnessed)));
  const auto key = co_await half.ring->EnsureLog(half.succession->successor());
  if (!key.ok()) co_return key.error();
  const ByteArray<16> ceremony = half.environment.random.Draw<16>();
  co_return Print(half.succession->StatementFor(*key, ceremony));
}

// The key that the statement names; a state without one has no statement yet.
Result<crypto::Ed25519PublicKey> SuccessorKey(const Half& half) {
  const std::vector<ledger::Succession::Known> known = half.ring->LogKeys();
  const std::size_t successor = half.succession->successor();
  if (successor > known.size() || !known[successor - 1].signs) {
    return Error{Code::kConflict, "a statement of another state of the register"};
  }
  return *known[successor - 1].key;
}

Task<Status> CloseLog(Half& half, std::string witnessed, std::string note,
                      std::vector<tlog::VerifierKey> officers) {
  CLOISON_CO_TRY(co_await half.OpenKeys());
  CLOISON_CO_TRY_ASSIGN(const std::vector<ledger::Log> logs,
                        co_await ledger::ReadLogs(half.environment.main_store, *half.state));
  if (!logs.empty() && logs.back().opening->statement == note) co_return Ok();  // it is done
  CLOISON_CO_TRY(co_await half.OpenMain());
  CLOISON_CO_TRY(co_await half.Find(std::move(witnessed)));
  CLOISON_CO_TRY_ASSIGN(const crypto::Ed25519PublicKey key, SuccessorKey(half));
  const ledger::Statement statement = half.succession->StatementFor(key, {});
  CLOISON_CO_TRY(CheckSigned(note, statement, officers));
  co_return co_await half.succession->Close(*half.committer, half.environment.home, key,
                                            std::move(note), backup::EndOfIncarnation());
}

// Of a log that is closed now.
Status RemoveDisowned(base::Files& files, const std::string& path) {
  const auto found = files.Stat(path);
  if (!found.ok()) return found.error().code() == Code::kNotFound ? Ok() : Status(found.error());
  return base::RemoveDurably(files, path);
}

}  // namespace

std::string DisownedPath(const std::string& directory) {
  return directory + "/disowned";
}

Status Disown(Vault& vault, const std::string& directory) {
  const std::string log = vault.ledger().vkey() + "\n";
  return base::WriteWhole(vault.environment().files, DisownedPath(directory), AsBytes(log));
}

Task<Result<std::string>> StateRecovery(Environment environment, Settings settings,
                                        std::string witnessed) {
  Half half(environment, std::move(settings));
  Result<std::string> statement = co_await MakeStatement(half, std::move(witnessed));
  co_await half.Stop();
  co_return statement;
}

Task<Status> Recover(Environment environment, Settings settings, std::string witnessed,
                     std::string note, std::vector<tlog::VerifierKey> officers) {
  Status closed = Ok();
  {
    Half half(environment, settings);
    closed = co_await CloseLog(half, std::move(witnessed), std::move(note), std::move(officers));
    co_await half.Stop();
  }
  CLOISON_CO_TRY(closed);
  CLOISON_CO_TRY(RemoveDisowned(environment.files, DisownedPath(settings.directory)));
  // Retires the old key, writes the first entry, publishes the first size.
  Result<std::unique_ptr<Vault>> vault = co_await Vault::Open(environment, std::move(settings));
  if (!vault.ok()) co_return vault.error();
  co_return co_await (*vault)->Stop();
}

}  // namespace cloison::vault
