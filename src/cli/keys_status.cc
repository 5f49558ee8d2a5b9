#include "cli/keys_status.h"

#include <CLI/CLI.hpp>

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

void KeysWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(shared);
  CLI::App* const keys = app.add_subcommand("keys", "look after the keys");
  keys->require_subcommand(1);
  CLI::App* const status =
      keys->add_subcommand("status", "which key objects there are, and who may read them");
  status->footer("Examples:\n  cloison keys status build/demo/keys");
  status->add_option("directory", options_.directory, "DIR of the key objects, if they are files");
  CLI::Option* const module =
      status->add_option("--module", options_.module, "LIBRARY of a token's maker (PKCS#11)");
  status->add_option("--token", options_.token, "its LABEL")->needs(module);
  status->add_option("--pin-file", options_.pin_file, "FILE of mode 0600 with its PIN")
      ->needs(module);
  shared_->add_output(status);
  status->callback([this] {
    shared_->run = [this] { return KeysStatus(options_, shared_->common, shared_->terminal); };
  });
}

}  // namespace cloison::cli
