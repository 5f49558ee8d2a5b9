// bare_disclose: the baseline of the bench `access`: the same disclosures from the same records,
// each with its entry in the ledger, and nothing decided.
//
// Same loops, TLS, client certificates, JSON, committer, ledger, receipts and Opener as the server.
// What is missing: who asks, whether that is enough, policy, caseload, explanations, budgets,
// ceilings, and the rows that these keep. Every entry is by one actor of its own making.
//
//   bare_disclose --data build/bench-data/access/bare --certificate server.pem --key server.key
//                 --client-ca ca.pem
//
// Prints "ready port=N" and serves until it is told to end (SIGTERM, SIGINT).
#include <CLI/CLI.hpp>

#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "bench/demo_stage.h"
#include "records/people.h"

namespace cloison::bench {
namespace {

constexpr OrganisationId kFranceTravail(1), kCapEmploi(2);

// Who every entry says it was. Its numbers are counted here alone. Threads: the committer's.
struct Everybody {
  Everybody(ledger::Ledger& log, base::Random& random)
      : key(log.log_id(), crypto::Secret<32>(random)) {}
  ledger::ActorKey key;
  std::uint64_t n = 0;
};

class BareWork final : public commit::Work {
 public:
  using Promise = ledger::Receipt;
  BareWork(ledger::Ledger& log, Everybody& everybody, const records::Sighting& sighting,
           std::vector<FieldId> fields, ByteArray<16> code)
      : ledger_(log),
        everybody_(everybody),
        sighting_(sighting),
        fields_(std::move(fields)),
        code_(code) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  Task<Status> Prefetch() {
    CLOISON_CO_TRY_ASSIGN(head_, co_await ledger_.PrefetchHead(sighting_.key.subject()));
    co_return Ok();
  }
  Task<Status> Load(commit::Staging&) override {
    co_return co_await ledger_.LoadHead(sighting_.key.subject(), head_);
  }
  Result<commit::Staged> Stage(commit::Staging&) override {
    if (ledger_.Room() == 0) return commit::Staged::kAgain;
    ledger::EntryDraft draft{
        ledger::Kind::kDisclosure,
        ledger::EntryDraft::Subject{sighting_.key.person(), &sighting_.key.subject(),
                                    sighting_.header.seq, fields_, ledger::Form::kPlain, code_},
        {PrincipalId(ByteArray<16>{1}), &everybody_.key, everybody_.n++, kFranceTravail,
         OfficeId(1), "adviser"},
        ledger::Decision::kAllow,
        "support",
        "BENCH-0001",
        SessionId(ByteArray<16>{}),
        ClientId(1),
        "support/caseload",
        1};
    pending_ = ledger_.Stage(std::move(draft));
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable& durable) {
    return ledger_.RedeemReceipt(std::move(*pending_), durable);
  }

 private:
  ledger::Ledger& ledger_;
  Everybody& everybody_;
  const records::Sighting& sighting_;
  std::vector<FieldId> fields_;
  ByteArray<16> code_;
  std::optional<ledger::PrefetchedHead> head_;
  std::optional<ledger::Pending> pending_;
};

class Bare final : public net::Handler {
 public:
  Bare(api::Service& service, Everybody& everybody) : service_(service), everybody_(everybody) {}

  Task<net::Response> Handle(net::Request request) override {
    api::internal::Call call{service_, std::move(request), api::NewRequestId(service_.random),
                             service_.clock.mono_us()};
    net::Response response = co_await Answer(call);
    api::internal::AddCommonHeaders(response.headers, call.request_id);
    co_return response;
  }

 private:
  struct Asked {
    std::string person;
    std::vector<FieldId> fields;
  };

  static std::optional<net::Response> Read(api::internal::Call& call, Asked& asked) {
    static constexpr std::string_view kKeys[] = {"person", "fields", "purpose", "case_ref"};
    api::internal::Body body(call, kKeys);
    asked.person = body.Text("person", api::internal::Need::kRequired, 64);
    asked.fields = body.FieldNames(call.schema());
    (void)body.Reason(api::internal::Need::kRequired, api::internal::Need::kRequired);
    std::ranges::sort(asked.fields);
    if (body.ok()) return std::nullopt;
    return body.Refuse(call);
  }

  Task<Result<access::ShownRecord>> Open(const Asked& asked, base::Executor& home) {
    vault::Vault& vault = *service_.vault;
    // Whose code it is, nothing here knows: the second try is of few requests.
    Result<records::NamedPerson> read = vault.codes().Read(kFranceTravail, asked.person);
    if (!read.ok()) read = vault.codes().Read(kCapEmploi, asked.person);
    if (!read.ok()) co_return read.error();
    const records::NamedPerson named = *read;
    std::vector<PersonId> persons(1, named.person);
    CLOISON_CO_TRY_ASSIGN(std::vector<Result<records::Sighting>> found,
                          co_await vault.people().SightMany(std::move(persons)));
    if (!found[0].ok()) co_return found[0].error();
    const records::Sighting& sighting = *found[0];
    auto work = std::make_unique<BareWork>(vault.ledger(), everybody_, sighting, asked.fields,
                                           named.code.symbols());
    CLOISON_CO_TRY(co_await work->Prefetch());
    Result<ledger::Receipt> receipt = co_await vault.committer().Submit(std::move(work), home);
    if (!receipt.ok()) co_return receipt.error();
    access::ShownRecord shown{named.code, sighting.header.seq, {}, {}};
    shown.recorded.push_back(receipt->recorded());
    CLOISON_CO_TRY_ASSIGN(shown.values,
                          records::Opener(vault.schema()).Open(sighting, std::move(*receipt)));
    co_return shown;
  }

  Task<net::Response> Answer(api::internal::Call& call) {
    Asked asked;
    std::optional<net::Response> bad = Read(call, asked);
    if (bad.has_value()) co_return std::move(*bad);
    const Result<access::ShownRecord> shown = co_await Open(asked, *call.request.home);
    if (!shown.ok()) co_return call.Refuse(api::FromError(shown.error()));
    std::string body;
    body.reserve(2'560);
    codec::JsonWriter json(body);
    json.BeginObject().Key("disclosures").BeginArray();
    api::internal::WriteRecord(json, *shown, call);
    json.EndArray().EndObject();
    co_return api::internal::JsonAnswer(201, std::move(body));
  }

  api::Service& service_;
  Everybody& everybody_;
};

struct Settings {
  std::string data;
  TlsFiles tls;
};

class NoSignIn final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented&) override {
    return Error{Code::kDenied, "nobody signs in here"};
  }
  Result<PrincipalId> Named(std::string_view) const override {
    return Error{Code::kInvalid, "nobody has a name here"};
  }
};

void Serve(const Settings& settings) {
  DemoStage stage(settings.data);
  NoSignIn sign_in;
  api::Service service{sign_in, stage.ground().clock(), stage.ground().random(), &stage.vault()};
  Everybody everybody(stage.vault().ledger(), stage.ground().random());
  Bare handler(service, everybody);
  ServeUntilTold(handler, settings.tls, stage);
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("Discloses without deciding");
  app.add_option("--data", settings.data, "of a stopped `cloisond demo`")->required();
  app.add_option("--certificate", settings.tls.certificate)->required()->check(CLI::ExistingFile);
  app.add_option("--key", settings.tls.key)->required()->check(CLI::ExistingFile);
  app.add_option("--client-ca", settings.tls.client_ca)->required()->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  cloison::bench::BlockEndingSignals();
  cloison::bench::Serve(settings);
  return 0;
}
