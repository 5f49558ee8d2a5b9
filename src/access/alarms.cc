#include "access/alarms.h"

#include "access/internal/alarm_works.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kAlarmVersion = 1;
constexpr std::uint8_t kPool = 1, kFile = 2;

// By value, so that nothing of a handle is looked at after it is gone.
Task<Outcome<Alarms::Page>> ListThem(internal::Core& core, Caller caller, std::uint64_t after,
                                     std::size_t count) {
  if (count == 0 || count > kAlarmsPageMax) {
    co_return Error{Code::kInvalid, "a page has 1 to 100 alarms"};
  }
  auto work = std::make_unique<internal::ListAlarmsWork>(core, caller, after, count);
  co_return co_await core.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Alarms::Raised>> TestThem(internal::Core& core, Caller caller) {
  auto work = std::make_unique<internal::TestAlarmWork>(core, caller);
  co_return co_await core.parts.committer.Submit(std::move(work), caller.home);
}

Task<Status> TellIt(internal::Core& core, Alarm alarm, base::Executor& home) {
  auto work = std::make_unique<internal::TellAlarmWork>(core, home, std::move(alarm));
  const Result<Status> told = co_await core.parts.committer.Submit(std::move(work), home);
  co_return told.ok() ? *told : Status(told.error());
}

Task<Result<std::vector<Alarm>>> ReadThem(internal::Core& core, std::uint64_t after,
                                          std::size_t count) {
  co_return co_await core.alarms.Read(core.parts.people.store(), after, count);
}

}  // namespace

std::string_view Name(Alarm::What what) {
  static constexpr std::string_view kNames[] = {"test",    "rung",         "case_closed",  "frozen",
                                                "damaged", "provider_out", "erasures_full"};
  return kNames[static_cast<std::size_t>(what) - 1];
}

Alarm FrozenAlarm(const PrincipalInfo& who) {
  Alarm alarm;
  alarm.what = Alarm::What::kFrozen;
  alarm.organisation = who.organisation;
  return alarm;
}

Bytes EncodeAlarm(const Alarm& alarm) {
  CLOISON_CHECK(alarm.why.size() <= kAlarmWhyBytesMax);
  Bytes out{kAlarmVersion, static_cast<std::uint8_t>(alarm.what),
            static_cast<std::uint8_t>(alarm.from), static_cast<std::uint8_t>(alarm.to),
            static_cast<std::uint8_t>((alarm.pool ? kPool : 0) | (alarm.file ? kFile : 0))};
  base::AppendU64(out, static_cast<std::uint64_t>(alarm.wall_ms));
  base::AppendU32(out, alarm.organisation.value());
  const PoolKey pool = alarm.pool.value_or(PoolKey{});
  base::AppendU32(out, pool.organisation);
  base::AppendU32(out, pool.office);
  base::AppendBytes(out, alarm.file.value_or(CaseId{}));
  out.push_back(static_cast<std::uint8_t>(alarm.why.size()));
  base::AppendBytes(out, AsBytes(alarm.why));
  return out;
}

Result<Alarm> ParseAlarm(ByteView plain, std::uint64_t number) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8(), what = reader.U8(), from = reader.U8(),
                     to = reader.U8(), flags = reader.U8();
  Alarm alarm;
  alarm.number = number;
  alarm.wall_ms = static_cast<std::int64_t>(reader.U64());
  alarm.organisation = OrganisationId(reader.U32());
  PoolKey pool;
  pool.organisation = reader.U32();
  pool.office = reader.U32();
  const CaseId file = reader.Array<16>();
  const std::size_t size = reader.U8();
  alarm.why = std::string(AsText(reader.Take(size)));
  const bool has_pool = (flags & kPool) != 0, has_file = (flags & kFile) != 0;
  const bool fit = version == kAlarmVersion && what >= 1 && what <= 7 && from <= 5 && to <= 5 &&
                   flags <= (kPool | kFile) && size <= kAlarmWhyBytesMax && alarm.wall_ms >= 0 &&
                   (has_pool || pool == PoolKey{}) && (has_file || file == CaseId{});
  if (reader.failed() || !reader.empty() || !fit) {
    return Error{Code::kCorrupt, "an alarm does not parse"};
  }
  alarm.what = static_cast<Alarm::What>(what);
  alarm.from = static_cast<Rung>(from);
  alarm.to = static_cast<Rung>(to);
  if (has_pool) alarm.pool = pool;
  if (has_file) alarm.file = file;
  return alarm;
}

Task<Outcome<Alarms::Page>> Alarms::List(Caller caller, std::uint64_t after, std::size_t count) {
  return ListThem(core_, std::move(caller), after, count);
}

Task<Outcome<Alarms::Raised>> Alarms::Test(Caller caller) {
  return TestThem(core_, std::move(caller));
}

void Alarms::Raise(Alarm alarm) {
  (void)core_.alarms.Raise(std::move(alarm));
}

Task<Status> Alarms::Tell(Alarm alarm, base::Executor& home) {
  return TellIt(core_, std::move(alarm), home);
}

AlarmBell& Alarms::bell() const {
  return core_.alarms.bell();
}

Task<Result<std::vector<Alarm>>> Alarms::Stored(std::uint64_t after, std::size_t count) {
  return ReadThem(core_, after, count);
}

}  // namespace cloison::access
