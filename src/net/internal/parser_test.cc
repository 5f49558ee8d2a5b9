#include "net/internal/parser.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::net::internal {
namespace {

constexpr ParserLimits kLimits{1024, 100};

// Feeds `text` in pieces of `step`, keeping what is not used, as a connection does.
Progress FeedIn(RequestParser& parser, const std::string& text, std::size_t step) {
  std::string held;
  Progress progress = Progress::kMore;
  for (std::size_t at = 0; at < text.size() && progress == Progress::kMore; at += step) {
    held += text.substr(at, step);
    std::size_t used = 0;
    progress = parser.Put(held, used);
    held.erase(0, used);
  }
  return progress;
}

TEST(HeadersTest, OnlyWhatMayTravel) {
  const struct {
    const char* why;
    std::string name, value;
    bool travels;
  } rows[] = {
      {"plain", "content-type", "text/plain; charset=utf-8", true},
      {"every sign of a token", "!#$%&'*+-.^_`|~09az", "", true},
      {"a tab, and beyond ASCII", "a", "b\tc \xc3\xa9", true},
      {"no name", "", "b", false},
      {"a space in the name", "a b", "c", false},
      {"a colon in the name", "a:", "c", false},
      {"beyond ASCII in the name", "\xc3\xa9", "c", false},
      {"a line", "a", "b\r\nset-cookie: c", false},
      {"a line feed first", "a", "\nb", false},
      {"a carriage return last", "a", "b\r", false},
      {"NUL", "a", std::string("b\0c", 3), false},
      {"DEL", "a", "b\x7f", false},
      {"below the space", "a", "\x1f", false},
  };
  for (const auto& row : rows) {
    Headers headers;
    headers.Add("host", "a");
    headers.Add(row.name, row.value);
    EXPECT_EQ(CanTravel(headers), row.travels) << row.why;
  }
}

// Values are looked at eight bytes at a time where they can be.
TEST(HeadersTest, EveryByteIsLookedAtInEveryPlace) {
  for (std::size_t size = 1; size <= 17; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string value(size, 'a');
        value[at] = static_cast<char>(byte);
        Headers headers;
        headers.Add("a", value);
        const bool travels = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
        ASSERT_EQ(CanTravel(headers), travels) << byte << " at " << at << " of " << size;
      }
    }
  }
}

TEST(RequestParserTest, ReadsWholeRequestsInPiecesOfAnySize) {
  const std::string text =
      "POST /v1/x?y=%31&z HTTP/1.1\r\nHost: a\r\nX-One:  two \r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    RequestParser parser(kLimits);
    ASSERT_EQ(FeedIn(parser, text, step), Progress::kDone) << step;
    EXPECT_TRUE(parser.keep_alive());
    const Request request = parser.Take();
    EXPECT_EQ(request.method, Method::kPost);
    EXPECT_EQ(request.path, "/v1/x");
    EXPECT_EQ(request.query, "y=%31&z");
    EXPECT_EQ(request.headers.get("x-one"), "two");
    EXPECT_EQ(request.body, "hello");
  }
}

