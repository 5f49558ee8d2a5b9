#include "ledger/testing/witness_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <utility>

#include "base/clock.h"

namespace cloison::ledger::testing {
namespace {

constexpr std::size_t kHugeBytes = 5u << 20;
constexpr int kBacklog = 64;

crypto::Ed25519Signer SignerOf(std::uint8_t seed) {
  crypto::Secret<32> key;
  key.Reveal()[0] = seed;
  key.Reveal()[31] = 0x77;
  return crypto::Ed25519Signer(key);
}

net::Response Answer(int status, std::string body, std::string_view type = "text/plain") {
  net::Response response;
  response.status = status;
  response.headers.Add("content-type", type);
  response.body = std::move(body);
  return response;
}

std::string Loopback(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

}  // namespace

WitnessServer::WitnessServer(const std::string& name, std::uint8_t seed, std::string directory)
    : signer_(SignerOf(seed)),
      key_(*tlog::VerifierKey::Make(name, tlog::KeyType::kCosignature, signer_.public_key())),
      directory_(std::move(directory)) {
  Result<std::unique_ptr<net::Server>> server = net::Server::Start({}, *this, clock_);
  CLOISON_CHECK(server.ok());
  server_ = std::move(*server);
}

WitnessServer::~WitnessServer() = default;

void WitnessServer::Trust(const tlog::VerifierKey& log) {
  const std::lock_guard lock(mutex_);
  logs_.insert_or_assign(log.name(), log);
}

void WitnessServer::Break(WitnessFault fault, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  number_ = number;
}

std::string WitnessServer::url() const {
  return Loopback(server_->port()) + "/witness/";
}

std::string WitnessServer::PolicyLine(const std::string& name) const {
  return "witness " + name + " " + key_.Text() + " " + url() + "\n";
}

std::string WitnessServer::PathOf(const std::string& origin) const {
  const std::string path = tlog::WitnessedPath(origin);
  return directory_ + path.substr(0, path.rfind('/'));
}

tlog::Head WitnessServer::HeldOf(const std::string& origin) const {
  const Result<Bytes> note = files_.Read(PathOf(origin));
  if (!note.ok()) return {0, tlog::EmptyRoot()};
  const Result<tlog::Checkpoint> held = tlog::OpenCheckpoint(AsText(*note), logs_.at(origin));
  CLOISON_CHECK(held.ok());
  return held->head;
}

std::uint64_t WitnessServer::size(const std::string& origin) const {
  const std::lock_guard lock(mutex_);
  return HeldOf(origin).size;
}

Task<net::Response> WitnessServer::Handle(net::Request request) {
  const bool adds = request.method == net::Method::kPost;
  if (adds) ++requests_;
  WitnessFault fault{};
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    fault = fault_;
    number = number_;
  }
  if (fault == WitnessFault::kSlow) {
    std::this_thread::sleep_for(std::chrono::milliseconds(number));
  }
  if (fault == WitnessFault::kStatus) {
    co_return Answer(static_cast<int>(number), "<html>no</html>\n", "text/html");
  }
  if (adds && fault == WitnessFault::kSaysSize) {
    co_return Answer(409, tlog::PrintSize(number), tlog::kSizeContentType);
  }
  if (fault == WitnessFault::kGarbage) co_return Answer(200, "thank you\n");
  if (fault == WitnessFault::kHuge) co_return Answer(200, std::string(kHugeBytes, 'x'));
  const std::lock_guard lock(mutex_);
  if (adds && request.path == "/witness/add-checkpoint") co_return Add(request);
  if (adds || fault == WitnessFault::kHidden) co_return Answer(404, "no such page\n");
  co_return Show(request.path);
}

// Under the lock.
net::Response WitnessServer::Show(const std::string& path) const {
  for (const auto& [origin, key] : logs_) {
    if (path != "/witness" + tlog::WitnessedPath(origin)) continue;
    const Result<Bytes> note = files_.Read(PathOf(origin));
    if (note.ok()) return Answer(200, std::string(AsText(*note)));
  }
  return Answer(404, "no such page\n");
}

// Under the lock: comparing and keeping are one step.
net::Response WitnessServer::Add(const net::Request& request) {
  const Result<tlog::AddCheckpoint> asked = tlog::ParseAddCheckpoint(request.body);
  if (!asked.ok()) return Answer(400, "not a request\n");
  const Result<tlog::Note> note = tlog::ParseNote(asked->checkpoint);
  if (!note.ok()) return Answer(400, "not a note\n");
  const auto log = logs_.find(note->text.substr(0, note->text.find('\n')));
  if (log == logs_.end()) return Answer(404, "no such log\n");
  const Result<tlog::Checkpoint> offered = tlog::OpenCheckpoint(asked->checkpoint, log->second);
  if (!offered.ok()) return Answer(403, "not signed by it\n");
  if (asked->old_size > offered->head.size) return Answer(400, "old is more than new\n");
  const tlog::Head held = HeldOf(offered->origin);
  if (asked->old_size != held.size) {
    const bool wrong_type = fault_ == WitnessFault::kWrongSizeType;
    return Answer(409, tlog::PrintSize(held.size),
                  wrong_type ? "text/plain" : tlog::kSizeContentType);
  }
  const bool consistent = held.size == 0
                              ? asked->proof.empty()
                              : tlog::VerifyConsistency(held, offered->head, asked->proof).ok();
  if (!consistent) return Answer(422, "not consistent\n");
  CLOISON_CHECK(base::WriteWhole(files_, PathOf(offered->origin), AsBytes(asked->checkpoint)).ok());
  return Cosigned(note->text);
}

net::Response WitnessServer::Cosigned(const std::string& text) {
  const auto now_s = static_cast<std::uint64_t>(clock_.wall_ms() / 1000);
  const bool other_text = fault_ == WitnessFault::kOtherText;
  tlog::Note note{other_text ? "another text\n" : text, {}};
  const std::uint64_t time_s = fault_ == WitnessFault::kNoTime ? 0 : now_s;
  if (fault_ == WitnessFault::kOtherKey) {
    const crypto::Ed25519Signer other = SignerOf(0xee);
    const auto key =
        tlog::VerifierKey::Make(key_.name(), tlog::KeyType::kCosignature, other.public_key());
    CLOISON_CHECK(tlog::Cosign(note, *key, other, time_s).ok());
  } else {
    CLOISON_CHECK(tlog::Cosign(note, key_, signer_, time_s).ok());
  }
  return Answer(200, tlog::PrintSignatures(note.signatures));
}

SilentServer::SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  CLOISON_CHECK(::bind(socket_, generic, size) == 0 && ::listen(socket_, kBacklog) == 0);
  CLOISON_CHECK(::getsockname(socket_, generic, &size) == 0);
  port_ = ntohs(address.sin_port);
}

SilentServer::~SilentServer() {
  ::close(socket_);
}

std::string SilentServer::url() const {
  return Loopback(port_);
}

}  // namespace cloison::ledger::testing
