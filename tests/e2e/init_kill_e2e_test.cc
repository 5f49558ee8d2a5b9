// `cloison init`, killed at each of its steps (tests/e2e/kill_at_step.cc): the same command begins
// again or says plainly that it cannot, and what is not whole never serves.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.h"
#include "net/testing/certificates.h"
#include "tests/e2e/e2e.h"
#include "text/date.h"

namespace cloison::e2e {
namespace {

constexpr int kStepsMax = 1'000;
constexpr int kEachShort = 13;    // a step in so many; all of them in the long form
constexpr int kPollsMax = 3'000;  // of 20 ms

int Stride() {
  const char* const wish = std::getenv("CLOISON_LONG");
  return wish != nullptr && std::string(wish) == "1" ? 1 : kEachShort;
}

class InitKillTest : public testing::Test {
 protected:
  Ended Run(const std::string& command) const {
    return Shell("cd '" + folder_.path() + "' && " + command);
  }
  void Expect(const std::string& command, int exit) const {
    const Ended ended = Run(command);
    EXPECT_EQ(ended.exit, exit) << command << "\n" << ended.out << ended.err;
  }
  // Killed before its n-th step; 0: it was not.
  Ended Killed(const std::string& command, int step) const {
    return Run("CLOISON_KILL_AT=" + std::to_string(step) + " LD_PRELOAD='" +
               std::string(CLOISON_KILL_AT_STEP) + "' " + command);
  }
  // Whether what lies there serves; it is stopped again.
  bool Serves() const {
    const std::string out = folder_.path("serve.out");
    std::filesystem::remove(out);
    const auto child = ShellInBackground(
        "exec \"$cloisond\" serve --config '" + folder_.path("r/cloison.toml") + "'", out,
        folder_.path("serve.err"));
    bool ready = false;
    for (int i = 0; i < kPollsMax && !ready && child->Poll() < 0; ++i) {
      ready = Contains(ReadFile(out), "ready port=");
      if (!ready) usleep(20'000);
    }
    child->Stop();
    return ready;
  }
  // The register as `command` leaves it when it is killed at each of its steps, one after the
  // other, is looked at by `look`, who is told what the command ended with.
  void AtEachStep(const std::string& command, const std::function<void()>& begin,
                  const std::function<void()>& look) const {
    int killed = 0, step = 1;
    for (; step < kStepsMax; step += Stride()) {
      SCOPED_TRACE("step " + std::to_string(step));
      begin();
      const Ended ended = Killed(command, step);
      if (ended.exit == 0) break;
      ++killed;
      EXPECT_NE(ended.exit, 6) << ended.out << ended.err;
      look();
      if (HasFailure()) return;
    }
    EXPECT_GT(killed, 1) << "nothing was killed";
    EXPECT_LT(step, kStepsMax);
  }
  void Copy(const char* from, const char* to) const {
    Expect("rm -rf " + std::string(to) + " && cp -a " + from + " " + to, 0);
  }

  Folder folder_;
};

TEST_F(InitKillTest, ADevelopmentRegister) {
  const std::string init = "\"$cloison\" init --development r";
  AtEachStep(
      init, [this] { Expect("rm -rf r", 0); },
      [&] {
        const bool made = std::filesystem::exists(folder_.path("r/cloison.toml"));
        const bool serves = made && Serves();
        const Ended again = Run(init);
        EXPECT_TRUE(again.exit == 0 || again.exit == 6) << again.out << again.err;
        // What serves now is whole: it says that it was begun, by itself or by the command.
        EXPECT_TRUE(!serves || again.exit == 6) << again.out << again.err;
      });
}

class ProductionKillTest : public InitKillTest {
 protected:
  void SetUp() override {
    const net::testing::Certificate server = authority_.Server();
    const auto write = [this](const char* name, const std::string& text) {
      WriteFile(folder_.path(name), text);
    };
    write("ca.pem", authority_.ca_pem());
    write("server.pem", server.certificate_pem);
    write("server.key", server.private_key_pem);
    write("vault.key", authority_.Client("vault").private_key_pem);
    write("issuers.toml",
          "version = 1\n[[issuer]]\nalias = \"agents\"\nkind = \"agents\"\n"
          "url = \"https://127.0.0.1:1\"\nalgorithms = [\"ES256\"]\n[issuer.client]\n"
          "id = \"vault\"\nauthentication = \"private_key_jwt\"\nalgorithm = \"ES256\"\n"
          "key_file = \"" +
              folder_.path("vault.key") + "\"\nscopes = [\"openid\"]\n");
    for (const std::string name : {"anna", "bruno"}) {
      Expect("\"$cloison\" ledger officer-key --name officer." + name + " --out " + name +
                 ".key > " + name + ".pub",
             0);
    }
    const auto line = [this](const char* name) {
      return LinesOf(ReadFile(folder_.path(name))).front();
    };
    write("founders.toml", "officers = [\"" + line("anna.pub") + "\", \"" + line("bruno.pub") +
                               "\"]\n" + Founder("anna") + Founder("bruno"));
  }
  static std::string Founder(const std::string& name) {
    base::SystemClock clock;
    const std::string ends =
        text::FormatDate(text::DateOfDays(clock.wall_ms() / base::kDayMs + 180));
    return "\n[[principal]]\naccount = \"agents:" + name +
           "\"\norganisation = 1\nrole = \"manager\"\nhuman = \"HR-" + name + "\"\nexpires = \"" +
           ends + "\"\n";
  }
  std::string Statement(bool again = false) const {
    const std::string policy =
        std::filesystem::absolute("examples/france-travail/policy.toml").string();
    return "\"$cloison\" init statement r --plan founders.toml --out bootstrap.txt" +
           (again ? std::string()
                  : " --policy '" + policy +
                        "' --issuers issuers.toml --certificate server.pem --private-key "
                        "server.key --client-ca ca.pem --set "
                        "identity.public_url=https://127.0.0.1 --set listen.port=0 --set "
                        "management.port=0 --set store.cache_mib=16");
  }
  void Sign() const {
    for (const char* officer : {"anna", "bruno"}) {
      Expect("\"$cloison\" init sign --key " + std::string(officer) + ".key --policy '" +
                 std::filesystem::absolute("examples/france-travail/policy.toml").string() +
                 "' --schema '" + std::filesystem::absolute("schemas/job-seekers.toml").string() +
                 "' --yes bootstrap.txt",
             0);
    }
  }
  static constexpr char kBegin[] = "\"$cloison\" init --production --note bootstrap.txt r";

