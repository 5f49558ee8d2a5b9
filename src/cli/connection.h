// From the options of a command to a server that answers: credentials read, JSON asked, problems
// turned into words and exit codes.
#ifndef CLOISON_CLI_CONNECTION_H_
#define CLOISON_CLI_CONNECTION_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/exit_code.h"
#include "cli/session_file.h"
#include "cli/terminal.h"
#include "codec/json_reader.h"
#include "net/client.h"

namespace cloison::cli {

inline constexpr std::size_t kTokenBytesMax = 8u << 10;

inline constexpr char kDefaultServer[] = "https://127.0.0.1:8443";

struct ConnectionOptions {
  std::string server = kDefaultServer;
  // Files. Those left empty are taken from `as`, when it is given.
  std::string ca, certificate, key, token;
  // A name of development mode: NAME.pem, NAME.key and NAME.token of `credentials`.
  std::string as;
  std::string credentials = "build/demo/credentials";
  // FILE of a session of production (cli/session_file.h). Without it, and without any other
  // credential, the one of DefaultSessionPath, when it is there.
  std::string session;
};
// The session's file that these options mean; "": another credential was given, or there is none.
std::string SessionPathOf(const ConnectionOptions& options);

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// One connection with its credentials. Threads: one at a time; Copy for each further one.
class Connection {
 public:
  // Reads the files. `problem` (never null) says in words what is wrong when it fails.
  static Result<Connection> Open(const ConnectionOptions& options, base::Clock& clock,
                                 std::string* problem);
  // With a session's key and, unless it is empty, its token. As Open.
  static Result<Connection> OpenWith(const ConnectionOptions& options, SessionFile session,
                                     base::Clock& clock, std::string* problem);
  // Another connection with the same credentials.
  Connection Copy() const;
  // From now on a session's key proves, and nothing else.
  void ForgetToken() { token_.clear(); }

  Result<net::Response> Get(const std::string& path, const std::string& query = {});
  // `json` is a body; `headers` come on top of those of the credentials.
  Result<net::Response> Post(const std::string& path, std::string json,
                             const HeaderList& headers = {});
  // Any of them. A body of kPatch is a JSON merge patch (RFC 7396), any other JSON.
  Result<net::Response> Ask(net::Method method, const std::string& path, const std::string& query,
                            std::string body, const HeaderList& headers);

 private:
  Connection(net::ClientOptions options, std::string token, base::Clock& clock);
  static Result<Connection> OpenPlain(const ConnectionOptions& options, base::Clock& clock,
                                      std::string* problem);
  Result<net::Response> Send(net::Request request, const HeaderList& headers);
  // With a proof by `proof_`; once more when the server gives another nonce to prove with.
  Result<net::Response> SendProved(const net::Request& request);

  net::ClientOptions options_;
  std::string token_;
  std::shared_ptr<const ProofKey> proof_;  // null: the token is a bearer's
  std::string server_, nonce_;             // of proofs
  base::Clock* clock_;
  net::HttpClient client_;
};

// As Connection::Open, and says what is wrong: nothing then, and the command ends with kUsage.
std::optional<Connection> Connect(const ConnectionOptions& options, base::Clock& clock,
                                  const Terminal& terminal);

// What a problem body (RFC 9457) says; empty texts when the body is none.
struct Problem {
  std::string title, code, detail, request_id;
  std::vector<std::string> places;  // "/fields/0: unknown_field"
  std::string spent, scope;         // "opened/day" and whose, when it is a budget
  std::string approval;             // the kind that helps, or the one that is waited for
  std::int64_t retry_after_s = 0;
};
Problem ProblemOf(const net::Response& response);

// The text of one string member of a JSON object; nothing when it is not there.
std::optional<std::string> TextMember(const codec::JsonValue& object, std::string_view key);

// Says on standard error why the answer is no success, and gives the exit code.
ExitCode Explain(const net::Response& response, const Terminal& terminal);
// The same for a request without an answer.
ExitCode Explain(const Error& error, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_CONNECTION_H_
