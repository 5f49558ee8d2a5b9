// The commands, one file each. Every one takes its options as parsed and gives its exit code; what
// it says goes through the Terminal.
#ifndef CLOISON_CLI_COMMANDS_H_
#define CLOISON_CLI_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace cloison::cli {

inline constexpr std::size_t kImportConnectionsMax = 64;
inline constexpr int kDefaultPort = 8443;
inline constexpr std::uint64_t kDemoPeopleDefault = 100'000;

// What all commands share.
struct Common {
  bool json = false;
  bool plain = false;     // one fact per line, tabs between, no decoration
  bool no_input = false;  // never ask
  ConnectionOptions connection;
};

struct GenerateOptions {
  std::uint64_t people = 1'000;
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::string format = "csv";          // csv or jsonl
  std::string schema = "job-seekers";  // or insured-persons
  std::uint64_t queries = 0;           // more than 0: that many queries of `people` job seekers
  std::string out;                     // empty or "-": standard output
};
ExitCode Generate(const GenerateOptions& options, const Terminal& terminal);

struct ImportCommandOptions {
  std::string file;    // "-": standard input; empty: a table
  std::string format;  // empty: by the file's name
  std::string map, schema, rejects, checkpoint, id;
  std::string postgres, table;  // connection, name
  std::vector<std::string> order_by;
  std::string config;  // of the register, for `direct`
  bool dry_run = false;
  bool verify = false;
  bool direct = false;  // into an empty, stopped register, without the API
  bool include_values = false;
  std::uint64_t connections = 4;
  std::uint64_t retry_s = 30;
};
ExitCode Import(const ImportCommandOptions& options, const Common& common,
                const Terminal& terminal);

struct LookupOptions {
  // nir, phone, email or agency_id; or parts of a name. "-": a line of standard input.
  std::vector<std::pair<std::string, std::string>> criteria;
  std::string purpose, case_ref;
  bool dry_run = false;
};
ExitCode Lookup(const LookupOptions& options, const Common& common, const Terminal& terminal);

struct DiscloseOptions {
  std::vector<std::string> people;
  std::vector<std::string> fields;
  std::string purpose, case_ref;
  bool exists = false;  // whether there are values, not which
  bool dry_run = false;
};
ExitCode Disclose(const DiscloseOptions& options, const Common& common, const Terminal& terminal);

struct MatchOptions {
  std::string person, field;
  std::string value;  // "-": standard input
  std::string purpose, case_ref;
  bool dry_run = false;
};
ExitCode Match(const MatchOptions& options, const Common& common, const Terminal& terminal);

struct DecideOptions {
  std::vector<std::string> people;  // codes, or what another system calls them
  bool by_reference = false;
  std::vector<std::string> fields;
  std::string purpose, case_ref;
  bool dry_run = false;
};
ExitCode Decide(const DecideOptions& options, const Common& common, const Terminal& terminal);

struct ExplainedOptions {
  enum class Does {
    kAssign,
    kConfirm,
    kShow,
    kExplain,
    kDeclare,
    kReviews,
    kClose,
    kAskAccess,
    kPresence,
    kTransfer
  } does = Does::kShow;
  std::vector<std::string> people;                        // codes
  std::vector<std::pair<std::string, std::string>> card;  // of a presence, instead of a code
  std::vector<std::string> takers;                        // names, of a transfer
  std::string agent, kind, until, reference, reason, review, proof;
  bool remove = false, unjustified = false, dry_run = false;
};
ExitCode Explained(const ExplainedOptions& options, const Common& common, const Terminal& terminal);

struct UnsealOptions {
  std::uint64_t index = 0;  // of the sealed access in its log
  std::string log;          // that log's origin; empty: the newest
  std::string reason;
  bool dry_run = false;
};
ExitCode LedgerUnseal(const UnsealOptions& options, const Common& common, const Terminal& terminal);

struct PolicyOptions {
  std::string file, other;  // of diff: the old one, the new one
  std::string schema = "schemas/job-seekers.toml";
  std::string statement, reason;
  std::uint64_t days = 7;
  std::uint64_t version = 0;
};
ExitCode PolicyCheck(const PolicyOptions& options, const Common& common, const Terminal& terminal);
ExitCode PolicyDiff(const PolicyOptions& options, const Common& common, const Terminal& terminal);
ExitCode PolicyPreview(const PolicyOptions& options, const Common& common,
                       const Terminal& terminal);
ExitCode PolicyPropose(const PolicyOptions& options, const Common& common,
                       const Terminal& terminal);
