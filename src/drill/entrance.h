// The production sign-in, tried by who stole what travels of a session.
#ifndef CLOISON_DRILL_ENTRANCE_H_
#define CLOISON_DRILL_ENTRANCE_H_

#include <memory>
#include <optional>
#include <string>

#include "drill/stage.h"
#include "identity/production_sign_in.h"

namespace cloison::drill {

// With one application, registered by its certificate. Threads: one.
class Entrance {
 public:
  static Result<std::unique_ptr<Entrance>> Open(Stage& stage);

  // A session bound to the application's certificate: in how many of its ways in the thief, who
  // holds another key, got in; and whether the owner still does.
  struct Tried {
    std::uint64_t times = 0, entered = 0;
    bool owner = false;
  };
  Result<Tried> Try(const PrincipalId& who, identity::Actor actor);

 private:
  // Issuers' own tokens are no part of these thefts.
  class NoTokens final : public identity::SignIn {
   public:
    Result<identity::SignedIn> Verify(const identity::Presented&) override {
      return Error{Code::kDenied, "this issuer makes no tokens"};
    }
    Result<PrincipalId> Named(std::string_view) const override {
      return Error{Code::kInvalid, "this issuer makes no tokens"};
    }
  };
  Entrance(Stage& stage, identity::Issuers issuers);
  bool Enters(const std::string* authorization, std::optional<ByteArray<32>> certificate);

  const identity::Issuers issuers_;
  NoTokens tokens_;
  identity::Sessions sessions_;
  identity::DpopNonces nonces_;
  identity::DpopProofs proofs_;
  identity::ProductionSignIn sign_in_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_ENTRANCE_H_
