#include "cli/drill_live.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/files.h"
#include "base/random.h"
#include "cli/connection.h"
#include "drill/live.h"
#include "net/url.h"
#include "vault/embedded.h"

namespace cloison::cli {

namespace {

constexpr ExitCode kHeld = ExitCode::kDone, kBroken = ExitCode::kFailure, kWrong = ExitCode::kUsage;
constexpr ExitCode kNotRun = static_cast<ExitCode>(3);  // of a drill
constexpr std::int64_t kSeedBits = 31;

struct Options {
  std::vector<std::string> as, sessions;  // the accounts
  std::string officer, officer_session;
  ConnectionOptions connection;  // the server, its authority, where names' files are
  std::size_t connections = drill::kLiveConnectionsDefault;
  int seconds = drill::kLiveSecondsDefault;
  std::uint64_t reads_max = drill::kLiveReadsDefault;
  std::optional<std::uint64_t> seed;
  std::string targets, schema, html;
  bool live = false, json = false;
};

void AddOptions(CLI::App& app, Options& to) {
  app.add_flag("--live", to.live, "on a server that runs")->required();
  app.add_option("--as", to.as, "NAME of an account of the demo; once for each")
      ->expected(1)
      ->take_all();
  app.add_option("--session", to.sessions, "FILE of an account's cloison sign-in; once for each")
      ->expected(1)
      ->take_all();
  app.add_option("--officer", to.officer, "NAME of who may hold and freeze: reads what they did");
  app.add_option("--officer-session", to.officer_session, "FILE of the officer's cloison sign-in");
  app.add_option("--targets", to.targets,
                 "FILE of strangers: a code or a national number a line; never printed");
  app.add_option("--seconds", to.seconds, "how long, 1 to 600 [60]")
      ->check(CLI::Range(1, drill::kLiveSecondsMax));
  app.add_option("--reads-max", to.reads_max, "requests of all accounts, 1 to 50,000 [20000]")
      ->check(CLI::Range(std::uint64_t{1}, drill::kLiveReadsMax));
  app.add_option("--connections", to.connections, "of each account, 1 to 8 [4]")
      ->check(CLI::Range(std::size_t{1}, drill::kLiveConnectionsMax));
  app.add_option("--seed", to.seed, "of guessed codes [random]");
  app.add_option("--schema", to.schema, "FILE: the register's schema [job-seekers]");
  app.add_option("--html", to.html, "FILE for the report as a page");
  app.add_flag("--json", to.json, "print JSON");
  ConnectionOptions& connection = to.connection;
  const auto add = [&app](const char* name, std::string& value, const char* help,
                          const char* variable) {
    app.add_option(name, value, help)->envname(variable)->group("Connection");
  };
  add("--server", connection.server, "URL on loopback [https://127.0.0.1:8443]", "CLOISON_SERVER");
  add("--ca", connection.ca, "FILE: the authorities trusted, PEM", "CLOISON_CA");
  add("--credentials", connection.credentials, "DIR [build/demo/credentials]",
      "CLOISON_CREDENTIALS");
  app.footer(
      "What the accounts open is opened: budgets are spent, entries made, alarms raised. Use\n"
      "accounts that are there for it (docs/operate/drill.md).\n"
      "Examples\n"
      "  cloison drill --live --as adviser.ft --as adviser.ce --officer officer.security\n"
      "  cloison drill --live --as adviser.ft --officer officer.security --seconds 20 \\\n"
      "    --targets strangers.txt --json --html live.html");
}

// Everything up to the report; nothing of what went wrong is left unsaid.
class Run {
 public:
  Run(const Options& options, const Terminal& terminal) : options_(options), terminal_(terminal) {}

  ExitCode Go() {
    const std::size_t accounts = options_.as.size() + options_.sessions.size();
    if (accounts == 0) return Say(kWrong, "whose account is stolen? --as NAME or --session FILE");
    if (accounts > drill::kLiveAccountsMax) return Say(kWrong, "at most 50 accounts");
    if (options_.officer.empty() == options_.officer_session.empty()) {
      return Say(kWrong, "who reads what the accounts did? --officer NAME or --officer-session F");
    }
    // Before any credential is read, and again by whoever sends.
    const Result<net::Url> url = net::ParseUrl(options_.connection.server);
    if (!url.ok()) return Say(kWrong, "--server takes a URL, as https://127.0.0.1:8443");
    if (!drill::IsLoopback(url->host)) {
      return Say(kWrong, "a live drill goes to 127.0.0.1 or [::1] alone, written as a number");
    }
    if (!ReadFiles() || !Connect()) return kWrong;
    return Attack(url->host);
  }

