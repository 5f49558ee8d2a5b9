#include "cli/keys_status.h"

#include "base/files.h"
#include "base/random.h"
#include "codec/json_writer.h"
#include "keys/pkcs11_key_objects.h"

namespace cloison::cli {

namespace {

struct Kind {
  std::string_view prefix;
  std::string_view meaning;
};
constexpr Kind kKinds[] = {
    {"root-", "root of a register"},
    {"epoch-", "wraps the keys of people"},
    {"month-", "wraps the records of a month"},
    {"hold-", "wraps the records of a hold"},
};

std::string_view MeaningOf(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (name.starts_with(kind.prefix)) return kind.meaning;
  }
  return "other";
}

Result<std::vector<std::string>> NamesOf(const KeysOptions& options) {
  base::SystemFiles files;
  base::SystemRandom random;
  if (options.module.empty()) {
    CLOISON_TRY_ASSIGN(const auto objects,
                       keys::FileKeyObjects::Open(files, random, options.directory, false));
    return objects->List();
  }
  CLOISON_TRY_ASSIGN(crypto::SecretBytes pin, keys::ReadPin(files, options.pin_file));
  CLOISON_TRY_ASSIGN(
      const auto objects,
      keys::Pkcs11KeyObjects::Open({options.module, options.token}, std::move(pin), random));
  return objects->List();
}

}  // namespace

ExitCode KeysStatus(const KeysOptions& options, const Common& common, const Terminal& terminal) {
  if (options.directory.empty() == options.module.empty()) {
    return Explain(Error{Code::kInvalid, "name the directory, or the module of a token"}, terminal);
  }
  const Result<std::vector<std::string>> names = NamesOf(options);
  if (!names.ok()) return Explain(names.error(), terminal);
  std::string out;
  codec::JsonWriter json(out);
  json.BeginObject().Key("objects").BeginArray();
  for (const std::string& name : *names) {
    json.BeginObject().Key("name").String(name).Key("meaning").String(MeaningOf(name)).EndObject();
    if (common.json) continue;
    const std::string gap(name.size() < 24 ? 24 - name.size() : 1, ' ');
    terminal.Line(name + (common.plain ? "\t" : gap) + std::string(MeaningOf(name)));
  }
  json.EndArray().EndObject();
  if (common.json) terminal.Line(out);
  if (names->empty()) {
    terminal.Note("no key object in " +
                  (options.module.empty() ? options.directory : "token " + options.token));
  }
  return names->empty() ? ExitCode::kNotFound : ExitCode::kDone;
}

}  // namespace cloison::cli
