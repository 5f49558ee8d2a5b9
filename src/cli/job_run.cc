// cloison job run: a list of people in, a file for its recipient out. What the file holds is what
// was sealed, so it is also how far the run is: after any crash the same command goes on.
#include <chrono>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "cli/job.h"
#include "cli/job_list.h"
#include "codec/json_writer.h"
#include "crypto/base64.h"
#include "records/job_file.h"

namespace cloison::cli {

namespace {

constexpr std::int64_t kRetryMs = 500;
// A frame is one string of an answer.
constexpr codec::JsonLimits kFrameLimits{.bytes_max = 2 * records::kJobFrameBytesMax,
                                         .string_bytes_max = 2 * records::kJobFrameBytesMax};
constexpr Error kStrange{Code::kCorrupt, "the server's answer is not the one of a job"};

// The file of a run as it lies on the disk.
struct Held {
  records::JobFileHeader header;
  std::uint32_t frames = 0;  // of records, whole
  std::uint64_t bytes = 0;   // header and whole frames: what is behind them was cut off
  bool ended = false;
};

// kNotFound: there is none.
Result<Held> ReadHeld(base::Files& files, const std::string& path) {
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  CLOISON_TRY_ASSIGN(const Bytes prefix, files.ReadAt(path, 0, records::kJobPrefixBytes));
  CLOISON_TRY_ASSIGN(const std::size_t size, records::JobHeaderSize(prefix));
  CLOISON_TRY_ASSIGN(const Bytes whole, files.ReadAt(path, 0, size));
  Held held;
  CLOISON_TRY_ASSIGN(held.header, records::ParseJobFileHeader(whole));
  held.bytes = size;
  while (!held.ended && held.bytes + records::kJobFrameHeadBytes <= info.size) {
    CLOISON_TRY_ASSIGN(const Bytes bytes,
                       files.ReadAt(path, held.bytes, records::kJobFrameHeadBytes));
    CLOISON_TRY_ASSIGN(const records::FrameHead head, records::ParseFrameHead(bytes));
    const std::uint64_t end = held.bytes + records::kJobFrameHeadBytes + head.size;
    if (end > info.size) break;
    if (head.number != held.frames + 1) return Error{Code::kInvalid, "a frame is missing"};
    held.bytes = end;
    held.ended = head.kind == records::FrameKind::kEnd;
    if (!held.ended) ++held.frames;
  }
  return held;
}

class Run {
 public:
  Run(const JobOptions& options, const Common& common, const Terminal& terminal)
      : options_(options), common_(common), terminal_(terminal) {}

  ExitCode All() {
    std::string problem;
    Result<Connection> connection = Connection::Open(common_.connection, clock_, &problem);
    if (!connection.ok()) {
      terminal_.Complain(problem);
      return ExitCode::kUsage;
    }
    connection_.emplace(std::move(*connection));
    if (!CountPeople()) return ExitCode::kUsage;
    const Result<Held> held = ReadHeld(files_, options_.out);
    const bool none = !held.ok() && held.error().code() == Code::kNotFound;
    if (!held.ok() && !none) return Explain(held.error(), terminal_);
    if (held.ok() && held->ended) {
      terminal_.Complain(options_.out + " is whole already");
      return ExitCode::kConflict;
    }
    const Status begun = none ? Begin() : GoOn(*held);
    if (!begun.ok()) return Failed(begun);
    const Status sealed = SealAll();
    terminal_.EndProgress();
    if (!sealed.ok()) return Failed(sealed);
    return End();
  }

 private:
  bool CountPeople() {
    std::ifstream list(options_.list, std::ios::binary);
    std::uint64_t line = 0;
    const auto size = list.is_open() ? ReadJobList(list, nullptr, &line)
                                     : Result<JobListSize>(Error{Code::kNotFound, "no such file"});
    if (size.ok()) {
      size_ = *size;
      return true;
    }
    std::string where = options_.list;
    if (line > 0) where += ", line " + std::to_string(line);
    terminal_.Complain(where + ": " + std::string(size.error().text()));
    return false;
  }

  // The server said no: kept, and told once everything is closed.
  ExitCode Failed(const Status& why) {
    if (refused_.has_value()) return Explain(*refused_, terminal_);
    return Explain(why.error(), terminal_);
  }

  // Again for as long as the server is away: asking for a batch again costs nothing.
  Result<net::Response> Ask(const std::string& path, const std::string& body,
                            const HeaderList& headers = {}) {
    const std::int64_t until_ms =
        clock_.wall_ms() + static_cast<std::int64_t>(options_.retry_s) * 1'000;
    while (true) {
      Result<net::Response> answer = connection_->Post(path, body, headers);
      const bool away = !answer.ok() || answer->status == 503;
      if (away && clock_.wall_ms() < until_ms) {
        std::this_thread::sleep_for(std::chrono::milliseconds(kRetryMs));
        connection_.emplace(connection_->Copy());
        continue;
      }
      if (!answer.ok()) return answer;
      if (answer->status == 200 || answer->status == 202) return answer;
      refused_ = *answer;
      return Error{Code::kDenied, "the server refused"};
    }
  }

  static Result<Bytes> BytesOf(const codec::JsonValue& root, std::string_view key) {
    const std::optional<std::string> text = TextMember(root, key);
    if (!text.has_value()) return kStrange;
    return crypto::FromBase64Url(*text);
  }

