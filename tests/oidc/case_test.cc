// examples/france-travail/case-management as it is, against the real programs and a certified
// provider: an adviser's day, through a browser.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/oidc/production.h"

namespace cloison::oidc {
namespace {

using e2e::Contains;
using e2e::Ended;
using e2e::ReadFile;

constexpr int kPeople = 3;

class CaseTest : public testing::Test {
 protected:
  void SetUp() override {
    if (e2e::Shell("command -v python3").exit != 0) GTEST_SKIP() << "python3 is missing";
    world_.Begin();
    world_.Serve();
    for (const char* name : {"anna", "bruno", "carla"}) {
      ASSERT_EQ(world_.SignIn(name), 0) << world_.said;
    }
    for (const std::string name : {"alice", "bob"}) {
      world_.Enrol("agents:" + name,
                   "--role adviser --office 101 --manager agents:anna --human HR-" + name +
                       " --reason HR-1");
    }
    for (const std::string name : {"case", "hr"}) {
      world_.Enrol("agents:" + name, "--role case-application --reason IT-1");
    }
    Register();
    Serve();
  }
  void TearDown() override {
    if (program_ != nullptr) program_->Stop();
  }

  // Three people; bob finds their codes. Alice follows the first, as two applications say.
  void Register() {
    world_.Expect("\"$cloison\" generate --people 3 --format jsonl --out people.jsonl", 0);
    const Ended registered = world_.AsApplication("import people.jsonl");
    ASSERT_EQ(registered.exit, 0) << registered.out << registered.err;
    ASSERT_EQ(world_.SignIn("bob"), 0) << world_.said;
    for (const std::string& line : e2e::LinesOf(ReadFile(world_.path("people.jsonl")))) {
      people_.push_back(json::parse(line));
      const std::string nir = people_.back()["civil_number.nir"];
      const Ended found =
          world_.As("bob", "lookup --nir " + nir + " --purpose reception --case A-1 --json");
      ASSERT_EQ(found.exit, 0) << found.out << found.err;
      codes_.push_back(json::parse(found.out)["rows"][0].value("person", ""));
    }
    ASSERT_EQ(codes_.size(), std::size_t{kPeople});
    for (const char* words : {"caseload assign ", "caseload confirm "}) {
      const bool confirms = Contains(words, "confirm");
      const Ended said = world_.AsApplication(words + codes_[0] + " --agent agents:alice",
                                              confirms ? "hr" : "case");
      ASSERT_EQ(said.exit, 0) << said.out << said.err;
    }
  }
  void Serve(const std::string& more = "") {
    std::filesystem::remove(world_.path("case.out"));  // of the last time
    program_ = e2e::ShellInBackground(
        "exec python3 examples/france-travail/case-management/case.py --vault " + world_.url() +
            " --ca " + world_.path("ca.pem") + " --certificate " + world_.path("case.pem") +
            " --key " + world_.path("case.key") + " --issuer agents --url " + world_.desk_url() +
            " --tls-certificate " + world_.path("server.pem") + " --tls-key " +
            world_.path("server.key") +
            " --listen 127.0.0.1:" + std::to_string(world_.desk_port()) + more,
        world_.path("case.out"), world_.path("case.err"));
    ASSERT_TRUE(Until([this] { return Contains(ReadFile(world_.path("case.out")), "ready"); }))
        << ReadFile(world_.path("case.err"));
  }

  std::string desk(const std::string& path) const { return world_.desk_url() + path; }
  // To the provider and back to the application, not yet taken there: its address with the handle.
  std::string GoSignIn(Browser& browser, const Person& person, const std::string& from) {
    return browser.SignIn(desk(from), person, desk("/"));
  }
  // The whole way; the page it ends with.
  std::string SignIn(Browser& browser, const Person& person) {
    std::string url = GoSignIn(browser, person, "/sign-in");
    return browser.Get(url).status == 303 ? browser.Get(desk("/")).body : browser.last.body;
  }
  // Sends a form of the page that the browser last had at "/".
  net::Response Send(Browser& browser, const std::string& path, const std::string& pairs) {
    const std::string page = browser.Get(desk("/")).body;
    const std::string key = "name=\"form\" value=\"";
    const std::size_t at = page.find(key);
    if (at == std::string::npos) return browser.last;
    const std::size_t begin = at + key.size();
    const std::string form = page.substr(begin, page.find('"', begin) - begin);
    return browser.Post(desk(path), "form=" + form + (pairs.empty() ? "" : "&" + pairs));
  }
  static std::string Opens(const std::string& code, const std::string& what) {
    return "person=" + code + "&case_ref=A-1&what=" + what;
  }
  std::string Field(std::size_t person, const char* name) const { return people_[person][name]; }

