// cloison sign-in and sign-out: a session of production for the command line. The browser may be
// this machine's, which comes back to a port of ours, or another's, whose last address is pasted.
#include <condition_variable>
#include <iostream>
#include <mutex>

#include "base/files.h"
#include "base/random.h"
#include "cli/commands.h"
#include "cli/process.h"
#include "codec/json_writer.h"
#include "net/server.h"
#include "net/url.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kReturnPath = "/signed-in";
constexpr std::int64_t kBrowserMsMax = 10 * base::kMinuteMs;  // then the sign-in is over
constexpr std::size_t kPastedBytesMax = 4'096;

struct Returned {
  std::string handle, error, why;
};

// Any page of this machine may send it: words alone, and few.
std::string Shown(std::string_view text) {
  constexpr std::size_t kShownBytesMax = 120;
  std::string shown;
  for (const char c : text.substr(0, kShownBytesMax)) shown += c < ' ' || c > '~' ? '?' : c;
  return shown;
}

// What the browser brings back in the query of the return URL.
Returned ReadReturn(std::string_view query) {
  Returned returned;
  const auto pairs = net::ParseQuery(query);
  if (!pairs.ok()) return returned;
  for (const auto& [name, value] : *pairs) {
    if (name == "handle") returned.handle = value;
    if (name == "error") returned.error = value;
    if (name == "error_description") returned.why = Shown(value);
  }
  return returned;
}

// The one page that the browser is sent back to.
class ReturnPage final : public net::Handler {
 public:
  Task<net::Response> Handle(net::Request request) override {
    net::Response response;
    response.headers.Add("content-type", "text/html; charset=utf-8");
    response.headers.Add("content-security-policy", "default-src 'none'");
    response.headers.Add("referrer-policy", "no-referrer");
    response.headers.Add("cache-control", "no-store");
    if (request.path != kReturnPath) {
      response.status = 404;
      co_return response;
    }
    response.body =
        "<!doctype html><html lang=\"en\"><title>Cloison</title>"
        "<p>You can close this page / Vous pouvez fermer cette page.</html>";
    const std::lock_guard lock(mutex_);
    if (!returned_.has_value()) returned_ = ReadReturn(request.query);
    changed_.notify_all();
    co_return response;
  }
  std::optional<Returned> Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(kBrowserMsMax),
                      [this] { return returned_.has_value(); });
    return returned_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Returned> returned_;
};

// Where the browser ends, and how it is waited for.
class Way {
 public:
  static Result<std::unique_ptr<Way>> Make(bool paste, base::Clock& clock) {
    std::unique_ptr<Way> way(new Way());
    if (paste) return way;
    net::ServerOptions options;
    options.connections_max = 16;
    CLOISON_TRY_ASSIGN(way->server_, net::Server::Start(std::move(options), way->page_, clock));
    return way;
  }
  std::string return_url() const {
    const std::string port = server_ == nullptr ? "" : ":" + std::to_string(server_->port());
    return "http://127.0.0.1" + port + std::string(kReturnPath);
  }
  std::optional<Returned> Wait(const Terminal& terminal) {
    if (server_ != nullptr) {
      std::optional<Returned> returned = page_.Wait();
      (void)server_->Drain(base::kSecondMs);  // the page is shown whole
      return returned;
    }
    terminal.Note("Paste the address at which the browser ends (http://127.0.0.1/signed-in?...):");
    std::string line;
    if (!std::getline(std::cin, line) || line.size() > kPastedBytesMax) return std::nullopt;
    const std::size_t query = line.find('?');
    if (query == std::string::npos) return std::nullopt;
    return ReadReturn(std::string_view(line).substr(query + 1));
  }

 private:
  Way() = default;
  ReturnPage page_;
  std::unique_ptr<net::Server> server_;
};

struct Begun {
  std::string id, url;
};

Result<codec::JsonDocument> AnswerOf(const net::Response& answer) {
  return codec::JsonDocument::Parse(AsBytes(answer.body));
}

std::string BeginBody(const SignInOptions& options, const std::string& return_url) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("issuer").String(options.issuer).Key("client").String(options.client);
  json.Key("return_url").String(return_url);
  if (options.step_up) json.Key("step_up").Bool(true);
  json.EndObject();
  return body;
}

std::string OpenBody(const std::string& id, const std::string& handle) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("sign_in").String(id).Key("handle").String(handle).EndObject();
  return body;
}

ExitCode Begin(Connection& connection, const std::string& body, Begun& begun,
               const Terminal& terminal) {
  const Result<net::Response> answer = connection.Post("/v1/sign-ins", body);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 201) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> said = AnswerOf(*answer);
  if (said.ok()) begun.id = TextMember(said->root(), "sign_in").value_or("");
  if (said.ok()) begun.url = TextMember(said->root(), "url").value_or("");
  if (!begun.id.empty() && !begun.url.empty()) return ExitCode::kDone;
  terminal.Complain("the server's answer is not the one of a sign-in");
  return ExitCode::kFailure;
}

// The session that is to go on (step-up), or a key for a new one.
Result<SessionFile> SessionToUse(const SignInOptions& options, const ConnectionOptions& connection,
                                 const std::string& path) {
  if (options.step_up) return ReadSessionFile(path);
  base::SystemRandom random;
  return SessionFile{connection.server, connection.ca, crypto::Secret<32>(random), ""};
}

