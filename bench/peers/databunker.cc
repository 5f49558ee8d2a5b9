#include "bench/peers/databunker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "net/client.h"

namespace cloison::bench {
namespace {

constexpr char kRootToken[] = "5f1c1f8e-3a53-4c6f-9d0e-7b1a2c3d4e5f";
constexpr int kStartAttempts = 100;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(fd);
  if (!bound) GiveUp("no free port on the loopback");
  return ntohs(address.sin_port);
}

bool Listens(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(port);
  const bool there = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return there;
}

void WriteSettings(const std::string& path, int port, const std::string& credentials) {
  std::ofstream(path) << "generic:\n  create_user_without_access_token: true\n"
                         "selfservice:\n  app_record_change: [\"*\"]\n"
                         "policy:\n  max_user_retention_period: \"3m\"\n"
                         "  max_audit_retention_period: \"6m\"\n"
                         "  max_session_retention_period: \"1h\"\n"
                         "  max_shareable_record_retention_period: \"1m\"\n"
                         "ssl:\n  ssl_certificate: \""
                      << credentials << "/server.pem\"\n  ssl_certificate_key: \"" << credentials
                      << "/server.key\"\nserver:\n  host: \"127.0.0.1\"\n  port: " << port << '\n';
}

}  // namespace

Databunker::Databunker(const std::string& program, const Postgres& postgres, const OurServer& ours,
                       const std::string& folder)
    : folder_(folder), credentials_(ours.credentials()), port_(FreePort()) {
  base::SystemRandom random;
  const std::string settings = folder_ + "/databunker.yaml", log = folder_ + "/databunker.log";
  WriteSettings(settings, port_, credentials_);
  postgres.Sql("postgres", std::string("CREATE DATABASE ") + kDatabase);
  setenv("PGSQL_HOST", postgres.socket().c_str(), 1);
  setenv("PGSQL_USER_NAME", Postgres::kUser, 1);
  setenv("DATABUNKER_MASTERKEY", base::ToHex(random.Draw<24>()).c_str(), 1);
  setenv("DATABUNKER_ROOTTOKEN", kRootToken, 1);
  const std::vector<std::string> words = {program, "-db", kDatabase, "-conf", settings};
  std::vector<std::string> init = words, start = words;
  init.push_back("-init");
  start.push_back("-start");
  if (Child(init, log).Wait() != 0) GiveUp("databunker -init failed: see " + log);
  child_ = std::make_unique<Child>(start, log);
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    if (Listens(port_)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  GiveUp("databunker does not listen: see " + log);
}

Load Databunker::Write(const std::string& name, const std::vector<Words>& requests) const {
  const std::string prefix = folder_ + "/" + name;
  const Load load{prefix + ".certificates", prefix + ".requests"};
  // load_tool always has one; this server does not ask for it.
  std::ofstream(load.certificates)
      << credentials_ << "/adviser.ft.pem " << credentials_ << "/adviser.ft.key\n";
  std::ofstream lines(load.requests);
  for (const Words& request : requests) {
    nlohmann::json line{
        {"certificate", 0},
        {"method", request.method},
        {"path", request.path},
        {"headers", {{"x-bunker-token", kRootToken}, {"content-type", "application/json"}}}};
    if (!request.body.empty()) line["body"] = request.body;
    lines << line.dump() << '\n';
  }
  return load;
}

Load Databunker::Creations(const std::vector<BunkerPerson>& people) const {
  std::vector<Words> requests;
  for (const BunkerPerson& person : people) requests.push_back({"POST", "/v1/user", person.json});
  return Write("bunker-create", requests);
}

Load Databunker::ReadingsByToken(const std::vector<std::string>& tokens) const {
  std::vector<Words> requests;
  for (const std::string& token : tokens)
    requests.push_back({"GET", "/v1/user/token/" + token, ""});
  return Write("bunker-token", requests);
}

Load Databunker::ReadingsByEmail(const std::vector<BunkerPerson>& people) const {
  std::vector<Words> requests;
  for (const BunkerPerson& person : people) {
    requests.push_back({"GET", "/v1/user/email/" + person.email, ""});
  }
  return Write("bunker-email", requests);
}

std::vector<std::string> Databunker::Tokens(const Postgres& postgres) const {
  std::istringstream rows(
      postgres.Sql(kDatabase, "SELECT token FROM users WHERE data IS NOT NULL"));
  std::vector<std::string> tokens;
  for (std::string token; std::getline(rows, token);) tokens.push_back(token);
  return tokens;
}

Databunker::Answer Databunker::Ask(bool erase, const std::string& token) const {
  net::ClientOptions options;
  options.port = static_cast<std::uint16_t>(port_);
  options.ca_pem = ReadWholeFile(credentials_ + "/ca.pem");
  base::SystemClock clock;
  net::HttpClient client(options, clock);
  net::Request request = net::MakeRequest(erase ? net::Method::kDelete : net::Method::kGet,
                                          "/v1/user/token/" + token, "");
  request.headers.Add("x-bunker-token", kRootToken);
  const Result<net::Response> response = client.Send(request);
  if (!response.ok()) GiveUp("no answer from databunker");
  return {response->status, response->body};
}

Databunker::Answer Databunker::Read(const std::string& token) const {
  return Ask(false, token);
}
Databunker::Answer Databunker::Delete(const std::string& token) const {
  return Ask(true, token);
}

}  // namespace cloison::bench
