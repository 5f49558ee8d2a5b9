#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/task.h"
#include "bench/peers/questions.h"
#include "ingest/generator.h"
#include "store/rocks/rocks_store.h"

namespace cloison::bench {
namespace {

using nlohmann::json;
using store::Family;

constexpr char kThief[] = "adviser.ft";
constexpr std::size_t kAtOnce = 16;
constexpr std::uint64_t kNewPeople = 2'000'000;  // far behind those of the world
constexpr double kSecondsMax = 60;
constexpr std::uint64_t kOpenedInAnHour = 60;  // examples/demo/policy.toml, class case-worker

std::string RegisterBody(std::uint64_t index) {
  std::string fields;
  ingest::AppendJsonLine(fields, ingest::Generator(1).At(index));
  return json{{"fields", json::parse(fields)}, {"case_ref", "BENCH-0001"}}.dump();
}

// The first person from `index` on who has a civil number.
std::uint64_t WithNumber(std::uint64_t index) {
  while (ingest::Generator(1).At(index).Text("civil_number.nir").empty()) ++index;
  return index;
}

std::string Duplicates(const OurServer& ours, const WorldSettings& settings) {
  const std::vector<std::string> bodies(kAtOnce, RegisterBody(WithNumber(kNewPeople)));
  const Loaded made =
      RunLoadTool(settings.bin, ours.WriteLoadOf("same", "app.case", "/v1/people", bodies),
                  {ours.port(), kAtOnce, kSecondsMax, true}, ours.log());
  const auto created = made.statuses.find(201), conflicts = made.statuses.find(409);
  if (created == made.statuses.end() || created->second != 1 || conflicts == made.statuses.end() ||
      conflicts->second != kAtOnce - 1) {
    GiveUp("ours: one number was not registered exactly once");
  }
  return "1 record; the 15 others were answered 409";
}

// The rows of a stopped server's store, and back.
class StoreFiles {
 public:
  StoreFiles(const std::string& path, std::span<const Family> families) {
    store::RocksOptions options;
    options.path = path;
    options.families = families;
    auto opened = store::RocksStore::Open(options);
    if (!opened.ok()) GiveUp("ours: the store does not open");
    store_ = std::move(*opened);
  }
  std::vector<store::KeyedRow> Rows(Family family) {
    std::vector<store::KeyedRow> rows;
    store::Range range{family, "", ""};
    while (true) {
      auto page = base::SyncWait(store_->Scan(range, store::kScanRowsMax));
      if (!page.ok()) GiveUp("ours: the store does not read");
      for (store::KeyedRow& row : page->rows) rows.push_back(std::move(row));
      if (!page->next.has_value()) return rows;
      range.begin = *page->next;
    }
  }
  void PutBack(Family family, const std::vector<store::KeyedRow>& rows) {
    store::WriteSet writes;
    for (const store::KeyedRow& row : rows) {
      writes.puts.push_back({{family, row.key}, row.row.value});
    }
    Commit(std::move(writes));
  }
  void Delete(Family family) {
    store::WriteSet writes;
    for (const store::KeyedRow& row : Rows(family)) writes.deletes.push_back({family, row.key});
    Commit(std::move(writes));
  }

