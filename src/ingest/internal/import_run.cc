#include "ingest/internal/import_run.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/csv_writer.h"
#include "text/utf8.h"

namespace cloison::ingest::internal {
namespace {

// Checks the cells of one row and makes the good ones values.
class RowCheck {
 public:
  RowCheck(const records::Schema& schema, const std::vector<Cell>& constants, bool production)
      : schema_(schema), constants_(constants), production_(production) {}

  struct Fault {
    std::string_view field;
    std::string_view reason;
    std::string_view value;
  };
  // Nothing: the row is good, and TakeValues gives it.
  std::vector<Fault> Run(const std::vector<Cell>& cells) {
    std::vector<Fault> faults;
    given_.clear();
    given_.reserve(cells.size() + constants_.size());
    values_.reserve(cells.size() + constants_.size());
    for (const std::vector<Cell>* all : {&cells, &constants_}) {
      for (const Cell& cell : *all) {
        if (const std::optional<Error> fault = Take(cell)) {
          faults.push_back({cell.field->name, fault->text(), cell.text});
        }
      }
    }
    const auto& given = given_;
    for (const records::FieldSpec& field : schema_.fields()) {
      if (field.required && std::find(given.begin(), given.end(), &field) == given.end()) {
        faults.push_back({field.name, "a required value is missing", {}});
      }
    }
    if (given.empty()) faults.push_back({"", "the row has no value", {}});
    return faults;
  }
  records::Values TakeValues() {
    std::ranges::sort(values_, {}, &records::Value::field);
    return std::move(values_);
  }

 private:
  // Takes the value, when there is one. Gives what is wrong with it.
  std::optional<Error> Take(const Cell& cell) {
    std::string_view text = text::Trim(cell.text);
    std::string made;
    if (cell.rule != nullptr && !text.empty()) {
      Result<std::string> applied = cell.rule->Apply(text);
      if (!applied.ok()) {
        given_.push_back(cell.field);
        return applied.error();
      }
      made = std::move(*applied);
      text = text::Trim(made);
    }
    std::optional<Error> fault;
    if (!text.empty()) {
      given_.push_back(cell.field);
      Result<crypto::SecretBytes> value = schema_.Canonical(*cell.field, text, production_);
      if (value.ok()) {
        values_.push_back({cell.field->id, std::move(*value)});
      } else {
        fault = value.error();
      }
    }
    text::WipeText(made);
    return fault;
  }

