#include "sinks/courier.h"

#include <algorithm>
#include <charconv>

namespace cloison::sinks {

using base::Severity;

namespace {

constexpr std::int64_t kLookMs = 60'000;  // though nothing rang
constexpr Error kBadPosition{Code::kCorrupt, "the position of an output of alarms does not parse"};

std::string PositionText(const Standing& now) {
  return "1 " + std::to_string(now.position.number) + " " + std::to_string(now.position.wall_ms) +
         " " + std::to_string(now.set_aside) + "\n";
}

// Takes a number and what stands behind it off `text`.
template <class N>
bool TakeNumber(std::string_view& text, char end, N& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(read.ptr - text.data());
  if (read.ec != std::errc() || used == text.size() || text[used] != end) return false;
  text.remove_prefix(used + 1);
  return true;
}

bool ParsePosition(std::string_view text, Standing& now) {
  if (!text.starts_with("1 ")) return false;
  std::string_view rest = text.substr(2);
  return TakeNumber(rest, ' ', now.position.number) &&
         TakeNumber(rest, ' ', now.position.wall_ms) && TakeNumber(rest, '\n', now.set_aside) &&
         rest.empty() && PositionText(now) == text;
}

}  // namespace

Courier::Courier(std::unique_ptr<Output> output, int place, CourierParts parts)
    : output_(std::move(output)),
      place_(place),
      parts_(std::move(parts)),
      path_(parts_.directory + "/" + std::string(output_->name())) {
  standing_.name = output_->name();
}

Result<std::unique_ptr<Courier>> Courier::Start(std::unique_ptr<Output> output, int place,
                                                CourierParts parts) {
  std::unique_ptr<Courier> courier(new Courier(std::move(output), place, std::move(parts)));
  CLOISON_TRY(courier->ReadPosition());
  courier->thread_ = std::thread([&one = *courier] { one.Run(); });
  return courier;
}

void Courier::Stop() {
  if (stopped_) return;
  stopped_ = true;
  output_->Stop();
  parts_.bell.Wake();
  if (thread_.joinable()) thread_.join();
}

Courier::~Courier() {
  Stop();
}

Standing Courier::standing() const {
  const std::lock_guard lock(mutex_);
  return standing_;
}

Status Courier::ReadPosition() {
  const Result<Bytes> file = parts_.files.Read(path_);
  if (!file.ok()) return file.error().code() == Code::kNotFound ? Ok() : Status(file.error());
  return ParsePosition(AsText(*file), standing_) ? Ok() : Status(kBadPosition);
}

Status Courier::WritePosition(const Standing& now) {
  return base::WriteWhole(parts_.files, path_, AsBytes(PositionText(now)));
}

// Whether the store still has, under that number, what was given under it. One that is no longer
// kept while younger ones are tells nothing against it.
Result<bool> Courier::StillHas(const Position& at) {
  if (at.number == 0) return true;
  CLOISON_TRY_ASSIGN(const std::vector<access::Alarm> found, parts_.read(at.number - 1, 1));
  if (found.empty()) return false;
  return found[0].number > at.number || found[0].wall_ms == at.wall_ms;
}

Result<Position> Courier::LastBefore(const Position& at) {
  Position last;
  while (true) {
    CLOISON_TRY_ASSIGN(const std::vector<access::Alarm> page, parts_.read(last.number, kPageSize));
    for (const access::Alarm& alarm : page) {
      if (alarm.number >= at.number || alarm.wall_ms > at.wall_ms) return last;
      last = {alarm.number, alarm.wall_ms};
    }
    if (page.empty()) return last;
  }
}

Status Courier::FindPlace() {
  Position at = standing().position;
  const std::optional<Position> reached = output_->Reached();
  if (reached.has_value() && reached->number > at.number) at = *reached;
  CLOISON_TRY_ASSIGN(const bool same, StillHas(at));
  if (!same) {
    parts_.events.Emit(Severity::kError, "alarms_went_back",
                       {{"output", place_}, {"at", static_cast<std::int64_t>(at.number)}});
    CLOISON_TRY_ASSIGN(at, LastBefore(at));
  }
  const std::lock_guard lock(mutex_);
  standing_.position = at;
  placed_ = true;
  return Ok();
}

void Courier::Run() {
  while (!stopped_) {
    const bool more = Step();
    if (more || stopped_) continue;
    Look();
    // UINT64_MAX: who rests after a failure is not woken by the next alarm.
    const std::uint64_t after = rest_ms_ == 0 ? standing().position.number : UINT64_MAX;
    const std::int64_t look_ms = std::min(kLookMs, output_->look_ms());
    parts_.bell.WaitHere(after, rest_ms_ == 0 ? look_ms : rest_ms_, stopped_);
  }
}

// What was given and is lost behind is given again, though no alarm comes any more. Where one waits
// that is not taken, giving it does the same.
void Courier::Look() {
  if (stopped_ || (rest_ms_ != 0 && !look_failed_)) return;
  const Status looked = output_->Look();
  if (!looked.ok()) {
    look_failed_ = true;
    Fail(looked.error());
    return;
  }
  if (!std::exchange(look_failed_, false)) return;
  rest_ms_ = 0;
  WorksAgain();
}

void Courier::WorksAgain() {
  bool again = false;
  {
    const std::lock_guard lock(mutex_);
    again = std::exchange(standing_.failing, false);
  }
  if (again) parts_.events.Emit(Severity::kInfo, "alarm_output_works", {{"output", place_}});
}

// One page. False: there is nothing to do for a while.
bool Courier::Step() {
  if (!placed_) {
    const Status found = FindPlace();
    if (!found.ok()) {
      Fail(found.error());
      return false;
    }
  }
  const Result<std::vector<access::Alarm>> page =
      parts_.read(standing().position.number, kPageSize);
  if (!page.ok()) {
    Fail(page.error());
    return false;
  }
  for (const access::Alarm& alarm : *page) {
    if (stopped_ || !GiveOne(alarm)) return false;
  }
  return !page->empty();
}

bool Courier::GiveOne(const access::Alarm& alarm) {
  const std::uint64_t before = standing().position.number;
  if (alarm.number != before + 1 && std::exchange(gap_told_, alarm.number) != alarm.number) {
    parts_.events.Emit(Severity::kError, "alarms_missing",
                       {{"output", place_},
                        {"after", static_cast<std::int64_t>(before)},
                        {"next", static_cast<std::int64_t>(alarm.number)}});
  }
  const Status given = output_->Give(alarm);
  if (given.ok()) {
    Take(alarm, false);
    return true;
  }
  refusals_ = given.error().code() == Code::kDenied ? refusals_ + 1 : 0;
  if (refusals_ < kRefusalsMax) {
    Fail(given.error());
    return false;
  }
  parts_.events.Emit(Severity::kError, "alarm_not_taken",
                     {{"output", place_}, {"number", static_cast<std::int64_t>(alarm.number)}});
  Take(alarm, true);
  return true;
}

void Courier::Fail(const Error& error) {
  if (stopped_) return;
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    news = !std::exchange(standing_.failing, true);
  }
  placed_ = false;  // an output may have taken it all the same, and says so (Output::Reached)
  rest_ms_ = rest_ms_ == 0 ? parts_.rest_ms_min : std::min(2 * rest_ms_, parts_.rest_ms_max);
  if (!news) return;
  parts_.events.Emit(Severity::kError, "alarm_output_fails",
                     {{"output", place_},
                      {"code", static_cast<std::int64_t>(error.code())},
                      {"detail", error.detail()}});
}

void Courier::Take(const access::Alarm& alarm, bool set_aside) {
  rest_ms_ = 0;
  refusals_ = 0;
  look_failed_ = false;
  Standing now = standing();
  now.position = {alarm.number, alarm.wall_ms};
  now.set_aside += set_aside ? 1 : 0;
  const Status written = WritePosition(now);
  {
    const std::lock_guard lock(mutex_);
    standing_ = now;
  }
  WorksAgain();
  if (!written.ok()) {
    parts_.events.Emit(Severity::kError, "alarm_position_not_kept", {{"output", place_}});
  }
}

}  // namespace cloison::sinks