  net::testing::Authority authority_;
};

TEST_F(ProductionKillTest, ItBegins) {
  Expect(Statement(), 0);
  Sign();
  Copy("r", "stated");
  AtEachStep(
      kBegin, [this] { Copy("stated", "r"); },
      [this] {
        const bool serves = Serves();
        const Ended again = Run(kBegin);
        EXPECT_TRUE(again.exit == 0 || again.exit == 6) << again.out << again.err;
        EXPECT_EQ(serves, again.exit == 6) << "half a register served, or a whole one did not\n"
                                           << ReadFile(folder_.path("serve.err"));
        Expect(kBegin, 6);
        EXPECT_TRUE(Serves()) << ReadFile(folder_.path("serve.err"));
      });
}

TEST_F(ProductionKillTest, ItsStatementIsMade) {
  AtEachStep(
      Statement(), [this] { Expect("rm -rf r bootstrap.txt", 0); },
      [this] {
        const bool configured = std::filesystem::exists(folder_.path("r/cloison.toml"));
        EXPECT_FALSE(configured && Serves()) << "nobody signed";
        const bool stated = std::filesystem::exists(folder_.path("bootstrap.txt"));
        const Ended again = Run(Statement(configured));
        // A directory that somebody else may have made is left as it is; to take it away is safe,
        // since nobody has signed for its keys yet.
        if (!configured && again.exit == 6) {
          EXPECT_TRUE(Contains(again.err, "nothing was changed")) << again.err;
          return;
        }
        EXPECT_EQ(again.exit, stated ? 6 : 0) << again.out << again.err;
        Sign();
        Expect(kBegin, 0);
      });
}

}  // namespace
}  // namespace cloison::e2e
