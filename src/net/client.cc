#include "net/client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/internal/link.h"
#include "net/internal/message.h"
#include "net/internal/parser.h"

namespace cloison::net {
namespace {

using internal::Io;
using internal::kCancelled;
using internal::kClosedEarly;
using internal::kTlsRefused;
using internal::kTooSlow;
using internal::Progress;

constexpr std::size_t kReadBytes = 16u << 10;

bool MayRepeat(Method method) {
  return method == Method::kGet || method == Method::kHead || method == Method::kPut ||
         method == Method::kDelete || method == Method::kOptions;
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(ClientOptions options, base::Clock& clock)
      : options_(std::move(options)), link_(options_, clock) {}

  Result<Response> Send(const Request& request);
  void Close() { link_.Close(); }

 private:
  Result<Response> Exchange(const Request& request);
  Result<Response> ReadResponse(bool to_head);
  std::string HostHeader() const;

  const ClientOptions options_;
  internal::Link link_;
  bool answer_begun_ = false;
};

std::string HttpClient::Impl::HostHeader() const {
  const bool is_ipv6 = options_.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? "[" + options_.host + "]" : options_.host;
  const int usual = options_.plain ? 80 : 443;
  return options_.port == usual ? host : host + ":" + std::to_string(options_.port);
}

Result<Response> HttpClient::Impl::ReadResponse(bool to_head) {
  internal::ResponseParser parser({kHeaderBytesMax, options_.body_bytes_max}, to_head);
  std::vector<char> buffer(kReadBytes);
  std::size_t begin = 0;
  std::size_t end = 0;
  Progress progress = Progress::kMore;
  while (progress == Progress::kMore) {
    std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(begin),
              buffer.begin() + static_cast<std::ptrdiff_t>(end), buffer.begin());
    end -= std::exchange(begin, 0);
    if (end == buffer.size()) buffer.resize(buffer.size() * 2);  // the parser's limits stop it
    std::size_t read = 0;
    const std::span<char> room(buffer.data() + end, buffer.size() - end);
    const Io io = link_.stream().Read(room, read);
    if (io == Io::kWantRead || io == Io::kWantWrite) {
      CLOISON_TRY(link_.Wait(io));
      continue;
    }
    if (io == Io::kFailed) return answer_begun_ || options_.plain ? kClosedEarly : kTlsRefused;
    if (io == Io::kClosed) {
      progress = answer_begun_ ? parser.PutEnd() : Progress::kFailed;
      if (progress != Progress::kDone) return kClosedEarly;
      break;
    }
    answer_begun_ = true;
    end += read;
    progress = parser.Put(std::string_view(buffer.data(), end), begin);
  }
  if (progress == Progress::kFailed) {
    if (parser.too_large()) return Error{Code::kExhausted, "the answer is larger than the limit"};
    return Error{Code::kCorrupt, "the answer is not HTTP/1.1"};
  }
  const bool keep = parser.keep_alive() && begin == end;
  if (!keep) Close();
  return parser.Take();
}

Result<Response> HttpClient::Impl::Exchange(const Request& request) {
  link_.SetDeadline(options_.answer_ms_max);
  answer_begun_ = false;
  std::string out;
  internal::AppendRequestHead(out, request, HostHeader());
  out += request.body;
  // A server may refuse before it has read everything: its answer is worth more than our error.
  const Status written = link_.WriteAll(out);
  WipeText(out);
  if (!written.ok() && written.error().text() == kTooSlow.text()) return written.error();
  return ReadResponse(request.method == Method::kHead);
}

Result<Response> HttpClient::Impl::Send(const Request& request) {
  const auto fits = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  const bool good_target = request.path.starts_with('/') &&
                           std::all_of(request.path.begin(), request.path.end(), fits) &&
                           std::all_of(request.query.begin(), request.query.end(), fits);
  if (!good_target || request.method == Method::kOther || !CanTravel(request.headers)) {
    return Error{Code::kInvalid, "a request has a path or a header that cannot be sent"};
  }
  if (link_.Cancelled()) return kCancelled;
  link_.SetWhole(options_.send_ms_max);
  if (link_.open() && !link_.IsQuiet()) Close();
  const bool kept = link_.open();
  if (!kept) {
    const Status connected = link_.Connect();
    if (!connected.ok()) {
      Close();
      return connected.error();
    }
  }
  Result<Response> answer = Exchange(request);
  if (answer.ok()) return answer;
  Close();
  const bool stale =
      kept && !answer_begun_ && !link_.Cancelled() && answer.error().text() != kTooSlow.text();
  if (!stale || !MayRepeat(request.method)) return answer;
  CLOISON_TRY(link_.Connect());
  answer = Exchange(request);
  if (!answer.ok()) Close();
  return answer;
}

HttpClient::HttpClient(ClientOptions options, base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<Response> HttpClient::Send(const Request& request) {
  return impl_->Send(request);
}

void HttpClient::Close() {
  impl_->Close();
}

Request MakeRequest(Method method, std::string path, std::string body) {
  Request request;
  request.method = method;
  request.path = std::move(path);
  request.body = std::move(body);
  return request;
}

}  // namespace cloison::net
