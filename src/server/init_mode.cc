// cloisond init: a register begins. In production by what two officers signed
// (docs/format/bootstrap.md), in two steps: keys and statement, then the signed statement.
#include <cstdio>
#include <utility>

#include "access/founding.h"
#include "access/policies.h"
#include "identity/issuers.h"
#include "server/modes.h"
#include "server/serve.h"
#include "vault/embedded.h"

namespace cloison::server {

namespace {

constexpr unsigned kStatementMode = 0644;
constexpr unsigned kOfficersMode = 0644;

using Problems = std::vector<std::string>;

// A configuration that is not there yet is written whole, so that the operator sees every key.
bool WriteMissingConfig(const InitArguments& arguments) {
  base::SystemFiles files;
  if (files.Stat(arguments.config_file).ok()) return true;
  Problems problems;
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const Result<Config> config =
      MakeConfig(arguments.config_file, "", nothing, arguments.overrides, problems);
  PrintProblems(problems);
  if (!config.ok()) return false;
  const std::string text = ConfigText(*config);
  if (base::WriteWhole(files, arguments.config_file, AsBytes(text), 0644).ok()) return true;
  PrintProblems({arguments.config_file + ": cannot be written"});
  return false;
}

Result<std::string> TextOf(base::Files& files, const std::string& path, Problems& problems) {
  const Result<Bytes> bytes = files.Read(path);
  if (bytes.ok()) return std::string(AsText(*bytes));
  problems.push_back(path + ": cannot be read");
  return bytes.error();
}

// The schema's text, as the statement names it.
Result<crypto::Digest> SchemaDigest(base::Files& files, const Config& config, Problems& problems) {
  if (config.schema.empty()) return crypto::Sha256(AsBytes(vault::JobSeekersSchemaToml()));
  CLOISON_TRY_ASSIGN(const std::string text, TextOf(files, config.schema, problems));
  return crypto::Sha256(AsBytes(text));
}

Result<identity::Issuers> ReadIssuers(base::Files& files, const Config& config,
                                      Problems& problems) {
  if (config.issuers.empty()) {
    problems.push_back("production mode needs identity.issuers, a file");
    return Error{Code::kInvalid, "sign-in is not configured"};
  }
  CLOISON_TRY_ASSIGN(const std::string text, TextOf(files, config.issuers, problems));
  const std::size_t from = problems.size();
  Result<identity::Issuers> issuers = identity::ParseIssuers(text, {}, problems);
  for (std::size_t i = from; i < problems.size(); ++i) {
    problems[i] = config.issuers + ": " + problems[i];
  }
  return issuers;
}

// Null, and a line in `problems`: nobody can sign in by that account.
const identity::IssuerSpec* IssuerOf(const ledger::Founder& founder,
                                     const identity::Issuers& issuers, Problems& problems) {
  const Result<identity::PrincipalName> name = identity::ParsePrincipalName(founder.account);
  const identity::IssuerSpec* issuer = name.ok() ? issuers.Find(name->alias) : nullptr;
  if (issuer != nullptr && issuer->kind == identity::IssuerKind::kAgents) return issuer;
  problems.push_back(founder.account + " is of no issuer of agents");
  return nullptr;
}

// The issuers file means the identities that the officers signed for.
Status CheckIssuers(const ledger::BootstrapPlan& plan, const identity::Issuers& issuers,
                    Problems& problems) {
  const std::size_t before = problems.size();
  for (const ledger::Founder& founder : plan.founders) {
    const identity::IssuerSpec* issuer = IssuerOf(founder, issuers, problems);
    if (issuer != nullptr && issuer->issuer != founder.issuer) {
      problems.push_back(founder.account + " is of another issuer in identity.issuers");
    }
  }
  return problems.size() == before ? Ok() : Status(Error{Code::kInvalid, "another issuers file"});
}

void TellPlan(const ledger::BootstrapPlan& plan, const access::Policy& policy) {
  for (const tlog::VerifierKey& officer : plan.officers) {
    std::printf("officer %s %s\n", officer.name().c_str(), ledger::FingerprintOf(officer).c_str());
  }
  for (const std::string& name : access::WithoutFounders(plan, policy)) {
    PrintProblems({"nobody begins " + name + ": nobody of it can be enrolled"});
  }
}

// ---- the steps

Status StateBeginning(Ground& ground, const InitArguments& arguments, Problems& problems) {
  base::Files& files = ground.files();
  if (files.Stat(arguments.statement).ok()) {
    return Error{Code::kConflict, "the file of the statement is there already"};
  }
  CLOISON_TRY_ASSIGN(const std::string text, TextOf(files, arguments.plan, problems));
  CLOISON_TRY_ASSIGN(ledger::BootstrapPlan plan, ledger::ParseBootstrapPlan(text, problems));
  CLOISON_TRY_ASSIGN(const identity::Issuers issuers,
                     ReadIssuers(files, ground.config(), problems));
  for (ledger::Founder& founder : plan.founders) {
    const identity::IssuerSpec* issuer = IssuerOf(founder, issuers, problems);
    if (issuer != nullptr) founder.issuer = issuer->issuer;
  }
  const vault::Settings settings = ground.settings([] {});
  CLOISON_TRY(access::CheckFounders(plan, *settings.policy, ground.clock().wall_ms(), problems));
  if (!problems.empty()) return Error{Code::kInvalid, "nobody may begin a register so"};
  CLOISON_TRY_ASSIGN(const crypto::Digest schema, SchemaDigest(files, ground.config(), problems));
  CLOISON_TRY(ground.MakeDirectories());
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(true));
  CLOISON_TRY_ASSIGN(const tlog::VerifierKey log,
                     base::SyncWait(vault::Vault::CreateKeys(ground.environment(), settings)));
  const ledger::BootstrapStatement statement{settings.schema->register_id(),
                                             ground.random().Draw<16>(),
                                             log,
                                             schema,
                                             access::DigestOfPolicy(settings.policy->document()),
                                             std::move(plan)};
  const std::string statement_text = Print(statement);
  CLOISON_TRY(
      base::WriteWhole(files, arguments.statement, AsBytes(statement_text), kStatementMode));
  std::printf("%s", statement_text.c_str());
  TellPlan(statement.plan, *settings.policy);
  return Ok();
}

// Where recoveries and policies look for them. Before anything is begun: a register without its
// officers' keys could not be recovered.
Status WriteOfficers(base::Files& files, const std::string& path, const ledger::BootstrapPlan& plan,
                     Problems& problems) {
  std::string text;
  for (const tlog::VerifierKey& officer : plan.officers) text += officer.Text() + "\n";
  const Result<Bytes> there = files.Read(path);
  if (!there.ok() && there.error().code() != Code::kNotFound) return there.error();
  if (there.ok() && AsText(*there) != text) {
    problems.push_back(path + ": lists other officers than the statement");
    return Error{Code::kConflict, "the list of officers is another"};
  }
  return base::WriteWhole(files, path, AsBytes(text), kOfficersMode);
}

Status BeginBySignatures(Ground& ground, const std::string& officers,
                         const InitArguments& arguments, Problems& problems) {
  base::Files& files = ground.files();
  CLOISON_TRY_ASSIGN(std::string note, TextOf(files, arguments.note, problems));
  CLOISON_TRY_ASSIGN(ledger::SignedBootstrap founding,
                     ledger::SignedBootstrap::Check(std::move(note)));
  const ledger::BootstrapStatement& statement = founding.statement();
  CLOISON_TRY_ASSIGN(const identity::Issuers issuers,
                     ReadIssuers(files, ground.config(), problems));
  CLOISON_TRY(CheckIssuers(statement.plan, issuers, problems));
  CLOISON_TRY_ASSIGN(const crypto::Digest schema, SchemaDigest(files, ground.config(), problems));
  const vault::Settings settings = ground.settings([] {});
  const bool same = statement.schema == schema &&
                    statement.policy == access::DigestOfPolicy(settings.policy->document());
  if (!same) return Error{Code::kConflict, "a statement of another schema or policy"};
  CLOISON_TRY(
      access::CheckFounders(statement.plan, *settings.policy, ground.clock().wall_ms(), problems));
  if (!files.Stat(ground.config().data).ok()) {
    return Error{Code::kNotFound, "there are no keys yet: make the statement first"};
  }
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(false));
  CLOISON_TRY_ASSIGN(const tlog::VerifierKey log,
                     base::SyncWait(vault::Vault::CreateKeys(ground.environment(), settings)));
  if (!(log == statement.log)) {
    return Error{Code::kConflict, "a statement of another register"};
  }
  CLOISON_TRY(WriteOfficers(files, officers, statement.plan, problems));
  TellPlan(statement.plan, *settings.policy);
  return base::SyncWait(vault::Vault::Create(ground.environment(), settings, std::move(founding)));
}

