#include "ingest/internal/import_run.h"

#include <algorithm>
#include <array>

#include "codec/csv_writer.h"
#include "codec/json_writer.h"
#include "text/utf8.h"

namespace cloison::ingest::internal {
namespace {

// Checks the cells of one row and writes the good ones as one JSON object.
class RowCheck {
 public:
  RowCheck(const records::Schema& schema, bool production)
      : schema_(schema), production_(production) {}
  ~RowCheck() { text::WipeText(json_); }

  struct Fault {
    std::string_view field;
    std::string_view reason;
    std::string_view value;
  };
  // Nothing: the row is good and `json()` holds it.
  std::vector<Fault> Run(const std::vector<Cell>& cells) {
    std::vector<Fault> faults;
    std::vector<const records::FieldSpec*> given;
    codec::JsonWriter json(json_);
    json_.reserve(1'024);
    json.BeginObject();
    for (const Cell& cell : cells) {
      if (text::Trim(cell.text).empty()) continue;
      Result<crypto::SecretBytes> value = schema_.Canonical(*cell.field, cell.text, production_);
      given.push_back(cell.field);
      if (!value.ok()) {
        faults.push_back({cell.field->name, value.error().text(), cell.text});
        continue;
      }
      json.Key(cell.field->name).String(AsText(std::as_const(*value).Reveal()));
    }
    json.EndObject();
    for (const records::FieldSpec& field : schema_.fields()) {
      if (field.required && std::find(given.begin(), given.end(), &field) == given.end()) {
        faults.push_back({field.name, "a required value is missing", {}});
      }
    }
    if (given.empty()) faults.push_back({"", "the row has no value", {}});
    return faults;
  }
  std::string TakeJson() { return std::exchange(json_, {}); }

 private:
  const records::Schema& schema_;
  bool production_;
  std::string json_;
};

}  // namespace

ImportRun::ImportRun(const records::Schema& schema, base::Files& files, base::Clock& clock,
                     ImportSink* sink, const ImportOptions& options)
    : schema_(schema),
      files_(files),
      clock_(clock),
      sink_(sink),
      options_(options),
      began_us_(clock.mono_us()) {}

ImportRun::~ImportRun() {
  for (ImportRow& row : window_) text::WipeText(row.fields_json);
}

Status ImportRun::Begin() {
  if (!options_.checkpoint_path.empty() && !options_.dry_run) {
    CLOISON_TRY(ReadCheckpoint());
  }
  last_row_ = checkpoint_row_ = done_before_;
  return OpenRejects(done_before_ > 0);
}

// "cloison-import-1 <digest> <row>\n"; of another file: as if there were none.
Status ImportRun::ReadCheckpoint() {
  Result<Bytes> bytes = files_.Read(options_.checkpoint_path);
  if (!bytes.ok()) {
    return bytes.error().code() == Code::kNotFound ? Ok() : Status(bytes.error());
  }
  const std::string head = "cloison-import-1 " + base::ToHex(options_.file_digest) + " ";
  const std::string_view text = AsText(*bytes);
  if (!text.starts_with(head) || !text.ends_with('\n')) return Ok();
  std::uint64_t row = 0;
  for (const char c : text.substr(head.size(), text.size() - head.size() - 1)) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit || row > UINT64_MAX / 16) return Error{Code::kCorrupt, "a damaged checkpoint file"};
    row = row * 10 + static_cast<unsigned>(c - '0');
  }
  done_before_ = row;
  return Ok();
}

Status ImportRun::WriteCheckpoint() {
  checkpoint_row_ = last_row_;
  if (rejects_ != nullptr) {
    CLOISON_TRY(rejects_->Sync());
  }
  if (options_.checkpoint_path.empty() || options_.dry_run) return Ok();
  const std::string text = "cloison-import-1 " + base::ToHex(options_.file_digest) + " " +
                           std::to_string(last_row_) + "\n";
  return base::WriteWhole(files_, options_.checkpoint_path, AsBytes(text));
}

