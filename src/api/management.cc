#include "api/management.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "access/exports.h"
#include "access/jobs.h"
#include "access/schemas.h"
#include "api/handler.h"

namespace cloison::api {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

// Families in the order they were begun.
class Page {
 public:
  void Begin(const char* name, const char* help, MetricType type) {
    families_.emplace_back();
    families_.back().name = std::string("cloison_") + name;
    families_.back().help = help;
    families_.back().type = type;
  }
  void Add(double value, const char* label = nullptr, const char* label_value = nullptr) {
    MetricFamily& family = families_.back();
    prometheus::ClientMetric metric;
    if (label != nullptr) metric.label.push_back({label, label_value});
    (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    family.metric.push_back(std::move(metric));
  }
  // With labels from closed sets.
  void Add(const base::Counter& counter,
           const std::vector<std::pair<std::string, std::string>>& labels) {
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : labels) metric.label.push_back({name, value});
    metric.counter.value = static_cast<double>(counter.value());
    families_.back().metric.push_back(std::move(metric));
  }
  void Add(const base::Counter& counter, const char* label = nullptr,
           const char* label_value = nullptr) {
    Add(static_cast<double>(counter.value()), label, label_value);
  }
  void Counter(const char* name, const char* help, const base::Counter& counter) {
    Begin(name, help, MetricType::Counter);
    Add(counter);
  }
  void Gauge(const char* name, const char* help, double value) {
    Begin(name, help, MetricType::Gauge);
    Add(value);
  }
  std::string Text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void AddApi(Page& page, const ApiStats& stats) {
  page.Begin("http_answers_total", "Answers of the API, by class of status", MetricType::Counter);
  page.Add(stats.answered_2xx, "class", "2xx");
  page.Add(stats.answered_4xx, "class", "4xx");
  page.Add(stats.answered_5xx, "class", "5xx");
  page.Counter("http_unauthenticated_total", "Requests without a valid sign-in",
               stats.unauthenticated);
  page.Begin("http_answers_at_tick_total", "Answers held that gave nothing, by the tick they met",
             MetricType::Counter);
  page.Add(stats.at_first_tick, "tick", "first");
  page.Add(stats.at_later_tick, "tick", "later");
}

void AddListener(Page& page, const net::ServerStats& stats) {
  page.Counter("connections_total", "Connections accepted", stats.connections);
  page.Counter("connections_refused_total", "Connections closed at the limit",
               stats.connections_refused);
  page.Begin("tls_handshakes_total", "TLS handshakes, by outcome", MetricType::Counter);
  page.Add(static_cast<double>(stats.handshakes.value() - stats.handshakes_resumed.value()),
           "outcome", "full");
  page.Add(stats.handshakes_resumed, "outcome", "resumed");
  page.Add(stats.handshakes_failed, "outcome", "failed");
  page.Counter("http_requests_total", "Requests that reached the API", stats.requests);
  page.Counter("http_requests_refused_total", "Requests answered before the API",
               stats.requests_refused);
  page.Counter("http_requests_late_total", "Requests past their deadline", stats.requests_late);
  page.Counter("http_bytes_in_total", "Bytes of HTTP received", stats.bytes_in);
  page.Counter("http_bytes_out_total", "Bytes of HTTP sent", stats.bytes_out);
}

void AddPublicListener(Page& page, const net::ServerStats& stats) {
  page.Counter("public_connections_total", "Connections accepted by the public listener",
               stats.connections);
  page.Counter("public_connections_refused_total",
               "Connections of the public listener closed at the limit", stats.connections_refused);
  page.Counter("public_requests_total", "Requests of the public listener", stats.requests);
  page.Counter("public_bytes_out_total", "Bytes of HTTP sent by the public listener",
               stats.bytes_out);
}

void AddCommitter(Page& page, const commit::CommitterStats& stats, const char* database) {
  page.Add(stats.batches, "database", database);
}

void AddGate(Page& page, const access::GateStats& stats) {
  page.Begin("people_shown_total", "People shown, by form", MetricType::Counter);
  page.Add(stats.disclosed_people, "form", "plain");
  page.Add(stats.glimpsed_people, "form", "masked");
  page.Begin("refusals_total", "What the gate did not give, by reason", MetricType::Counter);
  page.Add(stats.refused, "reason", "refused");
  page.Add(stats.missed, "reason", "not_available");
  page.Add(stats.budget_spent, "reason", "budget_spent");
  page.Add(stats.not_enrolled, "reason", "not_enrolled");
  page.Add(stats.held_back, "reason", "held_back");
  page.Counter("records_corrupt_total", "Records or states that did not open", stats.corrupt);
}

void AddExports(Page& page, const access::JobStats& stats) {
  page.Begin("export_steps_total", "Steps of exports, by what was done", MetricType::Counter);
  page.Add(stats.begun, "step", "begun");
  page.Add(stats.ended, "step", "ended");
  page.Add(stats.stopped, "step", "stopped");
  page.Add(stats.refused, "step", "refused");
  page.Counter("export_parts_total", "Parts sealed, those asked for again included", stats.batches);
  page.Counter("export_people_total", "People of sealed parts", stats.people_asked);
}

void AddJobs(Page& page, const access::JobStats& stats) {
  page.Begin("job_steps_total", "Steps of approved jobs, by what was done", MetricType::Counter);
  page.Add(stats.begun, "step", "begun");
  page.Add(stats.ended, "step", "ended");
  page.Add(stats.cancelled, "step", "cancelled");
  page.Add(stats.stopped, "step", "stopped");
  page.Add(stats.refused, "step", "refused");
  page.Counter("job_batches_total", "Batches sealed, those asked for again included",
               stats.batches);
  page.Begin("job_people_total", "People of sealed batches", MetricType::Counter);
  page.Add(stats.people_asked, "outcome", "asked");
  page.Add(stats.people_sealed, "outcome", "sealed");
}

void AddVault(Page& page, vault::Vault& vault) {
  page.Gauge("ledger_size", "Entries of the ledger", static_cast<double>(vault.ledger().size()));
  const ledger::Publisher& publisher = vault.publisher();
  page.Gauge("ledger_published_size", "Entries under the published checkpoint",
             static_cast<double>(publisher.size()));
  page.Gauge("ledger_publish_lag_seconds",
             "For how long the published checkpoint has not been the latest",
             static_cast<double>(publisher.lag_ms()) / 1000);
  page.Gauge("pairs_kept", "Caseload pairs whose rows are known in memory",
             static_cast<double>(vault.gate().pairs_kept()));
  const auto indexes = vault.people().generations().Current();
  page.Gauge("index_generation", "Generation of the index pages in force",
             static_cast<double>(indexes->in_force.generation));
  page.Gauge("index_build_share",
             "Share of the people who are in the next generation, 1 without one", indexes->Share());
  page.Begin("commits_total", "Batches committed, by database", MetricType::Counter);
  AddCommitter(page, vault.committer().stats(), "main");
  AddCommitter(page, vault.key_committer().stats(), "keys");
  const commit::CommitterStats& stats = vault.committer().stats();
  page.Begin("works_total", "Works of the main committer, by outcome", MetricType::Counter);
  page.Add(stats.works, "outcome", "submitted");
  page.Add(stats.again, "outcome", "again");
  page.Add(stats.refused, "outcome", "refused");
  page.Add(stats.failed, "outcome", "failed");
  AddGate(page, vault.gate().stats());
  page.Gauge("schema_version", "Version of the schema in force",
             static_cast<double>(vault.schema().version()));
  const auto rewriting = vault.gate().schemas().rewriting();
  page.Gauge("schema_rewritten_ratio", "Of all rows, how many are in its form; 1: all",
             rewriting.has_value() ? rewriting->share : 1);
  AddJobs(page, vault.gate().jobs().stats());
  AddExports(page, vault.gate().exports().stats());
}

void AddWitnesses(Page& page, const ledger::Witnesses& witnesses) {
  const ledger::WitnessReport report = witnesses.report();
  page.Gauge("witness_quorum", "1 when the published checkpoint has its cosignatures",
             report.quorum ? 1 : 0);
  page.Gauge("witness_quorum_size", "Size of the newest checkpoint that has them",
             static_cast<double>(report.quorum_size));
  page.Begin("witness_cosigned_size", "Size of the last checkpoint that a witness cosigned",
             MetricType::Gauge);
  for (const ledger::WitnessStanding& witness : report.witnesses) {
    page.Add(static_cast<double>(witness.size), "witness", witness.name.c_str());
  }
  page.Begin("witness_offers_total", "Checkpoints offered to witnesses, by outcome",
             MetricType::Counter);
  page.Add(witnesses.stats().cosigned, "outcome", "cosigned");
  page.Add(witnesses.stats().refused, "outcome", "refused");
  page.Add(witnesses.stats().lost, "outcome", "lost");
}

void AddStore(Page& page, const ManagementParts& parts) {
  page.Begin("store_bytes", "Bytes on disk, by database", MetricType::Gauge);
  if (parts.main_store != nullptr) {
    page.Add(static_cast<double>(parts.main_store->health().bytes_on_disk), "database", "main");
  }
  if (parts.key_store != nullptr) {
    page.Add(static_cast<double>(parts.key_store->health().bytes_on_disk), "database", "keys");
  }
}

void AddSignIn(Page& page, const SignInDesk& desk) {
  const std::vector<identity::IssuerSpec>& issuers = desk.client.issuers().all();
  page.Begin("sign_ins_total", "Sign-ins, by issuer and how they ended", MetricType::Counter);
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    for (std::size_t end = 0; end < kSignInEnds; ++end) {
      page.Add(desk.stats.ends[i][end],
               {{"issuer", issuers[i].alias},
                {"outcome", std::string(Name(static_cast<SignInEnd>(end)))}});
    }
  }
  page.Counter("sign_in_handles_refused_total", "Handles of sign-ins that were not taken",
               desk.stats.handles_refused);
  page.Gauge("sessions_open", "Sessions that are kept, some of them idle for too long",
             static_cast<double>(desk.sessions.size()));
  page.Counter("sessions_killed_total", "Sessions ended because their principal was frozen",
               desk.stats.killed);
  page.Begin("proofs_refused_total", "Proofs of possession that were not taken, by reason",
             MetricType::Counter);
  page.Add(desk.stats.proofs_without_nonce, "reason", "nonce");
  page.Add(desk.stats.proofs_refused, "reason", "proof");
  page.Begin("issuer_key_fetches_total", "Fetches of issuers' keys, by issuer and outcome",
             MetricType::Counter);
  for (std::size_t i = 0; i < issuers.size(); ++i) {
    const identity::ProviderKeys::Fetches& fetches = desk.keys.fetches(i);
    page.Add(fetches.came, {{"issuer", issuers[i].alias}, {"outcome", "came"}});
    page.Add(fetches.failed, {{"issuer", issuers[i].alias}, {"outcome", "failed"}});
  }
}

net::Response Plain(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.Add("content-type", "text/plain; version=0.0.4; charset=utf-8");
  response.headers.Add("cache-control", "no-store");
  response.body = std::move(body);
  return response;
}

net::Response RefuseNote(Code why) {
  switch (why) {
    case Code::kDenied:
    case Code::kCorrupt: return net::ProblemResponse(403, "signature_refused");
    case Code::kConflict: return net::ProblemResponse(409, "another_ledger");
    case Code::kInvalid: return net::ProblemResponse(400, "malformed_body");
    case Code::kNotFound: return net::ProblemResponse(404, "not_available");
    case Code::kExhausted: return net::ProblemResponse(429, "too_many");
    default: return net::ProblemResponse(503, "not_kept");
  }
}

}  // namespace