Status BeginDevelopment(Ground& ground) {
  CLOISON_TRY(ground.MakeDirectories());
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(true));
  return base::SyncWait(vault::Vault::Create(ground.environment(), ground.settings([] {})));
}

Status Run(Config config, const InitArguments& arguments, Problems& problems) {
  const std::string officers = std::exchange(config.recovery_officers, "");
  const bool signs = !arguments.plan.empty() || !arguments.note.empty();
  if (config.development() && signs) {
    return Error{Code::kInvalid, "in development nobody signs"};
  }
  if (!config.development() && (!signs || officers.empty())) {
    problems.push_back(officers.empty() ? "production mode needs ledger.recovery_officers, a file"
                                        : "production mode needs --plan, or --note");
    return Error{Code::kInvalid, "two officers begin a production register"};
  }
  base::NullEventSink events;
  CLOISON_TRY_ASSIGN(const std::unique_ptr<Ground> ground, Ground::Make(config, events, problems));
  if (config.development()) return BeginDevelopment(*ground);
  if (!arguments.plan.empty()) return StateBeginning(*ground, arguments, problems);
  return BeginBySignatures(*ground, officers, arguments, problems);
}

int ExitOf(const Error& error) {
  if (error.code() == Code::kConflict) return kExitExists;
  return error.code() == Code::kInvalid ? kExitUsage : kExitFailure;
}

}  // namespace

int RunInit(const InitArguments& arguments) {
  if (!arguments.plan.empty() && arguments.statement.empty()) {
    PrintProblems({"--plan needs --statement, the file to write"});
    return kExitUsage;
  }
  const bool written = !base::SystemFiles().Stat(arguments.config_file).ok();
  if (!WriteMissingConfig(arguments)) return kExitUsage;
  const std::optional<Config> config = LoadConfig(arguments.config_file, arguments.overrides);
  if (!config.has_value()) return kExitUsage;
  Problems problems;
  const Status done = Run(*config, arguments, problems);
  PrintProblems(problems);
  // A register that was refused is to be asked for again, in the same empty directory.
  if (!done.ok() && written && config->development() &&
      !base::SystemFiles().Stat(config->data).ok()) {
    (void)base::SystemFiles().Remove(arguments.config_file);
  }
  if (done.ok()) {
    if (arguments.plan.empty()) std::printf("created %s\n", config->data.c_str());
    return 0;
  }
  const bool exists =
      done.error().code() == Code::kConflict && done.error().text() == "the register exists";
  PrintProblems({exists ? "the register exists already"
                        : "the register cannot be created: " + std::string(done.error().text())});
  return ExitOf(done.error());
}

}  // namespace cloison::server
