#include "sinks/consent.h"

#include <algorithm>

#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace cloison::sinks {

namespace {

std::string IdOf(std::uint64_t approval) {
  return "apr_" + std::to_string(approval);
}

}  // namespace

// The number begins again after a restore; with the time of the agreement it names one.
std::string ConsentId(const ConsentQuestion& question, const std::string& origin) {
  return origin + "/" + IdOf(question.approval) + "/" + std::to_string(question.stamp_ms);
}

std::string ConsentBody(const ConsentQuestion& question, const std::string& origin) {
  std::string body;
  codec::JsonWriter json(body);
  const auto seconds = [](std::int64_t ms) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, ms) / base::kSecondMs);
  };
  json.BeginObject().Key("type").String("erasure_due");
  json.Key("id").String(ConsentId(question, origin)).Key("register").String(origin);
  json.Key("approval").String(IdOf(question.approval));
  json.Key("organisation").Uint(question.organisation).Key("reason").String(question.reason);
  json.Key("asked").Uint(seconds(question.asked_ms));
  json.Key("agreed").Uint(seconds(question.agreed_ms));
  json.Key("due").Uint(seconds(question.due_ms)).EndObject();
  return body;
}

Result<bool> ReadConsent(ByteView body, std::uint64_t approval, std::string_view id) {
  constexpr Error kNone{Code::kUnavailable, "what came is no answer about the erasure"};
  static constexpr std::string_view kKeys[] = {"id", "approval", "answer"};
  const Result<codec::JsonDocument> read = codec::JsonDocument::Parse(body);
  if (!read.ok() || !read->root().is_object() || !read->root().CheckKeys(kKeys).ok()) return kNone;
  const auto about = read->root().Find("approval"), answer = read->root().Find("answer");
  if (!about.has_value() || !answer.has_value() || about->string() != IdOf(approval)) return kNone;
  const auto asked = read->root().Find("id");
  if (!asked.has_value() || asked->string() != id) return kNone;
  if (answer->string() == "yes") return true;
  if (answer->string() == "no") return false;
  return kNone;
}

Consent::Consent(PostPlace place, std::string origin, std::unique_ptr<crypto::Signer> signer,
                 base::Clock& clock)
    : place_(std::move(place)),
      origin_(std::move(origin)),
      signer_(std::move(signer)),
      clock_(clock),
      client_(ClientTo(place_, stopped_), clock) {}

Result<bool> Consent::Ask(const ConsentQuestion& question) {
  if (stopped_) return Error{Code::kUnavailable, "the server stops"};
  const std::string id = ConsentId(question, origin_);
  const Result<net::Response> answer =
      PostSigned(client_, place_, *signer_, clock_, {id, ConsentBody(question, origin_)});
  if (!answer.ok()) return Error{Code::kUnavailable, "nobody could be asked"};
  if (answer->status != 200) {
    return Error{Code::kUnavailable, "who was asked gives no answer", answer->status};
  }
  return ReadConsent(AsBytes(answer->body), question.approval, id);
}

}  // namespace cloison::sinks
