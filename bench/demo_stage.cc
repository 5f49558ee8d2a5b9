#include "bench/demo_stage.h"

#include <csignal>
#include <cstdio>
#include <thread>

#include "bench/our_server.h"

namespace cloison::bench {

namespace {

sigset_t EndingSignals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  return ends;
}

}  // namespace

DemoStage::DemoStage(const std::string& data) {
  server::Config config;
  config.mode = "development";
  config.data = data + "/data";
  config.key_objects = data + "/key-objects";
  std::vector<std::string> problems;
  auto ground = server::Ground::Make(config, events_, problems);
  if (!ground.ok()) GiveUp("the demo's files cannot be read");
  ground_ = std::move(*ground);
  if (!ground_->OpenStores().ok() || !ground_->OpenKeyObjects(false).ok()) {
    GiveUp("the stores cannot be opened");
  }
  auto vault = base::SyncWait(
      vault::Vault::Open(ground_->environment(), ground_->settings([] { std::abort(); })));
  if (!vault.ok()) GiveUp("the vault cannot be opened");
  vault_ = std::move(*vault);
}

DemoStage::~DemoStage() {
  (void)base::SyncWait(vault_->Stop());
}

void BlockEndingSignals() {
  const sigset_t ends = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
}

void ServeUntilTold(net::Handler& handler, const TlsFiles& files, DemoStage& stage) {
  net::ServerOptions options;
  options.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  options.tls =
      net::TlsServerOptions{ReadWholeFile(files.certificate), ReadWholeFile(files.key),
                            ReadWholeFile(files.client_ca), net::ClientCertificates::kOptional};
  auto server = net::Server::Start(std::move(options), handler, stage.ground().clock());
  if (!server.ok()) GiveUp("no listener");
  std::printf("ready port=%u\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  const sigset_t ends = EndingSignals();
  int signal = 0;
  sigwait(&ends, &signal);
}

}  // namespace cloison::bench
