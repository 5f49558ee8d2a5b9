#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <utility>

#include "net/internal/parser.h"

namespace cloison::net::internal {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

// A second one of these would let two readers of one message see two messages.
constexpr std::array<std::string_view, 8> kOnceHeaders = {
    "host", "authorization",     "content-type",    "content-length",
    "dpop", "transfer-encoding", "idempotency-key", "expect"};

constexpr std::size_t kLastChunkBytes = 5;  // "0", and two line ends

// The last chunk, and not all of it. Beast ends the process when it has seen "0" and a line end and
// is then given less than the rest. A chunk of another size is a little late, no more: at least
// five bytes follow it.
bool MayBeLastChunk(std::string_view text) {
  return text.size() < kLastChunkBytes && text.starts_with('0');
}

std::string_view View(string_view text) {
  return {text.data(), text.size()};
}

bool SameWord(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// The half of Beast's callbacks that both directions share: headers and body go straight into our
// own structs, so a message costs no node per header.
template <bool kRequest>
class Core : public http::basic_parser<kRequest> {
 public:
  explicit Core(const ParserLimits& limits) : header_bytes_left_(limits.header_bytes_max) {
    this->eager(true);
    this->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    this->body_limit(limits.body_bytes_max);
  }

  Progress Feed(std::string_view bytes, std::size_t& used) {
    used = 0;
    if (!this->is_header_done()) {
      const Progress progress = FeedHeader(bytes, used);
      if (progress != Progress::kMore || !this->is_header_done()) return progress;
    }
    const std::string_view left = bytes.substr(used);
    if (left.empty() || (this->chunked() && MayBeLastChunk(left))) return Progress::kMore;
    std::size_t step = 0;
    const Progress progress = Offer(left, step);
    used += step;
    return progress;
  }

  Progress Fail(error_code ec) {
    failure_ = ec;
    return Progress::kFailed;
  }

  Headers headers_;
  std::string body_;
  Refusal refusal_;
  error_code failure_;
  int version_ = 0;  // 10 or 11

 protected:
  // Ends the parse with a refusal of ours.
  void Refuse(error_code& ec, int status, std::string_view code) {
    refusal_ = {status, code};
    ec = http::error::bad_value;
  }

  void on_field_impl(http::field, string_view name, string_view value, error_code& ec) override {
    if (header_done_) return;  // a trailer
    if (headers_.size() == kHeaderFieldsMax) return Refuse(ec, 431, "headers_too_large");
    if (IsFolded(View(name), View(value))) return Refuse(ec, 400, "malformed_request");
    headers_.Add(View(name), View(value));
  }
  void on_header_impl(error_code& ec) override {
    header_done_ = true;
    if (!CanTravel(headers_)) return Refuse(ec, 400, "malformed_request");
    const std::optional<std::string_view> coding = headers_.find("transfer-encoding");
    const bool bad_coding = coding && (!SameWord(*coding, "chunked") || version_ < 11);
    if (bad_coding || (coding && headers_.find("content-length"))) {
      Refuse(ec, 400, "malformed_request");
    }
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code&) override {
    if (size) body_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*size, 64u << 10)));
  }
  std::size_t on_body_impl(string_view body, error_code&) override {
    body_.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    body_.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}

 private:
  Progress Offer(std::string_view bytes, std::size_t& used) {
    error_code ec;
    fed_ = bytes;
    used = this->put(asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (ec == http::error::need_more) return Progress::kMore;
    if (ec) return Fail(ec);
    return this->is_done() ? Progress::kDone : Progress::kMore;
  }

  // Beast counts the start line, and each header that comes alone, for themselves: what a header
  // may still have is counted here, and no more than that is offered.
  Progress FeedHeader(std::string_view bytes, std::size_t& used) {
    const Progress progress = Offer(bytes.substr(0, header_bytes_left_), used);
    if (progress != Progress::kMore || this->is_header_done()) return progress;
    header_bytes_left_ -= used;
    if (bytes.size() - used < header_bytes_left_) return progress;
    return Fail(http::error::header_limit);
  }

  std::size_t header_bytes_left_;

  // A value that goes on in the next line (RFC 9112 section 5.2) is joined by Beast, elsewhere or
  // behind its first line break. One reader's two headers are another's one: refused.
  bool IsFolded(std::string_view name, std::string_view value) const {
    const auto place = [this](const char* at) {
      return reinterpret_cast<std::uintptr_t>(at) - reinterpret_cast<std::uintptr_t>(fed_.data());
    };
    const std::size_t after_colon = place(name.data()) + name.size() + 1;
    const std::size_t begin = place(value.data());
    if (begin < after_colon || begin > fed_.size()) return true;
    const std::string_view between = fed_.substr(after_colon, begin - after_colon);
    return between.find_first_not_of(" \t") != std::string_view::npos;
  }

  std::string_view fed_;  // the bytes of this Offer
  bool header_done_ = false;
};

bool IsTargetCharacter(char c) {
  return c > 0x20 && c < 0x7f && c != '#';
}