  const records::Schema& schema_;
  const std::vector<Cell>& constants_;
  bool production_;
  records::Values values_;
  std::vector<const records::FieldSpec*> given_;
};

}  // namespace

Column ColumnOf(std::string_view name, const records::Schema& schema, const ColumnMap* map) {
  if (map != nullptr) {
    if (map->Ignores(name)) return {true, nullptr, nullptr};
    if (const ColumnRule* rule = map->Find(name)) {
      return {true, schema.Find(rule->field), rule->plain() ? nullptr : rule};
    }
  }
  const records::FieldSpec* field = schema.Find(name);
  // A history of another register: this one keeps its own, and nobody writes it.
  if (field != nullptr && field->type == records::FieldType::kHistory) {
    return {true, nullptr, nullptr};
  }
  return {field != nullptr, field, nullptr};
}

ImportRun::ImportRun(const records::Schema& schema, base::Files& files, base::Clock& clock,
                     ImportSink* sink, const ImportOptions& options)
    : schema_(schema),
      files_(files),
      clock_(clock),
      sink_(sink),
      options_(options),
      began_us_(clock.mono_us()) {
  if (options.map == nullptr) return;
  for (const ColumnMap::Constant& constant : options.map->constants()) {
    constants_.push_back({schema.Find(constant.field), constant.text});
  }
}

bool ImportRun::keeps_checkpoint() const {
  return !options_.checkpoint_path.empty() && !options_.dry_run && !options_.verify;
}

Status ImportRun::Begin() {
  if (keeps_checkpoint()) {
    CLOISON_TRY(ReadCheckpoint());
  }
  last_row_ = checkpoint_row_ = done_before_;
  return OpenRejects();
}

// "cloison-import-2 <digest> <row> <bytes of the rejects>\n"; of another input: as if there were
// none.
Status ImportRun::ReadCheckpoint() {
  Result<Bytes> bytes = files_.Read(options_.checkpoint_path);
  if (!bytes.ok()) {
    return bytes.error().code() == Code::kNotFound ? Ok() : Status(bytes.error());
  }
  const std::string head = "cloison-import-2 " + base::ToHex(options_.file_digest) + " ";
  const std::string_view text = AsText(*bytes);
  if (!text.starts_with(head) || !text.ends_with('\n')) return Ok();
  std::array<std::uint64_t, 2> numbers{};
  std::size_t at = 0;
  for (const char c : text.substr(head.size(), text.size() - head.size() - 1)) {
    if (c == ' ' && at == 0) {
      ++at;
      continue;
    }
    const bool digit = c >= '0' && c <= '9';
    if (!digit || numbers[at] > UINT64_MAX / 16) {
      return Error{Code::kCorrupt, "a damaged checkpoint file"};
    }
    numbers[at] = numbers[at] * 10 + static_cast<unsigned>(c - '0');
  }
  if (at != 1) return Error{Code::kCorrupt, "a damaged checkpoint file"};
  done_before_ = numbers[0];
  rejects_bytes_ = numbers[1];
  return Ok();
}

// The rejects first: what a checkpoint skips has its rejects on the disk.
Status ImportRun::WriteCheckpoint() {
  checkpoint_row_ = last_row_;
  if (rejects_ != nullptr) {
    CLOISON_TRY(rejects_->Sync());
  }
  if (!keeps_checkpoint()) return Ok();
  const std::string text = "cloison-import-2 " + base::ToHex(options_.file_digest) + " " +
                           std::to_string(last_row_) + " " + std::to_string(rejects_bytes_) + "\n";
  return base::WriteWhole(files_, options_.checkpoint_path, AsBytes(text));
}

// A former run's rejects go on where its last checkpoint was.
Status ImportRun::CutRejects() {
  const Result<base::FileInfo> info = files_.Stat(options_.rejects_path);
  if (!info.ok()) return info.error();
  if (info->size < rejects_bytes_) {
    return Error{Code::kConflict, "the rejects file is shorter than the checkpoint says"};
  }
  return files_.Truncate(options_.rejects_path, rejects_bytes_);
}

Status ImportRun::OpenRejects() {
  if (options_.rejects_path.empty()) return Ok();
  const bool goes_on = rejects_bytes_ > 0;
  if (goes_on) {
    CLOISON_TRY(CutRejects());
  }
  Result<std::unique_ptr<base::WritableFile>> file =
      goes_on ? files_.OpenAppend(options_.rejects_path)
              : files_.Create(options_.rejects_path, 0600);
  if (!file.ok()) return file.error();
  rejects_ = std::move(*file);
  if (goes_on) return Ok();
  return AppendReject(options_.include_values ? "row,field,reason,value\r\n"
                                              : "row,field,reason\r\n");
}

Status ImportRun::AppendReject(std::string_view line) {
  rejects_bytes_ += line.size();
  return rejects_->Append(AsBytes(line));
}

Status ImportRun::Reject(std::uint64_t row, std::string_view field, std::string_view reason,
                         std::string_view value) {
  if (rejects_ == nullptr) return Ok();
  const std::string number = std::to_string(row);
  const std::array<std::string_view, 4> cells = {number, field, reason, value};
  std::string line;
  codec::AppendCsvRow(line, std::span(cells).first(options_.include_values ? 4 : 3),
                      {.guard_formulas = true});
  const Status written = AppendReject(line);
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
  bytes_skipped_ = progress_.bytes;
}

Status ImportRun::Take(std::uint64_t row, const std::vector<Cell>& cells) {
  RowCheck check(schema_, constants_, options_.production);
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
  window_.push_back({row, check.TakeValues(), IdempotencyKeyOf(options_.file_digest, row)});
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
    std::vector<std::uint64_t> numbers;
    for (const ImportRow& row : window_) numbers.push_back(row.number);
    CLOISON_TRY_ASSIGN(const std::vector<RowAnswer> answers,
                       sink_->Register(std::exchange(window_, {})));
    CLOISON_CHECK(answers.size() == numbers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      CLOISON_TRY(Count(numbers[i], answers[i]));
    }
  }
  Report();
  return Ok();
}

Status ImportRun::Count(std::uint64_t row, const RowAnswer& answer) {
  std::string_view reason;
  switch (answer.outcome) {
    case RowOutcome::kRegistered:
      ++progress_.registered;
      if (options_.verify) reason = "was missing; registered now";
      break;
    case RowOutcome::kRepeated: ++progress_.repeated; break;
    case RowOutcome::kExists:
      ++progress_.existing;
      reason = "exists";
      break;
    case RowOutcome::kRefused:
      ++progress_.rejected;
      reason = answer.reason;
      break;
  }
  return reason.empty() ? Ok() : Reject(row, "", reason);
}

void ImportRun::Report() {
  const double seconds = static_cast<double>(clock_.mono_us() - began_us_) / 1e6;
  const auto done = static_cast<double>(progress_.rows - progress_.skipped);
  progress_.rows_per_second = seconds > 0 ? done / seconds : 0;
  progress_.seconds_left.reset();
  const std::uint64_t bytes = progress_.bytes - bytes_skipped_;
  if (options_.bytes_total >= progress_.bytes && bytes > 0 && seconds > 0) {
    const auto left = static_cast<double>(options_.bytes_total - progress_.bytes);
    progress_.seconds_left = left * seconds / static_cast<double>(bytes);
  }
  options_.progress(progress_);
}

Status ImportRun::Finish() {
  CLOISON_TRY(Flush());
  if (sink_ != nullptr && !options_.dry_run) {
    CLOISON_TRY(sink_->Finish([this](const LateAnswer& late) {
      --progress_.registered;
      return Count(late.row, late.answer);
    }));
  }
  return WriteCheckpoint();
}

}  // namespace cloison::ingest::internal
