#include "cli/freeze_words.h"

#include <CLI/CLI.hpp>

namespace cloison::cli {

void FreezeWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const freeze =
      app.add_subcommand("freeze", "stop an account by an officer's key, or lift freezes by two");
  freeze->footer("With a ledger: cloison principal freeze");
  freeze->require_subcommand(1);
  CLI::App* const sign = freeze->add_subcommand("sign", "sign it, on the officer's machine");
  sign->footer(
      "Examples\n"
      "  cloison freeze sign agents:alice --issuer https://login.example \\\n"
      "    --ledger vault.example/people --key anna.key --out freeze.txt");
  sign->add_option("account", options_.account, "alias:sub")->required();
  sign->add_option("--issuer", options_.issuer, "URL of its issuer")->required();
  sign->add_option("--ledger", options_.ledger, "the ledger's origin")->required();
  sign->add_option("--key", options_.key, "FILE: the officer's key")->required();
  sign->add_option("--out", options_.out, "FILE to write")->required();
  sign->callback(
      [this] { shared_->run = [this] { return FreezeSign(options_, shared_->terminal); }; });
  AddLift(*freeze);
  CLI::App* const send =
      freeze->add_subcommand("send", "hand it in, on the server, within an hour");
  send->footer("Examples\n  cloison freeze send freeze.txt");
  send->add_option("note", options_.note, "FILE: what was signed")->required();
  send->add_option("--management", options_.management, "URL [http://127.0.0.1:9443]");
  send->callback(
      [this] { shared_->run = [this] { return FreezeSend(options_, shared_->terminal); }; });
}

void FreezeWords::AddLift(CLI::App& freeze) {
  CLI::App* const lift =
      freeze.add_subcommand("lift", "let accounts work again, by the keys of two officers");
  lift->footer(
      "Examples\n"
      "  cloison freeze lift agents:alice agents:bruno --issuer https://login.example \\\n"
      "    --ledger vault.example/people --key anna.key --out lift.txt");
  lift->add_option("accounts", options_.accounts, "alias:sub, 1 to 64")->required();
  lift->add_option("--issuer", options_.issuer, "URL of their issuer")->required();
  lift->add_option("--ledger", options_.ledger, "the ledger's origin")->required();
  lift->add_option("--key", options_.key, "FILE: the officer's key")->required();
  lift->add_option("--out", options_.out, "FILE to write")->required();
  lift->callback(
      [this] { shared_->run = [this] { return FreezeLift(options_, shared_->terminal); }; });
  CLI::App* const cosign =
      freeze.add_subcommand("cosign", "show what another officer signed to lift, and sign it too");
  cosign->footer("Examples\n  cloison freeze cosign lift.txt --key bruno.key --yes");
  cosign->add_option("note", options_.note, "FILE, signed in place")->required();
  cosign->add_option("--key", options_.key, "FILE: the officer's key")->required();
  cosign->add_flag("--yes", options_.yes, "sign it: without, it is shown alone");
  cosign->callback(
      [this] { shared_->run = [this] { return FreezeCosign(options_, shared_->terminal); }; });
}

}  // namespace cloison::cli
