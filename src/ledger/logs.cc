#include "ledger/logs.h"

namespace cloison::ledger {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kStatementBytesMax = tlog::kNoteBytesMax;
constexpr Error kBad{Code::kCorrupt, "the row of logs cannot be read"};

void AppendHead(Bytes& out, const tlog::Head& head) {
  base::AppendU64(out, head.size);
  base::AppendBytes(out, head.root);
}

tlog::Head TakeHead(base::Reader& reader) {
  tlog::Head head{};
  head.size = reader.U64();
  head.root = reader.Array<32>();
  return head;
}

// What is there or not: a byte of 1 or 0 says which.
bool TakeFlag(base::Reader& reader, bool& bad) {
  const std::uint8_t flag = reader.U8();
  bad = bad || flag > 1;
  return flag == 1;
}

void AppendLog(Bytes& out, const Log& log) {
  CLOISON_CHECK(!log.origin.empty() && log.origin.size() <= tlog::kKeyNameBytesMax);
  base::AppendU8(out, static_cast<std::uint8_t>(log.origin.size()));
  base::AppendBytes(out, AsBytes(log.origin));
  base::AppendU8(out, log.key.has_value() ? 1 : 0);
  if (log.key.has_value()) base::AppendBytes(out, *log.key);
  const Log::Opening opening = log.opening.value_or(Log::Opening{0, 0, ""});
  CLOISON_CHECK(log.opening.has_value() == !opening.statement.empty());
  CLOISON_CHECK(opening.statement.size() <= kStatementBytesMax);
  base::AppendU64(out, static_cast<std::uint64_t>(opening.time_ms));
  base::AppendU64(out, static_cast<std::uint64_t>(opening.budget_ms));
  base::AppendU32(out, static_cast<std::uint32_t>(opening.statement.size()));
  base::AppendBytes(out, AsBytes(opening.statement));
  base::AppendU8(out, log.closing.has_value() ? 1 : 0);
  if (!log.closing.has_value()) return;
  AppendHead(out, log.closing->head);
  base::AppendU8(out, log.closing->signed_head.has_value() ? 1 : 0);
  if (log.closing->signed_head.has_value()) AppendHead(out, *log.closing->signed_head);
}

Log TakeLog(base::Reader& reader, bool& bad) {
  Log log;
  const std::size_t origin_size = reader.U8();
  log.origin = AsText(reader.Take(origin_size));
  bad = bad || log.origin.empty();
  if (TakeFlag(reader, bad)) log.key = reader.Array<32>();
  Log::Opening opening{};
  opening.time_ms = static_cast<std::int64_t>(reader.U64());
  opening.budget_ms = static_cast<std::int64_t>(reader.U64());
  const std::size_t statement_size = reader.U32();
  opening.statement = AsText(reader.Take(statement_size));
  const bool opened = !opening.statement.empty();
  bad = bad || statement_size > kStatementBytesMax || opening.time_ms < 0 ||
        (opened ? opening.budget_ms < 1 : opening.time_ms != 0 || opening.budget_ms != 0);
  if (opened) log.opening = std::move(opening);
  if (!TakeFlag(reader, bad)) return log;
  log.closing = Log::Closing{TakeHead(reader), std::nullopt};
  bad = bad || log.closing->head.size > tlog::kTreeSizeMax;
  if (TakeFlag(reader, bad)) log.closing->signed_head = TakeHead(reader);
  return log;
}

// What a ceremony leaves: each but the first was opened by one or is lost whole, each but the last
// is closed.
bool Follow(const std::vector<Log>& logs) {
  const Log& newest = logs.back();
  bool sound = !logs.front().opening.has_value() && newest.opening.has_value() &&
               newest.key.has_value() && !newest.closing.has_value();
  for (std::size_t i = 0; i + 1 < logs.size(); ++i) {
    const Log& log = logs[i];
    sound = sound && log.closing.has_value();
    const bool empty = sound && log.closing->head == tlog::Head{0, tlog::EmptyRoot()};
    sound = sound && (log.key.has_value() || empty);
  }
  return sound;
}

}  // namespace

std::string OriginOf(const std::string& base, std::uint32_t generation) {
  return generation == 1 ? base : base + "/" + std::to_string(generation);
}

Result<tlog::VerifierKey> VerifierKeyOf(const Log& log) {
  if (!log.key.has_value()) return Error{Code::kNotFound, "the key of a closed log is lost"};
  return tlog::VerifierKey::Make(log.origin, tlog::KeyType::kSignature, *log.key);
}

Bytes Serialise(const std::vector<Log>& logs) {
  CLOISON_CHECK(logs.size() > 1 && logs.size() <= kLogsMax && Follow(logs));
  Bytes out{kVersion, static_cast<std::uint8_t>(logs.size())};
  for (const Log& log : logs) AppendLog(out, log);
  return out;
}

Result<std::vector<Log>> ParseLogs(ByteView bytes) {
  base::Reader reader(bytes);
  if (reader.U8() != kVersion) return kBad;
  const std::size_t count = reader.U8();
  bool bad = count < 2;
  std::vector<Log> logs;
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    logs.push_back(TakeLog(reader, bad));
  }
  if (bad || reader.failed() || !reader.empty() || !Follow(logs)) return kBad;
  return logs;
}

Task<Result<std::vector<Log>>> ReadLogs(store::Store& store, const commit::SealedState& state) {
  const store::Key row{store::Family::kMeta, kLogsRow};
  std::vector<store::Key> keys{row};
  const Result<std::vector<store::Row>> rows =
      co_await store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  if (!rows->front().present()) co_return std::vector<Log>{};
  CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state.Open(row, rows->front().value));
  co_return ParseLogs(plain.Reveal());
}

}  // namespace cloison::ledger
