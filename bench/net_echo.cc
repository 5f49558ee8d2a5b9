// net_echo: what does the server of src/net cost by itself? It answers every POST with its body
// until it has had no request for --idle seconds; load_tool asks. Expect 15 to 25 us of CPU per
// POST of 420 bytes each way over TLS 1.3 with 64 kept connections: it prints what it took.
//
//   net_echo --port 8443 --certificate server.pem --key server.key &
//   load_tool --port 8443 --requests posts.jsonl --connections 64 --seconds 10
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "base/clock.h"
#include "net/server.h"

namespace {

class Echo final : public cloison::net::Handler {
 public:
  cloison::Task<cloison::net::Response> Handle(cloison::net::Request request) override {
    cloison::net::Response response;
    response.headers.Add("content-type", "application/json");
    response.body = std::move(request.body);
    response.wipe_body = true;
    co_return response;
  }
};

std::string ReadFile(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

double CpuSeconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  cloison::net::ServerOptions options;
  options.port = 8443;
  std::string certificate;
  std::string key;
  int idle_seconds = 5;
  CLI::App app("Answers every request with its body");
  app.add_option("--port", options.port);
  app.add_option("--threads", options.threads);
  app.add_option("--certificate", certificate)->required()->check(CLI::ExistingFile);
  app.add_option("--key", key)->required()->check(CLI::ExistingFile);
  app.add_option("--idle", idle_seconds);
  CLI11_PARSE(app, argc, argv);
  options.tls = cloison::net::TlsServerOptions{ReadFile(certificate), ReadFile(key), "",
                                               cloison::net::ClientCertificates::kNone};

  Echo echo;
  cloison::base::SystemClock clock;
  auto server = cloison::net::Server::Start(options, echo, clock);
  if (!server.ok()) {
    std::fprintf(stderr, "net_echo: %s\n", server.error().text().data());
    return 1;
  }
  const double cpu_before = CpuSeconds();
  std::uint64_t seen = 0;
  for (int idle = 0; idle < idle_seconds; ++idle) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const std::uint64_t now = (*server)->stats().requests.value();
    if (now != seen) idle = -1;
    seen = now;
  }
  const double us = (CpuSeconds() - cpu_before) * 1e6;
  std::printf("{\"requests\":%llu,\"cpu_us_per_request\":%.2f}\n",
              static_cast<unsigned long long>(seen),
              us / static_cast<double>(seen == 0 ? 1 : seen));
  return 0;
}
