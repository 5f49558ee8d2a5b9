// A real full disk under a real server: nothing is answered that has no entry, the process ends as
// the failure contract says, comes back refusing, and with room again it has everything that was
// acknowledged.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "ingest/generator.h"
#include "tests/disk/daemon.h"
#include "tests/e2e/e2e.h"
#include "vault/demo_world.h"

namespace cloison::disk {
namespace {

constexpr std::size_t kPeople = 1'000;
constexpr char kDiskSize[] = "size=96m";
constexpr std::uintmax_t kLeftBytes = 96u << 10;  // for some dozens of commits
constexpr std::size_t kAsksMax = 20'000;
constexpr int kAgain = 75;
constexpr std::size_t kTakenMax = 40;  // glimpses that the application may have in an hour

// What clients were told.
struct Told {
  std::mutex mutex;
  std::set<std::uint64_t> readings;  // entries of the one person's trail
  struct Registration {
    std::string body, key, person;
    std::uint64_t index;
  };
  std::vector<Registration> registrations;
  std::size_t failed = 0;
  std::vector<std::string> problems;

  void Fail(const Answer& answer) {
    const std::lock_guard lock(mutex);
    ++failed;
    // No answer, or the one that the contract names.
    const bool good =
        answer.status == 0 || (answer.status == 503 && answer.code == "ledger_unavailable");
    if (!good) problems.push_back(std::to_string(answer.status) + " " + answer.code);
  }
};

std::string Quoted(const std::string& text) {
  return "\"" + text + "\"";
}

std::string NirOf(std::size_t i) {
  // Of people beyond the world, who have one.
  const ingest::Generator generator(1);
  for (std::uint64_t at = kPeople + 32 * (i + 1);; ++at) {
    const ingest::GeneratedPerson person = generator.At(at);
    if (!person.Text("civil_number.nir").empty())
      return std::string(person.Text("civil_number.nir"));
  }
}

std::string PersonBody(const std::string& nir) {
  return R"({"fields":{"identity.birth_name":"DURAND","identity.first_name":"Ines",)"
         R"("civil_number.nir":")" +
         nir + "\"}}";
}

// A small file system in a mount namespace of our own: nothing of it is seen outside.
class SmallDisk {
 public:
  ~SmallDisk() {
    if (!path_.empty()) (void)umount2(path_.c_str(), MNT_DETACH);
  }
  bool Mount(const std::string& path) {
    std::filesystem::create_directory(path);
    if (!OwnNamespace()) return false;
    (void)mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (mount("disk", path.c_str(), "tmpfs", 0, kDiskSize) != 0) return false;
    path_ = path;
    return true;
  }

 private:
  // root has one for the asking; others where the kernel lets users have namespaces, in which they
  // stay who they are.
  static bool OwnNamespace() {
    const uid_t user = geteuid();
    const gid_t group = getegid();
    if (user == 0) return unshare(CLONE_NEWNS) == 0;
    if (unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
    const auto same = [](auto id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; };
    e2e::WriteFile("/proc/self/setgroups", "deny");
    e2e::WriteFile("/proc/self/uid_map", same(user));
    e2e::WriteFile("/proc/self/gid_map", same(group));
    return geteuid() == user;
  }

  std::string path_;
};

class FullDisk : public testing::Test {
 protected:
  // The code by which organisation 1 knows citizen.one.
  std::string CodeOfCitizen() {
    Agent agent = daemon_.As("adviser.ft");
    vault::DemoSize size;
    size.people = kPeople;
    const auto values = vault::DemoValuesOf(size, vault::DemoWho::kCitizenOne);
    const Answer found = agent.Post("/v1/lookups", R"({"criteria":{"nir":)" + Quoted(values.nir) +
                                                       R"(},"purpose":"support","case_ref":"c"})");
    constexpr std::string_view kPerson = "\"person\":\"";
    const std::size_t at = found.body.find(kPerson);
    EXPECT_NE(at, std::string::npos) << found.status << found.body;
    return at == std::string::npos ? "" : found.body.substr(at + kPerson.size(), 19);
  }

  // Asks until nothing is answered any more, noting what was.
  void Ask(const std::string& code) {
    std::thread reading([this, &code] { Read(code, kAsksMax); });
    std::thread registering([this] { Register(1, kAsksMax); });
    reading.join();
    registering.join();
  }

