// The server's limits and its end, over plain connections that misbehave.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/clock.h"
#include "net/client.h"
#include "net/server.h"
#include "net/testing/echo_handler.h"
#include "net/testing/raw_connection.h"

namespace cloison::net {
namespace {

using testing::RawConnection;

const std::string kGet = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

class ServerLimitsTest : public ::testing::Test {
 protected:
  void Start(ServerOptions options) {
    Result<std::unique_ptr<Server>> started = Server::Start(std::move(options), handler_, clock_);
    ASSERT_TRUE(started.ok()) << started.error().text();
    server_ = std::move(*started);
  }
  HttpClient Client() {
    ClientOptions options;
    options.plain = true;
    options.port = server_->port();
    return HttpClient(options, clock_);
  }
  static std::size_t Count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
      ++found;
    }
    return found;
  }
  void WaitAtGate(int callers) {
    while (handler_.waiting < callers) std::this_thread::yield();
  }

  base::SystemClock clock_;
  base::ThreadPool pool_{2};
  testing::EchoHandler handler_{pool_, clock_};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerLimitsTest, RefusesBeforeTheHandler) {
  Start({});
  const struct {
    const char* why;
    std::string send;
    std::string status;
    std::string code;
  } kRows[] = {
      {"not HTTP", "hello\r\n\r\n", "400", "malformed_request"},
      {"no host", "GET / HTTP/1.1\r\n\r\n", "400", "malformed_request"},
      {"smuggling",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       "400", "malformed_request"},
      {"a large header", "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'), "431",
       "headers_too_large"},
      {"a large body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", "413",
       "body_too_large"},
      {"a long chunk line",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
           std::string(70'000, 'x'),
       "400", "malformed_request"},
  };
  for (const auto& row : kRows) {
    RawConnection raw(server_->port());
    raw.Send(row.send);
    const std::string answer = raw.Read("\"}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + row.status)) << row.why << ": " << answer;
    EXPECT_NE(answer.find("\"code\":\"" + row.code + "\""), std::string::npos) << row.why;
    EXPECT_NE(answer.find("connection: close"), std::string::npos) << row.why;
  }
  EXPECT_EQ(handler_.calls, 0);
  EXPECT_EQ(server_->stats().requests_refused.value(), std::size(kRows));
}

TEST_F(ServerLimitsTest, TheErrorBodyIsTheOwners) {
  ServerOptions options;
  options.error_body = [](int status, std::string_view code) {
    Response response;
    response.status = status;
    response.body = "mine: " + std::string(code);
    return response;
  };
  Start(options);
  RawConnection raw(server_->port());
  raw.Send("x\r\n\r\n");
  EXPECT_NE(raw.Read().find("mine: malformed_request"), std::string::npos);
}

TEST_F(ServerLimitsTest, CutsTheSlow) {
  const struct {
    const char* why;
    std::string send;
    std::string begins;  // "": closed without a word
  } kRows[] = {
      {"half a header", "GET / HTTP/1.1\r\nHo", "HTTP/1.1 408"},
      {"half a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
       "HTTP/1.1 408"},
      {"nothing at all", "", ""},
      {"nothing more after an answer", kGet, "HTTP/1.1 200"},
      {"a handler that is late", "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 503"},
  };
  ServerOptions options;
  options.header_ms_max = options.body_ms_max = options.idle_ms_max = 400;
  options.handler_ms_max = 400;
  Start(options);
  for (const auto& row : kRows) {
    RawConnection raw(server_->port());
    raw.Send(row.send);
    const std::string answer = raw.Read();
    EXPECT_FALSE(answer.ends_with("timeout")) << row.why;
    EXPECT_EQ(answer.substr(0, row.begins.empty() ? std::string::npos : row.begins.size()),
              row.begins)
        << row.why;
  }
  EXPECT_EQ(server_->stats().requests_late.value(), 1u);
  handler_.gate.Open();
}

TEST_F(ServerLimitsTest, AnswersPipelinedRequestsInOrder) {
  Start({});
  RawConnection raw(server_->port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    const std::string body = "<" + std::to_string(i) + ">";
    all += std::string("POST ") + (i % 2 == 0 ? "/echo" : "/pool") +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
  }
  raw.Send(all + "GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answers = raw.Read();
  EXPECT_EQ(Count(answers, "HTTP/1.1 200"), 50u);
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = answers.find("<" + std::to_string(i) + ">", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(ServerLimitsTest, SaysContinueToWhoAsks) {
  Start({});
  RawConnection raw(server_->port());
  raw.Send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(raw.Read("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  raw.Send("hi");
  EXPECT_TRUE(raw.Read("\r\n\r\nhi").starts_with("HTTP/1.1 200 OK"));
}

TEST_F(ServerLimitsTest, AnOldClientIsServedOnce) {
  Start({});
  RawConnection raw(server_->port());
  raw.Send("GET /echo HTTP/1.0\r\n\r\n");
  EXPECT_NE(raw.Read().find("connection: close"), std::string::npos);
}

TEST_F(ServerLimitsTest, RefusesConnectionsBeyondTheLimit) {
  ServerOptions options;
  options.connections_max = 2;
  Start(options);
  RawConnection one(server_->port());
  RawConnection two(server_->port());
  one.Send(kGet);
  two.Send(kGet);
  EXPECT_TRUE(one.Read("\r\n\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(two.Read("\r\n\r\n").starts_with("HTTP/1.1 200"));
  RawConnection three(server_->port());
  EXPECT_EQ(three.Read(), "");
  EXPECT_EQ(server_->stats().connections_refused.value(), 1u);
}

TEST_F(ServerLimitsTest, RefusesRequestsBeyondTheLimit) {
  ServerOptions options;
  options.requests_in_flight_max = 1;
  Start(options);
  RawConnection held(server_->port());
  held.Send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  WaitAtGate(1);
  HttpClient client = Client();
  const Result<Response> busy = client.Send(MakeRequest(Method::kGet, "/echo"));
  ASSERT_TRUE(busy.ok());
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->headers.get("retry-after"), "1");
  handler_.gate.Open();
  EXPECT_NE(held.Read("through").find("through"), std::string::npos);
  EXPECT_EQ(client.Send(MakeRequest(Method::kGet, "/echo"))->status, 200);  // the same connection
  EXPECT_EQ(server_->stats().connections.value(), 2u);
}

TEST_F(ServerLimitsTest, DrainFinishesWhatIsInFlight) {
  ServerOptions options;
  options.threads = 2;
  Start(options);
  RawConnection idle(server_->port());
  idle.Send(kGet);
  EXPECT_TRUE(idle.Read("\r\n\r\n").starts_with("HTTP/1.1 200"));
  RawConnection busy(server_->port());
  busy.Send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n" + kGet);
  WaitAtGate(1);
  EXPECT_FALSE(server_->Drain(20));
  EXPECT_EQ(idle.Read(), "");  // closed
  EXPECT_EQ(Client().Send(MakeRequest(Method::kGet, "/echo")).error().code(), Code::kUnavailable);
  handler_.gate.Open();
  EXPECT_TRUE(server_->Drain(20'000));
  const std::string answer = busy.Read();
  EXPECT_NE(answer.find("through"), std::string::npos);
  EXPECT_NE(answer.find("connection: close"), std::string::npos);
  EXPECT_EQ(Count(answer, "HTTP/1.1"), 1u);  // the request behind it was not begun
}

const std::string kGetHeld = "GET /held HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(ServerLimitsTest, AHeldAnswerIsNeverEarly) {
  Start({});
  for (const std::int64_t us : {std::int64_t{0}, std::int64_t{1}, std::int64_t{30'000}}) {
    handler_.held_us = us;
    HttpClient client = Client();
    const std::int64_t before = clock_.mono_us();
    const Result<Response> answer = client.Send(MakeRequest(Method::kGet, "/held"));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->body, "held");
    EXPECT_GE(clock_.mono_us() - before, us);
  }
}

TEST_F(ServerLimitsTest, AHeldAnswerHoldsNoThreadAndNoPlace) {
  ServerOptions options;
  options.threads = 1;
  options.requests_in_flight_max = 1;
  Start(options);
  handler_.held_us = 3'600'000'000;
  RawConnection held(server_->port());
  held.Send(kGetHeld);
  while (handler_.calls < 1) std::this_thread::yield();
  HttpClient client = Client();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.Send(MakeRequest(Method::kPost, "/echo", "x"))->status, 200);
  }
  server_.reset();  // within the hour
  EXPECT_EQ(held.Read(), "");
}

TEST_F(ServerLimitsTest, AHeldAnswerIsLateAtTheDeadline) {
  ServerOptions options;
  options.handler_ms_max = 200;
  Start(options);
  handler_.held_us = 3'600'000'000;
  RawConnection held(server_->port());
  held.Send(kGetHeld);
  EXPECT_TRUE(held.Read().starts_with("HTTP/1.1 503"));
  EXPECT_EQ(server_->stats().requests_late.value(), 1u);
}

TEST_F(ServerLimitsTest, DrainSendsWhatIsHeld) {
  Start({});
  handler_.held_us = 200'000;
  RawConnection held(server_->port()), gone(server_->port());
  held.Send(kGetHeld);
  gone.Send(kGetHeld);
  while (handler_.calls < 2) std::this_thread::yield();
  ::shutdown(gone.socket(), SHUT_RDWR);  // nobody reads it any more: no harm
  EXPECT_TRUE(server_->Drain(10'000));
  EXPECT_NE(held.Read().find("held"), std::string::npos);
}

TEST_F(ServerLimitsTest, TheDestructorWaitsForHandlers) {
  Start({});
  RawConnection gone(server_->port());
  gone.Send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  WaitAtGate(1);
  std::atomic<bool> ended{false};
  std::thread ending([this, &ended] {
    server_.reset();
    ended = true;
  });
  EXPECT_EQ(gone.Read(), "");  // cut at once
  EXPECT_FALSE(ended);
  handler_.gate.Open();
  ending.join();
}

TEST_F(ServerLimitsTest, TheClientComesBackAfterAnIdleClose) {
  ServerOptions options;
  options.idle_ms_max = 1;
  Start(options);
  HttpClient client = Client();
  // However late the sweeps come, every request is answered, over as many connections as it takes.
  while (server_->stats().connections.value() < 3) {
    ASSERT_TRUE(client.Send(MakeRequest(Method::kGet, "/echo")).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  }
}

TEST_F(ServerLimitsTest, ServesManyConnectionsAtOnce) {
  ServerOptions options;
  options.threads = 2;
  Start(options);
  std::vector<std::unique_ptr<RawConnection>> all;
  for (int i = 0; i < 300; ++i) {
    all.push_back(std::make_unique<RawConnection>(server_->port()));
    all.back()->Send(kGet);
  }
  for (const auto& raw : all) {
    EXPECT_TRUE(raw->Read("\r\n\r\n").starts_with("HTTP/1.1 200"));
  }
}

}  // namespace
}  // namespace cloison::net
