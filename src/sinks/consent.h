// The yes of somebody outside, without which an erasure that is due does not happen: a signed
// request as in webhook.h, and an answer that says so in words.
//
//   POST {"type":"erasure_due","id":"cloison.example/job-seekers/apr_12/77",
//         "register":"cloison.example/job-seekers","approval":"apr_12","organisation":1,
//         "reason":"RGPD-17-0042","asked":...,"agreed":...,"due":...}
//   200  {"id":"cloison.example/job-seekers/apr_12/77","approval":"apr_12","answer":"yes"}
//        or "no", which denies it
//
// Nothing of the person is sent: `reason` is in the officers' words, a file that both sides have.
// Everything else is no answer: another status, a redirect, which is not followed, another
// approval, a page that answers 200 to all. Who gets no answer asks again later; nothing opens by
// waiting. The id is the webhook's: a number comes again after a restore, and an answer about who
// had it before is none about who has it now.
//
// Threads  Ask: one caller. Cost: one connection, at most answer_ms_max after its name was found.
#ifndef CLOISON_SINKS_CONSENT_H_
#define CLOISON_SINKS_CONSENT_H_

#include <memory>

#include "sinks/signed_post.h"

namespace cloison::sinks {

struct ConsentQuestion {
  std::uint64_t approval = 0;
  std::uint32_t organisation = 0;
  std::string reason;
  std::int64_t asked_ms = 0, agreed_ms = 0, due_ms = 0;  // of the wall; sent in seconds
  // When it was agreed to, by a clock that is not set: the same however often it is asked.
  std::int64_t stamp_ms = 0;
};
std::string ConsentId(const ConsentQuestion& question, const std::string& origin);
std::string ConsentBody(const ConsentQuestion& question, const std::string& origin);
// True: yes; false: no. kUnavailable: it is neither, or about another question.
Result<bool> ReadConsent(ByteView body, std::uint64_t approval, std::string_view id);

class Consent {
 public:
  Consent(PostPlace place, std::string origin, std::unique_ptr<crypto::Signer> signer,
          base::Clock& clock);
  // As ReadConsent. kUnavailable: nobody could be asked, or what came is no answer; `detail` is the
  // status.
  Result<bool> Ask(const ConsentQuestion& question);
  // Whoever waits for an answer waits no more; from any thread.
  void Stop() { stopped_ = true; }

 private:
  const PostPlace place_;
  const std::string origin_;
  const std::unique_ptr<crypto::Signer> signer_;
  base::Clock& clock_;
  std::atomic<bool> stopped_ = false;
  net::HttpClient client_;
};

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_CONSENT_H_
