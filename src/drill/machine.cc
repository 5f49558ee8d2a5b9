#include "drill/machine.h"

#include <algorithm>

#include "crypto/base64.h"
#include "drill/doors.h"
#include "drill/payments.h"
#include "identity/production_sign_in.h"
#include "ingest/generator.h"
#include "vault/load_people.h"

namespace cloison::drill {

namespace {

using access::Counter;

constexpr char kApplication[] = "app.case", kRole[] = "case-application";
constexpr char kUrl[] = "https://register.invalid";
constexpr OrganisationId kFranceTravail(1);
constexpr ClientId kClient(7);
constexpr std::size_t kAsksADay = 5;
constexpr ByteArray<32> kItsCertificate{0x11}, kThievesCertificate{0x22};

// Issuers' own tokens are no part of this theft.
class NoTokens final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented&) override {
    return Error{Code::kDenied, "this issuer makes no tokens"};
  }
  Result<PrincipalId> Named(std::string_view) const override {
    return Error{Code::kInvalid, "this issuer makes no tokens"};
  }
};

// The production sign-in with one application, registered by its certificate.
class Entrance {
 public:
  static Result<std::unique_ptr<Entrance>> Open(Stage& stage) {
    const std::string toml = R"(version = 1
[[issuer]]
alias = "agency"
kind = "agents"
url = "https://provider.invalid"
algorithms = ["ES256"]
access_tokens = "at+jwt"
audiences = ["register"]
token_clients = ["register"]
[[client]]
name = "case"
certificate = ")" + crypto::ToBase64Url(kItsCertificate) +
                             "\"\nprincipal = \"agency:case\"\n";
    std::vector<std::string> problems;
    CLOISON_TRY_ASSIGN(identity::Issuers issuers, identity::ParseIssuers(toml, {}, problems));
    return std::unique_ptr<Entrance>(new Entrance(stage, std::move(issuers)));
  }

  // In how many of its ways in the thief, who holds another key, got in; and whether the
  // application itself still does.
  struct Tried {
    std::uint64_t times = 0, entered = 0;
    bool owner = false;
  };
  Result<Tried> Try() {
    identity::Session session{PrincipalId(ByteArray<16>{1}),
                              sessions_.NewId(),
                              kClient,
                              {identity::Actor::kApplication, {}, {}, 0, "agency"}};
    session.key = {identity::Bound::kCertificate, kItsCertificate};
    CLOISON_TRY_ASSIGN(const std::string token, sessions_.Open(session));
    Tried tried;
    const std::string bearer = "Bearer " + token, dpop = "DPoP " + token;
    const std::string* const carried[] = {nullptr, &bearer, &dpop};
    for (const std::string* authorization : carried) {
      for (const bool certificate : {false, true}) {
        const auto theirs = certificate ? std::optional(kThievesCertificate) : std::nullopt;
        ++tried.times;
        tried.entered += Enters(authorization, theirs) ? 1 : 0;
      }
    }
    tried.owner = Enters(&bearer, kItsCertificate) && Enters(nullptr, kItsCertificate);
    sessions_.End(session.id);
    return tried;
  }

 private:
  Entrance(Stage& stage, identity::Issuers issuers)
      : issuers_(std::move(issuers)),
        sessions_(stage.clock(), stage.random()),
        nonces_(stage.random(), stage.clock()),
        sign_in_({issuers_, tokens_, sessions_, nonces_, proofs_, stage.clock()}, kUrl) {}

  bool Enters(const std::string* authorization, std::optional<ByteArray<32>> certificate) {
    net::Peer peer;
    peer.certificate_sha256 = certificate;
    const std::string_view header =
        authorization == nullptr ? "" : std::string_view(*authorization);
    return sign_in_.Verify({header, {}, {}, net::Method::kPost, "/v1/disclosures", peer}).ok();
  }

  const identity::Issuers issuers_;
  NoTokens tokens_;
  identity::Sessions sessions_;
  identity::DpopNonces nonces_;
  identity::DpopProofs proofs_;
  identity::ProductionSignIn sign_in_;
};

class MachineThief {
 public:
  MachineThief(World& world, const Options& options, std::unique_ptr<Entrance> entrance,
               std::unique_ptr<PaymentThief> payments)
      : world_(world),
        entrance_(std::move(entrance)),
        payments_(std::move(payments)),
        generator_(options.seed),
        caller_{vault::DemoPrincipalId(kApplication),
                SessionId(vault::DemoPrincipalId(kApplication).array()),
                kClient,
                world.executor(),
                {identity::Actor::kApplication, {}, {}, 0, {}}},
        doors_(world.stage(), caller_, kFranceTravail, kRole) {}

  Status Day() {
    CLOISON_TRY_ASSIGN(const Entrance::Tried tried, entrance_->Try());
    if (!tried.owner) return Error{Code::kInvalid, "the application's own key does not open"};
    requests_ += tried.times;
    refused_ += tried.times - tried.entered;
    entered_ += tried.entered;
    std::vector<Target> targets;
    for (std::size_t i = 0; i < kAsksADay; ++i) {
      CLOISON_TRY_ASSIGN(Target target, Next());
      CLOISON_TRY_ASSIGN(const std::vector<Told> told, doors_.TryAll(target));
      Note(told);
      targets.push_back(std::move(target));
    }
    CLOISON_TRY_ASSIGN(const std::vector<Told> own, doors_.Overview());
    Note(own);
    CLOISON_TRY(payments_->Day(targets));
    return RegisterUntilRefused();
  }

