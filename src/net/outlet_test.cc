// A connection to whom nothing is said back: over TLS, kept, and made anew once the other side has
// said anything. The receiver here is our own server, which answers.
#include "net/outlet.h"

#include <gtest/gtest.h>

#include <thread>

#include "net/server.h"
#include "net/testing/certificates.h"
#include "net/testing/echo_handler.h"

namespace cloison::net {
namespace {

constexpr std::string_view kHalf = "POST /echo HTTP/1.1\r\nhost: localhost\r\n";
constexpr std::string_view kRest = "content-length: 0\r\n\r\n";

class OutletTest : public ::testing::Test {
 protected:
  OutletTest() {
    const testing::Certificate own = ca_.Server();
    ServerOptions options;
    options.tls =
        TlsServerOptions{own.certificate_pem, own.private_key_pem, "", ClientCertificates::kNone};
    server_ = std::move(*Server::Start(options, handler_, clock_));
  }
  ClientOptions Options() const {
    ClientOptions options;
    options.port = server_->port();
    options.ca_pem = ca_.ca_pem();
    return options;
  }
  void AwaitAnswered(std::uint64_t count) const {
    while (handler_.calls != static_cast<int>(count) || server_->stats().bytes_out.value() == 0) {
      std::this_thread::yield();
    }
  }

  base::SystemClock clock_;
  base::ThreadPool pool_{1};
  testing::EchoHandler handler_{pool_};
  testing::Authority ca_;
  std::unique_ptr<Server> server_;
};

TEST_F(OutletTest, KeepsItsConnection) {
  Outlet outlet(Options(), clock_);
  ASSERT_TRUE(outlet.Write(kHalf).ok());
  ASSERT_TRUE(outlet.Write(kRest).ok());
  AwaitAnswered(1);
  EXPECT_EQ(server_->stats().connections.value(), 1u);
}

TEST_F(OutletTest, GivesUpOneThatWasClosed) {
  Outlet outlet(Options(), clock_);
  ASSERT_TRUE(outlet.Write(kHalf).ok());
  server_.reset();
  // Maybe one write that the system takes; then it is known.
  Status written = Ok();
  while (written.ok()) written = outlet.Write(kHalf);
  EXPECT_EQ(written.error().code(), Code::kUnavailable);
}

TEST_F(OutletTest, SpeaksToWhomTheAuthorityNames) {
  const testing::Authority other;
  ClientOptions options = Options();
  options.ca_pem = other.ca_pem();
  Outlet outlet(options, clock_);
  EXPECT_EQ(outlet.Write(kHalf).error().code(), Code::kDenied);
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(OutletTest, EndsOnceItIsCancelled) {
  std::atomic<bool> cancelled = true;
  ClientOptions options = Options();
  options.cancelled = &cancelled;
  Outlet outlet(options, clock_);
  EXPECT_EQ(outlet.Write(kHalf).error().code(), Code::kUnavailable);
  cancelled = false;
  EXPECT_TRUE(outlet.Write(kHalf).ok());
}

}  // namespace
}  // namespace cloison::net
