// record: what does a sealed record cost beside the same HKDF, HMAC and GCM calls made bare?
//
// The schema of job seekers without its notes, 8 compartments; 256 generated people, keys
// unwrapped. Opened: 2 compartments (identity and contact) after the seal over all 8; sealed: all
// 8. Bare: bench/bare_record.h, the same bytes from OpenSSL 3.0 with contexts reused, made twice:
// SHA256_* with HMAC by hand, which is the fastest 3.0 has and what ratio_openssl is against, and
// EVP_MAC beside it. 40 ns a block of SHA-256: opening is the row's key (2 blocks), the seal (8)
// and 2 x (5 for a compartment's key, 300 ns of GCM): 0.4 + 1.0 = 1.4 us bare; sealing is 8 x (5,
// 2 + 3 for aad and text, 5 for the nonce, 350 ns) + 10: 8 us. Ours adds wiping, locked memory and
// checks, some 40 ns for each of 20 secrets: expect 2.0 and 10 us, ratio 1.2 to 1.4.
//
// Ours and bare take turns of 256 calls each on one thread, in that thread's CPU time, so that
// whoever else is on the machine slows both alike; what one touched is out of the near caches when
// its turn comes again, as in a server. p50 and p99 are of single calls of one side alone, warm, by
// the wall clock (40 ns of it the clock's).
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <optional>

#include "bench/bare_record.h"
#include "bench/report.h"
#include "ingest/generator.h"
#include "records/row.h"
#include "vault/embedded.h"

namespace cloison::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kPeople = 256;
constexpr std::size_t kCompartments = 8;
constexpr std::uint64_t kSeq = 7;
constexpr std::uint16_t kIdentity = 1, kContact = 3;
const CompartmentId kWanted[] = {CompartmentId(kIdentity), CompartmentId(kContact)};
constexpr std::uint16_t kWantedNumbers[] = {kIdentity, kContact};

struct Settings {
  int runs = 5;
  int turns = 400;
  std::string only;  // to profile
};

// The same bytes for whoever asks in the same order, so that two rows can be compared.
class CountedRandom final : public base::Random {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

std::shared_ptr<const records::Schema> EightCompartments() {
  const std::string_view whole = vault::JobSeekersSchemaToml();
  const std::size_t notes = whole.find("[[compartment]]\nid = 9");
  CLOISON_CHECK(notes != std::string_view::npos);
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(whole.substr(0, notes), &problems);
  CLOISON_CHECK(schema.ok() && (*schema)->compartments().size() == kCompartments);
  return *schema;
}

// One person on both sides.
struct Subject {
  keys::PersonKey key;
  records::Values values;
  Bytes row;
  std::vector<BarePlain> plains;
  BareRecord direct, evp;
};

records::Values ValuesOf(const records::Schema& schema, const ingest::GeneratedPerson& person) {
  records::Values values;
  for (const records::FieldSpec& field : schema.fields()) {
    const std::string_view text = person.Text(field.name);
    if (text.empty()) continue;
    auto canonical = schema.Canonical(field, text, false);
    CLOISON_CHECK(canonical.ok());
    values.push_back({field.id, std::move(*canonical)});
  }
  return values;
}

std::vector<BarePlain> PlainsOf(const records::Schema& schema, const records::Values& values) {
  std::vector<BarePlain> plains;
  for (const records::CompartmentSpec& compartment : schema.compartments()) {
    records::Values mine;
    for (const records::Value& value : values) {
      if (schema.Find(value.field)->compartment != compartment.id) continue;
      mine.push_back({value.field, crypto::SecretBytes::CopyOf(value.text.Reveal())});
    }
    const auto plain = records::internal::EncodePlain(compartment, mine);
    CLOISON_CHECK(plain.ok());
    plains.push_back({compartment.id.value(), base::ToBytes(plain->Reveal())});
  }
  return plains;
}

class Bench {
 public:
  Bench();
  // Each side opens what the other sealed, and both seal the same bytes.
  void CheckSameBytes();
  void Run(const Settings& settings);

 private:
  enum class Side { kOurs, kDirect, kEvp };
  Subject MakeSubject(std::uint64_t index);
  void Open(Side side, Subject& subject);
  void Seal(Side side, Subject& subject);
  template <class Call>
  double MicrosecondsPerCall(const Call& call);
  template <class Call>
  std::vector<double> SingleCalls(const Call& call, int turns);
  void OneRun(int turns);

