#include "cli/connection.h"

#include "base/files.h"
#include "net/url.h"

namespace cloison::cli {

namespace {

// The text of a file of credentials; "" when no file was named.
Result<std::string> ReadText(const std::string& path, std::string* problem) {
  if (path.empty()) return std::string();
  base::SystemFiles files;
  Result<Bytes> bytes = files.Read(path);
  if (!bytes.ok()) {
    *problem = "cannot read " + path;
    return bytes.error();
  }
  return std::string(AsText(*bytes));
}

std::string TrimEnd(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

// The file that was named, or the one that `as` stands for.
std::string FileOf(const ConnectionOptions& options, const std::string& named,
                   const std::string& name) {
  if (!named.empty() || options.as.empty()) return named;
  return options.credentials + "/" + name;
}

}  // namespace

Connection::Connection(net::ClientOptions options, std::string token, base::Clock& clock)
    : options_(std::move(options)),
      token_(std::move(token)),
      clock_(&clock),
      client_(options_, clock) {}

std::string SessionPathOf(const ConnectionOptions& options) {
  if (!options.session.empty()) return options.session;
  const bool other = !options.as.empty() || !options.token.empty() || !options.certificate.empty();
  const std::string path = other ? std::string() : DefaultSessionPath();
  base::SystemFiles files;
  return !path.empty() && files.Stat(path).ok() ? path : std::string();
}

Result<Connection> Connection::Open(const ConnectionOptions& options, base::Clock& clock,
                                    std::string* problem) {
  CLOISON_CHECK(problem != nullptr);
  const std::string path = SessionPathOf(options);
  if (path.empty()) return OpenPlain(options, clock, problem);
  Result<SessionFile> session = ReadSessionFile(path);
  if (!session.ok()) {
    *problem = path + ": " + std::string(session.error().text());
    return session.error();
  }
  if (session->token.empty()) {
    *problem = "nobody is signed in: cloison sign-in";
    return Error{Code::kDenied, "nobody is signed in"};
  }
  return OpenWith(options, std::move(*session), clock, problem);
}

Result<Connection> Connection::OpenWith(const ConnectionOptions& options, SessionFile session,
                                        base::Clock& clock, std::string* problem) {
  ConnectionOptions with = options;
  if (!with.as.empty() || !with.token.empty() || !with.certificate.empty()) {
    *problem = "a session comes without --as, --token and --cert";
    return Error{Code::kInvalid, "two ways to sign in"};
  }
  if (with.server == kDefaultServer) with.server = session.server;
  if (with.ca.empty()) with.ca = session.ca;
  // Its key would prove a request to somebody else.
  if (with.server != session.server || !session.server.starts_with("https://")) {
    *problem = "the session is of another server, " + session.server;
    return Error{Code::kInvalid, "the session is of another server"};
  }
  Result<ProofKey> key = ProofKey::FromSeed(session.seed);
  if (!key.ok()) return key.error();
  CLOISON_TRY_ASSIGN(Connection connection, OpenPlain(with, clock, problem));
  connection.token_ = std::move(session.token);
  connection.proof_ = std::make_shared<const ProofKey>(std::move(*key));
  connection.server_ = std::move(session.server);
  return connection;
}

Result<Connection> Connection::OpenPlain(const ConnectionOptions& options, base::Clock& clock,
                                         std::string* problem) {
  Result<net::Url> url = net::ParseUrl(options.server);
  if (!url.ok() || url->path != "/" || !url->query.empty()) {
    *problem = "--server takes a URL without a path, as https://127.0.0.1:8443";
    return Error{Code::kInvalid, "the server's URL is not one"};
  }
  net::ClientOptions client;
  client.host = url->host;
  client.port = url->port;
  client.plain = !url->https;
  CLOISON_TRY_ASSIGN(client.ca_pem, ReadText(FileOf(options, options.ca, "ca.pem"), problem));
  CLOISON_TRY_ASSIGN(client.certificate_pem,
                     ReadText(FileOf(options, options.certificate, options.as + ".pem"), problem));
  CLOISON_TRY_ASSIGN(client.private_key_pem,
                     ReadText(FileOf(options, options.key, options.as + ".key"), problem));
  CLOISON_TRY_ASSIGN(std::string token,
                     ReadText(FileOf(options, options.token, options.as + ".token"), problem));
  token = TrimEnd(std::move(token));
  if (token.size() > kTokenBytesMax) {
    *problem = "the token file is larger than a token";
    return Error{Code::kInvalid, "the token file is larger than a token"};
  }
  // A token on a plain connection is a token given away.
  if (client.plain && !token.empty()) {
    *problem = "credentials travel over https only";
    return Error{Code::kInvalid, "credentials travel over https only"};
  }
  return Connection(std::move(client), std::move(token), clock);
}

Connection Connection::Copy() const {
  Connection copy(options_, token_, *clock_);
  copy.proof_ = proof_;
  copy.server_ = server_;
  copy.nonce_ = nonce_;
  return copy;
}

Result<net::Response> Connection::SendProved(const net::Request& request) {
  for (bool again = false;; again = true) {
    CLOISON_TRY_ASSIGN(const std::string proof,
                       proof_->Proof(net::MethodName(request.method), server_ + request.path,
                                     nonce_, token_, *clock_));
    net::Request proved = request;
    proved.headers.Add("dpop", proof);
    if (!token_.empty()) proved.headers.Add("authorization", "DPoP " + token_);
    Result<net::Response> response = client_.Send(proved);
    net::WipeText(proved.body);
    if (!response.ok()) return response;
    const std::string nonce(response->headers.get("dpop-nonce"));
    const bool fresh = !nonce.empty() && nonce != nonce_;
    if (fresh) nonce_ = nonce;
    if (again || response->status != 401 || !fresh) return response;
  }
}

Result<net::Response> Connection::Send(net::Request request, const HeaderList& headers) {
  request.headers.Add("accept", "application/json, application/problem+json");
  if (proof_ == nullptr && !token_.empty()) {
    request.headers.Add("authorization", "Bearer " + token_);
  }
  for (const auto& [name, value] : headers) request.headers.Add(name, value);
  Result<net::Response> response = proof_ == nullptr ? client_.Send(request) : SendProved(request);
  net::WipeText(request.body);
  return response;
}

Result<net::Response> Connection::Get(const std::string& path, const std::string& query) {
  return Ask(net::Method::kGet, path, query, {}, {});
}

Result<net::Response> Connection::Post(const std::string& path, std::string json,
                                       const HeaderList& headers) {
  return Ask(net::Method::kPost, path, {}, std::move(json), headers);
}

Result<net::Response> Connection::Ask(net::Method method, const std::string& path,
                                      const std::string& query, std::string body,
                                      const HeaderList& headers) {
  net::Request request = net::MakeRequest(method, path, std::move(body));
  request.query = query;
  if (method == net::Method::kPost) request.headers.Add("content-type", "application/json");
  if (method == net::Method::kPatch) {
    request.headers.Add("content-type", "application/merge-patch+json");
  }
  return Send(std::move(request), headers);
}

std::optional<std::string> TextMember(const codec::JsonValue& object, std::string_view key) {
  const std::optional<codec::JsonValue> member = object.Find(key);
  if (!member.has_value() || member->type() != codec::JsonType::kString) return std::nullopt;
  return std::string(member->string());
}

std::optional<Connection> Connect(const ConnectionOptions& options, base::Clock& clock,
                                  const Terminal& terminal) {
  std::string problem;
  Result<Connection> connection = Connection::Open(options, clock, &problem);
  if (connection.ok()) return std::move(*connection);
  terminal.Complain(problem);
  return std::nullopt;
}

Problem ProblemOf(const net::Response& response) {
  Problem problem;
  Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(response.body));
  if (!body.ok() || !body->root().is_object()) return problem;
  const codec::JsonValue root = body->root();
  problem.title = TextMember(root, "title").value_or("");
  problem.code = TextMember(root, "code").value_or("");
  problem.detail = TextMember(root, "detail").value_or("");
  problem.request_id = TextMember(root, "request_id").value_or("");
  if (const auto wait = root.Find("retry_after_s"); wait.has_value() && wait->AsInt().ok()) {
    problem.retry_after_s = *wait->AsInt();
  }
  if (const auto decision = root.Find("decision"); decision.has_value()) {
    problem.spent = TextMember(*decision, "budget").value_or("");
    problem.scope = TextMember(*decision, "scope").value_or("");
    problem.approval = TextMember(*decision, "approval").value_or("");
  }
  const std::optional<codec::JsonValue> errors = root.Find("errors");
  if (!errors.has_value() || !errors->is_array()) return problem;
  for (auto at = errors->First(); at.has_value(); at = at->Next()) {
    std::string place = TextMember(*at, "pointer").value_or("");
    const std::string detail = TextMember(*at, "detail").value_or("");
    place += ": " + (detail.empty() ? TextMember(*at, "code").value_or("") : detail);
    problem.places.push_back(std::move(place));
  }
  return problem;
}

namespace {

// What to do about a refusal that names an approval.
void NoteApproval(const Problem& problem, const Terminal& terminal) {
  if (!problem.spent.empty()) {
    terminal.Note("  " + problem.spent + " of this " +
                  (problem.scope.empty() ? "principal" : problem.scope) + " is spent");
  }
  if (problem.approval == "raise") {
    terminal.Note("  a manager may ask for more of it for a while: cloison principal raise");
  } else if (problem.approval == "policy") {
    terminal.Note("  no raise helps: it is of the policy");
  } else if (!problem.approval.empty()) {
    terminal.Note("  approval " + problem.approval);
  }
}

}  // namespace

ExitCode Explain(const net::Response& response, const Terminal& terminal) {
  const Problem problem = ProblemOf(response);
  const ExitCode exit = ExitCodeOf(response.status, problem.code);
  std::string text = problem.title.empty() ? "the server answered " : problem.title + " (";
  text += std::to_string(response.status);
  if (!problem.title.empty()) text += problem.code.empty() ? ")" : ", " + problem.code + ")";
  if (!problem.detail.empty()) text += ": " + problem.detail;
  terminal.Complain(text);
  for (const std::string& place : problem.places) terminal.Note("  " + place);
  NoteApproval(problem, terminal);
  if (problem.code == "step_up_required") terminal.Note("  cloison sign-in --step-up");
  if (problem.retry_after_s > 0) {
    terminal.Note("  try again in " + std::to_string(problem.retry_after_s) + " s");
  }
  if (!problem.request_id.empty()) terminal.Note("  request " + problem.request_id);
  return exit;
}

ExitCode Explain(const Error& error, const Terminal& terminal) {
  terminal.Complain(error.text());
  return ExitCodeOf(error);
}

}  // namespace cloison::cli
