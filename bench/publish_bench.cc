// publish: what does publishing cost an append at 25,000 a second, and how far behind are the
// tiles?
//
// One minute of the entries of bench/entry_world.h, open loop, latency from the intended start;
// then the same minute with a publisher each second and a public listener (plain HTTP on the
// loopback) that two clients poll for the checkpoint, its last tile and its last bundle, 50 times a
// second each. p99 is the median of the minute's seconds, so that one stall of the disk is not the
// figure. Expect the ratio of both p99 at 1.0 to 1.3: the committer only hands hashes on; each
// second 25,000 node hashes (6 ms), 0.8 MB of appends and four syncs are somebody else's. Worst lag
// about 1.1 s: a second between two publications, and what one takes. Then the log is written out
// as files, and verified: 4 blocks of SHA-256 per entry of 40 ns each and the comparison of tiles,
// some 250 ns, so 3 to 4 million entries a second on one core.
//
//   publish_bench --serve PORT --rate N --seconds S    only appends, and serves on the loopback
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <thread>

#include "api/handler.h"
#include "bench/entry_world.h"
#include "bench/report.h"
#include "net/client.h"
#include "net/server.h"
#include "tlog/checkpoint.h"
#include "verify/log.h"

namespace cloison::bench {
namespace {

constexpr double kWarmUpSeconds = 5;
constexpr int kPollers = 2;
constexpr auto kBetweenPolls = std::chrono::milliseconds(20);
constexpr auto kBetweenSamples = std::chrono::milliseconds(5);

struct Settings {
  int rate = 25'000;
  double seconds = 60;
  int serve_port = 0;
};

double SecondsSince(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

// Nobody signs in at the public listener.
class NoSignIn final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented&) override {
    return Error{Code::kDenied, "nobody signs in here"};
  }
  Result<PrincipalId> Named(std::string_view) const override {
    return Error{Code::kInvalid, "nobody has a name here"};
  }
};

// A public listener on the loopback, as cloisond has it.
class Listener {
 public:
  Listener(EntryWorld& world, int port)
      : service_{sign_in_, world.clock(), world.random(), &world.vault()} {
    net::ServerOptions options;
    options.port = static_cast<std::uint16_t>(port);
    auto server = net::Server::Start(std::move(options), api_, world.clock());
    CLOISON_CHECK(server.ok());
    server_ = std::move(*server);
  }
  std::uint16_t port() const { return server_->port(); }

 private:
  NoSignIn sign_in_;
  api::Service service_;
  api::PublicApi api_{service_};
  std::unique_ptr<net::Server> server_;
};

// Runs `act` again and again, `pause` apart, until it is destroyed.
class Repeated {
 public:
  template <class Act>
  Repeated(std::chrono::milliseconds pause, Act act)
      : thread_([this, pause, act]() mutable {
          for (auto due = Steady::now(); !stop_; std::this_thread::sleep_until(due)) {
            act();
            due = std::max(due + pause, Steady::now());
          }
        }) {}
  ~Repeated() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// When the log had which size: how old is a published one?
class Sizes {
 public:
  void Note(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    if (seen_.empty() || size > seen_.back().second) seen_.emplace_back(Steady::now(), size);
  }
  // Seconds since the log passed `size`; 0 while it has not.
  double Behind(std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    const auto passed =
        std::ranges::upper_bound(seen_, size, {}, [](const auto& s) { return s.second; });
    if (passed == seen_.end()) return 0;
    return SecondsSince(passed->first);
  }

 private:
  std::mutex mutex_;
  std::deque<std::pair<Steady::time_point, std::uint64_t>> seen_;
};

// A reader that trusts nothing but what it is given: the newest checkpoint, and that its last tile
// and bundle are there.
class Poller {
 public:
  Poller(EntryWorld& world, std::uint16_t port, Sizes& sizes)
      : sizes_(sizes), client_(OptionsOf(port), world.clock()) {}
  void Poll() {
    const std::string note = Get("checkpoint");
    if (note.empty()) return;
    const auto parsed = tlog::ParseNote(note);
    CLOISON_CHECK(parsed.ok());
    const auto checkpoint = tlog::ParseCheckpoint(parsed->text);
    CLOISON_CHECK(checkpoint.ok());
    const std::uint64_t size = checkpoint->head.size;
    const double behind = sizes_.Behind(size);
    worst_ = std::max(worst_, behind);
    const std::uint64_t index = (size - 1) / tlog::kTileWidth;
    const unsigned width = tlog::WidthAt(0, index, size);
    for (const auto kind : {tlog::TileId::Kind::kHashes, tlog::TileId::Kind::kEntries}) {
      CLOISON_CHECK(!Get(tlog::TilePath({kind, 0, index, width})).empty());
    }
    ++polls_;
  }
  double worst() const { return worst_; }
  std::uint64_t polls() const { return polls_; }

