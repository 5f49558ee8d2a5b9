#include "server/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "codec/json_writer.h"

namespace cloison::server {

namespace {

std::string_view NameOf(base::Severity severity) {
  switch (severity) {
    case base::Severity::kInfo: return "info";
    case base::Severity::kWarning: return "warning";
    case base::Severity::kError: return "error";
  }
  return "error";
}

}  // namespace

struct JsonLog::State {
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(kLogQueueLines, 1);
  std::shared_ptr<spdlog::async_logger> logger = std::make_shared<spdlog::async_logger>(
      "cloisond", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
      spdlog::async_overflow_policy::overrun_oldest);
};

std::string LogLine(std::int64_t wall_ms, base::Severity severity, Literal name,
                    std::initializer_list<base::EventField> fields) {
  std::string line;
  codec::JsonWriter json(line);
  json.BeginObject().Key("time_ms").Int(wall_ms).Key("level").String(NameOf(severity));
  json.Key("event").String(name.view());
  for (const base::EventField& field : fields) json.Key(field.key.view()).Int(field.value);
  json.EndObject();
  return line;
}

std::shared_ptr<JsonLog::State> JsonLog::MakeState() {
  auto state = std::make_shared<State>();
  state->logger->set_pattern("%v");
  state->logger->flush_on(spdlog::level::info);
  return state;
}

JsonLog::JsonLog(const base::Clock& clock) : clock_(clock), state_(MakeState()) {}

JsonLog::~JsonLog() = default;

void JsonLog::Emit(base::Severity severity, Literal name,
                   std::initializer_list<base::EventField> fields) {
  std::shared_ptr<State> state;
  {
    const std::lock_guard lock(mutex_);
    state = state_;
  }
  state->logger->info(spdlog::string_view_t(LogLine(clock_.wall_ms(), severity, name, fields)));
}

// The pool's destructor writes what is queued and joins.
void JsonLog::Flush() {
  std::shared_ptr<State> old = MakeState();
  const std::lock_guard lock(mutex_);
  state_.swap(old);
}

}  // namespace cloison::server
