#include "access/cases.h"

#include "access/internal/case_works.h"

namespace cloison::access {

namespace {

Task<Result<Cases::Frozen>> FindFrozen(internal::Core& core, std::uint64_t after) {
  Cases::Frozen frozen{after, {}};
  store::Store& store = core.parts.people.store();
  CLOISON_CO_TRY_ASSIGN(const std::vector<Alarm> alarms,
                        co_await core.alarms.Read(store, after, kAlarmsPageMax));
  for (const Alarm& alarm : alarms) {
    frozen.last = alarm.number;
    const bool is = alarm.what == Alarm::What::kRung && alarm.to == Rung::kFrozen;
    if (!is || !alarm.file.has_value()) continue;
    const Result<std::optional<Case>> one = co_await internal::ReadCase(core, store, *alarm.file);
    // One that does not open names nobody, and hides none of those behind it.
    if (!one.ok()) internal::NoteCorrupt(core, one.error(), "a_case_is_damaged");
    if (!one.ok() && one.error().code() != Code::kCorrupt) co_return one.error();
    if (!one.ok() || !one->has_value()) continue;
    if ((*one)->principal.has_value()) frozen.who.push_back(*(*one)->principal);
  }
  co_return frozen;
}

}  // namespace

Bytes EncodeCaseId(const CaseId& id) {
  Bytes out{1};
  base::AppendBytes(out, id);
  return out;
}

Result<CaseId> ParseCaseId(ByteView what) {
  base::Reader reader(what);
  const std::uint8_t version = reader.U8();
  const CaseId id = reader.Array<16>();
  if (reader.failed() || !reader.empty() || version != 1) {
    return Error{Code::kInvalid, "a case is named by its id"};
  }
  return id;
}

Task<Outcome<Cases::Page>> Cases::List(Caller caller, bool open, CaseId above, std::size_t count) {
  if (count == 0 || count > kCasesPageMax) {
    co_return Error{Code::kInvalid, "a page has 1 to 100 cases"};
  }
  auto work = std::make_unique<internal::ListCasesWork>(core_, caller, open, above, count);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Cases::Shown>> Cases::Read(Caller caller, CaseId id) {
  auto work = std::make_unique<internal::CaseWork>(core_, caller, id, std::nullopt);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Cases::Shown>> Cases::Close(Caller caller, CaseId id, std::string reason) {
  if (reason.empty() || reason.size() > kCaseReasonBytesMax) {
    co_return Error{Code::kInvalid, "a case is closed with a reason of 1 to 128 bytes"};
  }
  auto work = std::make_unique<internal::CaseWork>(core_, caller, id, std::move(reason));
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Result<Cases::Frozen>> Cases::FrozenAbove(std::uint64_t after) {
  return FindFrozen(core_, after);
}

}  // namespace cloison::access
