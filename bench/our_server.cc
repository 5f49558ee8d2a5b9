#include "bench/our_server.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/clock.h"
#include "base/random.h"
#include "net/client.h"

namespace cloison::bench {

using nlohmann::json;

namespace {

std::string OnceKey() {
  base::SystemRandom random;
  return base::ToHex(random.Draw<8>());
}

}  // namespace

void GiveUp(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

std::string ReadWholeFile(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

Loaded RunLoadTool(const std::string& bin, const Load& load, const LoadPlan& plan,
                   const std::string& log) {
  std::vector<std::string> words = {bin + "/bench/load_tool",
                                    "--port",
                                    std::to_string(plan.port),
                                    "--certificates",
                                    load.certificates,
                                    "--requests",
                                    load.requests,
                                    "--connections",
                                    std::to_string(plan.connections),
                                    "--warmup",
                                    "0",
                                    "--seconds",
                                    std::to_string(plan.seconds)};
  if (plan.once) words.push_back("--once");
  const json report = json::parse(LastLineOf(words, log), nullptr, false);
  if (report.is_discarded() || report.value("requests", 0) == 0) GiveUp("load_tool got no answer");
  Loaded out{report.at("per_s"),
             report.at("p50_ms"),
             report.at("p99_ms"),
             report.at("requests"),
             {},
             report.at("errors").contains("io")};
  for (const auto& [status, times] : report.at("statuses").items()) {
    out.statuses[std::stoi(status)] = times.get<std::uint64_t>();
  }
  return out;
}

const Loaded& AllAnswered(const Loaded& loaded) {
  if (loaded.broken) GiveUp("connections broke under load");
  for (const auto& [status, times] : loaded.statuses) {
    if (status == 200 || status == 201) continue;
    GiveUp(std::to_string(times) + " answers of status " + std::to_string(status));
  }
  return loaded;
}

std::string OwnBuild() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string();
}

void AddWorldOptions(CLI::App& app, WorldSettings& world) {
  app.add_option("--root", world.root, "where the world is kept from one bench to the next");
  app.add_option("--bin", world.bin, "the folder of cloisond, with bench/ in it");
}

OurServer::OurServer(WorldSettings settings) : settings_(std::move(settings)) {
  std::filesystem::create_directories(settings_.root);
  // The server builds the world itself; with the server stopped, its codes are read.
  if (!Start()) GiveUp("cloisond did not start: see " + log());
  Stop();
  Result<std::vector<Agent>> agents = AgentsOf(data(), settings_.schema);
  if (!agents.ok()) GiveUp("the world cannot be read: " + std::string(agents.error().text()));
  agents_ = std::move(*agents);
  if (!Start()) GiveUp("cloisond did not start: see " + log());
}

bool OurServer::Start() {
  std::vector<std::string> words = {
      settings_.bin + "/cloisond",      "demo",   "--data", data(),           "--people",
      std::to_string(settings_.people), "--port", "0",      "--every-adviser"};
  if (!settings_.schema.empty()) words.insert(words.end(), {"--schema", settings_.schema});
  child_ = std::make_unique<Child>(words, log());
  port_ = child_->WaitUntilReady();
  return port_ != 0;
}

Load OurServer::WriteLoad(const std::string& name, const Requests& requests) const {
  const std::string prefix = settings_.root + "/" + name;
  const Load load{prefix + ".certificates", prefix + ".requests"};
  std::ofstream certificates(load.certificates), lines(load.requests);
  for (std::size_t i = 0; i < requests.agents; ++i) {
    const Agent& agent = agents_[(requests.first_agent + i) % agents_.size()];
    const std::string token = TokenOf(credentials(), agent.name);
    certificates << Stem(agent.name) << ".pem " << Stem(agent.name) << ".key\n";
    for (std::size_t nth = 0; nth < agent.codes.size(); ++nth) {
      lines << RequestLine(token, i, requests.path, requests.body(agent, nth)) << '\n';
    }
  }
  return load;
}

Load OurServer::WriteLoadOf(const std::string& name, const std::string& principal,
                            const std::string& path, const std::vector<std::string>& bodies) const {
  const std::string prefix = settings_.root + "/" + name;
  const Load load{prefix + ".certificates", prefix + ".requests"};
  std::ofstream(load.certificates) << Stem(principal) << ".pem " << Stem(principal) << ".key\n";
  std::ofstream lines(load.requests);
  const std::string token = TokenOf(credentials(), principal);
  const std::string once = OnceKey();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    lines << RequestLine(token, 0, path, bodies[i], once + "-" + std::to_string(i)) << '\n';
  }
  return load;
}

Load OurServer::Disclosures(const std::string& name, std::size_t first_agent,
                            std::size_t agents) const {
  return WriteLoad(
      name, {"/v1/disclosures", first_agent, agents,
             [](const Agent& agent, std::size_t nth) { return DisclosureBody(agent.codes[nth]); }});
}

void OurServer::PayBudgets() {
  const Load load = Disclosures("all", 0, agents_.size());
  AllAnswered(RunLoadTool(settings_.bin, load, {port_, agents_.size(), 300, true}, log()));
}

OurServer::Answer OurServer::Ask(const std::string& principal, const std::string& path,
                                 const std::string& body, const std::string& if_match) const {
  net::ClientOptions options;
  options.port = static_cast<std::uint16_t>(port_);
  options.ca_pem = ReadWholeFile(credentials() + "/ca.pem");
  options.certificate_pem = ReadWholeFile(Stem(principal) + ".pem");
  options.private_key_pem = ReadWholeFile(Stem(principal) + ".key");
  base::SystemClock clock;
  net::HttpClient client(options, clock);
  net::Request request =
      net::MakeRequest(body.empty() ? net::Method::kGet : net::Method::kPost, path, body);
  request.headers.Add("authorization", "Bearer " + TokenOf(credentials(), principal));
  if (!body.empty()) {
    request.headers.Add("content-type", "application/json");
    request.headers.Add("idempotency-key", OnceKey());
  }
  if (!if_match.empty()) request.headers.Add("if-match", if_match);
  const Result<net::Response> response = client.Send(request);
  if (!response.ok()) GiveUp("no answer to " + path);
  return {response->status, response->body, std::string(response->headers.get("etag"))};
}

}  // namespace cloison::bench
