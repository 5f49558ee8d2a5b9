#include "cli/principal_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

using Verb = PrincipalOptions::Verb;

CLI::App* PrincipalWords::AddVerb(const char* name, const char* help, const char* example,
                                  Verb verb) {
  CLI::App* const word = principal_->add_subcommand(name, help);
  word->footer("Examples\n" + std::string(example));
  word->add_option("principal", options_.principal, "the account's name")->required();
  word->add_flag("--dry-run", options_.dry_run, "show the request, send nothing");
  shared_->add_output(word);
  shared_->add_connection(word);
  word->callback([this, verb] {
    options_.verb = verb;
    shared_->run = [this] { return Principal(options_, shared_->common, shared_->terminal); };
  });
  return word;
}

void PrincipalWords::AddStanding(CLI::App* command) {
  command->add_option("--office", options_.office, "NUMBER of the office");
  command->add_option("--manager", options_.manager, "ACCOUNT above this one, or none");
  command->add_option("--expires", options_.expires, "TIME when the enrolment ends, or none");
  command->add_option("--reason", options_.reason, "for the record")->required();
}

void PrincipalWords::AddRequests() {
  CLI::App* const enrol = AddVerb(
      "enrol", "ask for an account to become a principal",
      "  cloison principal enrol adviser.new --role adviser --office 101 --manager manager.b \\\n"
      "    --expires 2027-12-31T00:00:00Z --reason HR-2042 --as manager.a",
      Verb::kEnrol);
  enrol->add_option("--role", options_.role, "of the policy")->required();
  enrol->add_option("--human", options_.human, "your REFERENCE of the human behind it");
  AddStanding(enrol);
  CLI::App* const change =
      AddVerb("change", "ask for another role, office, manager or end",
              "  cloison principal change adviser.ft --office 102 --reason HR-2041 \\\n"
              "    --as manager.a",
              Verb::kChange);
  change->add_option("--role", options_.role, "of the policy");
  AddStanding(change);
  CLI::App* const expire =
      AddVerb("expire", "ask for the end of an enrolment",
              "  cloison principal expire adviser.ft --at 2027-01-31T00:00:00Z \\\n"
              "    --reason HR-2043 --as manager.a",
              Verb::kExpire);
  expire->add_option("--at", options_.expires, "TIME")->required();
  expire->add_option("--reason", options_.reason, "for the record")->required();
}

void PrincipalWords::AddRaise() {
  CLI::App* const raise = AddVerb(
      "raise", "ask for caps that are higher for a while",
      "  cloison principal raise adviser.ft --cap opened/day=300 --cap opened/hour=120 \\\n"
      "    --until 2027-01-31T00:00:00Z --reason 'plant closure in Belfort' --as manager.a\n"
      "Counters: opened, opened_off_caseload, sensitive, glimpsed, glimpsed_off_caseload.\n"
      "Windows: hour, day, week, month. Caps are at most three times the class's own, for at\n"
      "most 31 days; those of one raise take the place of all that there were.",
      Verb::kRaise);
  raise->add_option("--cap", options_.caps, "COUNTER/WINDOW=PEOPLE; may be repeated")
      ->required()
      ->expected(1)
      ->take_all();
  raise->add_option("--until", options_.expires, "TIME when they end")->required();
  raise->add_option("--reason", options_.reason, "for the record")->required();
}

void PrincipalWords::AddActivity() {
  CLI::App* const activity =
      AddVerb("activity", "what an account did in a period, entry by entry; an entry itself",
              "  cloison principal activity adviser.ft --from 2024-02-06T00:00:00Z \\\n"
              "    --until 2024-03-06T00:00:00Z --as officer.security\n"
              "People are pseudonyms, the same in all answers to one officer.",
              Verb::kActivity);
  activity->add_option("--from", options_.from, "TIME")->required();
  activity->add_option("--until", options_.until, "TIME")->required();
}

void PrincipalWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  principal_ = app.add_subcommand("principal", "who may use the register, and how much");
  principal_->footer("Examples\n  cloison principal freeze adviser.ft --as officer.security");
  principal_->require_subcommand(1);
  AddRequests();
  AddRaise();
  AddVerb("show", "who an account is here, and what it may do",
          "  cloison principal show adviser.ft --as manager.a", Verb::kShow);
  AddActivity();
  AddVerb("freeze", "stop an account at once; takes one person",
          "  cloison principal freeze adviser.ft --as officer.security", Verb::kFreeze)
      ->add_option("--reason", options_.reason, "after exit 4: ask who enrols to agree to it");
  AddVerb("unfreeze", "ask for a frozen account to work again",
          "  cloison principal unfreeze adviser.ft --as officer.security", Verb::kUnfreeze);
}

}  // namespace cloison::cli
