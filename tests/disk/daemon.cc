#include "tests/disk/daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "tests/e2e/e2e.h"

namespace cloison::disk {

namespace {

constexpr int kStartMsMax = 300'000;  // a large world is built, on a busy machine

std::string Trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// What runs in the child, between fork and exec.
struct Becoming {
  char* const* arguments;
  const char* directory;
  rlim_t file_bytes_max;
};

void SetLimit(int resource, rlim_t wanted) {
  rlimit limit{};
  getrlimit(resource, &limit);
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(resource, &limit);
}

[[noreturn]] void BecomeServer(const Becoming& how, int output, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  SetLimit(RLIMIT_CORE, RLIM_INFINITY);
  SetLimit(RLIMIT_FSIZE, how.file_bytes_max);
  dup2(output, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (chdir(how.directory) != 0) _exit(126);
  execv(how.arguments[0], how.arguments);
  _exit(127);
}

}  // namespace

std::string Answer::Text(std::string_view name) const {
  const auto parsed = codec::JsonDocument::Parse(AsBytes(body));
  if (!parsed.ok() || !parsed->root().is_object()) return "";
  const auto member = parsed->root().Find(name);
  return member.has_value() ? std::string(member->string()) : "";
}

std::optional<std::uint64_t> Answer::EntryIndex() const {
  constexpr std::string_view kReceipt = "\"receipt\":{", kIndex = "\"index\":";
  const std::size_t receipt = body.find(kReceipt);
  const std::size_t at = receipt == std::string::npos ? receipt : body.find(kIndex, receipt);
  if (at == std::string::npos) return std::nullopt;
  return std::strtoull(body.c_str() + at + kIndex.size(), nullptr, 10);
}

Agent::Agent(const std::string& credentials, const std::string& name, std::uint16_t port) {
  net::ClientOptions options;
  options.port = port;
  options.ca_pem = e2e::ReadFile(credentials + "/ca.pem");
  options.certificate_pem = e2e::ReadFile(credentials + "/" + name + ".pem");
  options.private_key_pem = e2e::ReadFile(credentials + "/" + name + ".key");
  token_ = Trimmed(e2e::ReadFile(credentials + "/" + name + ".token"));
  client_ = std::make_unique<net::HttpClient>(std::move(options), clock_);
}

Answer Agent::Send(net::Request request, const Headers& headers) {
  request.headers.Add("authorization", "Bearer " + token_);
  for (const auto& [name, value] : headers) request.headers.Add(name, value);
  Answer answer;
  Result<net::Response> response = client_->Send(request);
  if (!response.ok()) return answer;
  answer.status = response->status;
  answer.body = std::move(response->body);
  answer.code = answer.Text("code");
  return answer;
}

Answer Agent::Get(const std::string& path, const std::string& query) {
  net::Request request = net::MakeRequest(net::Method::kGet, path);
  request.query = query;
  return Send(std::move(request), {});
}

Answer Agent::Post(const std::string& path, std::string json, const Headers& headers) {
  net::Request request = net::MakeRequest(net::Method::kPost, path, std::move(json));
  request.headers.Add("content-type", "application/json");
  return Send(std::move(request), headers);
}

Answer Agent::Patch(const std::string& path, std::string json, const Headers& headers) {
  net::Request request = net::MakeRequest(net::Method::kPatch, path, std::move(json));
  request.headers.Add("content-type", "application/merge-patch+json");
  return Send(std::move(request), headers);
}

Daemon::Daemon(std::string directory, std::size_t people)
    : directory_(std::move(directory)), people_(people) {}

Daemon::~Daemon() {
  if (pid_ > 0) (void)End(SIGKILL);
}

std::vector<std::string> Daemon::Arguments() const {
  return {e2e::Binary("cloisond"),
          "demo",
          "--data",
          world(),
          "--people",
          std::to_string(people_),
          "--port",
          std::to_string(port_),
          "--management-port",
          std::to_string(management_port_)};
}

bool Daemon::Start() {
  std::vector<std::string> texts = Arguments();
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  const int log = open(log_path().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::array<int, 2> ends{};
  if (log < 0 || pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  status_.reset();
  pid_ = fork();
  if (pid_ == 0) {
    BecomeServer({arguments.data(), directory_.c_str(), file_bytes_max_}, ends[1], log);
  }
  close(log);
  close(ends[1]);
  if (output_ >= 0) close(output_);
  output_ = ends[0];
  ReadReady(ends[0]);
  return port_ != 0 && management_port_ != 0 && !ended();
}

// Lines until `ready port=N management=N`, or the end of the output.
void Daemon::ReadReady(int output) {
  std::string said;
  while (said.find("ready port=") == std::string::npos || said.back() != '\n') {
    pollfd wait{output, POLLIN, 0};
    std::array<char, 4096> piece;
    if (poll(&wait, 1, kStartMsMax) <= 0) return;
    const ssize_t size = read(output, piece.data(), piece.size());
    if (size <= 0) return;
    said.append(piece.data(), static_cast<std::size_t>(size));
  }
  const auto number = [&said](std::string_view name) {
    return static_cast<std::uint16_t>(std::atoi(said.c_str() + said.rfind(name) + name.size()));
  };
  port_ = number("port=");
  management_port_ = number("management=");
}

bool Daemon::ended() {
  int status = 0;
  if (!status_.has_value() && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_.has_value();
}

int Daemon::Wait() {
  int status = 0;
  if (!status_.has_value() && waitpid(pid_, &status, 0) == pid_) status_ = status;
  pid_ = -1;
  return status_.value_or(-1);
}

int Daemon::End(int signal) {
  if (!ended()) Signal(signal);
  return Wait();
}

void Daemon::Signal(int signal) const {
  kill(pid_, signal);
}

Agent Daemon::As(const std::string& name) const {
  return Agent(world() + "/credentials", name, port_);
}

int Daemon::Management(const std::string& path) const {
  base::SystemClock clock;
  net::ClientOptions options;
  options.port = management_port_;
  options.plain = true;
  net::HttpClient client(std::move(options), clock);
  const auto response = client.Send(net::MakeRequest(net::Method::kGet, path));
  return response.ok() ? response->status : 0;
}

std::vector<std::string> FilesBelow(const std::string& directory) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace cloison::disk