void Tell(const codec::JsonValue& session, const Terminal& terminal) {
  std::string words = "Signed in as " + TextMember(session, "principal").value_or("?");
  words += ", level " + TextMember(session, "level").value_or("?") + ".";
  terminal.Line(words);
  const auto unseen = session.Find("unseen_key");
  if (unseen.has_value() && unseen->AsBool().ok() && *unseen->AsBool()) {
    terminal.Note("This key was not seen before: a third of the budgets for a day.");
  }
}

ExitCode Open(Connection& connection, const Begun& begun, const std::string& handle,
              SessionFile session, const std::string& path, const Common& common,
              const Terminal& terminal) {
  Result<net::Response> answer = connection.Post("/v1/sessions", OpenBody(begun.id, handle));
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 201) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> said = AnswerOf(*answer);
  net::WipeText(answer->body);
  const auto token = said.ok() ? TextMember(said->root(), "token") : std::nullopt;
  if (!token.has_value()) {
    terminal.Complain("the server's answer is not the one of a session");
    return ExitCode::kFailure;
  }
  session.token = *token;
  if (const Status kept = WriteSessionFile(session, path); !kept.ok()) {
    terminal.Complain(path + ": " + std::string(kept.error().text()));
    return ExitCode::kFailure;
  }
  if (common.json) {
    std::string out;
    codec::JsonWriter json(out);
    json.BeginObject().Key("principal");
    json.String(TextMember(said->root(), "principal").value_or(""));
    json.Key("level").String(TextMember(said->root(), "level").value_or("")).EndObject();
    terminal.Line(out);
  } else {
    Tell(said->root(), terminal);
  }
  return ExitCode::kDone;
}

// A browser of this machine, if there is one; the address is printed all the same.
std::unique_ptr<Child> OpenBrowser(const SignInOptions& options, const std::string& url,
                                   const Terminal& terminal) {
  if (options.no_browser || options.paste || !terminal.out_is_terminal()) return nullptr;
  ChildOptions browser;
  browser.arguments = {"/usr/bin/env", "xdg-open", url};
  browser.log_path = "/dev/null";
  browser.on_line = [](const std::string&) {};
  Result<std::unique_ptr<Child>> child = Child::Start(std::move(browser));
  return child.ok() ? std::move(*child) : nullptr;
}

ExitCode RefusedBy(const Returned& returned, const Terminal& terminal) {
  const std::string why = returned.why.empty() ? "" : ": " + returned.why;
  if (returned.error == "unavailable") {
    terminal.Complain("the identity provider does not answer" + why);
    return ExitCode::kUnavailable;
  }
  terminal.Complain(returned.error == "denied" ? "the sign-in was cancelled at the provider"
                                               : "the sign-in was refused" + why);
  return ExitCode::kRefused;
}

}  // namespace

ExitCode SignIn(const SignInOptions& options, const Common& common, const Terminal& terminal) {
  const std::string path =
      common.connection.session.empty() ? DefaultSessionPath() : common.connection.session;
  if (path.empty()) {
    terminal.Complain("--session names the file to keep the session in");
    return ExitCode::kUsage;
  }
  Result<SessionFile> session = SessionToUse(options, common.connection, path);
  if (!session.ok()) {
    terminal.Complain(path + ": " + std::string(session.error().text()));
    return ExitCodeOf(session.error());
  }
  base::SystemClock clock;
  std::string problem;
  Result<SessionFile> same = ParseSessionFile(Serialise(*session).Reveal());
  if (!same.ok()) return Explain(same.error(), terminal);
  Result<Connection> connection =
      Connection::OpenWith(common.connection, std::move(*same), clock, &problem);
  if (!connection.ok()) {
    terminal.Complain(problem.empty() ? std::string(connection.error().text()) : problem);
    return ExitCode::kUsage;
  }
  Result<std::unique_ptr<Way>> way = Way::Make(options.paste, clock);
  if (!way.ok()) return Explain(way.error(), terminal);
  Begun begun;
  const ExitCode code =
      Begin(*connection, BeginBody(options, (*way)->return_url()), begun, terminal);
  if (code != ExitCode::kDone) return code;
  terminal.Note("Open this address in a browser:");
  terminal.Line(begun.url);
  const std::unique_ptr<Child> browser = OpenBrowser(options, begun.url, terminal);
  const std::optional<Returned> returned = (*way)->Wait(terminal);
  if (!returned.has_value()) {
    terminal.Complain("nobody came back from the browser");
    return ExitCode::kTryAgain;
  }
  if (returned->handle.empty()) return RefusedBy(*returned, terminal);
  connection->ForgetToken();  // the key alone proves who began
  return Open(*connection, begun, returned->handle, std::move(*session), path, common, terminal);
}

ExitCode SignOut(const Common& common, const Terminal& terminal) {
  const std::string path = SessionPathOf(common.connection);
  if (path.empty()) {
    terminal.Complain("nobody is signed in");
    return ExitCode::kNotFound;
  }
  base::SystemClock clock;
  std::string problem;
  Result<Connection> connection = Connection::Open(common.connection, clock, &problem);
  base::SystemFiles files;
  ExitCode code = ExitCode::kDone;
  if (connection.ok()) {
    const Result<net::Response> answer = connection->Post("/v1/sessions:end", "{}");
    if (!answer.ok()) code = Explain(answer.error(), terminal);
    // 401: it has ended already.
    if (answer.ok() && answer->status != 200 && answer->status != 401) {
      code = Explain(*answer, terminal);
    }
  }
  // Whatever the server says, this machine keeps nothing of it.
  if (const Status removed = files.Remove(path); !removed.ok()) {
    return Explain(removed.error(), terminal);
  }
  if (code == ExitCode::kDone) terminal.Line("Signed out.");
  return code;
}

}  // namespace cloison::cli
