#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include "cli/alarm_words.h"
#include "cli/alert_words.h"
#include "cli/assess_words.h"
#include "cli/case_words.h"
#include "cli/caseload_words.h"
#include "cli/citizen_words.h"
#include "cli/command_spec.h"
#include "cli/commands.h"
#include "cli/decoy_words.h"
#include "cli/detector_words.h"
#include "cli/export_words.h"
#include "cli/freeze_words.h"
#include "cli/import_words.h"
#include "cli/init_words.h"
#include "cli/job_words.h"
#include "cli/keys_status.h"
#include "cli/ledger_read.h"
#include "cli/me_words.h"
#include "cli/person_words.h"
#include "cli/policy_words.h"
#include "cli/principal_words.h"
#include "cli/program_help.h"
#include "cli/schema.h"
#include "cli/sign_in_words.h"

namespace cloison::cli {

namespace {

// The one parser of the program. Options live here until the command that was asked for has run.
class CommandLine {
 public:
  explicit CommandLine(const Terminal& terminal) : terminal_(terminal), app_("", "cloison") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "cloison 0.1.0");
    UseProgramHelp(app_);
    AddWorld();
    AddImport();
    AddLookup();
    AddDisclose();
    AddQuestions();
    AddApprovals();
    principal_.AddTo(app_, Shared());
    AddInit();
    AddRunners();
    AddSignIn();
    AddFreeze();
    AddChecks();
    AddPolicy();
    AddVerify();
    AddLedger();
    AddCaseloads();
    AddOwn();
    AddJobs();
    AddAssess();
    AddCompletion();
  }

