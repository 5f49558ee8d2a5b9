#include "vault/direct_load.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "codec/json_reader.h"
#include "records/bulk_register.h"
#include "text/utf8.h"

namespace cloison::vault {

namespace {

// The rows of an import hold canonical texts of fields that the schema has.
Result<records::Values> ValuesOf(const records::Schema& schema, std::string_view fields_json) {
  CLOISON_TRY_ASSIGN(const codec::JsonDocument document,
                     codec::JsonDocument::Parse(AsBytes(fields_json)));
  records::Values values;
  CLOISON_TRY(document.root().ForEachMember(
      [&schema, &values](std::string_view key, const codec::JsonValue& member) {
        const records::FieldSpec* field = schema.Find(key);
        const Result<std::string_view> text = member.AsString();
        if (field == nullptr || !text.ok()) {
          return Status(Error{Code::kInvalid, "a row of an import is not of the schema"});
        }
        values.push_back({field->id, crypto::SecretBytes::CopyOf(AsBytes(*text))});
        return Ok();
      }));
  std::sort(values.begin(), values.end(),
            [](const records::Value& a, const records::Value& b) { return a.field < b.field; });
  return values;
}

struct Row {
  std::uint64_t number;
  std::string fields_json;
};

}  // namespace

struct DirectLoad::State {
  explicit State(Vault& all) : vault(all), bulk(all.people()) {}

  // A window and its place in the order.
  struct Window {
    std::uint64_t turn;
    std::vector<Row> rows;
  };
  struct Ready {
    std::uint64_t row;
    records::BulkRegister::Prepared prepared;
  };

  void Work();
  std::optional<Window> Next();
  Result<std::vector<Ready>> Prepare(const Window& window) const;
  void Take(std::uint64_t turn, Result<std::vector<Ready>> ready);
  Status TakeAll(std::vector<Ready> ready);
  void Stop(bool rest_counts);

  Vault& vault;
  records::BulkRegister bulk;
  std::vector<std::thread> threads;

  std::mutex mutex;  // guards what follows, and `bulk` while its turn lasts
  std::condition_variable changed;
  std::deque<Window> waiting;
  std::uint64_t given = 0, turn = 0;  // windows handed out to threads; whose turn it is to be taken
  bool closed = false;
  std::optional<Error> failed;
  std::vector<ingest::LateAnswer> late;
  std::vector<std::pair<PersonId, Aud>> left_out;  // who have keys and no row
};

std::optional<DirectLoad::State::Window> DirectLoad::State::Next() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return closed || failed.has_value() || !waiting.empty(); });
  if (failed.has_value() || waiting.empty()) return std::nullopt;
  Window window = std::move(waiting.front());
  waiting.pop_front();
  changed.notify_all();
  return window;
}

Result<std::vector<DirectLoad::State::Ready>> DirectLoad::State::Prepare(
    const Window& window) const {
  Result<std::vector<keys::PersonKey>> keys =
      base::SyncWait(vault.person_keys().CreateMany(window.rows.size(), vault.environment().home));
  if (!keys.ok()) return keys.error();
  std::vector<Ready> ready;
  ready.reserve(window.rows.size());
  for (std::size_t i = 0; i < window.rows.size(); ++i) {
    CLOISON_TRY_ASSIGN(const records::Values values,
                       ValuesOf(vault.schema(), window.rows[i].fields_json));
    CLOISON_TRY_ASSIGN(auto prepared, bulk.Prepare((*keys)[i], values));
    ready.push_back({window.rows[i].number, std::move(prepared)});
  }
  return ready;
}

Status DirectLoad::State::TakeAll(std::vector<Ready> ready) {
  for (Ready& one : ready) {
    const std::pair<PersonId, Aud> person(one.prepared.person, one.prepared.aud);
    const Status taken = bulk.Take(std::move(one.prepared));
    if (taken.ok()) continue;
    if (taken.error().code() != Code::kConflict) return taken;
    late.push_back({one.row, {ingest::RowOutcome::kExists, {}}});
    left_out.push_back(person);
  }
  return Ok();
}

void DirectLoad::State::Take(std::uint64_t mine, Result<std::vector<Ready>> ready) {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this, mine] { return failed.has_value() || turn == mine; });
  if (!failed.has_value()) {
    const Status taken = ready.ok() ? TakeAll(std::move(*ready)) : Status(ready.error());
    if (!taken.ok()) failed = taken.error();
    ++turn;
  }
  changed.notify_all();
}

void DirectLoad::State::Work() {
  while (std::optional<Window> window = Next()) {
    Take(window->turn, Prepare(*window));
    for (Row& row : window->rows) text::WipeText(row.fields_json);
  }
}

void DirectLoad::State::Stop(bool rest_counts) {
  {
    const std::lock_guard lock(mutex);
    closed = true;
    if (!rest_counts && !failed.has_value()) failed = Error{Code::kUnavailable, "stopped"};
    changed.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  for (Window& window : waiting) {
    for (Row& row : window.rows) text::WipeText(row.fields_json);
  }
}

Result<std::unique_ptr<DirectLoad>> DirectLoad::Begin(Vault& vault, std::size_t workers) {
  CLOISON_CHECK(workers > 0);
  auto state = std::make_unique<State>(vault);
  CLOISON_TRY(base::SyncWait(state->bulk.CheckEmpty()));
  State* const shared = state.get();
  std::unique_ptr<DirectLoad> load(new DirectLoad(std::move(state)));
  for (std::size_t i = 0; i < workers; ++i) {
    shared->threads.emplace_back([shared] { shared->Work(); });
  }
  return load;
}

DirectLoad::DirectLoad(std::unique_ptr<State> state) : state_(std::move(state)) {}

DirectLoad::~DirectLoad() {
  state_->Stop(false);
}

Result<std::vector<ingest::RowAnswer>> DirectLoad::Register(
    const std::vector<ingest::ImportRow>& rows) {
  State& state = *state_;
  CLOISON_CHECK(!rows.empty() && rows.size() <= kDirectWindowRows);
  State::Window window{0, {}};
  for (const ingest::ImportRow& row : rows) window.rows.push_back({row.number, row.fields_json});
  std::unique_lock lock(state.mutex);
  state.changed.wait(lock, [&state] {
    return state.failed.has_value() || state.waiting.size() < kDirectWindowsMax;
  });
  if (state.failed.has_value()) {
    for (Row& row : window.rows) text::WipeText(row.fields_json);
    return *state.failed;
  }
  window.turn = state.given++;
  state.waiting.push_back(std::move(window));
  state.changed.notify_all();
  return std::vector<ingest::RowAnswer>(rows.size());
}

Result<std::vector<ingest::LateAnswer>> DirectLoad::Finish() {
  State& state = *state_;
  state.Stop(true);
  if (state.failed.has_value()) return *state.failed;
  base::Executor& home = state.vault.environment().home;
  Result<std::vector<crypto::Digest>> roots = state.bulk.Finish();
  if (!roots.ok()) return roots.error();
  for (const auto& [person, aud] : state.left_out) {
    CLOISON_TRY(base::SyncWait(state.vault.person_keys().Destroy(person, aud, home)));
  }
  CLOISON_TRY(base::SyncWait(state.vault.gate().RecordLoad(std::move(*roots), home)));
  return std::move(state.late);
}

}  // namespace cloison::vault
