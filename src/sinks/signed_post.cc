#include "sinks/signed_post.h"

#include "crypto/base64.h"

namespace cloison::sinks {

net::ClientOptions ClientTo(const PostPlace& place, const std::atomic<bool>& stopped) {
  net::ClientOptions client;
  client.host = place.url.host;
  client.port = place.url.port;
  client.plain = !place.url.https;
  client.older_tls = true;  // of others' servers
  client.ca_pem = place.ca_pem;
  client.connect_ms_max = place.answer_ms_max;
  client.answer_ms_max = place.answer_ms_max;
  client.send_ms_max = place.answer_ms_max;
  client.body_bytes_max = kAnswerBytesMax;
  client.cancelled = &stopped;
  return client;
}

Result<net::Response> PostSigned(net::HttpClient& client, const PostPlace& place,
                                 crypto::Signer& signer, const base::Clock& clock,
                                 PostMessage message) {
  const std::string time = std::to_string(clock.wall_ms() / base::kSecondMs);
  net::Request request =
      net::MakeRequest(net::Method::kPost, place.url.path, std::move(message.body));
  request.query = place.url.query;
  const std::string text = message.id + "." + time + "." + request.body;
  CLOISON_TRY_ASSIGN(const crypto::Ed25519Signature signature, signer.Sign(AsBytes(text)));
  request.headers.Add("content-type", "application/json");
  request.headers.Add("webhook-id", message.id);
  request.headers.Add("webhook-timestamp", time);
  request.headers.Add("webhook-signature", "v1a," + crypto::ToBase64(signature));
  client.Close();
  Result<net::Response> answer = client.Send(request);
  client.Close();
  return answer;
}

}  // namespace cloison::sinks
