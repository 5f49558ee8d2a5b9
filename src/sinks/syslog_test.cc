// Alarms to syslog: whole datagrams on this machine, counted octets on a connection.
#include "sinks/syslog.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/testing/manual_clock.h"
#include "sinks/alarm_text.h"
#include "store/testing/temp_directory.h"

namespace cloison::sinks {
namespace {

constexpr char kOrigin[] = "cloison.example/job-seekers";

access::Alarm Numbered(std::uint64_t number) {
  access::Alarm alarm;
  alarm.number = number;
  alarm.wall_ms = 1'700'000'000'000;
  return alarm;
}
std::string MessageOf(std::uint64_t number) {
  return SyslogMessage(Numbered(number), kOrigin, "vault-1");
}

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {
    CLOISON_CHECK(descriptor >= 0);
    const timeval limit{60, 0};  // a test that hangs fails
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }

  std::string Receive(std::size_t size) const {
    std::string text(size, '\0');
    const ssize_t got = ::recv(descriptor_, text.data(), size, MSG_WAITALL);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }

 private:
  int descriptor_;
};

std::unique_ptr<Socket> LocalAt(const std::string& path) {
  auto socket = std::make_unique<Socket>(::socket(AF_UNIX, SOCK_DGRAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  CLOISON_CHECK(::bind(socket->get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  return socket;
}

TEST(Syslog, SendsADatagramEach) {
  const store::testing::TempDirectory directory;
  const std::string path = directory.path() + "/log";
  base::SystemClock clock;
  Syslog syslog({*ParseSyslogPlace("local:" + path), "", kOrigin, "vault-1"}, clock);
  EXPECT_EQ(syslog.Give(Numbered(1)).error().code(), Code::kUnavailable) << "nobody is there";
  std::unique_ptr<Socket> there = LocalAt(path);
  EXPECT_TRUE(syslog.Give(Numbered(1)).ok());
  EXPECT_EQ(there->Receive(MessageOf(1).size()), MessageOf(1));
  there.reset();
  EXPECT_FALSE(syslog.Give(Numbered(2)).ok()) << "it is gone";
  ::unlink(path.c_str());
  there = LocalAt(path);
  EXPECT_TRUE(syslog.Give(Numbered(2)).ok()) << "another one is there";
  EXPECT_EQ(there->Receive(MessageOf(2).size()), MessageOf(2));
}

TEST(Syslog, WaitsForNobodyWhoDoesNotRead) {
  const store::testing::TempDirectory directory;
  const std::string path = directory.path() + "/log";
  const std::unique_ptr<Socket> there = LocalAt(path);
  base::SystemClock clock;
  Syslog syslog({*ParseSyslogPlace("local:" + path), "", kOrigin, "vault-1"}, clock);
  Status given = Ok();
  std::uint64_t number = 0;
  while (given.ok() && number < 1'000'000) given = syslog.Give(Numbered(++number));
  EXPECT_EQ(given.error().code(), Code::kUnavailable);
}

class TcpSyslog : public ::testing::Test {
 protected:
  TcpSyslog() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const named = reinterpret_cast<sockaddr*>(&address);
    CLOISON_CHECK(::bind(listener_.get(), named, size) == 0 && ::listen(listener_.get(), 8) == 0);
    CLOISON_CHECK(::getsockname(listener_.get(), named, &size) == 0);
    place_ = *ParseSyslogPlace("tcp:127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  }
  std::unique_ptr<Socket> Accept() {
    return std::make_unique<Socket>(::accept(listener_.get(), nullptr, nullptr));
  }
  static std::string Framed(std::uint64_t number) {
    return std::to_string(MessageOf(number).size()) + " " + MessageOf(number);
  }

  Socket listener_;
  SyslogPlace place_;
  base::SystemClock clock_;
};

TEST_F(TcpSyslog, CountsOctetsAndKeepsTheConnection) {
  Syslog syslog({place_, "", kOrigin, "vault-1"}, clock_);
  EXPECT_TRUE(syslog.Give(Numbered(1)).ok());
  EXPECT_TRUE(syslog.Give(Numbered(2)).ok());
  std::unique_ptr<Socket> there = Accept();
  const std::string both = Framed(1) + Framed(2);
  EXPECT_EQ(there->Receive(both.size()), both);
  there.reset();
  // What the other side closed is not written to, and what it was given lately comes again.
  EXPECT_TRUE(syslog.Give(Numbered(3)).ok());
  there = Accept();
  EXPECT_EQ(there->Receive(both.size() + Framed(3).size()), both + Framed(3));
}

// It takes all and reads nothing, and dies.
TEST_F(TcpSyslog, GivesAgainWhatWasSwallowed) {
  Syslog syslog({place_, "", kOrigin, "vault-1"}, clock_);
  EXPECT_EQ(syslog.look_ms(), INT64_MAX) << "nothing to look after";
  EXPECT_TRUE(syslog.Look().ok());
  for (const std::uint64_t number : {1, 2}) EXPECT_TRUE(syslog.Give(Numbered(number)).ok());
  EXPECT_EQ(syslog.look_ms(), kSyslogLookMs);
  EXPECT_TRUE(syslog.Look().ok()) << "it stands: nothing comes twice";
  std::unique_ptr<Socket> there = Accept();
  there.reset();  // unread: the other side hears of it
  EXPECT_TRUE(syslog.Look().ok());
  there = Accept();
  const std::string both = Framed(1) + Framed(2);
  EXPECT_EQ(there->Receive(both.size()), both) << "though no alarm came";
  EXPECT_TRUE(syslog.Give(Numbered(3)).ok());
  EXPECT_EQ(there->Receive(Framed(3).size()), Framed(3)) << "and once on each connection";
}

TEST_F(TcpSyslog, SaysThatNobodyTakesItAgain) {
  base::testing::ManualClock clock;
  Syslog syslog({place_, "", kOrigin, "vault-1"}, clock);
  EXPECT_TRUE(syslog.Give(Numbered(1)).ok());
  std::unique_ptr<Socket> there = Accept();
  ::shutdown(listener_.get(), SHUT_RDWR);  // nobody is there any more
  there.reset();
  EXPECT_EQ(syslog.Look().error().code(), Code::kUnavailable);
  EXPECT_EQ(syslog.Look().error().code(), Code::kUnavailable) << "it is not forgotten";
  clock.Advance(10 * kSyslogAgainMs);
  EXPECT_EQ(syslog.Look().error().code(), Code::kUnavailable) << "however long nobody takes it";
  EXPECT_EQ(syslog.look_ms(), kSyslogLookMs);
}

TEST_F(TcpSyslog, WhatIsLongAgoIsNotGivenAgain) {
  base::testing::ManualClock clock;
  Syslog syslog({place_, "", kOrigin, "vault-1"}, clock);
  EXPECT_TRUE(syslog.Give(Numbered(1)).ok());
  clock.Advance(kSyslogAgainMs + 1);
  EXPECT_TRUE(syslog.Give(Numbered(2)).ok());
  std::unique_ptr<Socket> there = Accept();
  there.reset();
  EXPECT_TRUE(syslog.Give(Numbered(3)).ok());
  there = Accept();
  const std::string young = Framed(2) + Framed(3);
  EXPECT_EQ(there->Receive(young.size()), young);
  // What came a second time is as young as that: the second connection may die too.
  clock.Advance(kSyslogAgainMs);
  there.reset();
  EXPECT_TRUE(syslog.Look().ok());
  there = Accept();
  EXPECT_EQ(there->Receive(young.size()), young);
  for (std::uint64_t number = 4; number < 4 + kSyslogAgainMax; ++number) {
    EXPECT_TRUE(syslog.Give(Numbered(number)).ok());
  }
  there.reset();
  EXPECT_TRUE(syslog.Look().ok());
  there = Accept();
  EXPECT_EQ(there->Receive(Framed(4).size()), Framed(4)) << "the youngest, as many as are kept";
}

TEST_F(TcpSyslog, EndsWhenItIsTold) {
  Syslog syslog({place_, "", kOrigin, "vault-1"}, clock_);
  syslog.Stop();
  EXPECT_EQ(syslog.Give(Numbered(1)).error().code(), Code::kUnavailable);
}

TEST(SyslogPlace, IsOneOfThree) {
  struct Row {
    const char* why;
    std::string text;
    bool good;
  };
  const Row rows[] = {
      {"this machine's", "local:/dev/log", true},
      {"TLS", "tls:logs.example:6514", true},
      {"TLS by number", "tls:[2001:db8::1]:6514", true},
      {"plain, here", "tcp:127.0.0.1:601", true},
      {"plain, here too", "tcp:[::1]:601", true},
      {"nothing", "", false},
      {"another word", "udp:127.0.0.1:514", false},
      {"plain, elsewhere: whoever listens reads it", "tcp:logs.example:601", false},
      {"no path", "local:", false},
      {"a path that is none", "local:dev/log", false},
      {"a path too long for a socket", "local:/" + std::string(108, 'x'), false},
      {"no port", "tls:logs.example", false},
      {"no host", "tls::6514", false},
      {"none in its brackets", "tls:[]:6514", false},
      {"port 0", "tls:logs.example:0", false},
      {"a port too large", "tls:logs.example:65536", false},
      {"a port with more behind it", "tls:logs.example:6514x", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ParseSyslogPlace(row.text).ok(), row.good) << row.why;
  }
}

}  // namespace
}  // namespace cloison::sinks
