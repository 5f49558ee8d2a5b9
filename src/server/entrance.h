// Who may come in, and by what TLS: development's credentials, or production's providers and files.
#ifndef CLOISON_SERVER_ENTRANCE_H_
#define CLOISON_SERVER_ENTRANCE_H_

#include <memory>
#include <string>
#include <vector>

#include "api/production_desk.h"
#include "identity/development.h"
#include "net/server.h"
#include "server/node.h"

namespace cloison::server {

inline constexpr std::size_t kPemFileBytesMax = 1u << 20;

class Entrance {
 public:
  // `names`: the principals of development. kInvalid, and what is wrong in `problems`.
  static Result<std::unique_ptr<Entrance>> Make(Ground& ground,
                                                const std::vector<std::string>& names,
                                                std::vector<std::string>& problems);

  identity::SignIn& sign_in() const;
  api::ProductionDesk* production() const { return production_.get(); }  // null in development
  // Of the API's listener; strangers get the same certificate and are asked for none.
  const net::TlsServerOptions& tls() const { return tls_; }

 private:
  Status MakeDevelopment(Ground& ground, const std::vector<std::string>& names,
                         std::vector<std::string>& problems);
  Status MakeProduction(Ground& ground, std::vector<std::string>& problems);

  std::unique_ptr<identity::DevelopmentSignIn> development_;
  std::unique_ptr<api::ProductionDesk> production_;
  net::TlsServerOptions tls_;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_ENTRANCE_H_
