// Alarms as HTTPS requests, signed: POST of one event of OCSF each, as Standard Webhooks have it.
//
//   webhook-id         uid of the alarm: the same however often it comes, so that it counts once
//   webhook-timestamp  seconds of the wall when this try was made: an old one can be refused
//   webhook-signature  "v1a," ‖ base64( Ed25519( id ‖ "." ‖ timestamp ‖ "." ‖ body ) )
//
// Signed with a private key, so whoever checks holds nothing that signs
// (docs/design/0025-alarms.md).
//
// 2xx: taken. 400, 409, 413, 415, 422: this one is refused. What else there is, also a redirect,
// which is not followed, and no answer in time: to be tried again. Of an answer nothing but its
// status is looked at, and no more than kAnswerBytesMax are taken.
//
// Source  Standard Webhooks 1.0.0 ("Signature scheme", "Asymmetric").
#ifndef CLOISON_SINKS_WEBHOOK_H_
#define CLOISON_SINKS_WEBHOOK_H_

#include <memory>

#include "sinks/output.h"
#include "sinks/signed_post.h"

namespace cloison::sinks {

struct WebhookOptions : PostPlace {
  std::string origin;
};

class Webhook final : public Output {
 public:
  Webhook(WebhookOptions options, std::unique_ptr<crypto::Signer> signer, base::Clock& clock);

  std::string_view name() const override { return "webhook"; }
  Status Give(const access::Alarm& alarm) override;
  void Stop() override { stopped_ = true; }

 private:
  const WebhookOptions options_;
  const std::unique_ptr<crypto::Signer> signer_;
  base::Clock& clock_;
  std::atomic<bool> stopped_ = false;
  net::HttpClient client_;
};

// "whpk_" and base64: what a receiver checks with.
std::string WebhookKeyText(const crypto::Ed25519PublicKey& key);

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_WEBHOOK_H_
