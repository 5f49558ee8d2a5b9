#include "cli/register_sink.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

constexpr std::int64_t kPauseMsMin = 50;
constexpr std::int64_t kPauseMsMax = 2'000;

std::string BodyOf(const records::Schema& schema, const records::Values& values) {
  std::string body;
  body.reserve(1'024);
  codec::JsonWriter json(body);
  json.BeginObject().Key("fields").BeginObject();
  for (const records::Value& value : values) {
    const records::FieldSpec* const field = schema.Find(value.field);
    CLOISON_CHECK(field != nullptr);
    json.Key(field->name).String(AsText(value.text.Reveal()));
  }
  json.EndObject().EndObject();
  return body;
}

// "identifier_refused /fields/agency.identifier": codes and places, never a value.
std::string ReasonOf(const Problem& problem) {
  std::string reason = problem.code.empty() ? "refused" : problem.code;
  for (const std::string& place : problem.places) reason += " " + place;
  return reason;
}

// An answer that is repeated for its key has a receipt of log and index alone (openapi.yaml,
// Receipt); the first one tells the entry's time.
bool IsRepeated(const net::Response& response) {
  const Result<codec::JsonDocument> document = codec::JsonDocument::Parse(AsBytes(response.body));
  if (!document.ok()) return false;
  const auto receipt = document->root().Find("receipt");
  return receipt.has_value() && receipt->is_object() && !receipt->Find("time").has_value();
}

}  // namespace

RegisterSink::RegisterSink(const Connection& connection, const records::Schema& schema,
                           std::size_t connections, std::int64_t retry_s, base::Clock& clock)
    : schema_(schema), retry_us_(retry_s * 1'000'000), clock_(clock) {
  for (std::size_t i = 0; i < connections; ++i) connections_.push_back(connection.Copy());
}

std::optional<Result<ingest::RowAnswer>> RegisterSink::AnswerOf(const net::Response& response) {
  using ingest::RowAnswer;
  using ingest::RowOutcome;
  if (response.status == 201 || response.status == 200) {
    return RowAnswer{IsRepeated(response) ? RowOutcome::kRepeated : RowOutcome::kRegistered, {}};
  }
  const Problem problem = ProblemOf(response);
  if (problem.code == "person_exists") return RowAnswer{RowOutcome::kExists, {}};
  last_failure_ = ExitCodeOf(response.status, problem.code);
  switch (response.status) {
    case 400:
    case 413:
    case 422: return RowAnswer{RowOutcome::kRefused, ReasonOf(problem)};
    case 408:
    case 409:
    case 429:
    case 502:
    case 503:
    case 504: return std::nullopt;
    case 401:
      return Error{Code::kDenied, "the server knows no such client: are the credentials current?"};
    case 403: return Error{Code::kDenied, "this principal may not register people"};
    default: return Error{Code::kUnavailable, "the server failed on a row", response.status};
  }
}

Result<ingest::RowAnswer> RegisterSink::RegisterOne(Connection& connection,
                                                    const ingest::ImportRow& row) {
  const std::int64_t until_us = clock_.mono_us() + retry_us_;
  std::int64_t pause_ms = kPauseMsMin;
  for (;;) {
    Result<net::Response> response =
        connection.Post("/v1/people", BodyOf(schema_, row.values),  // which wipes it
                        {{"idempotency-key", row.idempotency_key}});
    if (response.ok()) {
      if (std::optional<Result<ingest::RowAnswer>> answer = AnswerOf(*response)) return *answer;
    } else if (response.error().code() != Code::kUnavailable) {
      return response.error();
    } else {
      last_failure_ = ExitCode::kUnavailable;
    }
    if (clock_.mono_us() >= until_us) {
      return Error{Code::kUnavailable, "the server does not answer; run the import again later"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    pause_ms = std::min(pause_ms * 2, kPauseMsMax);
  }
}

Result<std::vector<ingest::RowAnswer>> RegisterSink::Register(std::vector<ingest::ImportRow> rows) {
  std::vector<ingest::RowAnswer> answers(rows.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;  // guards `failed`
  std::optional<Error> failed;
  const auto work = [&](Connection& connection) {
    for (std::size_t i = next++; i < rows.size(); i = next++) {
      Result<ingest::RowAnswer> answer = RegisterOne(connection, rows[i]);
      if (answer.ok()) {
        answers[i] = std::move(*answer);
        continue;
      }
      const std::lock_guard lock(mutex);
      if (!failed.has_value()) failed = answer.error();
      next = rows.size();
      return;
    }
  };
  std::vector<std::thread> threads;
  const std::size_t wanted = std::min(connections_.size(), rows.size());
  for (std::size_t i = 1; i < wanted; ++i) threads.emplace_back(work, std::ref(connections_[i]));
  if (wanted > 0) work(connections_.front());
  for (std::thread& thread : threads) thread.join();
  if (failed.has_value()) return *failed;
  return answers;
}

}  // namespace cloison::cli
