// cloisond verify-store: what the store keeps of people, held against what the ledger says was done
// last (vault/audit.h). Run by `cloison verify --store`; the register must be stopped.
#include <cstdio>

#include "codec/json_writer.h"
#include "crypto/base64.h"
#include "server/modes.h"
#include "server/serve.h"
#include "tlog/checkpoint.h"
#include "vault/audit.h"

namespace cloison::server {

namespace {

void Write(const vault::StoreFault& fault, codec::JsonWriter& json) {
  json.BeginObject().Key("kind").String("store").Key("path").String(fault.place);
  json.Key("byte").Uint(0).Key("entry");
  if (fault.entry.has_value()) {
    json.Uint(*fault.entry);
  } else {
    json.Null();
  }
  json.Key("text").String(fault.text).EndObject();
}

std::string JsonOf(const vault::StoreReport& report) {
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("ok").Bool(!report.fault.has_value());
  json.Key("size").Uint(report.head.size);
  json.Key("people").Uint(report.people).Key("loaded").Uint(report.loaded);
  json.Key("expired").Uint(report.expired).Key("pages").Uint(report.pages);
  json.Key("postings").Uint(report.postings).Key("hints").Uint(report.hints);
  json.Key("unnamed").Uint(report.unnamed).Key("fault");
  if (!report.fault) {
    json.Null();
  } else {
    Write(*report.fault, json);
  }
  json.Key("faults").Uint(report.faults).Key("others").BeginArray();
  for (const vault::StoreFault& fault : report.others) Write(fault, json);
  json.EndArray().EndObject();
  return out;
}

Result<vault::StoreReport> Audit(Ground& ground, std::optional<tlog::Head> published) {
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(false));
  return base::SyncWait(
      vault::AuditStore(ground.environment(), ground.settings([] {}), std::move(published)));
}

// "10:<root in base64>"; nothing for another text.
std::optional<tlog::Head> ParseHead(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {};
  // A checkpoint has the same rules for both; any origin does.
  const auto checkpoint =
      tlog::ParseCheckpoint("x\n" + text.substr(0, colon) + "\n" + text.substr(colon + 1) + "\n");
  if (!checkpoint.ok()) return {};
  return checkpoint->head;
}

}  // namespace

int RunVerifyStore(const VerifyStoreArguments& arguments) {
  std::optional<tlog::Head> published;
  if (!arguments.published.empty()) {
    published = ParseHead(arguments.published);
    if (!published) {
      PrintProblems({"--published: not SIZE:ROOT"});
      return kExitUsage;
    }
  }
  base::NullEventSink events;
  const std::unique_ptr<Ground> ground =
      LoadGround(arguments.config_file, arguments.overrides, events);
  if (ground == nullptr || !HasRegister(*ground)) return kExitUsage;
  const Result<vault::StoreReport> report = Audit(*ground, std::move(published));
  if (!report.ok()) {
    PrintProblems({"the store cannot be verified: " + std::string(report.error().text())});
    if (report.error().code() == Code::kConflict) return kExitExists;
    return report.error().code() == Code::kCorrupt ? kExitFailure : kExitUnavailable;
  }
  std::printf("%s\n", JsonOf(*report).c_str());
  return report->fault.has_value() ? kExitFailure : 0;
}

}  // namespace cloison::server
