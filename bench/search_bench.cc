// search: are people found by name through one wrong part, are those found the right ones, how
// fast?
//
// Two halves. The store: `people` generated people on RocksDB, asked with the query set of
// ingest/query_set.h, one after the other. A search reads 5 to 25 pages at once (25 us each from
// the cache), then 1 row and 1 wrapped key of each candidate; 3 to 20 candidates at 100,000 people,
// 25 us each to read, open and compare: expect a median below 1 ms and 99 of 100 below 5 ms.
// The density: no store; `density` people of the same France are made, and whoever any query would
// meet is kept; then the same functions pick, compare and rank as in the Matcher. That is what
// recall and precision are at 43 million people, with all their homonyms: some 6 minutes of two
// cores. Expect recall of variants of 97 % and more, precision of 99 %: a wrong digit in the birth
// date of a Marie Martin meets others who have that date, and nobody can tell them apart.
//
// A row is right when its person has the very values of the person who was meant.
#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "bench/report.h"
#include "ingest/generator.h"
#include "ingest/query_set.h"
#include "store/rocks/rocks_store.h"
#include "vault/demo_world.h"
#include "vault/load_people.h"

namespace cloison::bench {
namespace {

using Steady = std::chrono::steady_clock;
using ingest::GeneratedPerson;
using ingest::QueryKind;
using records::SearchForms;
using records::SearchTexts;

constexpr char kQuestion[] =
    "Are people found by name through one wrong part, are those found the right ones, how fast? "
    "Expect recall of variants above 97 %, precision above 99 %.";
constexpr std::uint64_t kSeed = 1;

struct Settings {
  std::uint64_t people = 100'000, density = 43'000'000;
  std::uint64_t queries = 17'000, density_queries = 17'000;
  int threads = 2;
  std::string folder = "build/search-bench";
};

bool IsIdentifier(QueryKind kind) {
  return kind <= QueryKind::kExactAgencyId || kind == QueryKind::kNobodyIdentifier;
}

SearchForms Must(Result<SearchForms> forms) {
  CLOISON_CHECK(forms.ok());
  return std::move(*forms);
}

SearchForms FormsOf(const ingest::Query& query) {
  SearchTexts texts;
  for (const auto& [field, text] : query.criteria) {
    if (field == "identity.birth_name") texts.last_names.push_back(text);
    if (field == "identity.first_name") texts.first_name = text;
    if (field == "identity.birth_date") texts.birth_date = text;
    if (field == "address.postcode") texts.postcode = text;
  }
  return Must(SearchForms::Of(texts));
}

SearchForms FormsOf(const GeneratedPerson& person) {
  SearchTexts texts;
  for (const char* name : {"identity.birth_name", "identity.name_in_use"}) {
    if (!person.Text(name).empty()) texts.last_names.push_back(person.Text(name));
  }
  texts.first_name = person.Text("identity.first_name");
  texts.birth_date = person.Text("identity.birth_date");
  texts.postcode = person.Text("address.postcode");
  return Must(SearchForms::Of(texts));
}

// What tells two people apart in what was asked.
std::string ValuesOf(const GeneratedPerson& person, const ingest::Query& query) {
  std::string values;
  for (const auto& [field, text] : query.criteria) {
    values.append(person.Text(field)).push_back('\n');
  }
  return values;
}

// Right and wrong over many queries.
class Score {
 public:
  // `shown`: indexes of the people in the rows.
  void Add(const ingest::Generator& generator, const ingest::Query& query,
           const std::vector<std::uint64_t>& shown) {
    Count& count = kinds_[query.kind];
    ++count.asked;
    const std::string meant =
        query.person.has_value() ? ValuesOf(generator.At(*query.person), query) : "";
    std::size_t right = 0;
    bool found = false;
    for (const std::uint64_t index : shown) {
      found = found || index == query.person;
      if (query.person.has_value() && ValuesOf(generator.At(index), query) == meant) ++right;
    }
    count.found += found ? 1 : 0;
    count.rows += shown.size();
    count.right += right;
  }
  void Print(const char* where) const {
    for (const auto& [kind, count] : kinds_) {
      std::printf("  %s %-18s asked %5zu found %5zu rows %5zu right %5zu\n", where,
                  std::string(NameOf(kind)).c_str(), count.asked, count.found, count.rows,
                  count.right);
    }
  }
  double RecallOf(QueryKind from, QueryKind to) const {
    double asked = 0, found = 0;
    for (const auto& [kind, count] : kinds_) {
      if (kind < from || kind > to) continue;
      asked += static_cast<double>(count.asked);
      found += static_cast<double>(count.found);
    }
    return asked > 0 ? found / asked : 1;
  }
  double exact() const { return RecallOf(QueryKind::kExactNir, QueryKind::kExactName); }
  double variant() const { return RecallOf(QueryKind::kTypingLast, QueryKind::kPlainLetters); }
  double precision() const {
    double rows = 0, right = 0;
    for (const auto& [kind, count] : kinds_) {
      if (IsIdentifier(kind)) continue;  // a telephone may be somebody's second
      rows += static_cast<double>(count.rows);
      right += static_cast<double>(count.right);
    }
    return rows > 0 ? right / rows : 1;
  }