ExitCode PolicyShow(const PolicyOptions& options, const Common& common, const Terminal& terminal);
struct PolicySignOptions {
  std::string key;             // FILE of an officer
  std::string in_force, file;  // the policy in force and the one that is to follow it
  std::string schema = "schemas/job-seekers.toml";
  std::string statement;  // FILE, made or signed in place
};
ExitCode PolicySign(const PolicySignOptions& options, const Terminal& terminal);

ExitCode SelfCheck(const Common& common, const Terminal& terminal);

struct InitOptions {
  std::string directory;
  bool development = false;
  bool production = false;
  std::string note;            // of production: FILE, the statement that two officers signed
  std::string schema, policy;  // of development: FILE; empty: the demo's
  std::string principals;      // of development: FILE; empty: nobody is enrolled
  bool dry_run = false;
};
ExitCode Init(const InitOptions& options, const Common& common, const Terminal& terminal);
struct InitStatementOptions {
  std::string directory;
  std::string plan, statement;                             // FILE of who is to begin; FILE to write
  std::vector<std::string> settings;                       // "listen.port=8443"
  std::vector<std::pair<std::string, std::string>> files;  // of settings: key and FILE
};
ExitCode InitStatement(const InitStatementOptions& options, const Common& common,
                       const Terminal& terminal);

struct SignInOptions {
  std::string issuer;          // its alias
  std::string client = "cli";  // of the issuers file
  bool step_up = false, paste = false, no_browser = false;
};
ExitCode SignIn(const SignInOptions& options, const Common& common, const Terminal& terminal);
ExitCode SignOut(const Common& common, const Terminal& terminal);

struct VerifyOptions {
  std::string log;                     // a directory or a URL
  std::string key;                     // a vkey, or the file that holds it
  std::string since, keep, ca;         // files; empty: none
  std::vector<std::string> witnesses;  // as `key`
  std::optional<std::uint64_t> quorum;
  std::vector<std::string> person;  // files: pages of one person's trail
  std::string officer, schema;      // files
  std::string store;                // the configuration of the register, for its own store
};
ExitCode Verify(const VerifyOptions& options, const Common& common, const Terminal& terminal);

struct LedgerSampleOptions {
  std::uint64_t entries = 1'000;
  std::uint64_t seed = 1;
  std::string out;
};
ExitCode LedgerSample(const LedgerSampleOptions& options, const Terminal& terminal);

// Begins a hold, shows one or releases one: one of the three.
struct LedgerHoldOptions {
  std::string principal, from, until, reason;
  std::uint64_t show = 0, release = 0;  // numbers; 0: not asked
  bool dry_run = false;
};
ExitCode LedgerHold(const LedgerHoldOptions& options, const Common& common,
                    const Terminal& terminal);

struct ApprovalOptions {
  enum class Verb { kList, kShow, kApprove, kDeny };
  Verb verb = Verb::kList;
  std::string id;  // "apr_12"; not of a list
  bool dry_run = false;
};
ExitCode Approval(const ApprovalOptions& options, const Common& common, const Terminal& terminal);

struct OfficerKeyOptions {
  std::string name;
  std::string out;
};
ExitCode OfficerKey(const OfficerKeyOptions& options, const Terminal& terminal);
struct SignStatementOptions {
  std::string key;
  std::string statement;  // FILE, signed in place
};
ExitCode SignStatement(const SignStatementOptions& options, const Terminal& terminal);
// Shows who begins, and what the policy lets whom do; signs it with `yes` alone.
struct InitSignOptions {
  std::string key;
  std::string statement;       // FILE, signed in place
  std::string policy, schema;  // FILEs of the officer's own
  bool yes = false;
};
ExitCode InitSign(const InitSignOptions& options, const Terminal& terminal);

// These start cloisond. `arguments` go to it as they are.
ExitCode Serve(const std::vector<std::string>& arguments, const Terminal& terminal);
ExitCode Backup(const std::vector<std::string>& arguments, const Terminal& terminal);
ExitCode Restore(const std::vector<std::string>& arguments, const Terminal& terminal);
// The schema that a stopped register keeps, as it is (cloisond schema).
ExitCode SchemaPrint(const std::vector<std::string>& arguments, const Terminal& terminal);
ExitCode Drill(const std::vector<std::string>& arguments, const Terminal& terminal);
ExitCode Recover(const std::vector<std::string>& arguments, const Terminal& terminal);
ExitCode ExportLog(const std::vector<std::string>& arguments, const Terminal& terminal);

struct DemoOptions {
  std::string data = "build/demo";
  std::uint64_t people = 0;  // 0: as many as the world in `data` has, or kDemoPeopleDefault
  std::uint64_t drill_people = 20'000;
  int port = kDefaultPort;
  bool once = false;
};
ExitCode Demo(const DemoOptions& options, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_COMMANDS_H_