 private:
  ExitCode Say(ExitCode code, std::string_view text) const {
    terminal_.Complain("drill: " + std::string(text));
    return code;
  }

  bool ReadFiles() {
    std::string toml(vault::JobSeekersSchemaToml());
    if (!options_.schema.empty() && !Read(options_.schema, toml)) return false;
    std::vector<std::string> problems;
    auto schema = records::Schema::Parse(toml, &problems);
    for (const std::string& one : problems) (void)Say(kWrong, options_.schema + ": " + one);
    if (!schema.ok()) return false;
    schema_ = std::move(*schema);
    if (options_.targets.empty()) return true;
    std::string text;
    if (!Read(options_.targets, text)) return false;
    Result<drill::LiveTargets> targets = drill::ParseTargets(text);
    net::WipeText(text);
    if (targets.ok()) {
      targets_ = std::move(*targets);
      return true;
    }
    (void)Say(kWrong, options_.targets + ", line " + std::to_string(targets.error().detail()) +
                          ": " + std::string(targets.error().text()));
    return false;
  }

  bool Read(const std::string& path, std::string& text) {
    base::SystemFiles files;
    const Result<Bytes> bytes = files.Read(path);
    if (!bytes.ok()) (void)Say(kWrong, "cannot read " + path);
    if (bytes.ok()) text = std::string(AsText(*bytes));
    return bytes.ok();
  }

  bool Connect() {
    for (const std::string& name : options_.as) {
      if (!Open(name, "", options_.connections)) return false;
      parties_.accounts.push_back(std::move(opened_));
    }
    for (const std::string& session : options_.sessions) {
      if (!Open("", session, options_.connections)) return false;
      parties_.accounts.push_back(std::move(opened_));
    }
    if (!Open(options_.officer, options_.officer_session, 1)) return false;
    parties_.officer = std::move(opened_.front());
    return true;
  }

  // Into opened_.
  bool Open(const std::string& as, const std::string& session, std::size_t count) {
    opened_.clear();
    ConnectionOptions with = options_.connection;
    with.as = as;
    with.session = session;
    std::string problem;
    Result<Connection> first = Connection::Open(with, clock_, &problem);
    if (!first.ok()) {
      (void)Say(kWrong, problem.empty() ? std::string(first.error().text()) : problem);
      return false;
    }
    for (std::size_t i = 0; i < count; ++i) {
      auto connection = std::make_shared<Connection>(first->Copy());
      opened_.emplace_back([connection](const drill::LiveQuestion& question) {
        if (question.method == net::Method::kGet) {
          return connection->Get(question.path, question.query);
        }
        return connection->Ask(net::Method::kPost, question.path, question.query, question.body,
                               {});
      });
    }
    return true;
  }

  ExitCode Attack(const std::string& host) {
    drill::LiveOptions with;
    with.host = host;
    with.seconds = options_.seconds;
    with.reads_max = options_.reads_max;
    base::SystemRandom random;
    with.seed = options_.seed.value_or(base::LoadBig(random.Draw<8>()) >> (64 - kSeedBits));
    std::string problem;
    const Result<drill::Report> report =
        drill::RunLive(with, parties_, targets_, *schema_, clock_, &problem);
    for (std::string& nir : targets_.nirs) net::WipeText(nir);
    if (!report.ok())
      return Say(report.error().code() == Code::kInvalid ? kWrong : kNotRun, problem);
    if (!options_.html.empty()) {
      base::SystemFiles files;
      const std::string page = drill::ToHtml({*report});
      if (!base::WriteWhole(files, options_.html, AsBytes(page), 0644).ok()) {
        return Say(kNotRun, "cannot write " + options_.html);
      }
    }
    terminal_.Out(options_.json ? drill::ToJson({*report}) + "\n" : drill::ToTable({*report}));
    return report->passed() ? kHeld : kBroken;
  }

  const Options& options_;
  const Terminal& terminal_;
  base::SystemClock clock_;
  std::shared_ptr<const records::Schema> schema_;
  drill::LiveTargets targets_;
  drill::LiveParties parties_;
  std::vector<drill::LiveConnection> opened_;
};

}  // namespace

bool IsLiveDrill(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--live") != arguments.end();
}

ExitCode DrillLive(const std::vector<std::string>& arguments, const Terminal& terminal) {
  Options options;
  CLI::App app("Steal accounts of a running server, on loopback, and count what they are shown",
               "cloison drill");
  AddOptions(app, options);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& asked) {
    app.exit(asked);
    return ExitCode::kDone;
  } catch (const CLI::ParseError& mistake) {
    terminal.Complain(mistake.what());
    terminal.Note("  cloison drill --live --help shows what there is");
    return kWrong;
  }
  return Run(options, terminal).Go();
}

}  // namespace cloison::cli