 private:
  struct Count {
    std::size_t asked = 0, found = 0, rows = 0, right = 0;
  };
  std::map<QueryKind, Count> kinds_;
};

// ---- the density

struct Asked {
  ingest::Query query;
  SearchForms forms;
  std::vector<records::SlotPeople> lists;  // of its keys
};

PersonId IdOf(std::uint64_t index) {
  return PersonId(base::BigU64(index));
}
std::uint64_t IndexOf(const PersonId& id) {
  return base::LoadBig(id.bytes());
}

class Density {
 public:
  explicit Density(const Settings& settings) : settings_(settings), generator_(kSeed) {
    const std::uint64_t people = std::min(settings.density, ingest::kGeneratedPeopleMax / 2);
    const ingest::QuerySet queries(kSeed, people);
    for (std::uint64_t n = 0; n < settings.density_queries; ++n) {
      ingest::Query query = queries.At(n);
      if (IsIdentifier(query.kind)) continue;
      SearchForms forms = FormsOf(query);
      const std::vector<records::Criterion> keys = SearchKeys(forms);
      for (std::size_t k = 0; k < keys.size(); ++k) {
        wanted_[TextOf(keys[k])].push_back({asked_.size(), k});
      }
      std::vector<records::SlotPeople> lists(keys.size(), std::vector<PersonId>());
      asked_.push_back({std::move(query), std::move(forms), std::move(lists)});
    }
  }

