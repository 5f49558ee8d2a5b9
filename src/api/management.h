// The management listener (loopback, plain HTTP): /livez, /readyz, /metrics, POST /freezes while
// the register does not serve, POST /unfreezes while it does.
//
// Metrics are our own counters in the Prometheus text format, prefix cloison_; their labels come
// from closed sets. Nothing here names a person, a principal or an address.
#ifndef CLOISON_API_MANAGEMENT_H_
#define CLOISON_API_MANAGEMENT_H_

#include <functional>

#include "api/service.h"
#include "net/server.h"

namespace cloison::api {

struct ManagementParts {
  Service& service;
  // Outlive the handler; may be null while they do not exist.
  const store::Store* main_store = nullptr;
  const store::Store* key_store = nullptr;
  std::function<const net::ServerStats*()> listener;              // of the API; may give null
  std::function<const net::ServerStats*()> public_listener = {};  // for strangers; likewise
  // Takes a freeze that an officer signed (server/signed_freezes.h); null: there is no such way.
  std::function<Status(std::string note)> freeze = nullptr;
  // Lifts freezes by a note of two officers (ledger/unfreeze_statement.h); null: likewise.
  // False: it did before, and lifts nothing again.
  std::function<Task<Result<bool>>(std::string note)> unfreeze = nullptr;
};

class Management final : public net::Handler {
 public:
  explicit Management(ManagementParts parts) : parts_(std::move(parts)) {}
  Task<net::Response> Handle(net::Request request) override;

  // Unsealed, ledger writable, store answering.
  bool Ready() const;
  std::string Metrics() const;

 private:
  net::Response Freeze(net::Request& request);
  Task<net::Response> Unfreeze(net::Request& request);

  ManagementParts parts_;
};

}  // namespace cloison::api

#endif  // CLOISON_API_MANAGEMENT_H_
