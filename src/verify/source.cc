#include "verify/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/url.h"
#include "verify/log.h"

namespace cloison::verify {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

Status ReadAll(int file, Bytes& out) {
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = ::read(file, out.data() + have, out.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{Code::kUnavailable, "a file cannot be read", errno};
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return Ok();
}

}  // namespace

Status DirectorySource::Read(const std::string& path, std::size_t bytes_max, Bytes& out) {
  // Not blocking: the name may lead to a pipe that nobody writes to.
  const Descriptor file(
      ::open((directory_ + "/" + path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    if (absent) return Error{Code::kNotFound, "no such file"};
    return Error{Code::kUnavailable, "a file cannot be opened", errno};
  }
  struct stat info{};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Error{Code::kCorrupt, "not a regular file"};
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > bytes_max) return Error{Code::kExhausted, "a file is larger than its limit"};
  out.resize(size);
  return ReadAll(file.get(), out);
}

Result<std::unique_ptr<UrlSource>> UrlSource::Make(std::string_view url, const UrlOptions& options,
                                                   base::Clock& clock) {
  CLOISON_TRY_ASSIGN(net::Url parsed, net::ParseUrl(url));
  if (!parsed.query.empty()) return Error{Code::kInvalid, "a log's URL has no query"};
  net::ClientOptions client;
  client.host = std::move(parsed.host);
  client.port = parsed.port;
  client.plain = !parsed.https;
  client.ca_pem = options.ca_pem;
  client.answer_ms_max = options.answer_ms_max;
  client.connect_ms_max = options.answer_ms_max;
  client.body_bytes_max = kBundleBytesMax;
  while (parsed.path.ends_with('/')) parsed.path.pop_back();
  return std::unique_ptr<UrlSource>(
      new UrlSource(std::move(parsed.path), std::move(client), clock));
}

Status UrlSource::Read(const std::string& path, std::size_t bytes_max, Bytes& out) {
  net::Request request = net::MakeRequest(net::Method::kGet, prefix_ + "/" + path);
  request.headers.Add("accept-encoding", "identity");
  const Result<net::Response> answer = client_.Send(request);
  if (!answer.ok()) return answer.error();
  if (answer->status == 404 || answer->status == 410) {
    return Error{Code::kNotFound, "the server has no such object", answer->status};
  }
  if (answer->status >= 300 && answer->status < 400) {
    return Error{Code::kCorrupt, "the server sends elsewhere; that is not followed",
                 answer->status};
  }
  if (answer->status != 200) {
    return Error{Code::kUnavailable, "the server gives no object", answer->status};
  }
  const auto encoding = answer->headers.find("content-encoding");
  if (encoding.has_value() && *encoding != "identity") {
    return Error{Code::kCorrupt, "the server packs what was asked for unpacked"};
  }
  if (answer->body.size() > bytes_max) {
    return Error{Code::kExhausted, "an object is larger than its limit"};
  }
  out.assign(answer->body.begin(), answer->body.end());
  return Ok();
}

}  // namespace cloison::verify
