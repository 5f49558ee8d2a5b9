#include "assess/log_reading.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "base/check.h"
#include "codec/csv_writer.h"

namespace cloison::assess {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kTimesTried = 1'000;  // lines that may be broken before one tells the form

// Takes the next line; `ended`: its end was there.
std::string_view TakeLine(std::string_view& text, bool& ended) {
  const std::size_t end = text.find('\n');
  ended = end != std::string_view::npos;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(ended ? end + 1 : text.size());
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

void LogCounts::Add(const LogCounts& other) {
  lines += other.lines;
  accesses += other.accesses;
  ignored += other.ignored;
  bytes += other.bytes;
  for (std::size_t i = 0; i < kLineFaults; ++i) faults[i] += other.faults[i];
  first_ms = std::min(first_ms, other.first_ms);
  last_ms = std::max(last_ms, other.last_ms);
  for (std::size_t i = 0; i < actions.size(); ++i) actions[i] = actions[i] || other.actions[i];
}

std::uint64_t LogCounts::broken() const {
  std::uint64_t all = 0;
  for (const std::uint64_t one : faults) all += one;
  return all;
}

// What one thread does.
class LogReading::Worker {
 public:
  Worker(LogReading& reading, const ReadingOptions& options)
      : reading_(reading),
        options_(options),
        reader_(reading.map_, reading.layout_, *reading.time_),
        seats_(reading.accounts_, reading.hash_),
        writer_(reading.partitions_) {}

  Status ReadFirst() { return ReadBlock(reading_.first_); }

  Status Run() {
    Block block;
    for (;;) {
      CLOISON_TRY_ASSIGN(const bool more, reading_.blocks_->Next(block));
      if (!more) break;
      CLOISON_TRY(ReadBlock(block));
    }
    CLOISON_TRY(writer_.Finish());
    const std::scoped_lock lock(reading_.mutex_);
    reading_.counts_.Add(counts_);
    return Ok();
  }

 private:
  Status ReadBlock(const Block& block) {
    if (block.number >= kBlocksMax) return Error{Code::kExhausted, "the log is too long"};
    BlockResult result;
    std::string_view text = block.bytes;
    counts_.bytes += text.size();
    bool ended = true;
    if (block.begins_inside) TakeLine(text, ended);
    // Where the line that goes over several blocks ends, the next one has the next number.
    result.lines = block.begins_inside && ended ? 1 : 0;
    while (!text.empty()) {
      const std::string_view line = TakeLine(text, ended);
      const std::uint32_t number = result.lines;
      if (ended || !block.ends_inside) ++result.lines;
      if (line.empty()) continue;
      ++counts_.lines;
      const bool too_long = !ended && block.ends_inside;
      CLOISON_TRY_ASSIGN(const LineFault fault,
                         too_long ? LineFault::kTooLong : ReadLine(line, block.number, number));
      if (fault == LineFault::kNone) continue;
      ++counts_.faults[static_cast<std::size_t>(fault)];
      if (options_.rejects == nullptr) continue;
      const bool show = options_.include_values && line.size() <= kLogLineBytesMax;
      result.faults.push_back({number, fault, show ? std::string(line) : std::string()});
    }
    return reading_.Done(block.number, std::move(result), options_);
  }

  Result<LineFault> ReadLine(std::string_view line, std::uint64_t block, std::uint32_t number) {
    LogAccess access;
    const LineFault fault = reader_.Read(line, access);
    if (fault != LineFault::kNone) return fault;
    if (access.action == Action::kIgnore) {
      ++counts_.ignored;
      return LineFault::kNone;
    }
    CLOISON_TRY_ASSIGN(const std::uint32_t seat, seats_.SeatOf(access));
    const std::uint64_t person = reading_.hash_.Of(base::AsBytes(access.person));
    CLOISON_TRY(writer_.Add(AccountOf(seat), Record(person, seat, access, block, number)));
    if (options_.scope != nullptr) {
      CLOISON_TRY(options_.scope->Add(access));
    }
    ++counts_.accesses;
    counts_.actions[static_cast<std::size_t>(access.action)] = true;
    counts_.first_ms = std::min(counts_.first_ms, access.time_ms);
    counts_.last_ms = std::max(counts_.last_ms, access.time_ms);
    return LineFault::kNone;
  }

  std::uint32_t AccountOf(std::uint32_t seat) {
    if (seat >= account_of_.size()) account_of_.resize(seat + 1, UINT32_MAX);
    if (account_of_[seat] == UINT32_MAX) account_of_[seat] = reading_.accounts_.AccountOf(seat);
    return account_of_[seat];
  }

  LogReading& reading_;
  const ReadingOptions& options_;
  LineReader reader_;
  SeatCache seats_;
  Partitions::Writer writer_;
  LogCounts counts_;
  std::vector<std::uint32_t> account_of_;
};

Status LogReading::Begin(std::unique_ptr<ByteSource> source, const ReadingOptions& options,
                         std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  blocks_ = std::make_unique<Blocks>(std::move(source), options.block_bytes);
  CLOISON_TRY_ASSIGN(const bool any, blocks_->Next(first_));
  if (!any) {
    problems->push_back("the log is empty");
    return Error{Code::kInvalid, "the log is empty"};
  }
  std::string_view text = first_.bytes;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> names = map_.header;
  bool ended = false;
  std::string_view behind = text;
  const std::string_view first_line = TakeLine(behind, ended);
  const char delimiter = DelimiterOf(map_, first_line);
  if (names.empty()) {
    std::vector<std::string_view> fields;
    std::string unquoted;
    if (!SplitLine(first_line, delimiter, fields, unquoted)) {
      problems->push_back("the header has a quote in a wrong place");
      return Error{Code::kInvalid, "the log's header does not fit"};
    }
    for (const std::string_view field : fields) names.emplace_back(field);
    text = behind;
    next_line_ = 2;
  }
  CLOISON_TRY_ASSIGN(layout_, LayoutOf(map_, delimiter, names, problems));
  CLOISON_TRY(FindTime(text, problems));
  first_.bytes = std::string(text);
  return Ok();
}

Status LogReading::FindTime(std::string_view lines, std::vector<std::string>* problems) {
  std::optional<TimeForm> form = map_.time_form;
  std::vector<std::string_view> fields;
  std::string unquoted;
  const std::size_t at = layout_.at[static_cast<std::size_t>(LogColumn::kTime)];
  for (std::size_t i = 0; i < kTimesTried && !lines.empty() && !form.has_value(); ++i) {
    bool ended = false;
    const std::string_view line = TakeLine(lines, ended);
    if (!SplitLine(line, layout_.delimiter, fields, unquoted)) continue;
    if (fields.size() == layout_.columns) form = LogTime::Detect(fields[at]);
  }
  if (form.has_value()) {
    time_.emplace(*form, map_.zone);
    return Ok();
  }
  problems->push_back("no line says when: the map's [time] form says how times are written");
  return Error{Code::kInvalid, "no time of the log can be read"};
}

Status LogReading::Run(const ReadingOptions& options) {
  const std::size_t threads = std::max<std::size_t>(1, options.threads);
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < threads; ++i) {
    workers.push_back(std::make_unique<Worker>(*this, options));
  }
  std::vector<std::thread> others;
  const auto run = [this](Worker& worker) {
    const Status done = worker.Run();
    if (done.ok()) return;
    const std::scoped_lock lock(mutex_);
    if (!failed_.has_value()) failed_ = done.error();
  };
  if (options.rejects != nullptr) {
    const std::string_view head =
        options.include_values ? "line,reason,text\r\n" : "line,reason\r\n";
    CLOISON_TRY(options.rejects->Append(base::AsBytes(head)));
  }
  CLOISON_TRY(workers[0]->ReadFirst());
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run, std::ref(*workers[i]));
  run(*workers[0]);
  for (std::thread& thread : others) thread.join();
  return failed_.has_value() ? Status(*failed_) : Ok();
}

Status LogReading::Done(std::uint64_t number, BlockResult result, const ReadingOptions& options) {
  const std::scoped_lock lock(mutex_);
  finished_.emplace(number, std::move(result));
  while (!finished_.empty() && finished_.begin()->first == next_block_) {
    const BlockResult& block = finished_.begin()->second;
    CLOISON_TRY(WriteFaults(block, options));
    next_line_ += block.lines;
    finished_.erase(finished_.begin());
    ++next_block_;
  }
  return Ok();
}

Status LogReading::WriteFaults(const BlockResult& result, const ReadingOptions& options) const {
  std::string out;
  for (const Fault& fault : result.faults) {
    const std::string line = std::to_string(next_line_ + fault.line);
    const std::string_view fields[] = {line, Name(fault.fault), fault.text};
    codec::AppendCsvRow(out, std::span(fields).first(options.include_values ? 3 : 2),
                        {.guard_formulas = true});
  }
  if (out.empty()) return Ok();
  return options.rejects->Append(base::AsBytes(out));
}

}  // namespace cloison::assess