  Result<drill::Report> Sum(const Options& options) const {
    drill::Report report;
    const std::uint64_t told = told_ + payments_->told();
    report.options = options;
    CLOISON_TRY_ASSIGN(report.scope, CompareScope(world_.stage(), caller_.session, book_));
    report.requests = requests_ + doors_.requests();
    report.refused = refused_ + doors_.refused();
    report.people_once = entered_ + told;
    report.counters[static_cast<std::size_t>(Counter::kOpened)].shown = entered_ + told;
    report.ratio = report.counters[0].ratio = RatioOf(told + entered_, 0);
    const Result<const access::BudgetClass*> of = world_.vault().policy()->ClassOf(kRole);
    CLOISON_CHECK(of.ok());
    for (const Counter counter : {Counter::kGlimpsed, Counter::kGlimpsedOff}) {
      CounterReport& glimpsed = report.counters[static_cast<std::size_t>(counter)];
      glimpsed = book_.Against((*of)->caps, counter, 0, options.days * base::kDayMs);
      report.ratio = std::max(report.ratio, glimpsed.ratio);
    }
    CLOISON_TRY(payments_->Sum(options.days, report));
    report.entries = world_.vault().ledger().size();
    return report;
  }

 private:
  // Somebody who has a national number, in turn.
  Result<Target> Next() {
    const std::size_t people = world_.people().size();
    for (std::size_t i = 0; i < people; ++i) {
      const std::size_t index = next_++ % people;
      const ingest::GeneratedPerson person = generator_.At(index);
      const std::string_view nir = person.Text("civil_number.nir");
      if (nir.empty()) continue;
      CLOISON_TRY_ASSIGN(const records::PersonCode code,
                         world_.vault().codes().Encode(kFranceTravail, world_.people()[index]));
      return Target{world_.people()[index],
                    code.Text(),
                    {{"civil_number.nir", std::string(nir)},
                     {"identity.birth_name", std::string(person.Text("identity.birth_name"))},
                     {"identity.first_name", std::string(person.Text("identity.first_name"))},
                     {"identity.birth_date", std::string(person.Text("identity.birth_date"))}},
                    {}};
    }
    return Error{Code::kExhausted, "nobody of this register has a national number"};
  }

  // Whoever registers somebody who is there learns that they are.
  Status RegisterUntilRefused() {
    for (std::size_t i = 0; i < world_.people().size(); ++i) {
      CLOISON_TRY_ASSIGN(const Target target, Next());
      CLOISON_TRY_ASSIGN(records::Values values,
                         vault::CanonicalValues(world_.vault().schema(), target.known));
      const std::string key = "steal-" + std::to_string(requests_);
      access::Gate::Once once{key, base::ToBytes(AsBytes(key))};
      const auto outcome = world_.executor().Wait(world_.vault().gate().Register(
          caller_, std::move(values), {"register", ""}, std::move(once)));
      ++requests_;
      if (!outcome.ok()) return outcome.error();
      const auto* const refusal = std::get_if<access::Refusal>(&*outcome);
      if (refusal == nullptr) return Error{Code::kInvalid, "somebody was registered twice"};
      ++refused_;
      if (refusal->code != access::RefusalCode::kExists) return Ok();
      const std::optional<PersonId> person = PersonOf(*refusal);
      if (!person.has_value()) return Error{Code::kInvalid, "no code of who is there"};
      if (!refusal->recorded.has_value()) return Error{Code::kInvalid, "a glimpse has no entry"};
      BookLine line{world_.clock().wall_ms(), *person, {}, {refusal->recorded->index}, {}};
      line.counters.Add(Counter::kGlimpsed).Add(Counter::kGlimpsedOff);
      book_.Add(std::move(line));
    }
    return Ok();
  }
  void Note(const std::vector<Told>& told) {
    told_ += told.size();
    for (const Told& one : told) book_.Add(LineOf(one, world_.clock().wall_ms(), true));
  }
  std::optional<PersonId> PersonOf(const access::Refusal& refusal) const {
    if (!refusal.existing.has_value()) return std::nullopt;
    const Result<PersonId> person =
        world_.vault().codes().Decode(kFranceTravail, refusal.existing->Text());
    return person.ok() ? std::optional(*person) : std::nullopt;
  }

  World& world_;
  const std::unique_ptr<Entrance> entrance_;
  const std::unique_ptr<PaymentThief> payments_;
  const ingest::Generator generator_;
  const access::Caller caller_;
  Doors doors_;
  Book book_;
  std::size_t next_ = 0;
  std::uint64_t requests_ = 0, refused_ = 0, entered_ = 0, told_ = 0;
};

}  // namespace

Result<Report> StealMachine(World& world, const Options& options) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<Entrance> entrance, Entrance::Open(world.stage()));
  CLOISON_TRY_ASSIGN(std::unique_ptr<PaymentThief> payments, PaymentThief::Begin(world));
  MachineThief thief(world, options, std::move(entrance), std::move(payments));
  const std::int64_t begin_ms = world.clock().wall_ms();
  for (int day = 0; day < options.days; ++day) {
    world.clock().GoTo(begin_ms + day * base::kDayMs);
    CLOISON_TRY(thief.Day());
  }
  return thief.Sum(options);
}

}  // namespace cloison::drill