  Status Begin() {
    std::string body;
    codec::JsonWriter json(body);
    json.BeginObject().Key("job").String(options_.id).Key("people").Uint(size_.people).EndObject();
    // The same list twice within a day is one run: nobody is paid twice by a lost answer.
    const crypto::Digest which = crypto::Sha256({size_.digest, AsBytes(options_.id)});
    const HeaderList once{{"idempotency-key", "job-" + base::ToHex(crypto::Truncate<16>(which))}};
    CLOISON_TRY_ASSIGN(const net::Response answer, Ask("/v1/jobs:run", body, once));
    CLOISON_TRY_ASSIGN(const codec::JsonDocument shown,
                       codec::JsonDocument::Parse(AsBytes(answer.body)));
    operation_ = TextMember(shown.root(), "operation").value_or("");
    if (TextMember(shown.root(), "state") != "running") {
      return Error{Code::kConflict, "this list was run already, within a day"};
    }
    CLOISON_TRY_ASSIGN(const Bytes header, BytesOf(shown.root(), "header"));
    CLOISON_TRY(records::ParseJobFileHeader(header));
    return base::WriteWhole(files_, options_.out, header);
  }

  Status GoOn(const Held& held) {
    if ("job_" + std::to_string(held.header.job) != options_.id) {
      return Error{Code::kConflict, "the file is one of another job"};
    }
    operation_ = "op_" + std::to_string(held.header.job) + "." + std::to_string(held.header.run);
    frames_ = held.frames;
    terminal_.Note("  going on after batch " + std::to_string(frames_));
    return files_.Truncate(options_.out, held.bytes);
  }

  Status Keep(const net::Response& answer, std::uint32_t number) {
    CLOISON_TRY_ASSIGN(const codec::JsonDocument shown,
                       codec::JsonDocument::Parse(AsBytes(answer.body), kFrameLimits));
    CLOISON_TRY_ASSIGN(const Bytes frame, BytesOf(shown.root(), "frame"));
    if (frame.size() < records::kJobFrameHeadBytes) return kStrange;
    CLOISON_TRY_ASSIGN(const records::FrameHead head,
                       records::ParseFrameHead(ByteView(frame).first(records::kJobFrameHeadBytes)));
    const bool fits =
        head.number == number && head.size + records::kJobFrameHeadBytes == frame.size();
    if (!fits) return kStrange;
    CLOISON_TRY_ASSIGN(const auto file, files_.OpenAppend(options_.out));
    CLOISON_TRY(file->Append(frame));
    return file->Sync();
  }

  Status SealBatch(const std::vector<JobLine>& people) {
    const std::uint32_t number = ++batch_;
    if (number <= frames_) return Ok();
    std::string body;
    codec::JsonWriter json(body);
    json.BeginObject().Key("operation").String(operation_).Key("batch").Uint(number);
    json.Key("people").BeginArray();
    for (const JobLine& one : people) {
      json.BeginObject().Key(one.by_agency_id ? "agency_id" : "person").String(one.person);
      if (!one.attached.empty()) json.Key("attached").String(one.attached);
      json.EndObject();
    }
    json.EndArray().EndObject();
    CLOISON_TRY_ASSIGN(const net::Response answer, Ask("/v1/jobs:seal", body));
    CLOISON_TRY(Keep(answer, number));
    terminal_.Progress(Grouped(number * records::kJobBatchPeopleMax) + " of " +
                       Grouped(size_.people) + " people");
    return Ok();
  }

  Status SealAll() {
    std::ifstream list(options_.list, std::ios::binary);
    std::vector<JobLine> people;
    std::uint64_t line = 0;
    const auto take = [&](std::uint64_t, JobLine one) -> Status {
      people.push_back(std::move(one));
      if (people.size() < records::kJobBatchPeopleMax) return Ok();
      const Status sealed = SealBatch(people);
      people.clear();
      return sealed;
    };
    CLOISON_TRY_ASSIGN(const JobListSize size, ReadJobList(list, take, &line));
    if (size.digest != size_.digest) return Error{Code::kConflict, "the list changed meanwhile"};
    return people.empty() ? Ok() : SealBatch(people);
  }

  ExitCode End() {
    std::string body;
    codec::JsonWriter json(body);
    json.BeginObject().Key("operation").String(operation_).EndObject();
    const Result<net::Response> answer = Ask("/v1/jobs:end", body);
    if (!answer.ok()) return Failed(answer.error());
    const Status kept = Keep(*answer, batch_ + 1);
    if (!kept.ok()) return Failed(kept);
    const auto shown = codec::JsonDocument::Parse(AsBytes(answer->body));
    const auto gone = shown.ok() ? shown->root().Find("not_available") : std::nullopt;
    const auto count = gone.has_value() ? gone->AsInt() : Result<std::int64_t>(0);
    const std::string missing = std::to_string(count.ok() ? *count : 0);
    if (common_.json) {
      std::string out;
      codec::JsonWriter summary(out);
      summary.BeginObject().Key("operation").String(operation_).Key("file").String(options_.out);
      summary.Key("people").Uint(size_.people).Key("not_available").Int(count.ok() ? *count : 0);
      summary.EndObject();
      terminal_.Line(out);
    } else if (common_.plain) {
      terminal_.Line(operation_ + "\t" + std::to_string(size_.people) + "\t" + missing);
    } else {
      terminal_.Line(operation_ + ": " + Grouped(size_.people) + " people asked for, " + missing +
                     " of them not available; " + options_.out + " is for its recipient.");
    }
    return ExitCode::kDone;
  }

  const JobOptions& options_;
  const Common& common_;
  const Terminal& terminal_;
  base::SystemClock clock_;
  base::SystemFiles files_;
  std::optional<Connection> connection_;
  std::optional<net::Response> refused_;
  JobListSize size_;
  std::string operation_;
  std::uint32_t frames_ = 0, batch_ = 0;  // in the file; of the list
};

}  // namespace

ExitCode JobRun(const JobOptions& options, const Common& common, const Terminal& terminal) {
  return Run(options, common, terminal).All();
}

}  // namespace cloison::cli
