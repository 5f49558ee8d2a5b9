// A configuration that is accepted keeps its rules, and written down it reads as itself.
//
//   input   environment (a length byte and a value) ‖ flag (the same, "name=value") ‖ file
#include <string>
#include <vector>

#include "server/config.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;

Result<server::Config> Read(std::string_view toml, const server::Environment& environment,
                            const server::Overrides& overrides) {
  std::vector<std::string> problems;
  auto config = server::MakeConfig("file", toml, environment, overrides, problems);
  CLOISON_CHECK(config.ok() == problems.empty());
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  const std::string value(AsText(fuzz::TakePart(input)));
  const std::string flag(AsText(fuzz::TakePart(input)));
  const auto environment = [&value](const std::string& name) -> std::optional<std::string> {
    if (value.empty() || (name.size() + static_cast<std::size_t>(value[0])) % 4 != 0) return {};
    return value.substr(1);
  };
  const std::size_t equals = std::min(flag.find('='), flag.size());
  server::Overrides overrides;
  if (equals < flag.size()) overrides = {{flag.substr(0, equals), flag.substr(equals + 1)}};
  const auto config = Read(AsText(input.rest()), environment, overrides);
  if (!config.ok()) {
    CLOISON_CHECK(config.error().code() == Code::kInvalid);
    return 0;
  }
  CLOISON_CHECK(config->development() || config->mode == "production");
  CLOISON_CHECK(!config->development() || server::IsLoopback(config->address));
  CLOISON_CHECK(config->port >= 0 && config->port <= 65'535);
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const std::string text = server::ConfigText(*config);
  const auto again = Read(text, nothing, {});
  CLOISON_CHECK(again.ok() && server::ConfigText(*again) == text);
  return 0;
}