bool Management::Ready() const {
  const Service& service = parts_.service;
  const bool stores = parts_.main_store != nullptr && parts_.main_store->health().writable &&
                      parts_.key_store != nullptr && parts_.key_store->health().writable;
  return service.state == ServiceState::kServing && service.vault != nullptr && stores &&
         !service.vault->committer().failed();
}

std::string Management::Metrics() const {
  Page page;
  page.Gauge("ready", "1 when the register serves", Ready() ? 1 : 0);
  page.Gauge("unlocked_secret_bytes", "Secret memory that the kernel would not lock",
             static_cast<double>(crypto::UnlockedBytes()));
  AddApi(page, parts_.service.stats);
  const net::ServerStats* listener = parts_.listener ? parts_.listener() : nullptr;
  if (listener != nullptr) AddListener(page, *listener);
  const net::ServerStats* strangers = parts_.public_listener ? parts_.public_listener() : nullptr;
  if (strangers != nullptr) AddPublicListener(page, *strangers);
  AddStore(page, parts_);
  if (parts_.service.vault != nullptr) AddVault(page, *parts_.service.vault);
  if (parts_.service.desk != nullptr) AddSignIn(page, *parts_.service.desk);
  if (parts_.service.witnesses != nullptr) AddWitnesses(page, *parts_.service.witnesses);
  return page.Text();
}

