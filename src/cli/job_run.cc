// cloison job run: a list of people in, a file for its recipient out.
#include <fstream>

#include "cli/job_list.h"
#include "cli/sealed_run.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

class Run : private SealedRun {
 public:
  Run(const JobOptions& options, const Common& common, const Terminal& terminal)
      : SealedRun(options.out, options.retry_s, common, terminal), options_(options) {}

  ExitCode All() {
    if (!Connect() || !CountPeople()) return ExitCode::kUsage;
    const Result<std::optional<HeldFile>> held = Held();
    if (!held.ok() && held.error().code() == Code::kConflict) {
      terminal_.Complain(options_.out + " is whole already");
      return ExitCode::kConflict;
    }
    if (!held.ok()) return Explain(held.error(), terminal_);
    const Status begun = held->has_value() ? GoOn(**held) : Begin();
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

  Status Begin() {
    std::string body;
    codec::JsonWriter json(body);
    json.BeginObject().Key("job").String(options_.id).Key("people").Uint(size_.people).EndObject();
    // The same list twice within a day is one run: nobody is paid twice by a lost answer.
    const crypto::Digest which = crypto::Sha256({size_.digest, AsBytes(options_.id)});
    const HeaderList once{{"idempotency-key", "job-" + base::ToHex(crypto::Truncate<16>(which))}};
    CLOISON_TRY_ASSIGN(const net::Response answer, Ask("/v1/jobs:run", body, once));
    CLOISON_TRY_ASSIGN(const codec::JsonDocument shown, ParseAnswer(answer));
    operation_ = TextMember(shown.root(), "operation").value_or("");
    if (TextMember(shown.root(), "state") != "running") {
      return Error{Code::kConflict, "this list was run already, within a day"};
    }
    return KeepHeader(shown.root());
  }

  Status GoOn(const HeldFile& held) {
    if ("job_" + std::to_string(held.header.job) != options_.id) {
      return Error{Code::kConflict, "the file is one of another job"};
    }
    operation_ = "op_" + std::to_string(held.header.job) + "." + std::to_string(held.header.run);
    frames_ = held.frames;
    terminal_.Note("  going on after batch " + std::to_string(frames_));
    return CutOff(held);
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
    CLOISON_TRY_ASSIGN(const codec::JsonDocument shown, ParseAnswer(answer));
    CLOISON_TRY(KeepFrame(shown.root(), number));
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
    const Result<codec::JsonDocument> shown = ParseAnswer(*answer);
    const Status kept = shown.ok() ? KeepFrame(shown->root(), batch_ + 1) : Status(shown.error());
    if (!kept.ok()) return Failed(kept);
    const auto gone = shown->root().Find("not_available");
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
  JobListSize size_;
  std::string operation_;
  std::uint32_t frames_ = 0, batch_ = 0;  // in the file; of the list
};

}  // namespace

ExitCode JobRun(const JobOptions& options, const Common& common, const Terminal& terminal) {
  return Run(options, common, terminal).All();
}

}  // namespace cloison::cli
