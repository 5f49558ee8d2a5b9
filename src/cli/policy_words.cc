#include "cli/policy_words.h"

#include <CLI/CLI.hpp>

#include "cli/policy_sign.h"

namespace cloison::cli {

namespace {

CLI::App* Add(CLI::App& parent, const char* name, const char* help, const std::string& examples) {
  CLI::App* const word = parent.add_subcommand(name, help);
  word->footer("Examples\n" + examples);
  return word;
}

}  // namespace

void PolicyWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const policy =
      app.add_subcommand("policy", "check, compare, sign and change the policy");
  policy->require_subcommand(1);
  AddFiles(*policy);
  AddSign(*policy);
  AddRequests(*policy);
}

void PolicyWords::Runs(CLI::App* word, Command command) {
  shared_->add_output(word);
  word->callback([this, command] {
    shared_->run = [this, command] {
      return command(options_, shared_->common, shared_->terminal);
    };
  });
}

void PolicyWords::AddFiles(CLI::App& policy) {
  CLI::App* const check =
      Add(policy, "check", "say what is wrong with a policy, by line",
          "  cloison policy check policy.toml --schema schemas/job-seekers.toml");
  check->add_option("file", options_.file, "FILE")->required();
  CLI::App* const diff = Add(policy, "diff", "say who gains and who loses what",
                             "  cloison policy diff old.toml new.toml");
  diff->add_option("old", options_.file, "FILE")->required();
  diff->add_option("new", options_.other, "FILE")->required();
  for (CLI::App* const word : {check, diff}) {
    word->add_option("--schema", options_.schema, "FILE of the register's schema");
  }
  Runs(check, PolicyCheck);
  Runs(diff, PolicyDiff);
}

void PolicyWords::AddSign(CLI::App& policy) {
  CLI::App* const sign =
      Add(policy, "sign", "sign the statement of another policy; two officers do",
          "  cloison policy sign --key anna.key --in-force old.toml new.toml \\\n"
          "    --statement policy-2.txt");
  sign->add_option("--key", sign_.key, "FILE: the officer's key")->required();
  sign->add_option("--in-force", sign_.in_force, "FILE: the policy in force")->required();
  sign->add_option("file", sign_.file, "FILE: the one to follow it")->required();
  sign->add_option("--schema", sign_.schema, "FILE of the register's schema");
  sign->add_option("--founders", founders_, "FILE: who begins the organisations that it brings");
  sign->add_option("--statement", sign_.statement, "FILE, made or signed in place")->required();
  sign->callback([this] {
    shared_->run = [this] { return PolicySign(sign_, founders_, shared_->terminal); };
  });
}

void PolicyWords::AddRequests(CLI::App& policy) {
  CLI::App* const preview =
      Add(policy, "preview", "count what a policy would have decided otherwise lately",
          "  cloison policy preview new.toml --days 7 --as officer.security");
  preview->add_option("file", options_.file, "FILE")->required();
  preview->add_option("--days", options_.days, "back from now [7]")->check(CLI::Range(1, 31));
  CLI::App* const propose =
      Add(policy, "propose", "ask for a signed policy to take effect",
          "  cloison policy propose new.toml --statement policy-2.txt --reason ticket-9 \\\n"
          "    --as officer.security");
  propose->add_option("file", options_.file, "FILE")->required();
  propose->add_option("--statement", options_.statement, "FILE: what two officers signed")
      ->required();
  propose->add_option("--reason", options_.reason, "for the record")->required();
  CLI::App* const show = Add(policy, "show", "print a version of the policy",
                             "  cloison policy show 2 --as officer.security");
  show->add_option("version", options_.version, "number, from 1")
      ->required()
      ->check(CLI::Range(std::uint32_t{1}, UINT32_MAX));
  Runs(preview, PolicyPreview);
  Runs(propose, PolicyPropose);
  Runs(show, PolicyShow);
  for (CLI::App* const word : {preview, propose, show}) shared_->add_connection(word);
}

}  // namespace cloison::cli