  void Read(const std::string& code, std::size_t asks) {
    Agent agent = daemon_.As("adviser.ft");
    const std::string body = R"({"person":)" + Quoted(code) +
                             R"(,"fields":["identity.birth_name"],"purpose":"support",)"
                             R"("case_ref":"c"})";
    for (std::size_t i = 0; i < asks; ++i) {
      const Answer answer = agent.Post("/v1/disclosures", body);
      if (!answer.ok()) return told_.Fail(answer);
      const auto index = answer.EntryIndex();
      const std::lock_guard lock(told_.mutex);
      if (!index.has_value()) return told_.problems.push_back("a value without an entry");
      told_.readings.insert(*index);
    }
  }

  void Register(std::size_t first, std::size_t end) {
    Agent agent = daemon_.As("app.case");
    for (std::size_t i = first; i < end; ++i) {
      Told::Registration one{PersonBody(NirOf(i)), "key-" + std::to_string(i), "", 0};
      const Answer answer = agent.Post("/v1/people", one.body, {{"idempotency-key", one.key}});
      if (!answer.ok()) return told_.Fail(answer);
      one.person = answer.Text("person");
      one.index = answer.EntryIndex().value_or(UINT64_MAX);
      const std::lock_guard lock(told_.mutex);
      told_.registrations.push_back(std::move(one));
    }
  }

  // It is there and shows nobody.
  void ExpectRefusing(const std::string& code) {
    EXPECT_EQ(daemon_.Management("/livez"), 200);
    EXPECT_EQ(daemon_.Management("/readyz"), 503);
    Agent agent = daemon_.As("adviser.ft");
    const Answer answer = agent.Post("/v1/disclosures",
                                     R"({"person":)" + Quoted(code) +
                                         R"(,"fields":["identity.birth_name"],"purpose":"support",)"
                                         R"("case_ref":"c"})");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.code, "ledger_unavailable");
    Agent other = daemon_.As("app.case");
    EXPECT_EQ(other.Post("/v1/people", PersonBody(NirOf(0)), {{"idempotency-key", "x"}}).status,
              503);
    EXPECT_EQ(daemon_.As("citizen.one").Get("/v1/me/disclosures").status, 503);
  }

  void ExpectWhole() {
    EXPECT_EQ(daemon_.Management("/readyz"), 200);
    ExpectReadings();
    Agent agent = daemon_.As("app.case");
    std::size_t taken = 0;
    for (const Told::Registration& one : told_.registrations) {
      const Answer again = agent.Post("/v1/people", one.body, {{"idempotency-key", one.key}});
      EXPECT_EQ(again.status, 201) << again.body;
      EXPECT_EQ(again.Text("person"), one.person);
      EXPECT_EQ(again.EntryIndex(), one.index);
      if (taken++ >= kTakenMax) continue;
      const Answer exists =
          agent.Post("/v1/people", one.body, {{"idempotency-key", "t" + one.key}});
      EXPECT_EQ(exists.code, "person_exists");
    }
  }

  // The citizen's own trail has each of them, and no gap.
  void ExpectReadings() {
    Agent citizen = daemon_.As("citizen.one");
    std::set<std::uint64_t> seen;
    std::optional<std::int64_t> next_n;
    std::string query = "page_size=100";
    while (!query.empty()) {
      const Answer page = citizen.Get("/v1/me/disclosures", query);
      ASSERT_EQ(page.status, 200) << page.body;
      const auto parsed = codec::JsonDocument::Parse(AsBytes(page.body));
      ASSERT_TRUE(parsed.ok());
      const auto items = parsed->root().Find("items");
      for (auto at = items->First(); at.has_value(); at = at->Next()) {
        const std::int64_t n = *at->Find("n")->AsInt();
        EXPECT_TRUE(!next_n.has_value() || n == *next_n) << "a gap";
        next_n = n - 1;
        seen.insert(static_cast<std::uint64_t>(*at->Find("index")->AsInt()));
      }
      const std::string token = page.Text("next_page_token");
      query = token.empty() ? "" : "page_size=100&page_token=" + token;
    }
    EXPECT_EQ(next_n, -1);
    for (const std::uint64_t index : told_.readings) {
      EXPECT_TRUE(seen.contains(index)) << "entry " << index << " is lost";
    }
  }

