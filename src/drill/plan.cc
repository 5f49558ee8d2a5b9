#include "drill/plan.h"

#include "base/check.h"
#include "codec/toml_reader.h"

namespace cloison::drill {

namespace {

using codec::Need;
using codec::TomlTable;

constexpr int kDaysOfDrills = 29;

class PlanReader {
 public:
  explicit PlanReader(codec::Diagnostics& found) : found_(found) {}

  Plan Read(const TomlTable& file) {
    static constexpr std::string_view kKeys[] = {"world", "attack", "benign"};
    codec::CheckKeys(file, kKeys, found_);
    world_.days = kDaysOfDrills;
    if (const TomlTable* world = codec::ReadTable(file, "world", Need::kOptional, found_)) {
      ReadWorld(*world);
    }
    for (const TomlTable* attack : codec::ReadTables(file, "attack", found_)) ReadAttack(*attack);
    if (const TomlTable* benign = codec::ReadTable(file, "benign", Need::kOptional, found_)) {
      static constexpr std::string_view kBenignKeys[] = {"log"};
      codec::CheckKeys(*benign, kBenignKeys, found_);
      plan_.benign = codec::ReadString(*benign, "log", Need::kRequired, found_).value_or("");
    }
    if (plan_.attacks.size() > kPlannedMax) found_.Add(0, "more than 100 attacks");
    if (plan_.attacks.empty() && plan_.benign.empty()) {
      found_.Add(0, "neither an [[attack]] nor a [benign] log");
    }
    return plan_;
  }

 private:
  template <class Number>
  void ReadNumber(const TomlTable& table, std::string_view key, codec::TomlRange range,
                  Number& out) {
    const auto value = codec::ReadInt(table, key, Need::kOptional, range, found_);
    if (value.has_value()) out = static_cast<Number>(*value);
  }

  void ReadWorld(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"people", "agents", "caseload", "seed", "policy"};
    codec::CheckKeys(table, kKeys, found_);
    ReadNumber(table, "people", {kPeopleMin, kPeopleMax}, world_.people);
    ReadNumber(table, "agents", {1, kAccountsMax}, world_.agents);
    ReadNumber(table, "caseload", {kCaseloadMin, kPeopleMax}, world_.caseload);
    ReadNumber(table, "seed", {1, INT64_MAX}, world_.seed);
    plan_.policy = codec::ReadString(table, "policy", Need::kOptional, found_).value_or("");
  }

  void ReadAttack(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {
        "name",   "accounts",  "days",       "strangers_a_day",
        "hammer", "detectors", "owner_away", "faults"};
    codec::CheckKeys(table, kKeys, found_);
    Options options = world_;
    const auto name = codec::ReadString(table, "name", Need::kRequired, found_);
    if (!name.has_value()) return;
    options.name = *name;
    const std::optional<std::size_t> accounts = AccountsOf(*name);
    if (!accounts.has_value()) {
      found_.Add(table.Find("name")->line(), "no attack '" + *name + "'; " + AttackNames());
    }
    options.accounts = accounts.value_or(1);
    ReadNumber(table, "accounts", {1, kAccountsMax}, options.accounts);
    ReadNumber(table, "days", {1, kDaysMax}, options.days);
    ReadNumber(table, "strangers_a_day", {1, kStrangersADayMax}, options.strangers_a_day);
    options.detectors =
        codec::ReadBool(table, "detectors", Need::kOptional, found_).value_or(false);
    options.owner_away =
        codec::ReadBool(table, "owner_away", Need::kOptional, found_).value_or(false);
    if (const auto faults = codec::ReadString(table, "faults", Need::kOptional, found_)) {
      const Result<FaultSpec> spec = ParseFaults(*faults);
      if (!spec.ok()) found_.Add(table.Find("faults")->line(), std::string(spec.error().text()));
      options.faults = spec.ok() ? *spec : FaultSpec{};
    }
    options.hammer = codec::ReadBool(table, "hammer", Need::kOptional, found_).value_or(false);
    plan_.attacks.push_back(std::move(options));
  }

  codec::Diagnostics& found_;
  Options world_;
  Plan plan_;
};

}  // namespace

Result<Plan> ParsePlan(std::string_view toml, std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  codec::Diagnostics found;
  Plan plan;
  if (const std::optional<TomlTable> file = codec::ParseToml(toml, found)) {
    plan = PlanReader(found).Read(*file);
  }
  if (found.empty()) return plan;
  for (const codec::Diagnostic& problem : found.entries()) {
    problems->push_back("line " + std::to_string(problem.line) + ": " + problem.message);
  }
  return Error{Code::kInvalid, "the world's file has faults"};
}

Result<Plan> PlanOf(const Arguments& arguments) {
  Options options;
  options.people = arguments.people;
  options.seed = arguments.seed;
  options.hammer = arguments.hammer;
  options.detectors = arguments.detectors;
  options.owner_away = arguments.owner_away;
  if (!arguments.faults.empty()) {
    CLOISON_TRY_ASSIGN(options.faults, ParseFaults(arguments.faults));
  }
  options.days = arguments.days.value_or(kDaysOfDrills);
  options.strangers_a_day = arguments.strangers_a_day.value_or(options.strangers_a_day);
  Plan plan;
  plan.benign = arguments.benign;
  const bool none = !arguments.attack.has_value() && !arguments.replay.has_value();
  const bool first_forms = none && arguments.benign.empty() && arguments.benign_year == 0;
  const auto add = [&](const std::string& name, bool replay) {
    if (!AccountsOf(name).has_value() || IsReplay(name) != replay) return false;
    options.name = name;
    options.accounts = arguments.accounts.value_or(*AccountsOf(name));
    plan.attacks.push_back(options);
    return true;
  };
  bool known = true;
  if (first_forms || arguments.attack.has_value()) {
    known = add(arguments.attack.value_or(kScrape), false) && known;
  }
  if (first_forms || arguments.replay.has_value()) {
    known = add(arguments.replay.value_or(kReplay2024), true) && known;
  }
  return known ? Result<Plan>(std::move(plan)) : Error{Code::kInvalid, "no such attack"};
}

}  // namespace cloison::drill
