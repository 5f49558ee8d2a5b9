#include "server/config.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <variant>

#include "access/exports.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "codec/toml_reader.h"

namespace cloison::server {

namespace {

using codec::TomlTable;
using Member = std::variant<std::string Config::*, std::int64_t Config::*>;

struct KeySpec {
  std::string_view section;  // "": top level
  std::string_view key;
  Member member;
  codec::TomlRange range;  // of a number
  std::string_view about;
};

const KeySpec kKeys[] = {
    {"", "mode", &Config::mode, {0, 0}, "development or production"},
    {"", "origin", &Config::origin, {0, 0}, "name of the ledger"},
    {"", "data", &Config::data, {0, 0}, "directory of both databases"},
    {"", "key_objects", &Config::key_objects, {0, 0}, "directory of keys, in no backup"},
    {"", "schema", &Config::schema, {0, 0}, "schema of the register; empty: job seekers"},
    {"", "policy", &Config::policy, {0, 0}, "policy; empty: the demo's"},
    {"", "credentials", &Config::credentials, {0, 0}, "certificates and tokens of development"},
    {"",
     "principals",
     &Config::principals,
     {0, 0},
     "file of who is enrolled at the start, of development; empty: nobody"},
    {"pkcs11",
     "module",
     &Config::pkcs11_module,
     {0, 0},
     "library of a token's maker: keys are made there, and key_objects is not used"},
    {"pkcs11", "token", &Config::pkcs11_token, {0, 0}, "its label"},
    {"pkcs11", "pin_file", &Config::pkcs11_pin_file, {0, 0}, "its PIN, in a file of mode 0600"},
    {"listen", "address", &Config::address, {0, 0}, "numeric address of the API"},
    {"listen", "port", &Config::port, {0, 65'535}, "0: any free one"},
    {"listen", "threads", &Config::threads, {0, 256}, "0: as many as cores"},
    {"listen", "connections_max", &Config::connections_max, {1, 1'000'000}, "then closed"},
    {"listen", "drain_ms", &Config::drain_ms, {0, 600'000}, "for requests in flight at a stop"},
    {"listen",
     "answer_tick_ms",
     &Config::answer_tick_ms,
     {0, api::kAnswerTickMsMax},
     "a refusal leaves a whole number of these after its request; 0: at once"},
    {"listen", "certificate", &Config::certificate, {0, 0}, "of production: PEM, leaf first"},
    {"listen", "private_key", &Config::private_key, {0, 0}, "of production: its key, PEM"},
    {"listen",
     "client_ca",
     &Config::client_ca,
     {0, 0},
     "of production: authorities of applications' certificates; empty: none is taken"},
    {"identity", "issuers", &Config::issuers, {0, 0}, "of production: whose sign-ins count"},
    {"identity",
     "public_url",
     &Config::public_url,
     {0, 0},
     "of production: https://host or https://host:port, where browsers find this server"},
    {"management", "port", &Config::management_port, {0, 65'535}, "on the loopback"},
    {"public",
     "address",
     &Config::public_address,
     {0, 0},
     "numeric address of the ledger's readers"},
    {"public", "port", &Config::public_port, {-1, 65'535}, "-1: none; 0: any free one"},
    {"public", "tls", &Config::public_tls, {0, 1}, "0: plain HTTP, on the loopback alone"},
    {"ledger",
     "record_months",
     &Config::record_months,
     {access::kRecordMonthsMin, access::kRecordMonthsMax},
     "records of entries expire after as many months; the tree stays"},
    {"ledger", "record_reason", &Config::record_reason, {0, 0}, "why so long; goes on record"},
    {"ledger",
     "witness_policy",
     &Config::witness_policy,
     {0, 0},
     "trust policy with the witnesses and their URLs; empty: none are asked"},
    {"ledger", "witness_ca", &Config::witness_ca, {0, 0}, "their authorities; empty: system's"},
    {"ledger",
     "witness_interval_ms",
     &Config::witness_interval_ms,
     {10, 3'600'000},
     "between two checkpoints that one witness is offered"},
    {"ledger",
     "witness_start_ms",
     &Config::witness_start_ms,
     {1, 600'000},
     "how long a start waits for their word, all together"},
    {"ledger",
     "recovery_officers",
     &Config::recovery_officers,
     {0, 0},
     "file of the vkeys of who may sign a recovery, one a line; empty: nobody"},
    {"backup",
     "directory",
     &Config::backup_directory,
     {0, 0},
     "where a running server puts its own"},
    {"backup", "every_hours", &Config::backup_every_hours, {0, 8'760}, "0: none"},
    {"backup",
     "keep_days",
     &Config::backup_keep_days,
     {1, 3'650},
     "how long any backup is kept: then the keys it needs are destroyed"},
    {"alarms",
     "ocsf_file",
     &Config::alarms_ocsf_file,
     {0, 0},
     "events of OCSF, a line each; empty: none"},
    {"alarms",
     "syslog",
     &Config::alarms_syslog,
     {0, 0},
     "local:/dev/log, tcp:127.0.0.1:601 or tls:host:6514; empty: none"},
    {"alarms", "syslog_ca", &Config::alarms_syslog_ca, {0, 0}, "authorities; empty: system's"},
    {"alarms", "webhook", &Config::alarms_webhook, {0, 0}, "https URL; empty: none"},
    {"alarms",
     "webhook_key",
     &Config::alarms_webhook_key,
     {0, 0},
     "file of 32 random bytes, mode 0600, that sign"},
    {"alarms", "webhook_ca", &Config::alarms_webhook_ca, {0, 0}, "authorities; empty: system's"},
    {"erasure",
     "delay_days",
     &Config::erasure_delay_days,
     {0, access::kErasureDelayDaysMax},
     "between agreement and erasure, to be stopped in; 0: none"},
    {"erasure",
     "per_day",
     &Config::erasures_per_day,
     {1, access::kErasuresPerDayMax},
     "of one organisation, within 24 hours; more wait"},
    {"erasure", "hook", &Config::erasure_hook, {0, 0}, "https URL that must say yes; empty: none"},
    {"erasure",
     "hook_key",
     &Config::erasure_hook_key,
     {0, 0},
     "file of 32 random bytes, mode 0600, that sign"},
    {"erasure", "hook_ca", &Config::erasure_hook_ca, {0, 0}, "authorities; empty: system's"},
    {"export",
     "delay_hours",
     &Config::export_delay_hours,
     {access::kExportDelayMinMs / base::kHourMs, access::kExportDelayMaxMs / base::kHourMs},
     "between agreement and the first part, to be stopped in"},
    {"keys",
     "epoch_days",
     &Config::epoch_days,
     {0, 366},
     "then people's keys are wrapped anew; 0: never"},
    {"decoys",
     "nir_orders",
     &Config::decoy_nir_orders,
     {0, 0},
     "order numbers that are never issued: 311-314,655-655; empty: of synthetic registers"},
    {"decoys",
     "phone_prefixes",
     &Config::decoy_phone_prefixes,
     {0, 0},
     "of lines that the organisation answers: +3363998,+3317012"},
    {"decoys",
     "email_domains",
     &Config::decoy_email_domains,
     {0, 0},
     "of mailboxes that the organisation reads: mail.example,post.example"},
    {"decoys", "seed", &Config::decoy_seed, {0, INT64_MAX}, "of a synthetic register"},
    {"store", "cache_mib", &Config::cache_mib, {8, 1 << 20}, "of the main database"},
};

std::span<const KeySpec> Keys() {
  return kKeys;
}

std::string DottedName(const KeySpec& spec) {
  if (spec.section.empty()) return std::string(spec.key);
  return std::string(spec.section) + "." + std::string(spec.key);
}

std::string EnvironmentName(const KeySpec& spec) {
  std::string name = "CLOISON_" + DottedName(spec);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    if (c == '.') return '_';
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return name;
}

// One value as text, from the environment or a flag.
std::optional<std::string> SetText(Config& config, const KeySpec& spec, const std::string& text) {
  if (const auto* member = std::get_if<std::string Config::*>(&spec.member)) {
    config.*(*member) = text;
    return std::nullopt;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < spec.range.min || number > spec.range.max) {
    return DottedName(spec) + " is a whole number from " + std::to_string(spec.range.min) + " to " +
           std::to_string(spec.range.max);
  }
  config.*std::get<std::int64_t Config::*>(spec.member) = number;
  return std::nullopt;
}

void ReadKey(Config& config, const KeySpec& spec, const TomlTable& table,
             codec::Diagnostics& problems) {
  constexpr auto kOptional = codec::Need::kOptional;
  if (const auto* member = std::get_if<std::string Config::*>(&spec.member)) {
    auto text = codec::ReadString(table, spec.key, kOptional, problems);
    if (text.has_value()) config.*(*member) = std::move(*text);
    return;
  }
  const auto number = codec::ReadInt(table, spec.key, kOptional, spec.range, problems);
  if (number.has_value()) config.*std::get<std::int64_t Config::*>(spec.member) = *number;
}

void ReadSection(Config& config, std::string_view section, const TomlTable& table,
                 codec::Diagnostics& problems) {
  std::vector<std::string_view> allowed;
  for (const KeySpec& spec : Keys()) {
    if (spec.section == section) allowed.push_back(spec.key);
    const bool begins = std::find(allowed.begin(), allowed.end(), spec.section) == allowed.end();
    if (section.empty() && !spec.section.empty() && begins) allowed.push_back(spec.section);
  }
  codec::CheckKeys(table, allowed, problems);
  for (const KeySpec& spec : Keys()) {
    if (spec.section == section) ReadKey(config, spec, table, problems);
  }
}

void ReadFile(Config& config, std::string_view file_name, std::string_view toml,
              std::vector<std::string>& lines) {
  codec::Diagnostics problems;
  const std::optional<TomlTable> file = codec::ParseToml(toml, problems);
  if (file.has_value()) {
    ReadSection(config, "", *file, problems);
    std::string_view section;
    for (const KeySpec& spec : Keys()) {
      if (spec.section == section) continue;
      section = spec.section;
      const TomlTable* table = codec::ReadTable(*file, section, codec::Need::kOptional, problems);
      if (table != nullptr) ReadSection(config, section, *table, problems);
    }
  }
  if (!problems.empty()) lines.push_back(problems.Text(file_name));
}

void Override(Config& config, const std::string& name, const std::string& value,
              std::vector<std::string>& problems) {
  std::vector<std::string> names;
  for (const KeySpec& spec : Keys()) {
    names.push_back(DottedName(spec));
    if (names.back() != name) continue;
    if (const auto problem = SetText(config, spec, value)) problems.push_back(*problem);
    return;
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  std::string line = "unknown key '" + name + "'";
  const std::string_view nearest = base::NearestName(name, known);
  if (!nearest.empty()) line += "; the nearest is '" + std::string(nearest) + "'";
  problems.push_back(line);
}

// What ConfigText can write down so that it reads the same.
bool IsPlain(std::string_view text) {
  const bool signs = std::all_of(text.begin(), text.end(), [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  return signs && !base::FirstInvalidUtf8(text).has_value();
}

void Check(const Config& config, std::vector<std::string>& problems) {
  for (const KeySpec& spec : Keys()) {
    const auto* member = std::get_if<std::string Config::*>(&spec.member);
    if (member == nullptr || IsPlain(config.*(*member))) continue;
    problems.push_back(DottedName(spec) +
                       " is UTF-8 without quotes, backslashes and control characters");
  }
  if (config.mode != "development" && config.mode != "production") {
    problems.push_back("mode is development or production");
  }
  if (config.development() && !IsLoopback(config.address)) {
    problems.push_back("development mode listens on the loopback alone");
  }
  if (config.development() && !IsLoopback(config.public_address)) {
    problems.push_back("development mode has its public listener on the loopback alone");
  }
  if (config.public_tls == 0 && !IsLoopback(config.public_address)) {
    problems.push_back("public.tls is 0 on the loopback alone");
  }
  if (!config.development() && !config.principals.empty()) {
    problems.push_back("principals are of development mode: in production two officers sign");
  }
  if (config.development() && config.credentials.empty()) {
    problems.push_back("development mode needs credentials, a directory");
  }
  if (!config.development() && config.answer_tick_ms == 0) {
    problems.push_back("listen.answer_tick_ms is 0 in development mode alone");
  }
  if (config.record_reason.empty() || config.record_reason.size() > ledger::kCaseRefBytesMax) {
    problems.push_back("ledger.record_reason has 1 to 128 bytes");
  }
  const bool token = !config.pkcs11_module.empty();
  if (token != !config.pkcs11_token.empty() || token != !config.pkcs11_pin_file.empty()) {
    problems.push_back("pkcs11 has module, token and pin_file, or none of them");
  }
  if (config.data.empty() || config.key_objects.empty()) {
    problems.push_back("data and key_objects are directories");
  }
}

}  // namespace

bool IsLoopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.");
}

Result<Config> MakeConfig(std::string_view file_name, std::string_view toml,
                          const Environment& environment, const Overrides& overrides,
                          std::vector<std::string>& problems) {
  Config config;
  ReadFile(config, file_name, toml, problems);
  for (const KeySpec& spec : Keys()) {
    const std::optional<std::string> value = environment(EnvironmentName(spec));
    if (!value.has_value()) continue;
    if (const auto problem = SetText(config, spec, *value)) {
      problems.push_back(EnvironmentName(spec) + ": " + *problem);
    }
  }
  for (const auto& [name, value] : overrides) Override(config, name, value, problems);
  Check(config, problems);
  if (!problems.empty()) return Error{Code::kInvalid, "the configuration has faults"};
  return config;
}

std::string ConfigText(const Config& config) {
  std::string text = "# The configuration of cloisond. Flags and CLOISON_... variables go first.\n";
  std::string_view section;
  for (const KeySpec& spec : Keys()) {
    if (spec.section != section) text += "\n[" + std::string(spec.section) + "]\n";
    section = spec.section;
    text += "# " + std::string(spec.about) + "\n" + std::string(spec.key) + " = ";
    if (const auto* member = std::get_if<std::string Config::*>(&spec.member)) {
      text += "\"" + config.*(*member) + "\"\n";
    } else {
      text += std::to_string(config.*std::get<std::int64_t Config::*>(spec.member)) + "\n";
    }
  }
  return text;
}

}  // namespace cloison::server