// What nobody can sign in to do: without a ledger, after a restart.
net::Response Management::Freeze(net::Request& request) {
  if (parts_.freeze == nullptr) return net::ProblemResponse(404, "no_such_path");
  if (parts_.service.state == ServiceState::kServing) return net::ProblemResponse(409, "serving");
  const Status frozen = parts_.freeze(std::move(request.body));
  if (frozen.ok()) return Plain(202, "frozen: it becomes an entry when there is a ledger\n");
  return RefuseNote(frozen.error().code());
}

// What no account is left to do: an entry at once, so there is a ledger.
Task<net::Response> Management::Unfreeze(net::Request& request) {
  if (parts_.unfreeze == nullptr) co_return net::ProblemResponse(404, "no_such_path");
  if (parts_.service.state != ServiceState::kServing) {
    co_return net::ProblemResponse(503, "not_serving");
  }
  const Result<bool> lifted = co_await parts_.unfreeze(std::move(request.body));
  if (lifted.ok()) co_return Plain(200, *lifted ? "unfrozen\n" : "unfrozen before, not again\n");
  co_return RefuseNote(lifted.error().code());
}

Task<net::Response> Management::Handle(net::Request request) {
  if (request.path == "/freezes" && request.method == net::Method::kPost) {
    co_return Freeze(request);
  }
  if (request.path == "/unfreezes" && request.method == net::Method::kPost) {
    co_return co_await Unfreeze(request);
  }
  const bool reads = request.method == net::Method::kGet || request.method == net::Method::kHead;
  if (!reads) {
    net::Response refused = net::ProblemResponse(405, "method_not_allowed");
    refused.headers.Add("allow", "GET, HEAD");
    co_return refused;
  }
  if (request.path == "/livez") co_return Plain(200, "alive\n");
  if (request.path == "/readyz") {
    const bool ready = Ready();
    co_return Plain(ready ? 200 : 503,
                    ready ? "ready\n" : std::string(Name(parts_.service.state.load())) + "\n");
  }
  if (request.path == "/metrics") co_return Plain(200, Metrics());
  co_return net::ProblemResponse(404, "no_such_path");
}

}  // namespace cloison::api
