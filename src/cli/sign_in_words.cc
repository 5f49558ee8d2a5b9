#include "cli/sign_in_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

void SignInWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const in = app.add_subcommand("sign-in", "sign in at your organisation's provider");
  in->footer(
      "Examples\n"
      "  cloison sign-in --issuer agents --server https://vault.example\n"
      "  cloison sign-in --issuer agents --server https://vault.example --paste   without a "
      "browser\n"
      "  cloison sign-in --issuer agents --step-up      prove again that it is you");
  in->add_option("--issuer", options_.issuer, "its alias in the server's issuers file")->required();
  in->add_option("--client", options_.client, "the command line's name there [cli]");
  in->add_flag("--step-up", options_.step_up, "the session goes on, proven anew");
  in->add_flag("--paste", options_.paste, "the browser is elsewhere: read its last address");
  in->add_flag("--no-browser", options_.no_browser, "print the address, open nothing");
  CLI::App* const out = app.add_subcommand("sign-out", "end the session and forget it");
  for (CLI::App* const word : {in, out}) {
    shared_->add_output(word);
    shared_->add_connection(word);
  }
  in->callback([this] {
    shared_->run = [this] { return SignIn(options_, shared_->common, shared_->terminal); };
  });
  out->callback(
      [this] { shared_->run = [this] { return SignOut(shared_->common, shared_->terminal); }; });
}

}  // namespace cloison::cli