  // The whole story; `fill` leaves hardly any room, `fill_up` none at all (opening the store may
  // have given some back), `make_room` gives it back.
  template <class Fill, class FillUp, class MakeRoom>
  void Run(Fill fill, FillUp fill_up, MakeRoom make_room) {
    ASSERT_TRUE(daemon_.Start()) << e2e::ReadFile(daemon_.log_path());
    const std::string code = CodeOfCitizen();
    // One of each goes first: on a busy machine what the server writes of itself may fill the disk
    // before it gets its turn.
    Read(code, 1);
    Register(0, 1);
    fill();
    Ask(code);
    EXPECT_EQ(told_.failed, 2u) << "the disk was never full";
    EXPECT_EQ(told_.problems, std::vector<std::string>());
    EXPECT_FALSE(told_.readings.empty());
    EXPECT_FALSE(told_.registrations.empty());
    const int status = daemon_.Wait();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == kAgain)
        << "wait status " << status << "\n"
        << e2e::ReadFile(daemon_.log_path());

    ASSERT_TRUE(daemon_.Start()) << e2e::ReadFile(daemon_.log_path());
    ExpectRefusing(code);
    fill_up();
    // What cannot be kept is not promised.
    Agent officer = daemon_.As("officer.security");
    const std::string freeze = R"({"principal":"manager.a"})";
    EXPECT_EQ(officer.Post("/v1/principals:freeze", freeze).status, 503);
    make_room();
    EXPECT_EQ(officer.Post("/v1/principals:freeze", freeze).status, 202);
    ExpectRefusing(code);
    EXPECT_EQ(daemon_.End(SIGTERM), 0);

    ASSERT_TRUE(daemon_.Start()) << e2e::ReadFile(daemon_.log_path());
    ExpectWhole();
    EXPECT_EQ(daemon_.As("manager.a").Get("/v1/me/capabilities").code, "principal_frozen");
    EXPECT_EQ(daemon_.End(SIGTERM), 0);
    RecordProperty("readings", static_cast<int>(told_.readings.size()));
    RecordProperty("registrations", static_cast<int>(told_.registrations.size()));
  }

  e2e::Folder folder_;
  SmallDisk disk_;
  Daemon daemon_{folder_.path(), kPeople};
  Told told_;
};

// ---- a small file system

void Grow(const std::string& path, std::uintmax_t left) {
  const std::string chunk(16u << 10, 'x');
  std::ofstream file(path, std::ios::binary | std::ios::app);
  while (file.write(chunk.data(), static_cast<std::streamsize>(chunk.size())).flush()) {
  }
  file.close();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - left);
}

TEST_F(FullDisk, OfAFileSystem) {
  if (!disk_.Mount(daemon_.world())) GTEST_SKIP() << "no file system can be mounted here";
  const std::string filler = daemon_.world() + "/filler";
  // Rooms that a log file got in advance would hide the full disk: it fills before the server
  // starts, but for what a start needs.
  ASSERT_TRUE(daemon_.Start()) << e2e::ReadFile(daemon_.log_path());
  ASSERT_EQ(daemon_.End(SIGTERM), 0);
  Grow(filler, 3u << 20);
  Run([&filler] { Grow(filler, kLeftBytes); }, [&filler] { Grow(filler, 0); },
      [&filler] { std::filesystem::resize_file(filler, 0); });
}

// ---- a limit on the size of files

void Limit(pid_t pid, rlim_t bytes) {
  rlimit limit{};
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, nullptr, &limit), 0);
  limit.rlim_cur = std::min(bytes, limit.rlim_max);
  ASSERT_EQ(prlimit(pid, RLIMIT_FSIZE, &limit, nullptr), 0);
}

TEST_F(FullDisk, OfALimitOnFiles) {
  Run(
      [this] {
        Limit(daemon_.pid(), kLeftBytes);
        daemon_.set_file_bytes_max(0);
      },
      [] {},
      [this] {
        Limit(daemon_.pid(), RLIM_INFINITY);
        daemon_.set_file_bytes_max(RLIM_INFINITY);
      });
}

}  // namespace
}  // namespace cloison::disk