class RequestCore final : public Core<true> {
 public:
  using Core::Core;

  Method method_ = Method::kGet;
  std::string path_;
  std::string query_;

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       error_code& ec) override {
    const std::string_view text = View(target);
    if (text.size() > kTargetBytesMax) return Refuse(ec, 414, "target_too_long");
    if (!text.starts_with('/') || !std::all_of(text.begin(), text.end(), IsTargetCharacter) ||
        (version != 11 && version != 10)) {
      return Refuse(ec, 400, "malformed_request");
    }
    version_ = version;
    method_ = MethodFromName(View(method));
    const std::size_t path_size = std::min(text.find('?'), text.size());
    path_ = text.substr(0, path_size);
    query_ = text.substr(std::min(path_size + 1, text.size()));
  }
  void on_header_impl(error_code& ec) override {
    Core::on_header_impl(ec);
    if (ec) return;
    const bool no_host = version_ >= 11 && !headers_.find("host");
    const bool repeated =
        std::any_of(kOnceHeaders.begin(), kOnceHeaders.end(),
                    [this](std::string_view name) { return headers_.count(name) > 1; });
    const std::string_view expect = headers_.get("expect");
    if (no_host || repeated || !(expect.empty() || SameWord(expect, "100-continue"))) {
      Refuse(ec, 400, "malformed_request");
    }
  }
};

class ResponseCore final : public Core<false> {
 public:
  using Core::Core;

  int status_ = 0;

 private:
  void on_response_impl(int status, string_view, int version, error_code&) override {
    status_ = status;
    version_ = version;
  }
};

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(ParserLimits limits) : limits_(limits) { core_.emplace(limits_); }

  ParserLimits limits_;
  std::optional<RequestCore> core_;
};

RequestParser::RequestParser(ParserLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;

void RequestParser::Reset() {
  impl_->core_.emplace(impl_->limits_);
}

Progress RequestParser::Put(std::string_view bytes, std::size_t& used) {
  return impl_->core_->Feed(bytes, used);
}

bool RequestParser::header_done() const {
  return impl_->core_->is_header_done();
}

bool RequestParser::wants_continue() const {
  return header_done() && impl_->core_->version_ >= 11 &&
         impl_->core_->headers_.find("expect").has_value();
}

bool RequestParser::keep_alive() const {
  return header_done() && impl_->core_->version_ >= 11 && impl_->core_->keep_alive();
}

Refusal RequestParser::refusal() const {
  const RequestCore& core = *impl_->core_;
  if (core.refusal_.status != 0) return core.refusal_;
  if (core.failure_ == http::error::header_limit) return {431, "headers_too_large"};
  if (core.failure_ == http::error::body_limit) return {413, "body_too_large"};
  return {400, "malformed_request"};
}

Request RequestParser::Take() {
  RequestCore& core = *impl_->core_;
  Request request;
  request.method = core.method_;
  request.path = std::move(core.path_);
  request.query = std::move(core.query_);
  request.headers = std::move(core.headers_);
  request.body = std::move(core.body_);
  return request;
}

class ResponseParser::Impl {
 public:
  Impl(ParserLimits limits, bool to_head) : limits_(limits), to_head_(to_head) { Restart(); }

  void Restart() {
    core_.emplace(limits_);
    core_->skip(to_head_);
  }
  // An answer of 1xx announces the real one.
  bool interim() const { return core_->is_done() && core_->status_ / 100 == 1; }

  ParserLimits limits_;
  bool to_head_;
  std::optional<ResponseCore> core_;
};

ResponseParser::ResponseParser(ParserLimits limits, bool to_head)
    : impl_(std::make_unique<Impl>(limits, to_head)) {}
ResponseParser::~ResponseParser() = default;

Progress ResponseParser::Put(std::string_view bytes, std::size_t& used) {
  used = 0;
  Progress progress = Progress::kMore;
  do {
    std::size_t step = 0;
    progress = impl_->core_->Feed(bytes.substr(used), step);
    used += step;
    if (progress != Progress::kDone || !impl_->interim()) return progress;
    impl_->Restart();
  } while (used < bytes.size());
  return Progress::kMore;
}

Progress ResponseParser::PutEnd() {
  error_code ec;
  if (!impl_->core_->got_some()) return Progress::kFailed;
  impl_->core_->put_eof(ec);
  return ec ? impl_->core_->Fail(ec) : Progress::kDone;
}

bool ResponseParser::keep_alive() const {
  return impl_->core_->is_header_done() && impl_->core_->keep_alive();
}

bool ResponseParser::too_large() const {
  const ResponseCore& core = *impl_->core_;
  return core.failure_ == http::error::header_limit || core.failure_ == http::error::body_limit ||
         core.refusal_.status == 431;
}

Response ResponseParser::Take() {
  Response response;
  response.status = impl_->core_->status_;
  response.headers = std::move(impl_->core_->headers_);
  response.body = std::move(impl_->core_->body_);
  return response;
}

}  // namespace cloison::net::internal
