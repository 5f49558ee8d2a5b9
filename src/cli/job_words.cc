#include "cli/job_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

namespace {

CLI::App* Add(CLI::App& parent, const char* name, const char* help, const std::string& examples) {
  CLI::App* const word = parent.add_subcommand(name, help);
  word->footer("Examples\n" + examples);
  return word;
}

}  // namespace

void JobWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const job =
      app.add_subcommand("job", "bulk work that two officers agreed to, sealed to a recipient");
  job->require_subcommand(1);
  AddKeys(*job);
  AddRequests(*job);
  AddRun(*job);
}

void JobWords::Runs(CLI::App* word, Command command) {
  shared_->add_output(word);
  word->callback([this, command] {
    shared_->run = [this, command] {
      return command(options_, shared_->common, shared_->terminal);
    };
  });
}

void JobWords::AddKeys(CLI::App& job) {
  CLI::App* const key = Add(job, "key", "make a recipient's key; its public half is printed",
                            "  cloison job key --out bank.key");
  key->add_option("--out", options_.out, "FILE for the secret half, 0600")->required();
  Runs(key, JobKey);
  CLI::App* const open = Add(job, "open", "read a job's file with the recipient's key",
                             "  cloison job open payments.job --key bank.key --out payments.csv");
  open->add_option("file", options_.file, "FILE of the job")->required();
  open->add_option("--key", options_.key, "FILE: the recipient's secret key")->required();
  open->add_option("--out", options_.out, "FILE, 0600, instead of standard output");
  Runs(open, JobOpen);
}

void JobWords::AddRequests(CLI::App& job) {
  CLI::App* const ask =
      Add(job, "ask", "ask for a job; another officer agrees",
          "  cloison job ask --label monthly-payment --application app.payment \\\n"
          "    --purpose payment --fields identity.birth_name,bank.iban \\\n"
          "    --recipient PUBLIC-KEY --people 2500000 --runs 12 --pause-days 28 \\\n"
          "    --expires 2027-01-31T00:00:00Z --reason FIN-2041 --as officer.privacy");
  ask->add_option("--label", options_.label, "what it is called; nothing of a person")->required();
  ask->add_option("--application", options_.application, "NAME of the program that runs it")
      ->required();
  ask->add_option("--purpose", options_.purpose, "why, in a word of the policy")->required();
  ask->add_option("--fields", options_.fields, "NAMES, with commas between")
      ->required()
      ->delimiter(',');
  ask->add_option("--recipient", options_.recipient, "the recipient's public key")->required();
  ask->add_option("--people", options_.people, "the most people of a run")->required();
  ask->add_option("--runs", options_.runs, "how many runs [1]");
  ask->add_option("--pause-days", options_.pause_days, "from a run to the next, of several");
  ask->add_option("--expires", options_.expires, "time when it ends")->required();
  ask->add_option("--reason", options_.reason, "the file you work on")->required();
  Runs(ask, JobAsk);
  CLI::App* const list = Add(job, "list", "approved jobs: one's own, or the organisation's",
                             "  cloison job list --as officer.privacy");
  Runs(list, JobsList);
  CLI::App* const status = Add(job, "status", "how far a job, or one run of it, is",
                               "  cloison job status job_12 --as app.payment\n"
                               "  cloison job status op_12.1 --as app.payment");
  Runs(status, JobStatus);
  CLI::App* const cancel = Add(job, "cancel", "end a run that is not to go on",
                               "  cloison job cancel op_12.1 --as app.payment");
  Runs(cancel, JobCancel);
  CLI::App* const stop = Add(job, "stop", "stop a job for good, before its next batch",
                             "  cloison job stop job_12 --as officer.security");
  Runs(stop, JobStop);
  for (CLI::App* const word : {status, cancel, stop}) {
    word->add_option("id", options_.id, "of the job, or of the run")->required();
  }
  for (CLI::App* const word : {ask, list, status, cancel, stop}) {
    word->add_flag("--dry-run", options_.dry_run, "show the request, send nothing");
    shared_->add_connection(word);
  }
}

void JobWords::AddRun(CLI::App& job) {
  CLI::App* const run =
      Add(job, "run", "begin a run, or go on with the one whose file is there",
          "  cloison job run job_12 --list people.csv --out payments.job --as app.payment");
  run->add_option("id", options_.id, "of the job")->required();
  run->add_option("--list", options_.list, "FILE: a line per person, CODE or CODE,ATTACHED")
      ->required();
  run->add_option("--out", options_.out, "FILE of the job")->required();
  run->add_option("--retry", options_.retry_s, "SECONDS to wait for a server that is away [30]");
  shared_->add_connection(run);
  Runs(run, JobRun);
}

}  // namespace cloison::cli
