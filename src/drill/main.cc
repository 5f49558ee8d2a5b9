// `cloisond drill`: from arguments to reports and files.
#include <algorithm>
#include <fstream>
#include <ostream>

#include "drill/honest_year.h"
#include "drill/plan.h"
#include "vault/embedded.h"

namespace cloison::drill {

namespace {

constexpr int kHeld = 0, kBroken = 1, kWrong = 2, kFailed = 3;

// One call of Main.
class Drilling {
 public:
  Drilling(const Arguments& arguments, const Ground& ground, std::ostream& err)
      : arguments_(arguments), ground_(ground), err_(err) {}

  // Nothing: it went well.
  std::optional<int> Run() {
    Result<Plan> plan = ReadPlan();
    if (!plan.ok()) return kWrong;
    if (!plan->policy.empty()) {
      const Result<Bytes> text = ground_.files.Read(plan->policy);
      if (!text.ok()) return Say(kWrong, "cannot read " + plan->policy);
      for (Options& options : plan->attacks) options.policy_toml = base::AsText(*text);
    }
    for (const Options& options : plan->attacks) {
      const std::optional<Ground> own = GroundFor(std::to_string(reports_.size()));
      if (!own.has_value()) return kFailed;
      Result<Report> report = RunOne(options, *own);
      if (!report.ok()) return Fail(report.error());
      reports_.push_back(std::move(*report));
    }
    if (arguments_.benign_year != 0) return LiveYear(*plan);
    return plan->benign.empty() ? std::nullopt : Replay(plan->benign);
  }

  const std::vector<Report>& reports() const { return reports_; }
  const std::optional<Benign>& benign() const { return benign_; }

  int Say(int code, const std::string& text) {
    err_ << "drill: " << text << "\n";
    return code;
  }

 private:
  Result<Report> RunOne(const Options& options, const Ground& ground) const {
    if (arguments_.seeds == 1) return drill::Run(options, ground);
    CLOISON_TRY_ASSIGN(std::vector<Report> reports, RunSeeds(options, arguments_.seeds, ground));
    Report first = reports.front();
    first.over_seeds = SummariseSeeds(reports);
    return first;
  }

  Result<Plan> ReadPlan() {
    if (arguments_.world.empty()) {
      Result<Plan> plan = PlanOf(arguments_);
      if (!plan.ok()) Say(kWrong, std::string(plan.error().text()) + "; " + AttackNames());
      return plan;
    }
    const Result<Bytes> text = ground_.files.Read(arguments_.world);
    if (!text.ok()) {
      Say(kWrong, "cannot read " + arguments_.world);
      return text.error();
    }
    std::vector<std::string> problems;
    Result<Plan> plan = ParsePlan(base::AsText(*text), &problems);
    for (const std::string& problem : problems) Say(kWrong, arguments_.world + ": " + problem);
    if (plan.ok() && !arguments_.benign.empty()) plan->benign = arguments_.benign;
    return plan;
  }

  std::optional<Ground> GroundFor(const std::string& name) {
    Ground own = ground_;
    own.directory += "/" + name;
    if (ground_.files.MakeDirectory(own.directory, 0700).ok()) return own;
    Say(kFailed, "no directory can be made");
    return std::nullopt;
  }

  std::optional<int> Replay(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) return Say(kWrong, "cannot read " + path);
    std::vector<std::string> problems;
    Result<std::vector<BenignLook>> looks = ReadBenign(file, &problems);
    for (const std::string& problem : problems) Say(kWrong, path + ": " + problem);
    if (!looks.ok()) return problems.empty() ? Fail(looks.error()) : kWrong;
    const std::optional<Ground> own = GroundFor("benign");
    if (!own.has_value()) return kFailed;
    const Result<Benign> benign = ReplayBenign(std::move(*looks), arguments_.seed, *own);
    if (!benign.ok()) return Fail(benign.error());
    benign_ = *benign;
    return std::nullopt;
  }

  std::optional<int> LiveYear(const Plan& plan) {
    if (!plan.benign.empty()) return Say(kWrong, "either a log of honest work or a year of it");
    std::string toml = plan.policy.empty() ? std::string(vault::DemoPolicyToml()) : "";
    if (!plan.policy.empty()) {
      const Result<Bytes> text = ground_.files.Read(plan.policy);
      if (!text.ok()) return Say(kWrong, "cannot read " + plan.policy);
      toml = base::AsText(*text);
    } else {
      toml += "\n[detectors]\nact = true\n";
    }
    std::vector<std::string> problems;
    Result<std::shared_ptr<const records::Schema>> schema =
        records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
    if (!schema.ok()) return Fail(schema.error());
    Result<std::shared_ptr<const access::Policy>> policy =
        access::Policy::Parse(toml, **schema, &problems);
    for (const std::string& problem : problems) Say(kWrong, plan.policy + ": " + problem);
    if (!policy.ok()) return kWrong;
    const Result<Benign> benign =
        LiveAYear(arguments_.benign_year, arguments_.seed, std::move(*policy), ground_.random);
    if (!benign.ok()) return Fail(benign.error());
    benign_ = *benign;
    return std::nullopt;
  }

  int Fail(const Error& error) {
    return Say(error.code() == Code::kInvalid ? kWrong : kFailed, std::string(error.text()));
  }

  const Arguments& arguments_;
  const Ground& ground_;
  std::ostream& err_;
  std::vector<Report> reports_;
  std::optional<Benign> benign_;
};

}  // namespace

int Main(const Arguments& arguments, const Ground& ground, std::ostream& out, std::ostream& err) {
  Drilling drilling(arguments, ground, err);
  if (const std::optional<int> code = drilling.Run()) return *code;
  const std::vector<Report>& reports = drilling.reports();
  if (!arguments.html.empty()) {
    const std::string page = ToHtml(reports, drilling.benign());
    if (!base::WriteWhole(ground.files, arguments.html, base::AsBytes(page), 0644).ok()) {
      return drilling.Say(kFailed, "cannot write " + arguments.html);
    }
  }
  if (arguments.json) {
    out << ToJson(reports, drilling.benign()) << "\n";
  } else {
    out << ToTable(reports, drilling.benign());
  }
  return std::ranges::all_of(reports, &Report::passed) ? kHeld : kBroken;
}

}  // namespace cloison::drill
