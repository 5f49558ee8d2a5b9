#include "cli/caseload_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

namespace {

CLI::App* Add(CLI::App& parent, const char* name, const char* help,
              const std::string& examples = {}) {
  CLI::App* const word = parent.add_subcommand(name, help);
  if (!examples.empty()) word->footer("Examples\n" + examples);
  return word;
}

}  // namespace

void CaseloadWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  AddCaseload(app);
  AddExplained(app);
}

void CaseloadWords::Runs(CLI::App* command, ExplainedOptions::Does does) {
  command->add_flag("--dry-run", explained_.dry_run, "show the request, send nothing");
  shared_->add_output(command);
  shared_->add_connection(command);
  command->callback([this, does] {
    explained_.does = does;
    shared_->run = [this] { return Explained(explained_, shared_->common, shared_->terminal); };
  });
}
void CaseloadWords::AddPeople(CLI::App* command) {
  command->add_option("person", explained_.people, "CODE of a person; several")
      ->required()
      ->expected(1, 500);
  command->add_option("--agent", explained_.agent, "NAME of who is to follow, or to open")
      ->required();
}
void CaseloadWords::AddOnePerson(CLI::App* command) {
  command->add_option("person", explained_.people, "CODE of the person")->required()->expected(1);
  command->add_option("--reason", explained_.reason, "in a few words, for the record")->required();
}

void CaseloadWords::AddCaseload(CLI::App& app) {
  using Does = ExplainedOptions::Does;
  CLI::App* caseload = Add(app, "caseload", "whom agents follow");
  caseload->require_subcommand(1);
  CLI::App* assign = Add(*caseload, "assign", "put people on a caseload, or take them off",
                         "  cloison caseload assign 7KQ2-9TZD-1H7V-CX2M --agent adviser.ft \\\n"
                         "    --as app.case");
  AddPeople(assign);
  assign->add_option("--until", explained_.until, "time when it ends");
  assign->add_flag("--remove", explained_.remove, "take them off");
  Runs(assign, Does::kAssign);
  CLI::App* confirm =
      Add(*caseload, "confirm", "say that who was put on a caseload belongs there",
          "  cloison caseload confirm 7KQ2-9TZD-1H7V-CX2M --agent adviser.ft --as manager.a");
  AddPeople(confirm);
  Runs(confirm, Does::kConfirm);
  CLI::App* transfer = Add(*caseload, "transfer", "ask for a whole caseload to go to others",
                           "  cloison caseload transfer adviser.ft --to adviser.ft.002 \\\n"
                           "    --to adviser.ft.003 --reason HR-2044 --as manager.a");
  transfer->add_option("agent", explained_.agent, "NAME of who follows them now")->required();
  transfer->add_option("--to", explained_.takers, "NAME of who is to follow; may be repeated")
      ->required()
      ->expected(1)
      ->take_all();
  transfer->add_option("--reason", explained_.reason, "for the record")->required();
  Runs(transfer, Does::kTransfer);
  Runs(Add(*caseload, "show", "the own caseload, masked; twice a day",
           "  cloison caseload show --as adviser.ft"),
       Does::kShow);
}

void CaseloadWords::AddCard(CLI::App* command, const char* name, const char* key,
                            const char* help) {
  const auto given = [this, key](const std::string& value) {
    explained_.card.emplace_back(key, value);
  };
  command->add_option_function<std::string>(name, given, help);
}

void CaseloadWords::AddExplained(CLI::App& app) {
  using Does = ExplainedOptions::Does;
  CLI::App* explain = Add(app, "explain", "say why an agent may open people",
                          "  cloison explain 7KQ2-9TZD-1H7V-CX2M --agent adviser.ft \\\n"
                          "    --kind ticket --reference T-2031 --as app.case");
  AddPeople(explain);
  explain->add_option("--kind", explained_.kind, "roster, ticket, appointment, contact or cover")
      ->required()
      ->check(CLI::IsMember({"roster", "ticket", "appointment", "contact", "cover"}));
  explain->add_option("--until", explained_.until, "time when it ends");
  explain->add_option("--reference", explained_.reference, "of the ticket, for the record");
  Runs(explain, Does::kExplain);
  CLI::App* presence =
      Add(app, "presence", "say that a person stands before an agent",
          "  cloison presence 7KQ2-9TZD-1H7V-CX2M --agent adviser.ft \\\n"
          "    --proof card --as app.case\n"
          "  cloison presence --nir - --agent adviser.ft --proof card --as app.case\n"
          "A value on the command line stands in the process list for everybody\n"
          "to see: - reads it from standard input.");
  presence->add_option("person", explained_.people, "CODE of the person, or what the card says")
      ->expected(0, 1);
  AddCard(presence, "--nir", "nir", "social-security number of the card, or -");
  AddCard(presence, "--phone", "phone", "telephone that the code went to, or -");
  AddCard(presence, "--email", "email", "e-mail address that it went to, or -");
  AddCard(presence, "--agency-id", "agency_id", "France Travail identifier, or -");
  AddCard(presence, "--birth-date", "birth_date", "beside it, where several share it, or -");
  presence->add_option("--agent", explained_.agent, "NAME of whom they stand before")->required();
  presence->add_option("--proof", explained_.proof, "card, read; or one_time_code, checked")
      ->required()
      ->check(CLI::IsMember({"card", "one_time_code"}));
  presence->add_option("--until", explained_.until, "time when it ends");
  Runs(presence, Does::kPresence);
  CLI::App* emergency = Add(app, "emergency", "emergencies, and what was found of them");
  emergency->require_subcommand(1);
  CLI::App* declare = Add(*emergency, "declare", "declare one of your own",
                          "  cloison emergency declare 7KQ2-9TZD-1H7V-CX2M \\\n"
                          "    --reason 'a call of the emergency service' --as adviser.ft");
  AddOnePerson(declare);
  Runs(declare, Does::kDeclare);
  Runs(Add(*emergency, "list", "those that nobody has looked at"), Does::kReviews);
  CLI::App* close = Add(*emergency, "close", "say what was found",
                        "  cloison emergency close rev_4711 --as manager.a");
  close->add_option("review", explained_.review, "NAME, as the list has it")->required();
  close->add_flag("--unjustified", explained_.unjustified, "there was none");
  Runs(close, Does::kClose);
  CLI::App* access = Add(app, "access", "people who are not available");
  access->require_subcommand(1);
  CLI::App* ask = Add(*access, "ask", "ask somebody else for one; answered as an approval",
                      "  cloison access ask 7KQ2-9TZD-1H7V-CX2M --reason 'sent by Lyon' \\\n"
                      "    --as adviser.ft");
  AddOnePerson(ask);
  Runs(ask, Does::kAskAccess);
}

}  // namespace cloison::cli
