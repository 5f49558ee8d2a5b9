#include "sinks/webhook.h"

#include "crypto/base64.h"
#include "sinks/alarm_text.h"

namespace cloison::sinks {

namespace {

net::ClientOptions ClientOf(const WebhookOptions& options, const std::atomic<bool>& stopped) {
  net::ClientOptions client;
  client.host = options.url.host;
  client.port = options.url.port;
  client.plain = !options.url.https;
  client.older_tls = true;  // of others' servers
  client.ca_pem = options.ca_pem;
  client.connect_ms_max = options.answer_ms_max;
  client.answer_ms_max = options.answer_ms_max;
  client.body_bytes_max = kAnswerBytesMax;
  client.cancelled = &stopped;
  return client;
}

// Those that speak of the alarm itself. The rest speaks of the receiver, or of how it is reached,
// which somebody mends: alarms wait meanwhile.
bool RefusesThisOne(int status) {
  return status == 400 || status == 409 || status == 413 || status == 415 || status == 422;
}

Status Judge(int status) {
  if (status >= 200 && status < 300) return Ok();
  if (RefusesThisOne(status)) return Error{Code::kDenied, "the receiver refuses an alarm", status};
  return Error{Code::kUnavailable, "the receiver takes no alarm", status};
}

}  // namespace

Webhook::Webhook(WebhookOptions options, std::unique_ptr<crypto::Signer> signer, base::Clock& clock)
    : options_(std::move(options)),
      signer_(std::move(signer)),
      clock_(clock),
      client_(ClientOf(options_, stopped_), clock) {}

Status Webhook::Give(const access::Alarm& alarm) {
  const std::string id = AlarmUid(alarm, options_.origin);
  const std::string time = std::to_string(clock_.wall_ms() / base::kSecondMs);
  net::Request request =
      net::MakeRequest(net::Method::kPost, options_.url.path, OcsfEvent(alarm, options_.origin));
  request.query = options_.url.query;
  const std::string text = id + "." + time + "." + request.body;
  CLOISON_TRY_ASSIGN(const crypto::Ed25519Signature signature, signer_->Sign(AsBytes(text)));
  request.headers.Add("content-type", "application/json");
  request.headers.Add("webhook-id", id);
  request.headers.Add("webhook-timestamp", time);
  request.headers.Add("webhook-signature", "v1a," + crypto::ToBase64(signature));
  // Each on a connection of its own: alarms are rare, and a POST on one that the receiver closed
  // meanwhile would have failed.
  client_.Close();
  const Result<net::Response> answer = client_.Send(request);
  client_.Close();
  // Not theirs to refuse: a name, an authority, a body that is too large.
  if (!answer.ok()) return Error{Code::kUnavailable, "the receiver cannot be asked"};
  return Judge(answer->status);
}

std::string WebhookKeyText(const crypto::Ed25519PublicKey& key) {
  return "whpk_" + crypto::ToBase64(key);
}

}  // namespace cloison::sinks
