#include "sinks/webhook.h"

#include "crypto/base64.h"
#include "sinks/alarm_text.h"

namespace cloison::sinks {

namespace {

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
      client_(ClientTo(options_, stopped_), clock) {}

Status Webhook::Give(const access::Alarm& alarm) {
  const Result<net::Response> answer =
      PostSigned(client_, options_, *signer_, clock_,
                 {AlarmUid(alarm, options_.origin), OcsfEvent(alarm, options_.origin)});
  // Not theirs to refuse: a name, an authority, a body that is too large.
  if (!answer.ok()) return Error{Code::kUnavailable, "the receiver cannot be asked"};
  return Judge(answer->status);
}

std::string WebhookKeyText(const crypto::Ed25519PublicKey& key) {
  return "whpk_" + crypto::ToBase64(key);
}

}  // namespace cloison::sinks