 private:
  void Commit(store::WriteSet writes) {
    if (!base::SyncWait(store_->Commit(std::move(writes))).ok()) {
      GiveUp("ours: the store does not write");
    }
  }
  std::unique_ptr<store::RocksStore> store_;
};

// What says who a person is, and the keys: as a backup of both databases holds it.
constexpr Family kPersonFamilies[] = {Family::kPeople, Family::kIndex};
constexpr Family kPersonKeyFamilies[] = {Family::kPersonKeys, Family::kAud};
using Image = std::map<Family, std::vector<store::KeyedRow>>;

Image TakeImage(const std::string& data) {
  Image image;
  StoreFiles main(data + "/main", store::kMainFamilies);
  for (const Family family : kPersonFamilies) image[family] = main.Rows(family);
  StoreFiles keys(data + "/keys", store::kKeyFamilies);
  for (const Family family : kPersonKeyFamilies) image[family] = keys.Rows(family);
  return image;
}

void PutBackImage(const std::string& data, const Image& image) {
  StoreFiles main(data + "/main", store::kMainFamilies);
  for (const Family family : kPersonFamilies) main.PutBack(family, image.at(family));
  StoreFiles keys(data + "/keys", store::kKeyFamilies);
  for (const Family family : kPersonKeyFamilies) keys.PutBack(family, image.at(family));
}

std::size_t RowsFound(const OurServer& ours, const std::string& email) {
  const json body{
      {"criteria", {{"email", email}}}, {"purpose", "reception"}, {"case_ref", "BENCH-0001"}};
  const OurServer::Answer answer = ours.Ask(kThief, "/v1/lookups", body.dump());
  if (answer.status != 200) GiveUp("ours: a look-up was answered " + answer.body);
  return json::parse(answer.body).at("rows").size();
}

std::string AfterErasure(OurServer& ours) {
  const std::uint64_t index = WithNumber(kNewPeople + 1'000);
  const ingest::GeneratedPerson person = ingest::Generator(1).At(index);
  const std::string email(person.Text("contact.email")), nir(person.Text("civil_number.nir"));
  const OurServer::Answer made = ours.Ask("app.case", "/v1/people", RegisterBody(index));
  if (made.status != 201) GiveUp("ours: not registered: " + made.body);
  if (RowsFound(ours, email) != 1) GiveUp("ours: a new person is not found");
  ours.Stop();
  const std::string stores = ours.data() + "/data";
  const Image image = TakeImage(stores);
  if (!ours.Start()) GiveUp("ours: no start before the erasure");
  const json erase{{"person", json::parse(made.body).at("person")}, {"reason", "BENCH-0001"}};
  const OurServer::Answer erased =
      ours.Ask("officer.privacy", "/v1/people:erase", erase.dump(), made.etag);
  if (erased.status != 202) GiveUp("ours: no erasure was asked for: " + erased.body);
  const json agree{{"approval", json::parse(erased.body).at("approval")}};
  const OurServer::Answer agreed =
      ours.Ask("officer.privacy.b", "/v1/approvals:approve", agree.dump());
  if (agreed.status != 200) GiveUp("ours: not erased: " + agreed.body);
  ours.Stop();
  const std::size_t clear = FilesWith(ours.data(), email) + FilesWith(ours.data(), nir);
  const Image after = TakeImage(stores);
  const std::size_t keys_gone =
      image.at(Family::kPersonKeys).size() - after.at(Family::kPersonKeys).size();
  PutBackImage(stores, image);
  if (!ours.Start()) GiveUp("ours: no start with the backup's rows");
  const std::size_t found = RowsFound(ours, email);
  if (clear != 0 || keys_gone != 1 || found != 0) GiveUp("ours: an erased person came back");
  return "in clear in 0 files; the person's key is gone; the backup's rows and keys put back: the "
         "erase journal takes them out again at the start, nobody is found";
}

std::string AllNight(const OurServer& ours, const WorldSettings& settings) {
  std::vector<std::string> bodies;
  for (const Agent& agent : ours.agents()) {
    if (!agent.name.starts_with("adviser.ft")) continue;
    const bool own = agent.name == kThief;
    for (const std::string& code : agent.codes) {
      const json body{{"person", code},
                      {"fields", {"identity.birth_name"}},
                      {"purpose", own ? "support" : "reception"},
                      {"case_ref", "BENCH-0001"}};
      bodies.push_back(body.dump());
    }
  }
  const std::size_t log_before = ReadWholeFile(ours.log()).size();
  const Loaded read =
      RunLoadTool(settings.bin, ours.WriteLoadOf("night", kThief, "/v1/disclosures", bodies),
                  {ours.port(), 1, kSecondsMax, true}, ours.log());
  std::uint64_t shown = 0, refused = 0;
  std::string with;
  for (const auto& [status, times] : read.statuses) {
    (status == 201 ? shown : refused) += times;
    if (status != 201) with += (with.empty() ? "" : ", ") + std::to_string(status);
  }
  if (shown > kOpenedInAnHour || shown == 0) GiveUp("ours: more people than the budget allows");
  const std::string log = ReadWholeFile(ours.log()).substr(log_before);
  const auto lines = std::count(log.begin(), log.end(), '\n');
  return std::to_string(shown) + " openings, then " + std::to_string(refused) + " refusals (" +
         with + "): the budget of 60 people an hour, " +
         "of which 12 off the caseload; each opening is an "
         "entry of the ledger; server log: " +
         std::to_string(lines) + " new lines";
}

// The ledger's entries of one person, as that person sees them: a citizen who asked before.
std::string AuditGone(OurServer& ours) {
  const auto list = [&ours] { return ours.Ask("citizen.one", "/v1/me/disclosures", ""); };
  const OurServer::Answer before = list();
  if (before.status != 200) GiveUp("ours: a citizen's list was answered " + before.body);
  ours.Stop();
  std::size_t rows = 0;
  {
    StoreFiles main(ours.data() + "/data/main", store::kMainFamilies);
    for (const Family family : {Family::kFrames, Family::kRecords}) {
      rows += main.Rows(family).size();
      main.Delete(family);
    }
  }
  const std::string done =
      "all " + std::to_string(rows) + " rows of entries deleted in the stopped store: ";
  if (!ours.Start()) return done + "the server refuses to start";
  const Agent& thief = ours.agents().front();
  const OurServer::Answer read =
      ours.Ask(thief.name, "/v1/disclosures", DisclosureBody(thief.codes.front()));
  const OurServer::Answer after = list();
  if (read.status == 201 || after.status == 200) GiveUp("ours: nobody notices: " + after.body);
  return done + "the server comes up refusing; a read is answered " + std::to_string(read.status) +
         ", a citizen's own list " + std::to_string(after.status);
}

}  // namespace

Answers AskOurs(const WorldSettings& settings) {
  std::filesystem::remove_all(settings.root);
  OurServer ours(settings);
  Answers answers;
  answers.duplicates = Duplicates(ours, settings);
  answers.after_erasure = AfterErasure(ours);
  answers.all_night = AllNight(ours, settings);
  answers.audit_gone = AuditGone(ours);
  return answers;
}

}  // namespace cloison::bench