  Score Run() {
    std::vector<std::thread> threads;
    for (int t = 0; t < settings_.threads; ++t) {
      threads.emplace_back([this] {
        constexpr std::uint64_t kPart = 10'000;
        for (std::uint64_t at = next_ += kPart; at - kPart < settings_.density;
             at = next_ += kPart) {
          Meet(at - kPart, std::min(at, settings_.density));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    Score score;
    double candidates = 0;
    for (Asked& one : asked_) score.Add(generator_, one.query, Show(one, candidates));
    std::printf("  density: %.1f candidates of a search on average, %.0f at most\n",
                candidates / static_cast<double>(asked_.size()), most_);
    return score;
  }

 private:
  static std::string TextOf(const records::Criterion& key) {
    return std::to_string(key.index) + ' ' + std::string(AsText(key.canonical.Reveal()));
  }

  void Meet(std::uint64_t begin, std::uint64_t end) {
    std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::uint64_t>> met;
    for (std::uint64_t i = begin; i < end; ++i) {
      for (const records::Criterion& key : SearchKeys(FormsOf(generator_.At(i)))) {
        const auto found = wanted_.find(TextOf(key));
        if (found == wanted_.end()) continue;
        for (const auto& place : found->second) met.push_back({place, i});
      }
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [place, index] : met) {
      records::SlotPeople& list = asked_[place.first].lists[place.second];
      if (!list.has_value()) continue;
      list->push_back(IdOf(index));
      if (list->size() > records::kSlotPostingsMax) list.reset();
    }
  }

  std::vector<std::uint64_t> Show(Asked& one, double& candidates) {
    for (records::SlotPeople& list : one.lists) {
      if (list.has_value()) std::sort(list->begin(), list->end());  // threads met them in any order
    }
    const std::vector<PersonId> picked = records::PickCandidates(one.lists);
    candidates += static_cast<double>(picked.size());
    most_ = std::max(most_, static_cast<double>(picked.size()));
    std::vector<records::Verdict> verdicts;
    for (const PersonId& id : picked) {
      verdicts.push_back(Compare(one.forms, FormsOf(generator_.At(IndexOf(id)))));
    }
    std::vector<std::uint64_t> shown;
    for (const std::size_t i : records::Rank(verdicts).best) shown.push_back(IndexOf(picked[i]));
    return shown;
  }

  const Settings& settings_;
  const ingest::Generator generator_;
  std::vector<Asked> asked_;
  std::unordered_map<std::string, std::vector<std::pair<std::size_t, std::size_t>>> wanted_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;  // guards the lists
  double most_ = 0;
};

// ---- the store

class NoEvents final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal, std::initializer_list<base::EventField>) override {}
};

class Register {
 public:
  explicit Register(const Settings& settings) : settings_(settings), generator_(kSeed) {
    std::filesystem::remove_all(settings.folder);
    std::filesystem::create_directories(settings.folder);
    store::RocksOptions rocks;
    rocks.path = settings.folder + "/main";
    rocks.families = store::kMainFamilies;
    main_store_ = std::move(*store::RocksStore::Open(rocks));
    rocks.path = settings.folder + "/keys";
    rocks.families = store::kKeyFamilies;
    key_store_ = std::move(*store::RocksStore::Open(rocks));
    objects_ =
        std::move(*keys::FileKeyObjects::Open(files_, random_, settings.folder + "/objects", true));
    vault::DemoSize size;
    size.people = static_cast<std::size_t>(settings.people / 2);  // its capacity is twice that
    schema_ = vault::DemoSchema(size);
    const vault::Environment environment{*main_store_,   *key_store_, *objects_, files_,
                                         clock_,         random_,     events_,   committer_,
                                         key_committer_, background_, home_};
    const vault::Settings how{schema_, vault::DemoPolicy(*schema_), "bench.example/search",
                              settings.folder};
    CLOISON_CHECK(base::SyncWait(vault::Vault::Create(environment, how)).ok());
    vault_ = std::move(*base::SyncWait(vault::Vault::Open(environment, how)));
    const auto values_of = [this](std::size_t i) {
      return vault::CanonicalValues(*schema_, generator_.At(i).fields);
    };
    auto loaded = base::SyncWait(vault::LoadPeople(
        *vault_, static_cast<std::size_t>(settings.people), values_of, [](std::size_t) {}));
    CLOISON_CHECK(loaded.ok());
    for (std::uint64_t i = 0; i < loaded->people.size(); ++i) index_.emplace(loaded->people[i], i);
  }
  ~Register() {
    CLOISON_CHECK(base::SyncWait(vault_->Stop()).ok());
    vault_.reset();
    std::filesystem::remove_all(settings_.folder);
  }

  Score Run(std::vector<double>& ms) {
    const ingest::QuerySet queries(kSeed, settings_.people);
    Score score;
    for (std::uint64_t n = 0; n < settings_.queries; ++n) {
      const ingest::Query query = queries.At(n);
      const auto start = Steady::now();
      const std::vector<std::uint64_t> shown =
          IsIdentifier(query.kind) ? LookUp(query) : Search(query);
      const double took = std::chrono::duration<double, std::milli>(Steady::now() - start).count();
      if (!IsIdentifier(query.kind)) ms.push_back(took);
      score.Add(generator_, query, shown);
    }
    return score;
  }

 private:
  std::vector<std::uint64_t> Search(const ingest::Query& query) {
    const SearchForms forms = FormsOf(query);
    auto found = base::SyncWait(records::Matcher(vault_->people()).Search(forms));
    CLOISON_CHECK(found.ok());
    std::vector<std::uint64_t> shown;
    for (const records::Sighting& one : found->people) shown.push_back(index_.at(one.key.person()));
    return shown;
  }
  std::vector<std::uint64_t> LookUp(const ingest::Query& query) {
    const auto& [name, text] = query.criteria.front();
    const records::FieldSpec& field = *schema_->Find(name);
    Result<crypto::SecretBytes> stored = schema_->Canonical(field, text, false);
    CLOISON_CHECK(stored.ok());
    const records::Criterion criterion{field.index, schema_->IndexForm(field, stored->Reveal())};
    // Many share a telephone: all of them, for the question is whether the index has the person.
    auto found = base::SyncWait(records::Matcher(vault_->people()).Exact(criterion, 1'000));
    std::vector<std::uint64_t> shown;
    if (!found.ok()) return shown;
    for (const PersonId& person : *found) shown.push_back(index_.at(person));
    return shown;
  }

  const Settings& settings_;
  const ingest::Generator generator_;
  base::SystemFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  NoEvents events_;
  base::ThreadPool committer_{1}, key_committer_{1};
  base::ThreadPool background_{1, base::ThreadPool::kLast}, home_{1};
  std::unique_ptr<store::RocksStore> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::shared_ptr<const records::Schema> schema_;
  std::unique_ptr<vault::Vault> vault_;
  std::map<PersonId, std::uint64_t> index_;
};

void Run(const Settings& settings) {
  std::vector<Figure> figures;
  if (settings.people > 0) {
    Register all(settings);
    std::vector<double> ms;
    const Score score = all.Run(ms);
    score.Print("store");
    const double p50 = Quantile(ms, 0.5), p99 = Quantile(ms, 0.99);
    Report("search_store", kQuestion,
           {{"people", {static_cast<double>(settings.people)}, 0},
            {"recall_exact", {score.exact()}, 4},
            {"recall_variant", {score.variant()}, 4},
            {"precision", {score.precision()}, 4},
            {"p50_ms", {p50}, 2},
            {"p99_ms", {p99}, 2}});
    figures = {{"recall_exact", {score.exact()}, 4}};
    figures.push_back({"p50_ms", {p50}, 2});
    figures.push_back({"p99_ms", {p99}, 2});
  }
  if (settings.density == 0) return;
  const Score score = Density(settings).Run();
  score.Print("density");
  figures.push_back({"recall_variant", {score.variant()}, 4});
  figures.push_back({"precision", {score.precision()}, 4});
  figures.push_back({"density", {static_cast<double>(settings.density)}, 0});
  Report("search", kQuestion, figures);
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("Search by name: recall, precision, time");
  app.add_option("--people", settings.people, "in the store; 0: no store");
  app.add_option("--density", settings.density, "people made without a store; 0: none");
  app.add_option("--queries", settings.queries, "asked of the store");
  app.add_option("--density-queries", settings.density_queries, "asked at that density");
  app.add_option("--threads", settings.threads, "that make people");
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Run(settings);
  return 0;
}