  const std::shared_ptr<const records::Schema> schema_ = EightCompartments();
  base::SystemRandom random_;
  std::vector<Subject> subjects_;
  Bytes row_, opened_;  // whose memory the bare side uses again
  Figure open_{"open_us", {}}, seal_{"seal_us", {}};
  Figure open_bare_{"open_bare_us", {}}, seal_bare_{"seal_bare_us", {}};
  Figure ratio_{"ratio_openssl", {}}, ratio_open_{"ratio_open", {}}, ratio_seal_{"ratio_seal", {}};
  Figure ratio_open_evp_{"ratio_open_evp", {}}, ratio_seal_evp_{"ratio_seal_evp", {}};
  Figure open50_{"open_p50_us", {}}, open99_{"open_p99_us", {}};
  Figure seal50_{"seal_p50_us", {}}, seal99_{"seal_p99_us", {}};
  Figure open_bare50_{"open_bare_p50_us", {}}, seal_bare50_{"seal_bare_p50_us", {}};
};

Bench::Bench() {
  for (std::uint64_t i = 0; i < kPeople; ++i) subjects_.push_back(MakeSubject(i));
}

Subject Bench::MakeSubject(std::uint64_t index) {
  static const ingest::Generator generator(1);
  const LogId log(ByteArray<8>{});
  const PersonId person(random_.Draw<8>());
  const crypto::Secret<32> pdk(random_), plk(random_);
  keys::PersonKey key(schema_->register_id(), log, person, 1, pdk, plk);
  records::Values values = ValuesOf(*schema_, generator.At(index));
  auto row = records::SealRow(*schema_, key, kSeq, values, random_);
  CLOISON_CHECK(row.ok());
  std::vector<BarePlain> plains = PlainsOf(*schema_, values);
  const BareNames names{schema_->register_id().value(), person.array(), 1};
  return {std::move(key),
          std::move(values),
          std::move(*row),
          std::move(plains),
          BareRecord(Hashing::kDirect, names, pdk.Reveal()),
          BareRecord(Hashing::kEvp, names, pdk.Reveal())};
}

void Bench::CheckSameBytes() {
  for (Subject& subject : subjects_) {
    CountedRandom first;
    const auto ours = records::SealRow(*schema_, subject.key, kSeq, subject.values, first);
    CLOISON_CHECK(ours.ok());
    Bytes wanted_plains;
    for (const BarePlain& plain : subject.plains) {
      if (plain.compartment != kIdentity && plain.compartment != kContact) continue;
      base::AppendBytes(wanted_plains, plain.text);
    }
    for (BareRecord* bare : {&subject.direct, &subject.evp}) {
      CountedRandom again;
      bare->Seal(kSeq, subject.plains, again, row_);
      CLOISON_CHECK(row_ == *ours);
      CLOISON_CHECK(bare->Open(*ours, kWantedNumbers, opened_) && opened_ == wanted_plains);
      row_.back() ^= 1;  // and neither opens what is not whole
      CLOISON_CHECK(!bare->Open(row_, kWantedNumbers, opened_));
      CLOISON_CHECK(!records::internal::OpenRow(*schema_, subject.key, row_, kWanted).ok());
    }
    const auto opened = records::internal::OpenWholeRow(*schema_, subject.key, *ours);
    CLOISON_CHECK(opened.ok() && opened->size() == subject.values.size());
  }
}

void Bench::Open(Side side, Subject& subject) {
  if (side == Side::kOurs) {
    CLOISON_CHECK(records::internal::OpenRow(*schema_, subject.key, subject.row, kWanted).ok());
    return;
  }
  BareRecord& bare = side == Side::kDirect ? subject.direct : subject.evp;
  CLOISON_CHECK(bare.Open(subject.row, kWantedNumbers, opened_));
}

void Bench::Seal(Side side, Subject& subject) {
  if (side == Side::kOurs) {
    CLOISON_CHECK(records::SealRow(*schema_, subject.key, kSeq, subject.values, random_).ok());
    return;
  }
  BareRecord& bare = side == Side::kDirect ? subject.direct : subject.evp;
  bare.Seal(kSeq, subject.plains, random_, row_);
}

double ThreadMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

template <class Call>
double Bench::MicrosecondsPerCall(const Call& call) {
  const double before = ThreadMicroseconds();
  for (Subject& subject : subjects_) call(subject);
  return (ThreadMicroseconds() - before) / static_cast<double>(subjects_.size());
}

template <class Call>
std::vector<double> Bench::SingleCalls(const Call& call, int turns) {
  std::vector<double> us;
  for (int turn = 0; turn < turns; ++turn) {
    for (Subject& subject : subjects_) {
      const auto before = Steady::now();
      call(subject);
      us.push_back(std::chrono::duration<double, std::micro>(Steady::now() - before).count());
    }
  }
  return us;
}

void Bench::OneRun(int turns) {
  constexpr Side kSides[] = {Side::kOurs, Side::kDirect, Side::kEvp};
  std::vector<double> open[3], seal[3];
  for (int turn = 0; turn < turns; ++turn) {
    for (std::size_t i = 0; i < 3; ++i) {
      const Side side = kSides[i];
      open[i].push_back(MicrosecondsPerCall([&](Subject& s) { Open(side, s); }));
      seal[i].push_back(MicrosecondsPerCall([&](Subject& s) { Seal(side, s); }));
    }
  }
  double open_us[3], seal_us[3];
  for (std::size_t i = 0; i < 3; ++i) {
    open_us[i] = Quantile(open[i], 0.5);
    seal_us[i] = Quantile(seal[i], 0.5);
  }
  open_.runs.push_back(open_us[0]);
  seal_.runs.push_back(seal_us[0]);
  open_bare_.runs.push_back(open_us[1]);
  seal_bare_.runs.push_back(seal_us[1]);
  ratio_open_.runs.push_back(open_us[0] / open_us[1]);
  ratio_seal_.runs.push_back(seal_us[0] / seal_us[1]);
  ratio_.runs.push_back(std::max(open_us[0] / open_us[1], seal_us[0] / seal_us[1]));
  ratio_open_evp_.runs.push_back(open_us[0] / open_us[2]);
  ratio_seal_evp_.runs.push_back(seal_us[0] / seal_us[2]);
  std::vector<double> opens = SingleCalls([&](Subject& s) { Open(Side::kOurs, s); }, turns / 4);
  std::vector<double> seals = SingleCalls([&](Subject& s) { Seal(Side::kOurs, s); }, turns / 4);
  std::vector<double> bare_opens =
      SingleCalls([&](Subject& s) { Open(Side::kDirect, s); }, turns / 4);
  std::vector<double> bare_seals =
      SingleCalls([&](Subject& s) { Seal(Side::kDirect, s); }, turns / 4);
  open_bare50_.runs.push_back(Quantile(bare_opens, 0.5));
  seal_bare50_.runs.push_back(Quantile(bare_seals, 0.5));
  open50_.runs.push_back(Quantile(opens, 0.5));
  open99_.runs.push_back(Quantile(opens, 0.99));
  seal50_.runs.push_back(Quantile(seals, 0.5));
  seal99_.runs.push_back(Quantile(seals, 0.99));
  std::printf("open %.2f, bare %.2f, EVP %.2f us; seal %.2f, bare %.2f, EVP %.2f us\n", open_us[0],
              open_us[1], open_us[2], seal_us[0], seal_us[1], seal_us[2]);
  std::fflush(stdout);
}

void Bench::Run(const Settings& settings) {
  if (!settings.only.empty()) {
    const bool open = settings.only == "open";
    for (int turn = 0; turn < settings.turns; ++turn) {
      for (Subject& s : subjects_) open ? Open(Side::kOurs, s) : Seal(Side::kOurs, s);
    }
    return;
  }
  CheckSameBytes();
  std::printf("both sides seal the same bytes and open each other's rows; warming up\n");
  for (int turn = 0; turn < settings.turns / 10; ++turn) {
    for (Side side : {Side::kOurs, Side::kDirect, Side::kEvp}) {
      for (Subject& subject : subjects_) Open(side, subject), Seal(side, subject);
    }
  }
  for (int run = 0; run < settings.runs; ++run) OneRun(settings.turns);
  Report("record",
         "What does a sealed record cost, opened (2 of 8 compartments) and sealed (8), beside the "
         "same HKDF, HMAC and GCM calls made bare, with contexts reused?",
         {open_, seal_, ratio_, ratio_open_, ratio_seal_, open_bare_, seal_bare_, ratio_open_evp_,
          ratio_seal_evp_, open50_, open99_, seal50_, seal99_, open_bare50_, seal_bare50_});
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("Seals and opens records beside bare OpenSSL");
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--turns", settings.turns, "of 256 calls, in each run")
      ->check(CLI::Range(4, 1'000'000));
  app.add_option("--only", settings.only, "open or seal, ours alone and no result: to profile")
      ->check(CLI::IsMember({"open", "seal"}));
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Bench().Run(settings);
  return 0;
}