  Production world_;
  std::vector<json> people_;
  std::vector<std::string> codes_;
  std::unique_ptr<cli::Child> program_;
};

// Whoever reaches the page signs nobody out: two sessions are kept, and a dozen strangers come.
TEST_F(CaseTest, StrangersAtTheSignInPageCostNobodyTheirs) {
  program_->Stop();
  Serve(" --sessions 2 --begun-per-minute 5");
  Browser alice = world_.NewBrowser();
  ASSERT_TRUE(Contains(SignIn(alice, {.sub = "alice"}), "agents:alice")) << alice.last.body;
  int refused = 0;
  for (int i = 0; i < 16; ++i) {
    Browser stranger = world_.NewBrowser();
    const int status = stranger.Get(desk("/sign-in")).status;
    EXPECT_TRUE(status == 303 || status == 429) << status;
    refused += status == 429 ? 1 : 0;
  }
  EXPECT_GT(refused, 0) << "of three minutes' even";
  EXPECT_TRUE(Contains(alice.Get(desk("/")).body, "agents:alice"));
}

constexpr char kSupport[] = "support%2Fcaseload", kExplained[] = "support%2Fexplained";

TEST_F(CaseTest, AnAdvisersDay) {
  // A handle is good in the browser that began alone, and a stranger gets no further.
  Browser alice = world_.NewBrowser(), other = world_.NewBrowser();
  EXPECT_TRUE(Contains(alice.Get(desk("/")).body, "/sign-in"));
  const std::string back = GoSignIn(alice, {.sub = "alice", .age_s = 3'600}, "/sign-in");
  ASSERT_TRUE(back.starts_with(desk("/signed-in?handle="))) << back << alice.last.body;
  EXPECT_EQ(other.Get(back).status, 400);
  EXPECT_EQ(alice.Get(back).status, 303) << alice.last.body;
  const std::string home = alice.Get(desk("/")).body;
  EXPECT_TRUE(Contains(home, "agents:alice")) << home;
  EXPECT_TRUE(Contains(home, "<td>people opened</td><td>20</td><td>50</td>"))
      << "a third, for seven days: " << home;
  EXPECT_TRUE(Contains(SignIn(other, {.sub = "zoe"}), "not enrolled")) << other.last.body;
  EXPECT_EQ(other.last.status, 403);

  // Whom she follows, and a record of theirs, with what is left.
  const std::string followed = Send(alice, "/caseload", "").body;
  EXPECT_TRUE(Contains(followed, codes_[0])) << followed;
  EXPECT_FALSE(Contains(followed, codes_[1]));
  const net::Response opened = Send(alice, "/open", Opens(codes_[0], kSupport));
  EXPECT_EQ(opened.status, 200);
  EXPECT_TRUE(Contains(opened.body, Field(0, "contact.email"))) << opened.body;
  EXPECT_TRUE(Contains(opened.body, "Recorded as entry"));
  EXPECT_TRUE(Contains(opened.body, "<td>people opened</td><td>19</td><td>49</td>"));
  EXPECT_FALSE(Contains(opened.body, Field(0, "civil_number.nir"))) << "masked for this purpose";

  // Somebody else's and nobody are one answer, and asking is the way on.
  const net::Response refused = Send(alice, "/open", Opens(codes_[1], kSupport));
  EXPECT_EQ(refused.status, 404);
  EXPECT_TRUE(Contains(refused.body, "Ask for access")) << refused.body;
  const net::Response asked =
      Send(alice, "/ask", "person=" + codes_[1] + "&reason=sent+by+the+office");
  EXPECT_TRUE(Contains(asked.body, "Asked as apr_")) << asked.body;
  const std::size_t at = asked.body.find("apr_");
  const std::string approval = asked.body.substr(at, asked.body.find('.', at) - at);
  const Ended agreed = world_.As("anna", "approval approve " + approval);
  EXPECT_EQ(agreed.exit, 0) << agreed.out << agreed.err;
  const net::Response explained = Send(alice, "/open", Opens(codes_[1], kExplained));
  EXPECT_EQ(explained.status, 200) << explained.body;
  EXPECT_TRUE(Contains(explained.body, Field(1, "identity.birth_name"))) << explained.body;
  EXPECT_FALSE(Contains(explained.body, Field(1, "contact.email"))) << "less than of her own";

  // The second overview of a day wants a fresh sign-in; a third there is not.
  const net::Response stale = Send(alice, "/caseload", "");
  EXPECT_EQ(stale.status, 401) << stale.body;
  EXPECT_TRUE(Contains(stale.body, "it is you")) << stale.body;
  SignIn(alice, {.sub = "alice"});
  EXPECT_EQ(Send(alice, "/caseload", "").status, 200) << alice.last.body;
  const net::Response spent = Send(alice, "/caseload", "");
  EXPECT_EQ(spent.status, 429);
  EXPECT_TRUE(Contains(spent.body, "Spent: glimpsed/hour, of your account")) << spent.body;

  // A frozen account's session is dead here too.
  EXPECT_EQ(world_.As("carla", "principal freeze agents:alice").exit, 0);
  const net::Response dead = Send(alice, "/open", Opens(codes_[0], kSupport));
  EXPECT_EQ(dead.status, 401);
  EXPECT_TRUE(Contains(dead.body, "Your session has ended")) << dead.body;
  EXPECT_FALSE(Contains(alice.Get(desk("/")).body, "agents:alice"));
}

TEST_F(CaseTest, AColleaguesAppointment) {
  // Bob worked on the command line; this is another device, so the provider is asked twice.
  Browser alice = world_.NewBrowser(), bob = world_.NewBrowser();
  const std::string back = GoSignIn(bob, {.sub = "bob", .age_s = 3'600}, "/sign-in");
  EXPECT_EQ(bob.Get(back).headers.get("location"), "/sign-in?again=1") << bob.last.body;
  const std::string again = GoSignIn(bob, {.sub = "bob"}, "/sign-in?again=1");
  EXPECT_EQ(bob.Get(again).headers.get("location"), "/") << bob.last.body;
  ASSERT_TRUE(Contains(SignIn(alice, {.sub = "alice"}), "agents:alice")) << alice.last.body;

  const std::string words = "person=" + codes_[2] + "&reference=RV-1&agent=agents:";
  EXPECT_EQ(Send(alice, "/open", Opens(codes_[2], kExplained)).status, 404);
  EXPECT_EQ(Send(alice, "/appointment", words + "alice").status, 403) << "never one's own";
  EXPECT_EQ(Send(bob, "/appointment", words + "nobody").status, 404);
  EXPECT_EQ(Send(bob, "/appointment", words + "alice").status, 200) << bob.last.body;
  EXPECT_EQ(Send(alice, "/open", Opens(codes_[2], kExplained)).status, 200) << alice.last.body;
  EXPECT_EQ(Send(bob, "/open", Opens(codes_[2], kExplained)).status, 404) << "alice's alone";

  // What another site makes a browser send has no form of this session.
  EXPECT_EQ(alice.Post(desk("/open"), Opens(codes_[2], kExplained)).status, 403);
  EXPECT_EQ(alice.Post(desk("/open"), "form=x&" + Opens(codes_[2], kExplained)).status, 403);
  EXPECT_EQ(alice.Post(desk("/open"), std::string(5'000, 'x')).status, 413);
  EXPECT_EQ(Send(alice, "/open", Opens(codes_[2], "support%2Fany")).status, 400) << "no such grant";

  // Without a register nothing is shown, and nobody was written down by the way.
  world_.StopServing();
  const net::Response out = Send(alice, "/open", Opens(codes_[2], kExplained));
  EXPECT_EQ(out.status, 503);
  EXPECT_TRUE(Contains(out.body, "out of reach")) << out.body;
  const std::string said = ReadFile(world_.path("case.out")) + ReadFile(world_.path("case.err"));
  EXPECT_FALSE(Contains(said, codes_[2])) << said;
  EXPECT_FALSE(Contains(said, "alice")) << said;
}

}  // namespace
}  // namespace cloison::oidc
