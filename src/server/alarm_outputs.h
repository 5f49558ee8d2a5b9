// The outputs of alarms that the configuration names, each with its courier.
#ifndef CLOISON_SERVER_ALARM_OUTPUTS_H_
#define CLOISON_SERVER_ALARM_OUTPUTS_H_

#include <memory>
#include <string>
#include <vector>

#include "api/alarm_outputs.h"
#include "server/node.h"
#include "sinks/courier.h"

namespace cloison::server {

class AlarmCouriers final : public api::AlarmOutputs {
 public:
  // Of a ground and a vault that outlive it. `problems` gets lines for the operator; kInvalid then.
  static Result<std::unique_ptr<AlarmCouriers>> Start(Ground& ground, vault::Vault& vault,
                                                      std::vector<std::string>& problems);
  std::vector<api::AlarmOutput> Standings() const override;
  // They give nothing more.
  void Stop();

 private:
  std::string webhook_key_;
  std::vector<std::unique_ptr<sinks::Courier>> couriers_;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_ALARM_OUTPUTS_H_