Status ImportRun::OpenRejects(bool goes_on) {
  if (options_.rejects_path.empty()) return Ok();
  Result<std::unique_ptr<base::WritableFile>> file =
      goes_on ? files_.OpenAppend(options_.rejects_path)
              : files_.Create(options_.rejects_path, 0600);
  if (!file.ok()) return file.error();
  rejects_ = std::move(*file);
  if (goes_on) return Ok();
  return rejects_->Append(
      AsBytes(options_.include_values ? "row,field,reason,value\r\n" : "row,field,reason\r\n"));
}

Status ImportRun::Reject(std::uint64_t row, std::string_view field, std::string_view reason,
                         std::string_view value) {
  if (rejects_ == nullptr) return Ok();
  const std::string number = std::to_string(row);
  const std::array<std::string_view, 4> cells = {number, field, reason, value};
  std::string line;
  codec::AppendCsvRow(line, std::span(cells).first(options_.include_values ? 4 : 3),
                      {.guard_formulas = true});
  const Status written = rejects_->Append(AsBytes(line));
  text::WipeText(line);
  return written;
}

Status ImportRun::TakeUnreadable(std::uint64_t row, const Error& why) {
  ++progress_.rejected;
  return Reject(row, "", why.text());
}

void ImportRun::CountSkipped() {
  ++progress_.rows;
  ++progress_.skipped;
}

Status ImportRun::Take(std::uint64_t row, const std::vector<Cell>& cells) {
  RowCheck check(schema_, options_.production);
  const std::vector<RowCheck::Fault> faults = check.Run(cells);
  if (!faults.empty()) {
    ++progress_.rejected;
    for (const RowCheck::Fault& fault : faults) {
      CLOISON_TRY(Reject(row, fault.field, fault.reason, fault.value));
    }
    return Ok();
  }
  if (options_.dry_run) {
    ++progress_.registered;
    return Ok();
  }
  window_.push_back({row, check.TakeJson(), IdempotencyKeyOf(options_.file_digest, row)});
  return Ok();
}

Status ImportRun::RowDone(std::uint64_t row) {
  ++progress_.rows;
  last_row_ = row;
  if (window_.size() >= options_.window_rows || last_row_ >= checkpoint_row_ + kCheckpointRows) {
    CLOISON_TRY(Flush());
  }
  if (last_row_ < checkpoint_row_ + kCheckpointRows) return Ok();
  return WriteCheckpoint();
}

Status ImportRun::Flush() {
  if (!window_.empty()) {
    Result<std::vector<RowAnswer>> answers = sink_->Register(window_);
    for (ImportRow& row : window_) text::WipeText(row.fields_json);
    if (!answers.ok()) return answers.error();
    CLOISON_TRY(Answered(*answers));
    window_.clear();
  }
  Report();
  return Ok();
}

Status ImportRun::Answered(const std::vector<RowAnswer>& answers) {
  CLOISON_CHECK(answers.size() == window_.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].outcome == RowOutcome::kRegistered) {
      ++progress_.registered;
      continue;
    }
    const bool exists = answers[i].outcome == RowOutcome::kExists;
    ++(exists ? progress_.existing : progress_.rejected);
    CLOISON_TRY(Reject(window_[i].number, "", exists ? "exists" : answers[i].reason));
  }
  return Ok();
}

void ImportRun::Report() {
  const double seconds = static_cast<double>(clock_.mono_us() - began_us_) / 1e6;
  const auto done = static_cast<double>(progress_.rows - progress_.skipped);
  progress_.rows_per_second = seconds > 0 ? done / seconds : 0;
  progress_.seconds_left.reset();
  const std::uint64_t bytes = progress_.bytes;
  if (options_.bytes_total >= bytes && bytes > 0 && seconds > 0) {
    const auto left = static_cast<double>(options_.bytes_total - bytes);
    progress_.seconds_left = left * seconds / static_cast<double>(bytes);
  }
  options_.progress(progress_);
}

Status ImportRun::Finish() {
  CLOISON_TRY(Flush());
  return WriteCheckpoint();
}

}  // namespace cloison::ingest::internal