  ExitCode Run(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& asked) {
      app_.exit(asked);
      return ExitCode::kDone;
    } catch (const CLI::ParseError& mistake) {
      terminal_.Complain(mistake.what());
      terminal_.Note("  --help shows what there is");
      return ExitCode::kUsage;
    }
    return run_();
  }

 private:
  CLI::App* Add(CLI::App& parent, const std::string& name, const std::string& help,
                const std::string& examples = {}) {
    CLI::App* command = parent.add_subcommand(name, help);
    if (!examples.empty()) command->footer("Examples\n" + examples);
    return command;
  }

  void AddOutput(CLI::App* command) {
    command->add_flag("--json", common_.json, "answer in JSON");
    command->add_flag("--plain", common_.plain, "one fact per line, tabs between");
    command->add_flag("--no-input", common_.no_input, "never ask for anything");
  }

  void AddConnection(CLI::App* command) {
    ConnectionOptions& to = common_.connection;
    const auto add = [command](const char* name, std::string& value, const char* help,
                               const char* variable) {
      command->add_option(name, value, help)->envname(variable)->group("Connection");
    };
    add("--server", to.server, "URL of the server [https://127.0.0.1:8443]", "CLOISON_SERVER");
    add("--ca", to.ca, "FILE: the authorities trusted, PEM", "CLOISON_CA");
    add("--cert", to.certificate, "FILE: the client's certificate, PEM", "CLOISON_CERT");
    add("--key", to.key, "FILE: its private key, PEM", "CLOISON_KEY");
    add("--token", to.token, "FILE: the bearer token", "CLOISON_TOKEN");
    add("--as", to.as, "a name of the demo: its files in --credentials", "CLOISON_AS");
    add("--credentials", to.credentials, "DIR [build/demo/credentials]", "CLOISON_CREDENTIALS");
    add("--session", to.session, "FILE of cloison sign-in [when nothing else is given]",
        "CLOISON_SESSION");
  }

  // What a request about people must say; an environment variable would outlive its reason.
  void AddReason(CLI::App* command, std::string& purpose, std::string& case_ref) {
    command->add_option("--purpose", purpose, "why, in a word of the policy")->required();
    command->add_option("--case", case_ref, "the file you work on; self needs none");
  }

  void AddWorld() {
    CLI::App* demo = Add(app_, "demo", "run the demo world: a tour, then a server to ask",
                         "  cloison demo\n  cloison demo --once --people 5000");
    demo->add_option("--data", demo_.data, "DIR for the world [build/demo]");
    demo->add_option("--people", demo_.people, "how many people [100000]")
        ->check(CLI::Range(1'000, 10'000'000));
    demo->add_option("--drill-people", demo_.drill_people, "of the replay's own world [20000]")
        ->check(CLI::Range(2'000, 10'000'000));
    demo->add_option("--port", demo_.port, "of the server [8443]")->check(CLI::Range(1, 65'535));
    demo->add_flag("--once", demo_.once, "the tour alone; fails when a step does");
    demo->callback([this] { run_ = [this] { return Demo(demo_, terminal_); }; });

    CLI::App* generate =
        Add(app_, "generate", "invent people, the same for the same seed",
            "  cloison generate --people 1000 --out people.csv\n"
            "  cloison generate --people 50 --format jsonl | cloison import - --format jsonl\n"
            "  cloison generate --people 100000 --queries 5000 --out queries.jsonl");
    generate->add_option("--people", generate_.people, "how many [1000]");
    generate->add_option("--seed", generate_.seed, "of the invention [1]");
    generate->add_option("--first", generate_.first, "number of the first one [0]");
    generate->add_option("--format", generate_.format, "csv or jsonl [csv]")
        ->check(CLI::IsMember({"csv", "jsonl"}));
    generate->add_option("--schema", generate_.schema, "of the records [job-seekers]")
        ->check(CLI::IsMember({"job-seekers", "insured-persons"}));
    generate->add_option("--queries", generate_.queries,
                         "instead of people: queries of them, with the right answers (JSON lines)");
    generate->add_option("--out", generate_.out, "FILE instead of standard output");
    generate->callback([this] { run_ = [this] { return Generate(generate_, terminal_); }; });
  }

  void AddImport() {
    CLI::App* command = Add(app_, "import", "register people from CSV, JSON lines or a table",
                            "  cloison import people.csv --as app.case --rejects rejects.csv\n"
                            "  cloison import - --format jsonl --id delivery-12 < people.jsonl\n"
                            "  cloison import people.csv --map columns.toml --dry-run\n"
                            "  cloison import people.csv --as app.case --verify\n"
                            "  cloison import people.csv --direct --config cloison.toml\n"
                            "  cloison import --postgres dbname=agency --table public.people \\\n"
                            "    --order-by id --id delivery-12 --map columns.toml");
    AddImportOptions(*command, import_);
    AddOutput(command);
    AddConnection(command);
    command->callback([this] { run_ = [this] { return Import(import_, common_, terminal_); }; });
  }

  void AddCriterion(CLI::Option_group* group, const char* name, const char* criterion,
                    const char* help) {
    const auto chosen = [this, criterion](const std::string& value) {
      lookup_.criteria.emplace_back(criterion, value);
    };
    group->add_option_function<std::string>(name, chosen, help);
  }

  void AddLookup() {
    CLI::App* command =
        Add(app_, "lookup", "find a person by one exact number or address, or by name",
            "  cloison lookup --as adviser.ft --nir - --purpose support --case A1\n"
            "A value on the command line stands in the process list for everybody\n"
            "to see: - reads it from standard input.");
    CLI::Option_group* one = command->add_option_group("Criterion");
    one->require_option(1, 4);
    AddCriterion(one, "--nir", "nir", "social-security number, or -");
    AddCriterion(one, "--phone", "phone", "telephone, or -");
    AddCriterion(one, "--email", "email", "e-mail address, or -");
    AddCriterion(one, "--agency-id", "agency_id", "France Travail identifier, or -");
    AddCriterion(one, "--last-name", "last_name", "name at birth or in use, or -");
    AddCriterion(one, "--first-name", "first_name", "first name, or -");
    AddCriterion(one, "--birth-date", "birth_date", "YYYY-MM-DD, or -");
    AddCriterion(one, "--postcode", "postcode", "of the address, or -");
    AddReason(command, lookup_.purpose, lookup_.case_ref);
    command->add_flag("--dry-run", lookup_.dry_run, "show the request, send nothing");
    AddOutput(command);
    AddConnection(command);
    command->callback([this] { run_ = [this] { return Lookup(lookup_, common_, terminal_); }; });
  }

  void AddDisclose() {
    CLI::App* command =
        Add(app_, "disclose", "open fields of people, on the record",
            "  cloison disclose CODE --as adviser.ft --fields contact.phone,contact.email \\\n"
            "    --purpose support --case A1\n"
            "  cloison disclose self --as citizen.one --fields contact.email --purpose own");
    command->add_option("people", disclose_.people, "codes of a look-up, up to 50; or self")
        ->required();
    command->add_option("--fields", disclose_.fields, "names, commas between")
        ->delimiter(',')
        ->required();
    command->add_flag("--exists", disclose_.exists, "whether there are values, not which");
    AddReason(command, disclose_.purpose, disclose_.case_ref);
    command->add_flag("--dry-run", disclose_.dry_run, "show the request, send nothing");
    AddOutput(command);
    AddConnection(command);
    command->callback(
        [this] { run_ = [this] { return Disclose(disclose_, common_, terminal_); }; });
  }

  void AddQuestions() {
    CLI::App* match =
        Add(app_, "match", "ask whether a field has a value, yes or no",
            "  cloison match CODE --as adviser.ft --field contact.phone --value - \\\n"
            "    --purpose verification --case A1\n"
            "- reads the value from standard input, where nobody sees it.");
    match->add_option("person", match_.person, "code of a look-up")->required();
    match->add_option("--field", match_.field, "its name")->required();
    match->add_option("--value", match_.value, "what to compare with, or -")->required();
    AddReason(match, match_.purpose, match_.case_ref);
    match->add_flag("--dry-run", match_.dry_run, "show the request, send nothing");
    AddOutput(match);
    AddConnection(match);
    match->callback([this] { run_ = [this] { return Match(match_, common_, terminal_); }; });

    CLI::App* decide =
        Add(app_, "decide", "ask what another system may show of people, on the record",
            "  cloison decide 4711 --reference --as adviser.ft --fields contact.phone \\\n"
            "    --purpose support --case A1");
    decide->add_option("people", decide_.people, "codes, or references, up to 50")->required();
    decide->add_flag("--reference", decide_.by_reference, "they are the other system's own keys");
    decide->add_option("--fields", decide_.fields, "names, commas between")
        ->delimiter(',')
        ->required();
    AddReason(decide, decide_.purpose, decide_.case_ref);
    decide->add_flag("--dry-run", decide_.dry_run, "show the request, send nothing");
    AddOutput(decide);
    AddConnection(decide);
    decide->callback([this] { run_ = [this] { return Decide(decide_, common_, terminal_); }; });
  }

  void AddHolds(CLI::App& ledger) {
    CLI::App* hold =
        Add(ledger, "hold", "keep what an account did, beyond its records' time",
            "  cloison ledger hold --principal adviser.ft --from 2024-02-06T00:00:00Z \\\n"
            "    --until 2024-03-06T00:00:00Z --reason incident-7 --as officer.security\n"
            "  cloison ledger hold --show 1 --as officer.security\n"
            "  cloison ledger hold --release 1 --as officer.security");
    hold->add_option("--principal", hold_.principal, "whose entries");
    hold->add_option("--from", hold_.from, "time, inclusive");
    hold->add_option("--until", hold_.until, "time, exclusive; without it until released");
    hold->add_option("--reason", hold_.reason, "the file of the incident");
    hold->add_option("--show", hold_.show, "number of a hold")->check(CLI::Range(1, 1'000));
    hold->add_option("--release", hold_.release, "number of a hold: its key is destroyed")
        ->check(CLI::Range(1, 1'000));
    hold->add_flag("--dry-run", hold_.dry_run, "show the request, send nothing");
    AddOutput(hold);
    AddConnection(hold);
    hold->callback([this] { run_ = [this] { return LedgerHold(hold_, common_, terminal_); }; });
  }

  void AddUnseal(CLI::App& ledger) {
    CLI::App* unseal =
        Add(ledger, "unseal", "bring a sealed access to the trail of its person",
            "  cloison ledger unseal --index 4711 --reason TJ-2026-0311 --as officer.security\n"
            "  cloison ledger unseal --index 12 --log cloison.example/job-seekers \\\n"
            "    --reason TJ-2026-0312 --as officer.security");
    unseal->add_option("--index", unseal_.index, "of the sealed access in its log")->required();
    unseal->add_option("--log", unseal_.log, "ORIGIN of a log that was closed; else the newest");
    unseal->add_option("--reason", unseal_.reason, "the order it rests on, for the record")
        ->required();
    unseal->add_flag("--dry-run", unseal_.dry_run, "show the request, send nothing");
    AddOutput(unseal);
    AddConnection(unseal);
    unseal->callback(
        [this] { run_ = [this] { return LedgerUnseal(unseal_, common_, terminal_); }; });
  }

  CLI::App* AddApprovalVerb(CLI::App& approval, const char* name, const char* help,
                            const char* example, ApprovalOptions::Verb verb) {
    CLI::App* command = Add(approval, name, help, example);
    if (verb != ApprovalOptions::Verb::kList) {
      command->add_option("approval", approval_.id, "apr_ and its number")->required();
    }
    AddOutput(command);
    AddConnection(command);
    command->callback([this, verb] {
      approval_.verb = verb;
      run_ = [this] { return Approval(approval_, common_, terminal_); };
    });
    return command;
  }

  void AddApprovals() {
    using Verb = ApprovalOptions::Verb;
    CLI::App* approval = Add(app_, "approval", "what takes two people: agree, or not",
                             "  cloison approval list --as manager.b");
    approval->require_subcommand(1);
    AddApprovalVerb(*approval, "list", "what you may agree to now",
                    "  cloison approval list --as manager.b", Verb::kList);
    AddApprovalVerb(*approval, "show", "one approval",
                    "  cloison approval show apr_12 --as manager.b", Verb::kShow);
    AddApprovalVerb(*approval, "approve", "agree: it takes effect at once",
                    "  cloison approval approve apr_12 --as manager.b", Verb::kApprove);
    AddApprovalVerb(*approval, "deny", "refuse, or take back what you asked for",
                    "  cloison approval deny apr_12 --as manager.b", Verb::kDeny);
  }

  void AddRunners() {
    PassOn(app_, "serve", "run the server, and start it again when it asks for it",
           "  cloison serve --config /etc/cloison/cloison.toml", Serve);
    PassOn(app_, "backup", "write all of a stopped register into sealed files, or what changed",
           "  cloison backup --config cloison.toml --to DIR\n"
           "  cloison backup --config cloison.toml --to /backups --since NAME",
           Backup);
    PassOn(app_, "restore", "bring a register back from a backup, into an empty place",
           "  cloison restore --config cloison.toml --from DIR --backup NAME --check\n"
           "  cloison restore --config cloison.toml --from DIR --backup NAME --erase-journal F",
           Restore);
    PassOn(app_, "drill", "attack a world of our own, or a running server (--live)",
           "  cloison drill --replay france-travail-2024 --accounts 10 --json\n"
           "  cloison drill --live --as adviser.ft --officer officer.security",
           Drill);
  }

  // A command whose words go to cloisond as they are.
  void PassOn(CLI::App& parent, const char* name, const char* help, const char* examples,
              ExitCode (*command)(const std::vector<std::string>&, const Terminal&)) {
    CLI::App* runner = Add(parent, name, help, examples);
    runner->prefix_command();
    runner->set_help_flag();
    runner->callback([this, runner, command] {
      run_ = [this, runner, command] { return command(runner->remaining(), terminal_); };
    });
  }

  void AddRecovery(CLI::App& ledger) {
    PassOn(ledger, "recover", "bring back a register whose ledger is shorter than was signed",
           "  cloison ledger recover --config cloison.toml --statement recovery.txt\n"
           "  cloison ledger recover --config cloison.toml --note recovery.txt",
           Recover);
    PassOn(ledger, "export", "write a log of a stopped register as files, also a closed one",
           "  cloison ledger export --config cloison.toml --generation 1 --out closed", ExportLog);
    CLI::App* key = Add(ledger, "officer-key", "make a key that may sign a recovery",
                        "  cloison ledger officer-key --name officer.anna --out anna.key");
    key->add_option("--name", officer_key_.name, "whose, one word")->required();
    key->add_option("--out", officer_key_.out, "FILE for the key, mode 0600")->required();
    key->callback([this] { run_ = [this] { return OfficerKey(officer_key_, terminal_); }; });
    CLI::App* sign = Add(ledger, "sign-statement", "sign the statement of a recovery",
                         "  cloison ledger sign-statement --key anna.key recovery.txt");
    sign->add_option("--key", sign_.key, "FILE: the officer's key")->required();
    sign->add_option("statement", sign_.statement, "FILE, signed in place")->required();
    sign->callback([this] { run_ = [this] { return SignStatement(sign_, terminal_); }; });
  }

  void AddChecks() {
    schema_.AddTo(app_, Shared());

    keys_.AddTo(app_, Shared());

    CLI::App* self = Add(app_, "self-check", "ask a running server which controls are on",
                         "  cloison self-check --as officer.security");
    AddOutput(self);
    AddConnection(self);
    self->callback([this] { run_ = [this] { return SelfCheck(common_, terminal_); }; });
  }

  SharedWords Shared() {
    return {common_, terminal_, run_, [this](CLI::App* command) { AddOutput(command); },
            [this](CLI::App* command) { AddConnection(command); }};
  }
  void AddPolicy() { policy_.AddTo(app_, Shared()); }
  void AddCaseloads() {
    caseload_.AddTo(app_, Shared());
    alerts_.AddTo(app_, Shared());
    cases_.AddTo(app_, Shared());
    alarms_.AddTo(app_, Shared());
    decoys_.AddTo(app_, Shared());
    detectors_.AddTo(app_, Shared());
  }
  void AddOwn() {
    me_.AddTo(app_, Shared());
    person_.AddTo(app_, Shared());
    citizen_.AddTo(app_, Shared());
  }
  void AddJobs() {
    job_.AddTo(app_, Shared());
    export_.AddTo(app_, Shared());
  }
  void AddAssess() { assess_.AddTo(app_, Shared()); }
  void AddInit() { init_.AddTo(app_, Shared()); }
  void AddSignIn() { sign_in_.AddTo(app_, Shared()); }
  void AddFreeze() { freeze_.AddTo(app_, Shared()); }

  void AddVerify() {
    CLI::App* verify =
        Add(app_, "verify", "check a published ledger, entry by entry; name the first fault",
            "  cloison verify https://log.example/ledger --key key.pub --keep last.checkpoint\n"
            "  cloison verify https://log.example/ledger --key key.pub --since last.checkpoint \\\n"
            "    --keep last.checkpoint --witness north.pub --witness south.pub --quorum 1\n"
            "  cloison verify ./copy-of-the-ledger --key key.pub --json");
    verify->add_option("log", verify_.log, "DIR or URL with the checkpoint and tiles")->required();
    verify->add_option("--key", verify_.key, "FILE or VKEY: the log's key, got by another way")
        ->required();
    verify->add_option("--since", verify_.since,
                       "FILE: a checkpoint verified before; only what came since is read");
    verify->add_option("--keep", verify_.keep, "FILE to keep the checkpoint in when all is well");
    verify->add_option("--witness", verify_.witnesses, "FILE or VKEY of one; may be repeated")
        ->expected(1)
        ->take_all();
    verify->add_option("--quorum", verify_.quorum, "how many of them must have signed [all]");
    verify
        ->add_option("--person", verify_.person,
                     "FILE: one's own looks with proofs, as the server gave them; a page each")
        ->expected(1)
        ->take_all();
    verify->add_option("--officer", verify_.officer,
                       "FILE: what an account did over a period; nothing may be missing");
    verify->add_option("--schema", verify_.schema,
                       "FILE: the register's schema, to check the names of fields too");
    verify->add_option("--store", verify_.store,
                       "FILE: configuration of the register, stopped: its rows too (cloisond)");
    verify->add_option("--ca", verify_.ca, "FILE: the authorities trusted for a URL, PEM");
    AddOutput(verify);
    verify->callback([this] { run_ = [this] { return Verify(verify_, common_, terminal_); }; });
  }

  void AddSample(CLI::App& ledger) {
    CLI::App* sample = Add(ledger, "sample", "write a synthetic log for auditors to try tools on",
                           "  cloison ledger sample --entries 70000 --out sample\n"
                           "  cloison verify sample --key sample/key.pub");
    sample->add_option("--entries", sample_.entries, "how many [1000]");
    sample->add_option("--seed", sample_.seed, "of leaves and keys [1]");
    sample->add_option("--out", sample_.out, "DIR, new or empty")->required();
    sample->callback([this] { run_ = [this] { return LedgerSample(sample_, terminal_); }; });
  }

  void AddReads(CLI::App& ledger) {
    CLI::App* proof = Add(ledger, "proof", "the inclusion proof of a disclosure of your own",
                          "  cloison ledger proof acc_7Jx2 --as adviser.ft");
    proof->add_option("disclosure", read_.disclosure, "acc_..., as disclose gives it")->required();
    AddOutput(proof);
    AddConnection(proof);
    proof->callback([this] { run_ = [this] { return LedgerProof(read_, common_, terminal_); }; });
    CLI::App* before = Add(ledger, "predecessors", "the logs before this one, closed by ceremonies",
                           "  cloison ledger predecessors --server https://vault.example");
    AddOutput(before);
    AddConnection(before);
    before->callback(
        [this] { run_ = [this] { return LedgerPredecessors(read_, common_, terminal_); }; });
  }

  void AddLedger() {
    CLI::App* ledger = Add(app_, "ledger", "look after the ledger");
    ledger->require_subcommand(1);
    AddSample(*ledger);
    AddUnseal(*ledger);
    AddHolds(*ledger);
    AddReads(*ledger);
    AddRecovery(*ledger);
  }

  void AddCompletion() {
    CLI::App* command = Add(app_, "completion", "a script that completes commands in your shell",
                            "  source <(cloison completion bash)");
    command->add_option("shell", shell_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([this] {
      run_ = [this] {
        const Result<std::string> script = CompletionScript(shell_, Specs());
        if (!script.ok()) return ExitCode::kUsage;
        terminal_.Out(*script);
        return ExitCode::kDone;
      };
    });
  }

  static CommandSpec SpecOf(const std::string& name, const CLI::App* command) {
    CommandSpec spec{name, command->get_description(), {}};
    std::vector<const CLI::App*> groups = command->get_subcommands([](const CLI::App* part) {
      return part->get_name().empty();  // an option group
    });
    groups.insert(groups.begin(), command);
    for (const CLI::App* group : groups) {
      for (const CLI::Option* option : group->get_options()) {
        if (option->get_lnames().empty()) continue;
        if (group != command && option == group->get_help_ptr()) continue;
        const std::string help = option->get_description();
        const bool path = help.starts_with("FILE") || help.starts_with("DIR");
        const bool value = option->get_type_size() != 0 && option->get_items_expected_max() != 0;
        spec.options.push_back({"--" + option->get_lnames().front(), value, path, help});
      }
    }
    return spec;
  }

  std::vector<CommandSpec> Specs() const {
    const auto named = [](const CLI::App* part) { return !part->get_name().empty(); };
    std::vector<CommandSpec> specs;
    for (const CLI::App* command : app_.get_subcommands(named)) {
      const std::vector<const CLI::App*> inner = command->get_subcommands(named);
      if (inner.empty()) specs.push_back(SpecOf(command->get_name(), command));
      for (const CLI::App* part : inner) {
        specs.push_back(SpecOf(command->get_name() + " " + part->get_name(), part));
      }
    }
    return specs;
  }

  const Terminal& terminal_;
  CLI::App app_;
  std::function<ExitCode()> run_;
  Common common_;
  GenerateOptions generate_;
  ImportCommandOptions import_;
  LookupOptions lookup_;
  DiscloseOptions disclose_;
  MatchOptions match_;
  DecideOptions decide_;
  UnsealOptions unseal_;
  AlarmWords alarms_;
  AlertWords alerts_;
  AssessWords assess_;
  CaseWords cases_;
  DecoyWords decoys_;
  DetectorWords detectors_;
  CaseloadWords caseload_;
  CitizenWords citizen_;
  JobWords job_;
  ExportWords export_;
  MeWords me_;
  PersonWords person_;
  SchemaWords schema_;
  PolicyWords policy_;
  InitWords init_;
  SignInWords sign_in_;
  FreezeWords freeze_;
  DemoOptions demo_;
  VerifyOptions verify_;
  LedgerSampleOptions sample_;
  LedgerHoldOptions hold_;
  LedgerReadOptions read_;
  ApprovalOptions approval_;
  PrincipalWords principal_;
  OfficerKeyOptions officer_key_;
  SignStatementOptions sign_;
  KeysWords keys_;
  std::string shell_;
};

}  // namespace

ExitCode RunCommandLine(int argc, const char* const* argv, const Terminal& terminal) {
  CommandLine line(terminal);
  return line.Run(argc, argv);
}

}  // namespace cloison::cli
