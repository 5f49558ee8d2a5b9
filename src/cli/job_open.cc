// cloison job open, cloison export open: at the recipient's, without a server. Nothing is given out
// of a file that is not whole.
#include <fstream>
#include <iostream>

#include "base/files.h"
#include "cli/job.h"
#include "codec/json_writer.h"
#include "records/job_file.h"

namespace cloison::cli {

namespace {

using records::FrameHead;
using records::FrameKind;
using records::JobRecord;

constexpr unsigned kOutMode = 0600;

// A field of CSV (RFC 4180): quoted when it has to be.
void AppendCsv(std::string& out, std::string_view text) {
  if (!out.empty() && out.back() != '\n') out += ',';
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

class Opening {
 public:
  Opening(const JobOptions& options, const crypto::RecipientSecret& secret, bool json)
      : options_(options), secret_(secret), json_(json) {}

  Status Begin() {
    CLOISON_TRY_ASSIGN(const base::FileInfo info, files_.Stat(options_.file));
    size_ = info.size;
    CLOISON_TRY_ASSIGN(const Bytes prefix,
                       files_.ReadAt(options_.file, 0, records::kJobPrefixBytes));
    CLOISON_TRY_ASSIGN(at_, records::JobHeaderSize(prefix));
    CLOISON_TRY_ASSIGN(const Bytes whole, files_.ReadAt(options_.file, 0, at_));
    CLOISON_TRY_ASSIGN(header_, records::ParseJobFileHeader(whole));
    begin_ = at_;
    digest_ = records::DigestOfHeader(whole);
    if (header_.recipient != secret_.key().bytes()) {
      return Error{Code::kDenied, "the file is for another recipient's key"};
    }
    return Ok();
  }

  // Every frame is opened before a line is given out: what was cut off, or put together from two
  // files, pays nobody.
  Status Check() {
    std::uint64_t sealed = 0;
    std::uint32_t frames = 0;
    at_ = begin_;
    while (true) {
      CLOISON_TRY_ASSIGN(const FrameHead head, Next());
      if (head.number != frames + 1) return Error{Code::kCorrupt, "a frame is missing"};
      if (head.kind == FrameKind::kEnd) {
        CLOISON_TRY_ASSIGN(const records::JobEnd end,
                           records::OpenEnd(secret_, digest_, head, message_));
        const bool whole = end.frames == frames && end.sealed == sealed && at_ == size_;
        if (!whole) return Error{Code::kCorrupt, "the file is not whole"};
        late_ = end.late.value_or(0);
        asked_ = end.asked;
        sealed_ = end.sealed;
        return Ok();
      }
      CLOISON_TRY_ASSIGN(const std::vector<JobRecord> records,
                         records::OpenRecords(secret_, digest_, head, message_));
      sealed += records.size();
      ++frames;
    }
  }

  Status Give(std::ostream& out) {
    if (!json_) {
      std::string line;
      for (const char* const name : {"person", "attached", "version", "entry"}) {
        AppendCsv(line, name);
      }
      for (const std::string& field : header_.fields) AppendCsv(line, field);
      out << line << '\n';
    }
    at_ = begin_;
    while (true) {
      CLOISON_TRY_ASSIGN(const FrameHead head, Next());
      if (head.kind == FrameKind::kEnd) break;
      CLOISON_TRY_ASSIGN(const std::vector<JobRecord> records,
                         records::OpenRecords(secret_, digest_, head, message_));
      for (const JobRecord& record : records) {
        std::string line = json_ ? Json(record) : Csv(record);
        out << line << '\n';
        net::WipeText(line);
        if (!record.readable) ++unreadable_;
      }
    }
    out.flush();
    if (!out.good()) return Error{Code::kUnavailable, "the output cannot be written"};
    return Ok();
  }

  std::uint64_t late() const { return late_; }
  std::uint64_t asked() const { return asked_; }
  std::uint64_t sealed() const { return sealed_; }
  std::uint64_t unreadable() const { return unreadable_; }
  const records::JobFileHeader& header() const { return header_; }

 private:
  Result<FrameHead> Next() {
    if (at_ == size_) return Error{Code::kCorrupt, "the file ends before its end"};
    CLOISON_TRY_ASSIGN(const Bytes bytes,
                       files_.ReadAt(options_.file, at_, records::kJobFrameHeadBytes));
    CLOISON_TRY_ASSIGN(const FrameHead head, records::ParseFrameHead(bytes));
    CLOISON_TRY_ASSIGN(message_,
                       files_.ReadAt(options_.file, at_ + records::kJobFrameHeadBytes, head.size));
    if (message_.size() != head.size) return Error{Code::kCorrupt, "a frame was cut off"};
    at_ += records::kJobFrameHeadBytes + head.size;
    return head;
  }

  std::string_view ValueOf(const JobRecord& record, std::size_t field) const {
    for (const auto& [place, value] : record.values) {
      if (place == field) return AsText(value.Reveal());
    }
    return {};
  }
  std::string Csv(const JobRecord& record) const {
    std::string line;
    AppendCsv(line, record.person);
    AppendCsv(line, AsText(record.attached.Reveal()));
    AppendCsv(line, std::to_string(record.version));
    AppendCsv(line, std::to_string(record.entry));
    for (std::size_t i = 0; i < header_.fields.size(); ++i) AppendCsv(line, ValueOf(record, i));
    return line;
  }
  std::string Json(const JobRecord& record) const {
    std::string line;
    codec::JsonWriter json(line);
    json.BeginObject().Key("person").String(record.person);
    if (!record.attached.empty()) json.Key("attached").String(AsText(record.attached.Reveal()));
    json.Key("version").Uint(record.version).Key("entry").Uint(record.entry);
    if (!record.readable) json.Key("readable").Bool(false);
    json.Key("fields").BeginObject();
    for (const auto& [place, value] : record.values) {
      if (place < header_.fields.size()) {
        json.Key(header_.fields[place]).String(AsText(value.Reveal()));
      }
    }
    json.EndObject().EndObject();
    return line;
  }

  const JobOptions& options_;
  const crypto::RecipientSecret& secret_;
  bool json_;
  base::SystemFiles files_;
  records::JobFileHeader header_;
  crypto::Digest digest_{};
  std::uint64_t size_ = 0, begin_ = 0;
  std::size_t at_ = 0;
  Bytes message_;
  std::uint64_t asked_ = 0, sealed_ = 0, unreadable_ = 0, late_ = 0;
};

}  // namespace

ExitCode JobOpen(const JobOptions& options, const Common& common, const Terminal& terminal) {
  const Result<crypto::RecipientSecret> secret = ReadJobKey(options.key);
  if (!secret.ok()) {
    terminal.Complain(options.key + ": " + std::string(secret.error().text()));
    return ExitCodeOf(secret.error());
  }
  Opening opening(options, *secret, common.json);
  Status done = opening.Begin();
  if (done.ok()) done = opening.Check();
  if (!done.ok()) {
    terminal.Complain(options.file + ": " + std::string(done.error().text()));
    return ExitCodeOf(done.error());
  }
  if (options.out.empty()) {
    done = opening.Give(std::cout);
  } else {
    base::SystemFiles files;
    const auto made = files.Create(options.out, kOutMode);
    std::ofstream out(options.out, std::ios::binary);
    done = made.ok() ? opening.Give(out) : Status(made.error());
  }
  if (!done.ok()) {
    terminal.Complain(std::string(done.error().text()));
    return ExitCodeOf(done.error());
  }
  std::string words = "  " + opening.header().label + ": " + Grouped(opening.sealed()) + " of " +
                      Grouped(opening.asked()) + " people";
  if (opening.unreadable() > 0) {
    words += ", " + Grouped(opening.unreadable()) + " of them could not be read";
  }
  terminal.Note(words + ".");
  if (opening.late() > 0) {
    terminal.Note("  " + Grouped(opening.late()) +
                  " people were registered or changed while it ran: they are here as they were, or "
                  "not at all.");
  }
  return ExitCode::kDone;
}

}  // namespace cloison::cli