TEST(RequestParserTest, AcceptsAndRefuses) {
  const std::string host = "Host: a\r\n";
  const std::string get = "GET / HTTP/1.1\r\n" + host;
  const std::string post = "POST / HTTP/1.1\r\n" + host;
  const struct {
    const char* why;
    std::string text;
    int refused;  // 0: accepted
  } kRows[] = {
      {"plain", get + "\r\n", 0},
      {"a method nobody knows", "BREW / HTTP/1.1\r\n" + host + "\r\n", 0},
      {"chunks", post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 0},
      {"a trailer, dropped", post + "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n", 0},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", get + host + "\r\n", 400},
      {"two authorizations", get + "Authorization: a\r\nAuthorization: b\r\n\r\n", 400},
      {"two idempotency keys", get + "Idempotency-Key: a\r\nidempotency-key: a\r\n\r\n", 400},
      {"length and chunks", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400},
      {"another coding", post + "Transfer-Encoding: gzip\r\n\r\n", 400},
      {"two codings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
      {"chunks twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
      {"a coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"two lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400},
      {"a list of lengths", post + "Content-Length: 3, 4\r\n\r\n", 400},
      {"a negative length", post + "Content-Length: -3\r\n\r\n", 400},
      {"a length in words", post + "Content-Length: three\r\n\r\n", 400},
      {"a bad chunk size", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"a space before the colon", get + "X : 1\r\n\r\n", 400},
      {"no colon", get + "X\r\n\r\n", 400},
      {"a value with blanks around it, or none", get + "X: \t a b \t\r\nY:\r\nZ: \r\n\r\n", 0},
      {"a value that goes on in the next line", get + "X: a\r\n b\r\n\r\n", 400},
      {"a value that begins in the next line", get + "X:\r\n\tb\r\n\r\n", 400},
      {"a value that ends in an empty line", get + "X: a\r\n \r\n\r\n", 400},
      {"a value of an empty line alone", get + "X:\r\n \r\n\r\n", 400},
      {"a folded line before the first", "GET / HTTP/1.1\r\n X: a\r\n" + host + "\r\n", 400},
      {"a zero byte in a value", get + "X: a" + std::string(1, '\0') + "\r\n\r\n", 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"version 2", "GET / HTTP/2.0\r\n" + host + "\r\n", 400},
      {"a proxy's target", "GET http://a/ HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a star", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a fragment", "GET /#x HTTP/1.1\r\n" + host + "\r\n", 400},
      {"a byte above ASCII", "GET /\xc3\xa9 HTTP/1.1\r\n" + host + "\r\n", 400},
      {"another expectation", post + "Expect: tea\r\n\r\n", 400},
      {"TLS to a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
      {"a body beyond the limit", post + "Content-Length: 101\r\n\r\n", 413},
      {"chunks beyond the limit", post + "Transfer-Encoding: chunked\r\n\r\n65\r\n", 413},
      {"a header beyond the limit", get + "X: " + std::string(1100, 'x') + "\r\n\r\n", 431},
      {"a header that never ends", get + "X: " + std::string(5000, 'x'), 431},
  };
  for (const auto& row : kRows) {
    for (const std::size_t step : {row.text.size(), std::size_t{7}, std::size_t{1}}) {
      RequestParser parser(kLimits);
      const Progress progress = FeedIn(parser, row.text, step);
      EXPECT_EQ(progress, row.refused == 0 ? Progress::kDone : Progress::kFailed) << row.why;
      if (progress == Progress::kFailed) {
        EXPECT_EQ(parser.refusal().status, row.refused) << row.why;
      }
    }
  }
}

TEST(RequestParserTest, LimitsFieldsAndTarget) {
  ParserLimits wide{64u << 10, 100};
  std::string fields = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < kHeaderFieldsMax; ++i) fields += "X: 1\r\n";
  RequestParser many(wide);
  EXPECT_EQ(FeedIn(many, fields + "\r\n", fields.size() + 2), Progress::kFailed);
  EXPECT_EQ(many.refusal().status, 431);

  const std::string target = "GET /" + std::string(kTargetBytesMax, 'x') + " HTTP/1.1\r\n\r\n";
  RequestParser far(wide);
  EXPECT_EQ(FeedIn(far, target, target.size()), Progress::kFailed);
  EXPECT_EQ(far.refusal().status, 414);
}

TEST(RequestParserTest, LimitsTheHeaderAsAWhole) {
  const std::string line = "GET /" + std::string(600, 'x') + " HTTP/1.1\r\nHost: a\r\n";
  const std::string fields = "X: " + std::string(200, 'x') + "\r\n";
  const struct {
    const char* why;
    std::string text;
    std::size_t step;  // of the pieces it comes in
  } kRows[] = {
      {"at once", line + fields + fields + fields + "\r\n", 2'000},
      {"a field at a time", line + fields + fields + fields + "\r\n", fields.size()},
      {"by the byte", line + fields + fields + fields + "\r\n", 1},
  };
  for (const auto& row : kRows) {
    RequestParser parser(kLimits);
    EXPECT_EQ(FeedIn(parser, row.text, row.step), Progress::kFailed) << row.why;
    EXPECT_EQ(parser.refusal().status, 431) << row.why;
  }
  std::string full = "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n";
  full.insert(full.size() - 4, kLimits.header_bytes_max - full.size(), 'x');
  for (const std::size_t step : {full.size(), std::size_t{100}, std::size_t{1}}) {
    RequestParser parser(kLimits);
    EXPECT_EQ(FeedIn(parser, full, step), Progress::kDone) << step;
  }
}

TEST(RequestParserTest, LeavesTheNextRequestAlone) {
  const std::string one = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string both = one + "GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  RequestParser parser(kLimits);
  std::size_t used = 0;
  ASSERT_EQ(parser.Put(both, used), Progress::kDone);
  EXPECT_EQ(used, one.size());
  EXPECT_EQ(parser.Take().path, "/1");
  parser.Reset();
  ASSERT_EQ(parser.Put(std::string_view(both).substr(used), used), Progress::kDone);
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_EQ(parser.Take().path, "/2");
}

TEST(ResponseParserTest, Reads) {
  const struct {
    const char* why;
    std::string text;
    bool to_head;
    bool ends;  // the stream ends after the text
    Progress want;
    std::string body;
  } kRows[] = {
      {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, false, Progress::kDone,
       "hi"},
      {"to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", true, false, Progress::kDone, ""},
      {"no content", "HTTP/1.1 204 No Content\r\n\r\n", false, false, Progress::kDone, ""},
      {"after a 100", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
       false, false, Progress::kDone, "x"},
      {"to the end", "HTTP/1.1 200 OK\r\n\r\nall", false, true, Progress::kDone, "all"},
      {"cut", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall", false, true, Progress::kFailed,
       ""},
      {"nothing", "", false, true, Progress::kFailed, ""},
      {"not HTTP", "SSH-2.0-x\r\n\r\n", false, false, Progress::kFailed, ""},
      {"too large", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", false, false,
       Progress::kFailed, ""},
  };
  for (const auto& row : kRows) {
    ResponseParser parser(kLimits, row.to_head);
    std::size_t used = 0;
    Progress progress = parser.Put(row.text, used);
    if (row.ends && progress == Progress::kMore) progress = parser.PutEnd();
    ASSERT_EQ(progress, row.want) << row.why;
    if (progress == Progress::kDone) {
      EXPECT_EQ(parser.Take().body, row.body) << row.why;
    }
  }
}

}  // namespace
}  // namespace cloison::net::internal
