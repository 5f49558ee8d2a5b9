// cloison keys status: the key objects of a directory, by kind. Their bytes are not read.
#include "base/files.h"
#include "base/random.h"
#include "cli/commands.h"
#include "codec/json_writer.h"
#include "keys/key_objects.h"

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

}  // namespace

ExitCode KeysStatus(const std::string& directory, const Common& common, const Terminal& terminal) {
  base::SystemFiles files;
  base::SystemRandom random;
  const auto objects = keys::FileKeyObjects::Open(files, random, directory, false);
  if (!objects.ok()) return Explain(objects.error(), terminal);
  const Result<std::vector<std::string>> names = (*objects)->List();
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
  if (names->empty()) terminal.Note("no key object in " + directory);
  return names->empty() ? ExitCode::kNotFound : ExitCode::kDone;
}

}  // namespace cloison::cli
