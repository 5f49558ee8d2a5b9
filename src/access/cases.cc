#include "access/cases.h"

#include "access/internal/case_works.h"

namespace cloison::access {

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

}  // namespace cloison::access
