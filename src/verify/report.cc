#include "verify/report.h"

#include "base/check.h"
#include "crypto/base64.h"

namespace cloison::verify {

std::string_view FaultName(FaultKind kind) {
  switch (kind) {
    case FaultKind::kUnreadable: return "unreadable";
    case FaultKind::kMissing: return "missing";
    case FaultKind::kLength: return "length";
    case FaultKind::kNote: return "note";
    case FaultKind::kSignature: return "signature";
    case FaultKind::kCosignature: return "cosignature";
    case FaultKind::kQuorum: return "quorum";
    case FaultKind::kEntry: return "entry";
    case FaultKind::kTile: return "tile";
    case FaultKind::kRoot: return "root";
    case FaultKind::kRolledBack: return "rolled_back";
    case FaultKind::kFork: return "fork";
    case FaultKind::kForm: return "form";
    case FaultKind::kOpening: return "opening";
    case FaultKind::kProof: return "proof";
    case FaultKind::kTag: return "tag";
    case FaultKind::kGap: return "gap";
    case FaultKind::kLater: return "later";
    case FaultKind::kScope: return "scope";
    case FaultKind::kStore: return "store";
  }
  CLOISON_CHECK(false);
}

void WriteReport(const Report& report, codec::JsonWriter& json) {
  json.Key("ok").Bool(report.ok()).Key("origin").String(report.origin);
  json.Key("size").Uint(report.head.size).Key("root").String(crypto::ToBase64(report.head.root));
  json.Key("entries").Uint(report.entries).Key("objects").Uint(report.objects);
  json.Key("cosigned").BeginArray();
  for (const Cosigned& by : report.cosigned) {
    json.BeginObject().Key("name").String(by.name).Key("time").Uint(by.time_s).EndObject();
  }
  json.EndArray().Key("fault");
  if (report.ok()) {
    json.Null();
    return;
  }
  const Fault& fault = *report.fault;
  json.BeginObject().Key("kind").String(FaultName(fault.kind)).Key("path").String(fault.path);
  json.Key("byte").Uint(fault.byte).Key("entry");
  if (fault.entry.has_value()) {
    json.Uint(*fault.entry);
  } else {
    json.Null();
  }
  json.Key("text").String(fault.text).EndObject();
}

std::string Describe(const Fault& fault) {
  std::string out = fault.path + ", byte " + std::to_string(fault.byte);
  if (fault.entry.has_value()) out += ", entry " + std::to_string(*fault.entry);
  return out + ": " + std::string(fault.text) + " (" + std::string(FaultName(fault.kind)) + ")";
}

}  // namespace cloison::verify
