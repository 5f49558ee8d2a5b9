// disclose: how many disclosures a second does the server answer, and how much does the product
// cost beside the same HTTP stack with a constant answer?
//
// The demo world, 240 advisers who re-open 55 people of their own caseload each (free in budget,
// whole path: sign-in, decision, commit with its sync, receipt, open), 2 fields of 2 compartments,
// unwrapped person keys not kept, 64 connections over TLS 1.3 with client certificates. Each run
// takes the next 48 advisers and the 16 after them, so that five runs pass by all 240. fixed_json
// answers the same requests with as many constant bytes; the two are loaded in turn by the same
// load_tool, all unpinned on the same cores, which is even for both sides and keeps the tool's own
// share. Expect 20 us of CPU for HTTP and TLS, 20 to 25 us for entry, state and commit, 10 us to
// read and open, some us of JSON: 50 to 60 us, ratio_cpu 0.37 to 0.45, ratio_fixed_json above 0.5.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "bench/child.h"
#include "bench/disclose_world.h"
#include "bench/report.h"
#include "net/client.h"

namespace cloison::bench {
namespace {

using nlohmann::json;

constexpr std::size_t kConnections = 64;
constexpr std::size_t kAgentsPerRun = 48;  // new ones
constexpr int kSampled = 50;

struct Settings {
  std::size_t people = 100'000;
  int runs = 5;
  double seconds = 5;
  std::string root = "build/bench-data/disclose";
  std::string bin;  // where cloisond is, with bench/ beside it
};

std::string ReadFile(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

[[noreturn]] void Give(const std::string& why) {
  std::fprintf(stderr, "disclose_bench: %s\n", why.c_str());
  std::exit(1);
}

// What load_tool needs for some agents.
struct Load {
  std::string certificates, requests;  // paths
};

class Bench {
 public:
  explicit Bench(const Settings& settings) : settings_(settings) {}
  void Run();

 private:
  struct Measured {
    double per_s, p50_ms, p99_ms, cpu_us;
  };
  std::vector<std::string> LoadWords(int port, const Load& load, std::size_t connections) const;
  Measured Measure(const Child& server, int port, const Load& load, double seconds) const;
  std::unique_ptr<Child> StartOurs() const;
  std::unique_ptr<Child> StartFixed(std::size_t bytes) const;
  void ReadAgents();
  Load WriteLoad(const std::string& name, std::size_t first, std::size_t count) const;
  void PayBudgets(int port) const;
  std::size_t AnswerBytes(int port) const;
  std::string log() const { return settings_.root + "/log"; }
  std::string data() const { return settings_.root + "/demo"; }
  std::string credentials() const { return data() + "/credentials"; }

  Settings settings_;
  std::vector<Agent> agents_;
};

std::vector<std::string> Bench::LoadWords(int port, const Load& load,
                                          std::size_t connections) const {
  return {settings_.bin + "/bench/load_tool",
          "--port",
          std::to_string(port),
          "--certificates",
          load.certificates,
          "--requests",
          load.requests,
          "--connections",
          std::to_string(connections)};
}

// Every answer must be a disclosure: anything else would be a figure of something else.
json Checked(const std::string& line) {
  const json report = json::parse(line, nullptr, false);
  if (report.is_discarded() || report.value("requests", 0) == 0) Give("load_tool got no answer");
  if (!report.at("errors").empty()) Give("refused or broken requests: " + line);
  return report;
}

Bench::Measured Bench::Measure(const Child& server, int port, const Load& load,
                               double seconds) const {
  std::vector<std::string> words = LoadWords(port, load, kConnections);
  for (const std::string& word : {std::string("--warmup"), std::string("0"),
                                  std::string("--seconds"), std::to_string(seconds)}) {
    words.push_back(word);
  }
  const double cpu_before = server.CpuSeconds();
  const json report = Checked(LastLineOf(words, log()));
  const double cpu_us = (server.CpuSeconds() - cpu_before) * 1e6;
  return {report.at("per_s"), report.at("p50_ms"), report.at("p99_ms"),
          cpu_us / report.at("requests").get<double>()};
}

std::unique_ptr<Child> Bench::StartOurs() const {
  return std::make_unique<Child>(
      std::vector<std::string>{settings_.bin + "/cloisond", "demo", "--data", data(), "--people",
                               std::to_string(settings_.people), "--port", "0", "--every-adviser"},
      log());
}

std::unique_ptr<Child> Bench::StartFixed(std::size_t bytes) const {
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());  // as cloisond
  return std::make_unique<Child>(
      std::vector<std::string>{
          settings_.bin + "/bench/fixed_json", "--certificate", credentials() + "/server.pem",
          "--key", credentials() + "/server.key", "--client-ca", credentials() + "/ca.pem",
          "--threads", std::to_string(threads), "--bytes", std::to_string(bytes)},
      log());
}

// The world is built by the server itself; then, with the server stopped, its codes are read.
void Bench::ReadAgents() {
  {
    const std::unique_ptr<Child> first = StartOurs();
    if (first->WaitUntilReady() == 0) Give("cloisond did not start: see " + log());
  }
  Result<std::vector<Agent>> agents = AgentsOf(data());
  if (!agents.ok()) Give("the world cannot be read: " + std::string(agents.error().text()));
  agents_ = std::move(*agents);
}

Load Bench::WriteLoad(const std::string& name, std::size_t first, std::size_t count) const {
  const std::string prefix = settings_.root + "/" + name;
  const Load load{prefix + ".certificates", prefix + ".requests"};
  std::ofstream certificates(load.certificates), requests(load.requests);
  for (std::size_t i = 0; i < count; ++i) {
    const Agent& agent = agents_[(first + i) % agents_.size()];
    const std::string stem = credentials() + "/" + agent.name,
                      token = TokenOf(credentials(), agent);
    certificates << stem << ".pem " << stem << ".key\n";
    for (const std::string& code : agent.codes) requests << RequestLine(token, i, code) << '\n';
  }
  return load;
}

void Bench::PayBudgets(int port) const {
  const Load load = WriteLoad("all", 0, agents_.size());
  std::vector<std::string> words = LoadWords(port, load, agents_.size());
  for (const char* word : {"--once", "--seconds", "300"}) words.emplace_back(word);
  Checked(LastLineOf(words, log()));
}

std::size_t Bench::AnswerBytes(int port) const {
  const Agent& agent = agents_.front();
  const std::string stem = credentials() + "/" + agent.name;
  net::ClientOptions options;
  options.port = static_cast<std::uint16_t>(port);
  options.ca_pem = ReadFile(credentials() + "/ca.pem");
  options.certificate_pem = ReadFile(stem + ".pem");
  options.private_key_pem = ReadFile(stem + ".key");
  base::SystemClock clock;
  net::HttpClient client(options, clock);
  std::size_t bytes = 0;
  for (int i = 0; i < kSampled; ++i) {
    const std::string& code = agent.codes[static_cast<std::size_t>(i) % agent.codes.size()];
    net::Request request =
        net::MakeRequest(net::Method::kPost, "/v1/disclosures", RequestBody(code));
    request.headers.Add("authorization", "Bearer " + TokenOf(credentials(), agent));
    request.headers.Add("content-type", "application/json");
    const Result<net::Response> response = client.Send(request);
    if (!response.ok() || response->status != 201) Give("a disclosure was not answered with 201");
    bytes += response->body.size();
  }
  return bytes / kSampled;
}

void Bench::Run() {
  std::filesystem::create_directories(settings_.root);
  ReadAgents();
  const std::unique_ptr<Child> ours = StartOurs();
  const int our_port = ours->WaitUntilReady();
  if (our_port == 0) Give("cloisond did not start: see " + log());
  PayBudgets(our_port);
  const std::size_t bytes = AnswerBytes(our_port);
  const std::unique_ptr<Child> fixed = StartFixed(bytes);
  const int fixed_port = fixed->WaitUntilReady();
  if (fixed_port == 0) Give("fixed_json did not start: see " + log());
  std::printf("answers of %zu bytes; warming up\n", bytes);
  std::fflush(stdout);

  Figure per_s{"per_s", {}, 0}, p50{"p50_ms", {}}, p99{"p99_ms", {}};
  Figure ratio{"ratio_fixed_json", {}, 3}, ratio_cpu{"ratio_cpu", {}, 3};
  Figure cpu{"cpu_us", {}, 1}, fixed_per_s{"fixed_per_s", {}, 0}, fixed_cpu{"fixed_cpu_us", {}, 1};
  for (int run = -1; run < settings_.runs; ++run) {
    const Load load =
        WriteLoad("run", static_cast<std::size_t>(std::max(run, 0)) * kAgentsPerRun, kConnections);
    const double seconds = run < 0 ? 2 : settings_.seconds;
    const Measured us = Measure(*ours, our_port, load, seconds);
    const Measured them = Measure(*fixed, fixed_port, load, seconds);
    if (run < 0) continue;
    per_s.runs.push_back(us.per_s);
    p50.runs.push_back(us.p50_ms);
    p99.runs.push_back(us.p99_ms);
    ratio.runs.push_back(us.per_s / them.per_s);
    ratio_cpu.runs.push_back(them.cpu_us / us.cpu_us);
    cpu.runs.push_back(us.cpu_us);
    fixed_per_s.runs.push_back(them.per_s);
    fixed_cpu.runs.push_back(them.cpu_us);
    std::printf("run %d: %.0f/s p50 %.2f p99 %.2f ms, %.1f us; fixed %.0f/s, %.1f us\n", run + 1,
                us.per_s, us.p50_ms, us.p99_ms, us.cpu_us, them.per_s, them.cpu_us);
    std::fflush(stdout);
  }
  Report("disclose",
         "How many disclosures a second does the server answer, and what does it cost beside a "
         "constant answer of the same size from the same HTTP stack?",
         {per_s, p50, p99, ratio, ratio_cpu, cpu, fixed_per_s, fixed_cpu});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  settings.bin =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string();
  CLI::App app("Loads cloisond and a constant answer in turn");
  app.add_option("--people", settings.people)->check(CLI::Range(1'000, 10'000'000));
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--seconds", settings.seconds, "of each run");
  app.add_option("--root", settings.root, "where the world is kept from one bench to the next");
  app.add_option("--bin", settings.bin, "the folder of cloisond, with bench/ in it");
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Bench(settings).Run();
  return 0;
}
