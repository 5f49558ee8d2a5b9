#include "ledger/internal/witness_link.h"

#include <utility>

#include "net/url.h"

namespace cloison::ledger::internal {
namespace {

bool IsLoopback(std::string_view host) {
  const bool digits = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (digits && host.starts_with("127."));
}

net::ClientOptions With(net::ClientOptions client, const WitnessLink::Limits& limits) {
  client.ca_pem = limits.ca_pem;
  client.connect_ms_max = limits.answer_ms_max;
  client.answer_ms_max = limits.answer_ms_max;
  client.body_bytes_max = tlog::kNoteBytesMax;
  client.cancelled = limits.cancelled;
  return client;
}

}  // namespace

Result<WitnessPlace> PlaceOf(const std::string& url) {
  const Result<net::Url> parsed = net::ParseUrl(url);
  const bool secure = parsed.ok() && (parsed->https || IsLoopback(parsed->host));
  if (!secure || !parsed->query.empty()) {
    return Error{Code::kInvalid, "a witness has an https URL, or an http one on the loopback"};
  }
  WitnessPlace place;
  place.client.host = parsed->host;
  place.client.port = parsed->port;
  place.client.plain = !parsed->https;
  place.prefix = parsed->path;
  while (place.prefix.ends_with('/')) place.prefix.pop_back();
  return place;
}

WitnessLink::WitnessLink(WitnessPlace place, const Limits& limits, base::Clock& clock)
    : prefix_(std::move(place.prefix)), client_(With(std::move(place.client), limits), clock) {}

Result<net::Response> WitnessLink::Send(const net::Request& request) {
  Result<net::Response> answer = client_.Send(request);
  status_ = answer.ok() ? answer->status : 0;
  return answer;
}

Result<tlog::WitnessAnswer> WitnessLink::Offer(const tlog::AddCheckpoint& request) {
  const net::Request call = net::MakeRequest(net::Method::kPost, prefix_ + "/add-checkpoint",
                                             tlog::PrintAddCheckpoint(request));
  CLOISON_TRY_ASSIGN(const net::Response answer, Send(call));
  return tlog::ParseWitnessAnswer(answer.status, answer.headers.get("content-type"), answer.body);
}

std::optional<tlog::Head> WitnessLink::Shown(const tlog::VerifierKey& key) {
  const net::Request call =
      net::MakeRequest(net::Method::kGet, prefix_ + tlog::WitnessedPath(key.name()));
  const Result<net::Response> answer = Send(call);
  if (!answer.ok() || answer->status != 200) return std::nullopt;
  const Result<tlog::Checkpoint> shown = tlog::OpenCheckpoint(answer->body, key);
  if (!shown.ok()) return std::nullopt;
  return shown->head;
}

}  // namespace cloison::ledger::internal
