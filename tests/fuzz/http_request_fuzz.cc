// A request is read the same however its bytes are cut (the first byte of the input is the size of
// the pieces), keeps what net/http.h promises of it, and is one request for another reader too:
// written down anew it is read as the same. What follows it is left alone.
#include <algorithm>
#include <string>

#include "net/internal/message.h"
#include "net/internal/parser.h"

namespace {

using namespace cloison;
using net::internal::Progress;
using net::internal::RequestParser;

constexpr net::internal::ParserLimits kLimits{2'048, 512};

struct Seen {
  Progress progress = Progress::kMore;
  std::size_t used = 0;
  int status = 0;
  net::Request request;
};

// As a connection does: what was not used is offered again with more behind it.
Seen Read(std::string_view text, std::size_t step) {
  RequestParser parser(kLimits);
  Seen seen;
  for (std::size_t end = 0; end < text.size() && seen.progress == Progress::kMore;) {
    end = std::min(end + step, text.size());
    std::size_t used = 0;
    seen.progress = parser.Put(text.substr(seen.used, end - seen.used), used);
    CLOISON_CHECK(used <= end - seen.used);
    seen.used += used;
  }
  if (seen.progress == Progress::kFailed) seen.status = parser.refusal().status;
  if (seen.progress == Progress::kDone) seen.request = parser.Take();
  return seen;
}

bool Same(const net::Request& a, const net::Request& b) {
  bool same = a.method == b.method && a.path == b.path && a.query == b.query && a.body == b.body &&
              a.headers.size() == b.headers.size();
  for (std::size_t i = 0; same && i < a.headers.size(); ++i) {
    same = a.headers.name(i) == b.headers.name(i) && a.headers.value(i) == b.headers.value(i);
  }
  return same;
}

bool IsPlain(std::string_view text, std::string_view without) {
  return std::all_of(text.begin(), text.end(), [without](char c) {
    return c > 0x20 && c < 0x7f && without.find(c) == std::string_view::npos;
  });
}

void CheckPromises(const net::Request& request) {
  CLOISON_CHECK(request.path.starts_with('/') && IsPlain(request.path, "?#"));
  CLOISON_CHECK(IsPlain(request.query, "#"));
  CLOISON_CHECK(request.body.size() <= kLimits.body_bytes_max);
  CLOISON_CHECK(request.headers.size() <= net::kHeaderFieldsMax);
  CLOISON_CHECK(CanTravel(request.headers));
  for (const std::string_view once : {"host", "authorization", "content-type", "content-length",
                                      "dpop", "idempotency-key", "transfer-encoding"}) {
    CLOISON_CHECK(request.headers.count(once) <= 1);
  }
  const auto coding = request.headers.find("transfer-encoding");
  CLOISON_CHECK(!coding.has_value() || !request.headers.find("content-length").has_value());
}

void CheckWrittenAnew(const net::Request& request) {
  net::Request plain;
  plain.method = request.method;
  plain.path = request.path;
  plain.query = request.query;
  plain.body = request.body;
  const std::string_view own[] = {"host", "content-length", "transfer-encoding", "connection"};
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const std::string_view name = request.headers.name(i);
    if (std::find(std::begin(own), std::end(own), name) != std::end(own)) continue;
    plain.headers.Add(name, request.headers.value(i));
  }
  std::string text;
  net::internal::AppendRequestHead(text, plain, "h");
  if (text.size() > kLimits.header_bytes_max) return;
  text += plain.body;
  const Seen seen = Read(text, text.size());
  CLOISON_CHECK(seen.progress == Progress::kDone && seen.used == text.size());
  plain.headers.Clear();  // the order may have changed; path, query and body may not
  CLOISON_CHECK(seen.request.method == plain.method && seen.request.path == plain.path);
  CLOISON_CHECK(seen.request.query == plain.query && seen.request.body == plain.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text = AsText({data + 1, size - 1});
  const Seen whole = Read(text, text.size());
  const Seen cut = Read(text, std::size_t{data[0]} + 1);
  // What is wrong in two ways is refused for what is seen first, or once the header is whole.
  for (const Seen* seen : {&whole, &cut}) {
    const bool refused = seen->progress == Progress::kFailed;
    CLOISON_CHECK(!refused || (seen->status >= 400 && seen->status < 500));
  }
  CLOISON_CHECK((whole.progress == Progress::kDone) == (cut.progress == Progress::kDone));
  if (whole.progress != Progress::kDone) return 0;
  CLOISON_CHECK(whole.used == cut.used && Same(whole.request, cut.request));
  CLOISON_CHECK(text.find("\r\n\r\n") + 4 <= kLimits.header_bytes_max);
  CheckPromises(whole.request);
  const Seen alone = Read(text.substr(0, whole.used), whole.used);
  CLOISON_CHECK(alone.progress == Progress::kDone && Same(alone.request, whole.request));
  CheckWrittenAnew(whole.request);
  return 0;
}
