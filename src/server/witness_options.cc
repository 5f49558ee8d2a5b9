#include "server/witness_options.h"

#include "base/utf8.h"

namespace cloison::server {
namespace {

constexpr Error kFaults{Code::kInvalid, "the witnesses' policy has faults"};

// What status and metrics show has to be text.
bool NamesAreText(const tlog::TrustPolicy& policy, const std::string& path,
                  std::vector<std::string>& problems) {
  for (const tlog::TrustedWitness& witness : policy.witnesses()) {
    if (!base::FirstInvalidUtf8(witness.name).has_value()) continue;
    problems.push_back(path + ": the name of a witness is not UTF-8");
    return false;
  }
  return true;
}

}  // namespace

Result<std::optional<ledger::WitnessOptions>> ReadWitnesses(const Config& config,
                                                            base::Files& files,
                                                            std::vector<std::string>& problems) {
  const std::string& path = config.witness_policy;
  if (path.empty()) return std::optional<ledger::WitnessOptions>();
  const Result<Bytes> text = files.Read(path);
  if (!text.ok()) {
    problems.push_back(path + ": cannot be read");
    return text.error();
  }
  const Result<tlog::TrustPolicy> policy = tlog::TrustPolicy::Parse(AsText(*text));
  if (!policy.ok()) {
    problems.push_back(path + ":" + std::to_string(policy.error().detail()) + ": " +
                       std::string(policy.error().text()));
    return kFaults;
  }
  const Status placed = ledger::CheckPlaces(*policy);
  if (!placed.ok()) {
    problems.push_back(path + ": witness number " + std::to_string(placed.error().detail()) + ": " +
                       std::string(placed.error().text()));
    return kFaults;
  }
  if (!NamesAreText(*policy, path, problems)) return kFaults;
  ledger::WitnessOptions options{*policy, {}};
  if (!config.witness_ca.empty()) {
    const Result<Bytes> ca = files.Read(config.witness_ca);
    if (!ca.ok()) {
      problems.push_back(config.witness_ca + ": cannot be read");
      return ca.error();
    }
    options.ca_pem = AsText(*ca);
  }
  options.interval_ms = config.witness_interval_ms;
  options.start_ms_max = config.witness_start_ms;
  return std::optional(std::move(options));
}

}  // namespace cloison::server
