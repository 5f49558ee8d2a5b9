// cloisond schema: the text of the schema that a stopped register keeps, for whoever has lost the
// file. Run by `cloison schema print`.
#include <cstdio>

#include "server/modes.h"
#include "server/node.h"
#include "server/serve.h"
#include "vault/kept_schema.h"

namespace cloison::server {

namespace {

Result<records::SchemaState> Read(Ground& ground) {
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(false));
  const RegisterId of = ground.settings([] {}).schema->register_id();
  return base::SyncWait(vault::ReadKeptSchema(ground.environment(), of));
}

// Empty: there is none.
std::string TextOf(const records::SchemaState& kept, SchemaArguments::Which which) {
  switch (which) {
    case SchemaArguments::Which::kInForce:
      return kept.in_force.has_value() ? kept.in_force->document : std::string();
    case SchemaArguments::Which::kAgreed:
      return kept.agreed.has_value() ? kept.agreed->document : std::string();
    case SchemaArguments::Which::kBefore:
      return kept.in_force.has_value() ? kept.in_force->before : std::string();
  }
  return {};
}

}  // namespace

int RunSchema(const SchemaArguments& arguments) {
  base::NullEventSink events;
  const std::unique_ptr<Ground> ground =
      LoadGround(arguments.config_file, arguments.overrides, events);
  if (ground == nullptr || !HasRegister(*ground)) return kExitUsage;
  const Result<records::SchemaState> kept = Read(*ground);
  if (!kept.ok()) {
    PrintProblems({"the schema cannot be read: " + std::string(kept.error().text())});
    if (kept.error().code() == Code::kConflict) return kExitExists;
    return kept.error().code() == Code::kUnavailable ? kExitUnavailable : kExitFailure;
  }
  const std::string text = TextOf(*kept, arguments.which);
  if (text.empty()) {
    PrintProblems({"the register keeps no such schema"});
    return kExitFailure;
  }
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) PrintProblems({"the schema cannot be written"});
  return written ? 0 : kExitFailure;
}

}  // namespace cloison::server