 private:
  static net::ClientOptions OptionsOf(std::uint16_t port) {
    net::ClientOptions options;
    options.port = port;
    options.plain = true;
    return options;
  }
  std::string Get(const std::string& path) {
    const auto response = client_.Send(net::MakeRequest(net::Method::kGet, "/ledger/" + path));
    CLOISON_CHECK(response.ok());
    return response->status == 200 ? response->body : std::string();
  }

  Sizes& sizes_;
  net::HttpClient client_;
  double worst_ = 0;
  std::uint64_t polls_ = 0;
};

// The median of the p99 of each whole second.
double P99(Latencies latencies) {
  std::vector<double> seconds;
  for (std::vector<double>& second : latencies.by_second) {
    if (!second.empty()) seconds.push_back(Quantile(second, 0.99));
  }
  if (latencies.failed > 0) {
    std::printf("  %llu refused: the queue was full\n",
                static_cast<unsigned long long>(latencies.failed));
  }
  return Median(std::move(seconds));
}

void PublishNow(EntryWorld& world) {
  const Status published = base::SyncWait(world.vault().publisher().Publish());
  if (!published.ok()) std::printf("  not published: %s\n", published.error().text().data());
}

struct Published {
  double p99_ms;
  double lag_s;
};

Published WithPublishing(EntryWorld& world, const Settings& settings) {
  Listener listener(world, 0);
  Sizes sizes;
  PublishNow(world);
  std::vector<std::unique_ptr<Poller>> pollers;
  Latencies latencies;
  {
    const Repeated sampling(kBetweenSamples, [&] { sizes.Note(world.vault().ledger().size()); });
    const Repeated publishing(std::chrono::milliseconds(1'000), [&world] { PublishNow(world); });
    std::vector<std::unique_ptr<Repeated>> polling;
    for (int i = 0; i < kPollers; ++i) {
      pollers.push_back(std::make_unique<Poller>(world, listener.port(), sizes));
      Poller& poller = *pollers.back();
      polling.push_back(std::make_unique<Repeated>(kBetweenPolls, [&poller] { poller.Poll(); }));
    }
    latencies = OpenLoop(world, settings.rate, settings.seconds);
  }
  double worst = 0;
  std::uint64_t polls = 0;
  for (const auto& poller : pollers) {
    worst = std::max(worst, poller->worst());
    polls += poller->polls();
  }
  std::printf("  %llu polls, each of a checkpoint, a tile and a bundle\n",
              static_cast<unsigned long long>(polls));
  return {P99(std::move(latencies)), worst};
}

// The published log as files, as a mirror would have it.
void WriteOut(EntryWorld& world, const std::string& root) {
  ledger::Publisher& publisher = world.vault().publisher();
  const auto write = [&root](const std::string& path, std::string_view bytes) {
    const std::filesystem::path file = root + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  const std::uint64_t size = publisher.size();
  for (const auto kind : {tlog::TileId::Kind::kHashes, tlog::TileId::Kind::kEntries}) {
    for (unsigned level = 0; level < 6; ++level) {
      if (kind == tlog::TileId::Kind::kEntries && level > 0) break;
      for (std::uint64_t index = 0; tlog::WidthAt(level, index, size) != 0; ++index) {
        const tlog::TileId tile{kind, level, index, tlog::WidthAt(level, index, size)};
        const auto bytes = base::SyncWait(publisher.ReadTile(tile));
        CLOISON_CHECK(bytes.ok());
        write(tlog::TilePath(tile), AsText(*bytes));
      }
    }
  }
  write("checkpoint", publisher.checkpoint());
}

// Entries verified per second, on this one thread.
double Verify(EntryWorld& world) {
  const std::string root =
      (std::filesystem::current_path() / "build/bench-data/published").string();
  std::filesystem::remove_all(root);
  const auto writing = Steady::now();
  WriteOut(world, root);
  std::printf("  written out in %.2f s\n", SecondsSince(writing));
  const auto key = tlog::VerifierKey::Parse(world.vault().ledger().vkey());
  CLOISON_CHECK(key.ok());
  double best = 0;
  for (int run = 0; run < 3; ++run) {
    verify::DirectorySource source(root);
    const auto start = Steady::now();
    const auto report = verify::VerifyLog(source, {*key});
    const double seconds = SecondsSince(start);
    CLOISON_CHECK(report.ok() && !report->fault.has_value());
    best = std::max(best, static_cast<double>(report->head.size) / seconds);
  }
  std::filesystem::remove_all(root);
  return best;
}

int Measure(const Settings& settings) {
  EntryWorld world("publish");
  std::printf("60,000 principals enrolled; warming up\n");
  std::fflush(stdout);
  OpenLoop(world, settings.rate, kWarmUpSeconds);
  std::printf("%.0f s at %d a second, nothing published\n", settings.seconds, settings.rate);
  std::fflush(stdout);
  double base = 0;
  {
    // The signed size is kept each second in any case.
    const Repeated keeping(std::chrono::milliseconds(1'000),
                           [&world] { CLOISON_CHECK(world.vault().ledger().Publish().ok()); });
    base = P99(OpenLoop(world, settings.rate, settings.seconds));
  }
  // What was appended meanwhile is published before the next minute begins.
  const auto behind = Steady::now();
  while (world.vault().publisher().size() != world.vault().ledger().size()) {
    PublishNow(world);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  std::printf("  brought forward to %llu entries in %.2f s\n",
              static_cast<unsigned long long>(world.vault().publisher().size()),
              SecondsSince(behind));
  std::printf("%.0f s at %d a second, published and polled\n", settings.seconds, settings.rate);
  std::fflush(stdout);
  const Published published = WithPublishing(world, settings);
  PublishNow(world);
  std::printf("verifying %llu entries\n",
              static_cast<unsigned long long>(world.vault().publisher().size()));
  std::fflush(stdout);
  const double verified = Verify(world);
  Report(
      "publish",
      "What does publishing cost an append at 25,000 a second (p99, one minute each, median of "
      "its seconds), how far behind are the tiles, and how fast is the log verified on one core?",
      {{"p99_ms", {published.p99_ms}},
       {"lag_s", {published.lag_s}},
       {"verify_per_s", {verified}, 0},
       {"base_p99_ms", {base}},
       {"ratio", {published.p99_ms / base}}});
  return 0;
}

int Serve(const Settings& settings) {
  EntryWorld world("serve");
  PublishNow(world);
  const Listener listener(world, settings.serve_port);
  std::printf("url http://127.0.0.1:%u/ledger/\nvkey %s\n", unsigned{listener.port()},
              world.vault().ledger().vkey().c_str());
  std::fflush(stdout);
  const Repeated publishing(std::chrono::milliseconds(1'000), [&world] { PublishNow(world); });
  const Latencies latencies = OpenLoop(world, settings.rate, settings.seconds);
  PublishNow(world);
  std::printf("size %llu, published %llu, refused %llu\n",
              static_cast<unsigned long long>(world.vault().ledger().size()),
              static_cast<unsigned long long>(world.vault().publisher().size()),
              static_cast<unsigned long long>(latencies.failed));
  return 0;
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("What publishing costs, and how far it is behind");
  app.add_option("--rate", settings.rate, "entries a second")->check(CLI::Range(1, 1'000'000));
  app.add_option("--seconds", settings.seconds, "of each part")->check(CLI::Range(1.0, 3'600.0));
  app.add_option("--serve", settings.serve_port,
                 "only append, and serve on this port of the loopback")
      ->check(CLI::Range(1, 65'535));
  CLI11_PARSE(app, argc, argv);
  return settings.serve_port != 0 ? cloison::bench::Serve(settings)
                                  : cloison::bench::Measure(settings);
}
