#include "server/alarm_outputs.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "access/cases.h"
#include "server/signed_calls.h"
#include "sinks/line_file.h"
#include "sinks/syslog.h"
#include "sinks/webhook.h"

namespace cloison::server {

namespace {

constexpr Error kFaults{Code::kInvalid, "the outputs of alarms have faults"};
constexpr std::size_t kHostBytesMax = 255;  // RFC 5424 section 6

std::string HostName() {
  std::array<char, kHostBytesMax + 1> name{};
  if (::gethostname(name.data(), kHostBytesMax) != 0) return {};
  const std::string text = name.data();
  const bool fit = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
  return fit ? text : "";
}

// Reads what the configuration names, and says what is wrong with it.
class Reader {
 public:
  Reader(Ground& ground, std::vector<std::string>& problems)
      : ground_(ground), config_(ground.config()), problems_(problems) {}

  std::unique_ptr<sinks::Output> LineFile() {
    if (config_.alarms_ocsf_file.empty()) return nullptr;
    const std::string directory = base::DirectoryOf(config_.alarms_ocsf_file);
    const Result<base::FileInfo> info = ground_.files().Stat(directory);
    if (!config_.alarms_ocsf_file.starts_with('/') || !info.ok() || !info->is_directory) {
      Fault("alarms.ocsf_file: a whole path in a directory that is there");
    }
    return std::make_unique<sinks::LineFile>(ground_.files(), config_.alarms_ocsf_file,
                                             config_.origin);
  }

  std::unique_ptr<sinks::Output> Syslog() {
    if (config_.alarms_syslog.empty()) return nullptr;
    const Result<sinks::SyslogPlace> place = sinks::ParseSyslogPlace(config_.alarms_syslog);
    if (!place.ok()) {
      Fault("alarms.syslog: " + std::string(place.error().text()));
      return nullptr;
    }
    return std::make_unique<sinks::Syslog>(
        sinks::SyslogOptions{*place, TextOf(config_.alarms_syslog_ca), config_.origin, HostName()},
        ground_.clock());
  }

  // `key` becomes what a receiver checks with.
  std::unique_ptr<sinks::Output> Webhook(std::string& key) {
    if (config_.alarms_webhook.empty()) return nullptr;
    std::optional<SignedCall> call =
        ReadSignedCall(ground_,
                       {config_.alarms_webhook, config_.alarms_webhook_key,
                        config_.alarms_webhook_ca, "alarms.webhook"},
                       problems_);
    if (!call.has_value()) return nullptr;
    key = sinks::WebhookKeyText(call->signer->public_key());
    sinks::WebhookOptions options{std::move(call->place), config_.origin};
    return std::make_unique<sinks::Webhook>(std::move(options), std::move(call->signer),
                                            ground_.clock());
  }

 private:
  void Fault(std::string line) { problems_.push_back(std::move(line)); }

  std::string TextOf(const std::string& path) {
    if (path.empty()) return {};
    const Result<Bytes> bytes = ground_.files().Read(path);
    if (!bytes.ok()) Fault(path + ": cannot be read");
    return bytes.ok() ? std::string(AsText(*bytes)) : "";
  }

  Ground& ground_;
  const Config& config_;
  std::vector<std::string>& problems_;
};

}  // namespace

Result<std::unique_ptr<AlarmCouriers>> AlarmCouriers::Start(Ground& ground, vault::Vault& vault,
                                                            std::vector<std::string>& problems) {
  const std::size_t before = problems.size();
  auto started = std::make_unique<AlarmCouriers>();
  Reader reader(ground, problems);
  std::vector<std::unique_ptr<sinks::Output>> outputs;
  outputs.push_back(reader.LineFile());
  outputs.push_back(reader.Syslog());
  outputs.push_back(reader.Webhook(started->webhook_key_));
  if (problems.size() != before) return kFaults;
  std::erase(outputs, nullptr);
  if (outputs.empty()) return started;
  access::Alarms alarms = vault.gate().cases().alarms();
  const std::string directory = ground.config().data + "/alarms";
  CLOISON_TRY(base::MakeDirectoryDurably(ground.files(), directory, 0700));
  for (std::unique_ptr<sinks::Output>& output : outputs) {
    const sinks::ReadAlarms read = [alarms](std::uint64_t after, std::size_t count) mutable {
      return base::SyncWait(alarms.Stored(after, count));
    };
    const int place = static_cast<int>(started->couriers_.size()) + 1;
    const std::string path = directory + "/" + std::string(output->name());
    Result<std::unique_ptr<sinks::Courier>> courier =
        sinks::Courier::Start(std::move(output), place,
                              {read, alarms.bell(), ground.files(), ground.events(), directory});
    if (!courier.ok()) {
      problems.push_back(path + ": " + std::string(courier.error().text()));
      return courier.error();
    }
    started->couriers_.push_back(std::move(*courier));
  }
  return started;
}

void AlarmCouriers::Stop() {
  for (const auto& courier : couriers_) courier->Stop();
}

std::vector<api::AlarmOutput> AlarmCouriers::Standings() const {
  std::vector<api::AlarmOutput> all;
  for (const std::unique_ptr<sinks::Courier>& courier : couriers_) {
    const sinks::Standing one = courier->standing();
    const std::string key = one.name == "webhook" ? webhook_key_ : "";
    all.push_back({one.name, one.position.number, one.set_aside, one.failing, key});
  }
  return all;
}

}  // namespace cloison::server
