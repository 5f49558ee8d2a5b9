// The configuration of the server: flags over environment over file over built-in. One table of
// keys decides what all three accept; an unknown key is answered by the nearest known one.
//
//   file         [listen] port = 8443         environment  CLOISON_LISTEN_PORT=8443
//   flag         --set listen.port=8443
//
// Secrets are never values here, only paths of files.
#ifndef CLOISON_SERVER_CONFIG_H_
#define CLOISON_SERVER_CONFIG_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/erasures.h"
#include "access/holds.h"
#include "api/service.h"
#include "base/result.h"

namespace cloison::server {

struct Config {
  std::string mode = "production";  // or "development"
  std::string origin = "cloison.example/job-seekers";
  std::string data = "/var/lib/cloison/data";
  std::string key_objects = "/var/lib/cloison/key-objects";  // outside every backup
  std::string pkcs11_module;    // "": key objects are files; else the library of the token's maker
  std::string pkcs11_token;     // its label
  std::string pkcs11_pin_file;  // mode 0600
  std::string schema;           // "": the built-in register
  std::string policy;           // "": the demo's policy
  std::string credentials;      // of development mode
  std::string principals;       // of development mode: who is enrolled at the start; "": nobody
  std::string address = "127.0.0.1";
  std::int64_t port = 8443;
  std::int64_t management_port = 9443;
  std::string public_address = "127.0.0.1";
  std::int64_t public_port = -1;  // -1: no listener for strangers
  std::int64_t public_tls = 1;    // 0: plain HTTP, on the loopback alone
  std::int64_t threads = 0;       // 0: as many as cores
  std::int64_t connections_max = 10'000;
  std::int64_t drain_ms = 10'000;
  std::int64_t answer_tick_ms = api::kAnswerTickMsDefault;
  std::int64_t cache_mib = 256;
  std::int64_t record_months = access::kRecordMonthsMax;  // then a month's records expire
  std::string witness_policy;                             // "": no witnesses
  std::string witness_ca;                                 // "": the system's authorities
  std::int64_t witness_interval_ms = 1'000;
  std::int64_t witness_start_ms = 5'000;
  std::string record_reason = "misuse of a register is found out late: 3 years at most";
  std::string backup_directory;         // of a running server's own backups
  std::int64_t backup_every_hours = 0;  // 0: none
  std::int64_t backup_keep_days = 35;   // how long any backup is kept
  std::string alarms_ocsf_file;         // where alarms are delivered to; "": not there
  std::string alarms_syslog;
  std::string alarms_syslog_ca;  // "": the system's authorities
  std::string alarms_webhook;
  std::string alarms_webhook_key;  // 32 bytes, mode 0600
  std::string alarms_webhook_ca;
  std::int64_t erasure_delay_days = 0;                      // from the agreement on; 0: at once
  std::int64_t erasures_per_day = access::kErasuresPerDay;  // of one organisation
  std::string erasure_hook;                                 // who must say yes before; "": nobody
  std::string erasure_hook_key;                             // 32 bytes, mode 0600
  std::string erasure_hook_ca;
  std::int64_t export_delay_hours = 24;  // from the agreement to the first part
  std::int64_t epoch_days = 7;           // 0: the epoch stays
  std::string decoy_nir_orders;          // "311-314,655-655"; "": of the generator's own people
  std::string decoy_phone_prefixes;  // "+3363998,+33170...": lines that the organisation answers
  std::string decoy_email_domains;   // "mail.example,...": mailboxes of the organisation's own
  std::int64_t decoy_seed = 1;       // of the generator: a synthetic register's own
  std::string recovery_officers;     // a file of vkeys; "": no ceremony can be held
  std::string issuers;               // of production mode: whose sign-ins count
  std::string public_url;            // of production mode: "https://vault.example"
  std::string certificate;           // of production mode: the server's, PEM, leaf first
  std::string private_key;
  std::string client_ca;  // the authorities of applications' certificates; "": none is taken

  bool development() const { return mode == "development"; }
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
using Overrides = std::vector<std::pair<std::string, std::string>>;  // "listen.port", "8443"

// `problems` gets lines for the operator; kInvalid then. `file_name` is for those lines alone.
Result<Config> MakeConfig(std::string_view file_name, std::string_view toml,
                          const Environment& environment, const Overrides& overrides,
                          std::vector<std::string>& problems);
// A commented file that holds `config`.
std::string ConfigText(const Config& config);
bool IsLoopback(std::string_view address);  // 127.0.0.0/8 or ::1

}  // namespace cloison::server

#endif  // CLOISON_SERVER_CONFIG_H_
