// What a hostile server may send, byte by byte.
#include "verify/source.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "store/testing/temp_directory.h"
#include "verify/testing/test_log.h"

namespace cloison::verify {
namespace {

// Answers every request of a connection with the same bytes, then closes or falls silent.
class CannedServer {
 public:
  explicit CannedServer(std::string answer, bool silent = false)
      : answer_(std::move(answer)), silent_(silent), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    CLOISON_CHECK(::bind(listener_, raw, size) == 0 && ::listen(listener_, 8) == 0);
    CLOISON_CHECK(::getsockname(listener_, raw, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~CannedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/log/"; }
  int asked() const { return asked_; }
  std::string request() const { return request_; }  // once it was answered

 private:
  void Run() {
    while (true) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      char buffer[4096];
      const ssize_t got = ::recv(peer, buffer, sizeof(buffer), 0);
      if (got > 0) request_.assign(buffer, static_cast<std::size_t>(got));
      ++asked_;
      for (std::size_t sent = 0; sent < answer_.size();) {
        const ssize_t wrote =
            ::send(peer, answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
        if (wrote <= 0) break;
        sent += static_cast<std::size_t>(wrote);
      }
      if (silent_) ::recv(peer, buffer, sizeof(buffer), 0);  // until the client gives up
      ::close(peer);
    }
  }

  std::string answer_;
  bool silent_;
  int listener_;
  std::uint16_t port_ = 0;
  std::string request_;
  std::atomic<int> asked_{0};
  std::thread thread_;
};

std::string Answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(UrlSourceTest, TakesWholePlainAnswersAndNothingElse) {
  const struct {
    const char* why;
    std::string answer;
    bool silent;
    std::optional<Code> want;
  } rows[] = {
      {"as it should be", Answer("200 OK", "", "12345"), false, {}},
      {"a type nobody looks at", Answer("200 OK", "content-type: text/html\r\n", "x"), false, {}},
      {"not packed, and says so",
       Answer("200 OK", "content-encoding: identity\r\n", "x"),
       false,
       {}},
      {"none", Answer("404 Not Found", "", "no"), false, Code::kNotFound},
      {"gone", Answer("410 Gone", "", "no"), false, Code::kNotFound},
      {"elsewhere", Answer("302 Found", "location: /log/other\r\n", ""), false, Code::kCorrupt},
      {"elsewhere for ever", Answer("308 Permanent Redirect", "location: http://x/\r\n", ""), false,
       Code::kCorrupt},
      {"unchanged since nothing", Answer("304 Not Modified", "", ""), false, Code::kCorrupt},
      {"a part", Answer("206 Partial Content", "", "123"), false, Code::kUnavailable},
      {"no content", Answer("204 No Content", "", ""), false, Code::kUnavailable},
      {"its fault", Answer("500 Internal Server Error", "", "x"), false, Code::kUnavailable},
      {"packed", Answer("200 OK", "content-encoding: gzip\r\n", "x"), false, Code::kCorrupt},
      {"a byte too many", Answer("200 OK", "", std::string(101, 'x')), false, Code::kExhausted},
      {"5 MB of garbage", Answer("200 OK", "", std::string(5 << 20, 'x')), false, Code::kExhausted},
      {"more than any bundle", Answer("200 OK", "", std::string(17 << 20, 'x')), false,
       Code::kExhausted},
      {"endless headers", "HTTP/1.1 200 OK\r\nx: " + std::string(1 << 20, 'x'), false,
       Code::kExhausted},
      {"a body that breaks off", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n123", false,
       Code::kUnavailable},
      {"a chunk that is none", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", false,
       Code::kCorrupt},
      {"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", false, Code::kCorrupt},
      {"nothing, and closed", "", false, Code::kUnavailable},
      {"nothing, for ever", "", true, Code::kUnavailable},
      {"half an answer, for ever", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n1", true,
       Code::kUnavailable},
  };
  base::SystemClock clock;
  for (const auto& row : rows) {
    CannedServer server(row.answer, row.silent);
    UrlOptions options;
    options.answer_ms_max = row.silent ? 100 : 20'000;
    const auto source = UrlSource::Make(server.url(), options, clock);
    ASSERT_TRUE(source.ok());
    Bytes out;
    const Status read = (*source)->Read("tile/0/000", 100, out);
    EXPECT_EQ(read.ok(), !row.want.has_value()) << row.why;
    EXPECT_TRUE(read.ok() || read.error().code() == row.want) << row.why << read.error().text();
    EXPECT_EQ(server.asked(), 1) << row.why;  // nothing is followed, nothing asked twice
    EXPECT_TRUE(server.request().starts_with("GET /log/tile/0/000 HTTP/1.1\r\n")) << row.why;
  }
}

TEST(UrlSourceTest, RefusesWhatIsNoUrlOfALog) {
  base::SystemClock clock;
  for (const char* url : {"", "log.example", "ftp://log.example/", "https://", "http://a b/",
                          "https://log.example/?size=5", "https://u:p@log.example/",
                          "https://log.example/#x", "https://log.example:99999/"}) {
    const auto source = UrlSource::Make(url, {}, clock);
    ASSERT_FALSE(source.ok()) << url;
    EXPECT_EQ(source.error().code(), Code::kInvalid) << url;
  }
}

// What could not be read is said as such, with its place, and never taken for a fault of the log.
TEST(UrlSourceTest, AFaultOfTheServerIsNoFaultOfTheLog) {
  base::SystemClock clock;
  const testing::TestLog log = testing::MakeLog(3);
  const struct {
    const char* why;
    std::string answer;
    FaultKind want;
    std::string path;
  } rows[] = {
      {"its error", Answer("503 Service Unavailable", "", ""), FaultKind::kUnreadable,
       "checkpoint"},
      {"not there", Answer("404 Not Found", "", ""), FaultKind::kMissing, "checkpoint"},
      {"too large", Answer("200 OK", "", std::string(5 << 20, 'x')), FaultKind::kLength,
       "checkpoint"},
      {"garbage", Answer("200 OK", "", "<html>"), FaultKind::kNote, "checkpoint"},
      {"the checkpoint, whatever is asked for", Answer("200 OK", "", log.Checkpoint()),
       FaultKind::kLength, "tile/0/000.p/3"},
  };
  for (const auto& row : rows) {
    CannedServer server(row.answer);
    const auto source = UrlSource::Make(server.url(), {}, clock);
    const Report report = *VerifyLog(**source, log.Options());
    ASSERT_FALSE(report.ok()) << row.why;
    EXPECT_EQ(FaultName(report.fault->kind), FaultName(row.want)) << row.why;
    EXPECT_EQ(report.fault->path, row.path) << row.why;
  }
}

TEST(DirectorySourceTest, RefusesWhatIsNoFile) {
  store::testing::TempDirectory directory;
  std::filesystem::create_directory(directory.path() + "/checkpoint");
  ASSERT_EQ(mkfifo((directory.path() + "/pipe").c_str(), 0600), 0);
  std::ofstream(directory.path() + "/large") << "12345";
  std::filesystem::create_symlink("/dev/zero", directory.path() + "/endless");
  DirectorySource source(directory.path());
  const struct {
    const char* why;
    const char* path;
    std::optional<Code> want;
  } rows[] = {
      {"a file at its limit", "large", {}},
      {"nothing there", "tile/0/000", Code::kNotFound},
      {"below a file", "large/0", Code::kNotFound},
      {"a directory", "checkpoint", Code::kCorrupt},
      {"a pipe that nobody writes to", "pipe", Code::kCorrupt},
      {"a device without an end", "endless", Code::kCorrupt},
  };
  Bytes out;
  for (const auto& row : rows) {
    const Status read = source.Read(row.path, 5, out);
    EXPECT_EQ(read.ok(), !row.want.has_value()) << row.why;
    EXPECT_TRUE(read.ok() || read.error().code() == row.want) << row.why;
  }
  EXPECT_EQ(source.Read("large", 4, out).error().code(), Code::kExhausted);
}

}  // namespace
}  // namespace cloison::verify
