// fixed_json: the baseline of the bench `disclose`: the server of src/net with a constant answer.
//
// Same loops, same TLS, client certificates asked for and verified as the real server does, same
// requests; what is missing is everything between a body that came and a body that leaves. Expect
// what net_echo costs, 15 to 25 us of CPU a request.
//
//   fixed_json --port 0 --certificate server.pem --key server.key --client-ca ca.pem --bytes 900
//
// Prints "ready port=N" and serves until it is told to end (SIGTERM, SIGINT).
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "base/clock.h"
#include "net/server.h"

namespace {

class Constant final : public cloison::net::Handler {
 public:
  explicit Constant(std::size_t bytes) {
    constexpr std::string_view kHead = "{\"fixed\":\"", kTail = "\"}";
    const std::size_t frame = kHead.size() + kTail.size();
    body_ = kHead;
    body_.append(bytes > frame ? bytes - frame : 0, 'x');
    body_ += kTail;
  }
  cloison::Task<cloison::net::Response> Handle(cloison::net::Request) override {
    cloison::net::Response response;
    response.status = 201;
    response.headers.Add("content-type", "application/json");
    response.headers.Add("cache-control", "no-store");
    response.body = body_;
    co_return response;
  }

 private:
  std::string body_;
};

std::string ReadFile(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  cloison::net::ServerOptions options;
  std::string certificate, key, client_ca;
  std::size_t bytes = 0;
  CLI::App app("Answers every request with the same JSON");
  app.add_option("--port", options.port);
  app.add_option("--threads", options.threads);
  app.add_option("--certificate", certificate)->required()->check(CLI::ExistingFile);
  app.add_option("--key", key)->required()->check(CLI::ExistingFile);
  app.add_option("--client-ca", client_ca)->required()->check(CLI::ExistingFile);
  app.add_option("--bytes", bytes, "of the answer's body")->required();
  CLI11_PARSE(app, argc, argv);
  options.tls =
      cloison::net::TlsServerOptions{ReadFile(certificate), ReadFile(key), ReadFile(client_ca),
                                     cloison::net::ClientCertificates::kOptional};

  // Blocked before the server's threads begin, so that only sigwait below sees them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Constant handler(bytes);
  cloison::base::SystemClock clock;
  auto server = cloison::net::Server::Start(options, handler, clock);
  if (!server.ok()) {
    std::fprintf(stderr, "fixed_json: %s\n", server.error().text().data());
    return 1;
  }
  std::printf("ready port=%u\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}
