#include "cli/init_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

namespace {

CLI::App* Add(CLI::App& parent, const char* name, const char* help, const std::string& examples) {
  CLI::App* const word = parent.add_subcommand(name, help);
  word->footer("Examples\n" + examples);
  return word;
}

// Files of the configuration that have an option of their own: written down as absolute paths.
constexpr std::pair<const char*, const char*> kFiles[] = {
    {"policy", "FILE of the first policy"},
    {"schema", "FILE of the schema [job seekers]"},
    {"identity.issuers", "FILE: whose sign-ins count"},
    {"listen.certificate", "FILE: the server's certificate, PEM"},
    {"listen.private_key", "FILE: its key, PEM"},
    {"listen.client_ca", "FILE: authorities of applications' certificates, PEM"},
};

// "identity.issuers" -> "--issuers".
std::string OptionOf(std::string_view key) {
  std::string name = "--" + std::string(key.substr(key.find('.') + 1));
  if (key.find('.') == std::string_view::npos) name = "--" + std::string(key);
  for (char& c : name) c = c == '_' ? '-' : c;
  return name;
}

}  // namespace

void InitWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const init =
      Add(app, "init", "make the directories, keys and configuration of a register",
          "  cloison init --development /tmp/register\n"
          "  cloison init --development --schema mine.toml --policy mine-policy.toml \\\n"
          "    --principals mine-principals.toml /tmp/mine\n"
          "  cloison init statement /var/lib/cloison --plan founders.toml \\\n"
          "    --policy policy.toml --issuers issuers.toml --out bootstrap.txt\n"
          "  cloison init sign --key anna.key --policy policy.toml --schema job-seekers.toml \\\n"
          "    --yes bootstrap.txt\n"
          "  cloison init --production --note bootstrap.txt /var/lib/cloison");
  init->add_option("directory", options_.directory, "DIR; of development: new or empty");
  init->add_flag("--development", options_.development, "for invented people, on the loopback");
  init->add_flag("--production", options_.production, "by what two officers signed");
  init->add_option("--note", options_.note, "FILE: the statement with its signatures");
  init->add_option("--schema", options_.schema, "FILE, of development [job seekers]");
  init->add_option("--policy", options_.policy, "FILE, of development [the demo's]");
  init->add_option("--principals", options_.principals, "FILE, of development [nobody]");
  init->add_flag("--dry-run", options_.dry_run, "show what would be made");
  shared_->add_output(init);
  AddStatement(*init);
  AddSign(*init);
  init->callback([this, init] {
    if (!init->get_subcommands().empty()) return;
    shared_->run = [this] { return Init(options_, shared_->common, shared_->terminal); };
  });
}

void InitWords::AddStatement(CLI::App& init) {
  CLI::App* const word =
      Add(init, "statement", "make a production register's keys and what two officers sign",
          "  cloison init statement /var/lib/cloison --plan founders.toml --policy policy.toml \\\n"
          "    --issuers issuers.toml --out bootstrap.txt --set origin=vault.example/people");
  word->add_option("directory", statement_.directory, "DIR, new or empty, or made by this before")
      ->required();
  word->add_option("--plan", statement_.plan, "FILE: officers and first principals (TOML)")
      ->required();
  word->add_option("--out", statement_.statement, "FILE to write the statement to")->required();
  for (const auto& [name, help] : kFiles) {
    const auto chosen = [this, key = std::string(name)](const std::string& file) {
      statement_.files.emplace_back(key, file);
    };
    word->add_option_function<std::string>(OptionOf(name), chosen, help);
  }
  word->add_option("--set", statement_.settings, "KEY=VALUE of the configuration; several")
      ->expected(1)
      ->take_all();
  shared_->add_output(word);
  word->callback([this] {
    shared_->run = [this] { return InitStatement(statement_, shared_->common, shared_->terminal); };
  });
}

void InitWords::AddSign(CLI::App& init) {
  CLI::App* const word = Add(init, "sign", "sign the statement of a register that is to begin",
                             "  cloison init sign --key anna.key --policy policy.toml \\\n"
                             "    --schema job-seekers.toml --yes bootstrap.txt");
  word->add_option("--key", sign_.key, "FILE: the officer's key")->required();
  word->add_option("--policy", sign_.policy, "FILE: the policy that you read")->required();
  word->add_option("--schema", sign_.schema, "FILE: the schema that you read")->required();
  word->add_flag("--yes", sign_.yes, "sign it: without, who begins and the policy are shown alone");
  word->add_option("statement", sign_.statement, "FILE, signed in place")->required();
  word->callback([this] { shared_->run = [this] { return InitSign(sign_, shared_->terminal); }; });
}

}  // namespace cloison::cli
