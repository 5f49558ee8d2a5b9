// cloison ledger unseal: asks for a sealed access to be brought to the trail of its person.
#include "cli/approval.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

std::string BodyOf(const UnsealOptions& options) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("index").Uint(options.index);
  if (!options.log.empty()) json.Key("log").String(options.log);
  json.Key("reason").String(options.reason).EndObject();
  return body;
}

}  // namespace

ExitCode LedgerUnseal(const UnsealOptions& options, const Common& common,
                      const Terminal& terminal) {
  return SendForApproval({"/v1/unsealings", BodyOf(options)}, options.dry_run, common, terminal);
}

}  // namespace cloison::cli
