#include "api/internal/approval_forms.h"

#include <array>
#include <span>

#include "access/caseload_requests.h"
#include "access/cases.h"
#include "access/decoys.h"
#include "access/founding.h"
#include "access/job_requests.h"
#include "access/person_requests.h"
#include "access/principal_requests.h"
#include "api/internal/answers.h"
#include "api/internal/case_forms.h"
#include "crypto/base64.h"

namespace cloison::api::internal {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

constexpr std::size_t kNameBytesMax = access::kLabelBytesMax;

// Reads the members of one object inside a body.
class Members {
 public:
  Members(const Call& call, Body& body, const JsonValue& object,
          std::span<const std::string_view> keys)
      : call_(call), body_(body), object_(object) {
    codec::JsonFault fault{Error{Code::kInvalid, ""}, "", 0};
    if (!object.CheckKeys(keys, &fault).ok()) {
      Fail(fault.pointer, object.is_object() ? "unknown_key" : "wrong_type", fault.error.text());
    }
  }

  bool ok() const { return ok_; }
  std::optional<JsonValue> Find(std::string_view key) const { return object_.Find(key); }
  std::string Text(std::string_view key, std::size_t bytes_max) {
    const std::optional<JsonValue> value = Required(key);
    if (!value.has_value()) return {};
    std::string text = body_.TextOf(*value, bytes_max);
    if (text.empty()) ok_ = false;
    return text;
  }
  PrincipalId Principal(std::string_view key) {
    const std::optional<JsonValue> value = Required(key);
    return value.has_value() ? PrincipalAt(*value) : PrincipalId(ByteArray<16>{});
  }
  PrincipalId PrincipalAt(const JsonValue& value) {
    const Result<PrincipalId> id = call_.service.sign_in.Named(value.string());
    if (!id.ok()) Fail(value, "invalid_value", "not the name of a principal");
    return id.ok() ? *id : PrincipalId(ByteArray<16>{});
  }
  OfficeId OfficeAt(const JsonValue& value) { return OfficeId(NumberAt(value, UINT32_MAX)); }
  std::uint32_t NumberAt(const JsonValue& value, std::int64_t most) {
    const Result<std::int64_t> number = value.AsInt();
    if (number.ok() && *number >= 1 && *number <= most) return static_cast<std::uint32_t>(*number);
    Fail(value, "invalid_value", "a whole number from 1 is expected");
    return 0;
  }
  // In budget time.
  std::int64_t TimeAt(const JsonValue& value) {
    const std::optional<std::int64_t> time = ParseRfc3339(value.string());
    if (!time.has_value()) Fail(value, "invalid_value", "an RFC 3339 time in UTC is expected");
    const commit::BatchTime now = call_.service.vault->committer().Now();
    const std::int64_t budget_ms = time.value_or(0) - now.wall_ms + now.budget_ms;
    if (time.has_value() && budget_ms < 0) Fail(value, "invalid_value", "the time is too early");
    return budget_ms;
  }
  template <class T>
  T OneOf(std::string_view key, std::span<const T> all) {
    const std::optional<JsonValue> value = Required(key);
    if (!value.has_value()) return all.front();
    for (const T one : all) {
      if (access::Name(one) == value->string()) return one;
    }
    Fail(*value, "invalid_value", "not one of the names there are");
    return all.front();
  }
  std::optional<JsonValue> Required(std::string_view key) {
    std::optional<JsonValue> value = object_.Find(key);
    if (!value.has_value()) Fail(object_, "missing", "a key is required");
    return value;
  }

 private:
  void Fail(const JsonValue& at, std::string_view code, std::string_view detail) {
    body_.Add(at, code, detail);
    ok_ = false;
  }
  void Fail(std::string pointer, std::string_view code, std::string_view detail) {
    body_.Add(std::move(pointer), code, detail);
    ok_ = false;
  }

  const Call& call_;
  Body& body_;
  const JsonValue& object_;
  bool ok_ = true;
};

// What makes two people two: said of everybody in production.
bool NeedsHuman(const Call& call, std::string_view role) {
  if (call.service.development) return false;
  const access::Role* const found = call.service.vault->policy()->FindRole(role);
  return found != nullptr &&
         (found->kind == access::RoleKind::kAgent || found->kind == access::RoleKind::kOfficer);
}

std::optional<Bytes> ReadChange(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"principal", "role", "office", "manager", "expires"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  access::ChangeRequest request;
  request.who = in.Principal("principal");
  if (in.Find("role").has_value()) request.role = in.Text("role", access::kRoleBytesMax);
  if (const auto office = in.Find("office"); office.has_value()) {
    request.office.emplace();
    if (!office->is_null()) *request.office = in.OfficeAt(*office);
  }
  if (const auto manager = in.Find("manager"); manager.has_value()) {
    request.manager.emplace();
    if (!manager->is_null()) *request.manager = in.PrincipalAt(*manager);
  }
  if (const auto expires = in.Find("expires"); expires.has_value()) {
    request.expires_ms.emplace();
    if (!expires->is_null()) *request.expires_ms = in.TimeAt(*expires);
  }
  if (request.empty()) body.Add(what, "missing", "a change names what changes");
  if (!in.ok() || request.empty()) return std::nullopt;
  return Encode(request);
}

std::optional<access::Raise> ReadOneRaise(const Call& call, Body& body, const JsonValue& value) {
  static constexpr std::string_view kKeys[] = {"counter", "window", "cap", "until"};
  static constexpr std::array kCounters = {access::Counter::kOpened, access::Counter::kOpenedOff,
                                           access::Counter::kSensitive, access::Counter::kGlimpsed,
                                           access::Counter::kGlimpsedOff};
  static constexpr std::array kWindows = {access::Window::kHour, access::Window::kDay,
                                          access::Window::kWeek, access::Window::kMonth};
  Members in(call, body, value, kKeys);
  if (!in.ok()) return std::nullopt;
  access::Raise raise{in.OneOf<access::Counter>("counter", kCounters),
                      in.OneOf<access::Window>("window", kWindows), 0, 0};
  if (const auto cap = in.Required("cap"); cap.has_value()) {
    raise.cap = in.NumberAt(*cap, UINT32_MAX);
  }
  if (const auto until = in.Required("until"); until.has_value()) {
    raise.until_ms = in.TimeAt(*until);
  }
  if (!in.ok()) return std::nullopt;
  return raise;
}

std::optional<Bytes> ReadRaise(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"principal", "raises"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  access::RaiseRequest request;
  request.who = in.Principal("principal");
  const std::optional<JsonValue> list = in.Required("raises");
  if (!in.ok()) return std::nullopt;
  if (!list->is_array() || list->size() == 0 || list->size() > access::kRaisesMax) {
    body.Add(*list, "wrong_type", "a list of 1 to 20 raises is expected");
    return std::nullopt;
  }
  for (auto at = list->First(); at.has_value(); at = at->Next()) {
    const std::optional<access::Raise> raise = ReadOneRaise(call, body, *at);
    if (!raise.has_value()) return std::nullopt;
    request.raises.push_back(*raise);
  }
  const auto which = [](const access::Raise& one) { return std::pair(one.counter, one.window); };
  std::ranges::sort(request.raises, {}, which);
  if (std::ranges::adjacent_find(request.raises, {}, which) != request.raises.end()) {
    body.Add(*list, "invalid_value", "one cap is raised twice");
    return std::nullopt;
  }
  return Encode(request);
}

std::optional<Bytes> ReadCaseForm(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"case"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  const std::optional<access::CaseId> id = CaseNamed(in.Text("case", kNameBytesMax));
  if (in.ok() && !id.has_value()) body.Add("/what/case", "invalid_value", "the id of a case");
  return in.ok() && id.has_value() ? std::optional(access::EncodeCaseId(*id)) : std::nullopt;
}

std::optional<Bytes> ReadDecoysForm(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"per_100000"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  const std::optional<JsonValue> share = in.Required("per_100000");
  if (!share.has_value()) return std::nullopt;
  const Result<std::int64_t> number = share->AsInt();
  if (number.ok() && *number >= 0 && *number <= std::int64_t{access::kDecoyShareMax}) {
    return Encode(access::DecoysRequest{static_cast<std::uint32_t>(*number)});
  }
  body.Add(*share, "invalid_value", "a whole number from 0 to 10000 is expected");
  return std::nullopt;
}

std::optional<Bytes> ReadUnfreeze(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"principal"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  const access::UnfreezeRequest request{in.Principal("principal")};
  if (!in.ok()) return std::nullopt;
  return Encode(request);
}

std::optional<Bytes> ReadRelease(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"hold"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  access::ReleaseRequest request;
  if (const auto hold = in.Required("hold"); hold.has_value()) {
    request.hold = in.NumberAt(*hold, INT32_MAX);
  }
  if (!in.ok()) return std::nullopt;
  return Encode(request);
}

std::optional<Bytes> ReadTransfer(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"from", "to"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  access::TransferRequest request;
  request.from = in.Principal("from");
  const std::optional<JsonValue> list = in.Required("to");
  if (!in.ok()) return std::nullopt;
  if (!list->is_array() || list->size() == 0 || list->size() > access::kTransferAgentsMax) {
    body.Add(*list, "wrong_type", "a list of 1 to 64 agents is expected");
    return std::nullopt;
  }
  for (auto at = list->First(); at.has_value(); at = at->Next()) {
    request.to.push_back(in.PrincipalAt(*at));
  }
  if (!in.ok()) return std::nullopt;
  return Encode(request);
}

// Of an export: without fields all of the schema but its history.
void ReadSealedFields(const Call& call, Body& body, Members& in, access::JobRequest& request) {
  const bool all = request.whom == access::Whom::kEverybody;
  const auto fields = all ? in.Find("fields") : in.Required("fields");
  if (fields.has_value()) {
    request.fields = body.FieldsIn(*fields, call.schema());
  } else if (all) {
    for (const records::FieldSpec& field : call.schema().fields()) {
      if (field.type == records::FieldType::kHistory) continue;  // the next register keeps its own
      request.fields.push_back(field.id);
    }
  }
  std::ranges::sort(request.fields);
}

std::optional<Bytes> ReadSealing(const Call& call, Body& body, const JsonValue& what,
                                 std::span<const std::string_view> keys, access::Whom whom) {
  Members in(call, body, what, keys);
  if (!in.ok()) return std::nullopt;
  access::JobRequest request;
  request.whom = whom;
  request.label = in.Text("label", records::kJobLabelBytesMax);
  request.application = in.Principal("application");
  request.purpose = in.Text("purpose", ledger::kPurposeBytesMax);
  ReadSealedFields(call, body, in, request);
  const auto recipient = in.Required("recipient");
  if (const auto people = in.Required("people_max"); people.has_value()) {
    request.people_max = in.NumberAt(*people, access::kJobPeopleMax);
  }
  if (const auto runs = in.Find("runs"); runs.has_value()) {
    request.runs = in.NumberAt(*runs, access::kJobRunsMax);
  }
  if (const auto pause = in.Find("pause_days"); pause.has_value()) {
    request.pause_days = in.NumberAt(*pause, access::kJobPauseDaysMax);
  }
  if (const auto expires = in.Required("expires"); expires.has_value()) {
    request.expires_ms = in.TimeAt(*expires);
  }
  if (!in.ok() || !body.ok()) return std::nullopt;
  const Result<Bytes> key = crypto::FromBase64Url(recipient->string());
  if (!key.ok() || !crypto::RecipientKey::FromBytes(*key).ok()) {
    body.Add(*recipient, "invalid_value", "an X25519 public key in base64url is expected");
    return std::nullopt;
  }
  std::ranges::copy(*key, request.recipient.begin());
  const auto label = in.Find("label");
  if (!access::IsJobLabel(request.label)) {
    body.Add(*label, "invalid_value", "a-z 0-9 - . _ alone, and at most 8 digits in a row");
  }
  if (request.runs > 1 && request.pause_days == 0) {
    body.Add(what, "missing", "several runs have a pause between them");
  }
  if (request.fields.size() > access::FieldsMax(whom)) {
    body.Add(what, "too_long", "a job has at most 32 fields, an export 255");
  }
  if (!body.ok()) return std::nullopt;
  return Encode(request);
}

std::optional<Bytes> ReadJob(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"label",  "application", "purpose",
                                               "fields", "recipient",   "people_max",
                                               "runs",   "pause_days",  "expires"};
  return ReadSealing(call, body, what, kKeys, access::Whom::kNamed);
}

std::optional<Bytes> ReadExport(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"label",     "application", "purpose", "fields",
                                               "recipient", "people_max",  "expires"};
  return ReadSealing(call, body, what, kKeys, access::Whom::kEverybody);
}

// Whether somebody near has the same human: the register has no list by human.
Task<std::string> SameAs(Call& call, const access::EnrolRequest& request, PrincipalId asker) {
  std::vector<PrincipalId> near{asker, call.caller->principal};
  if (request.manager.has_value()) near.push_back(*request.manager);
  for (const PrincipalId& one : near) {
    const Result<access::PrincipalInfo> info = co_await call.gate().Find(one);
    if (info.ok() && info->human == request.human) co_return info->label;
  }
  co_return std::string();
}

Task<Status> WriteEnrol(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::EnrolRequest request, access::ParseEnrol(approval.what));
  json.Key("principal").String(request.label).Key("role").String(request.role);
  if (request.office.has_value()) json.Key("office").Uint(request.office->value());
  if (request.expires_ms.has_value()) {
    json.Key("expires").String(Rfc3339(WallOf(call, *request.expires_ms)));
  }
  if (request.manager.has_value()) {
    const std::string manager = co_await NameOf(call, *request.manager);
    json.Key("manager").String(manager);
  }
  if (!request.human_reference.empty()) {
    json.Key("human").String(request.human_reference);
    const std::string same = co_await SameAs(call, request, approval.asker);
    if (!same.empty()) json.Key("same_as").String(same);
  }
  co_return Ok();
}

Task<Status> WriteChange(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::ChangeRequest request, access::ParseChange(approval.what));
  const std::string who = co_await NameOf(call, request.who);
  json.Key("principal").String(who);
  if (request.role.has_value()) json.Key("role").String(*request.role);
  if (request.office.has_value()) {
    json.Key("office");
    if (request.office->has_value()) json.Uint((*request.office)->value());
    if (!request.office->has_value()) json.Null();
  }
  if (request.manager.has_value()) {
    std::string manager;
    if (request.manager->has_value()) manager = co_await NameOf(call, **request.manager);
    json.Key("manager");
    if (request.manager->has_value()) json.String(manager);
    if (!request.manager->has_value()) json.Null();
  }
  if (request.expires_ms.has_value()) {
    json.Key("expires");
    if (request.expires_ms->has_value()) json.String(Rfc3339(WallOf(call, **request.expires_ms)));
    if (!request.expires_ms->has_value()) json.Null();
  }
  co_return Ok();
}

Task<Status> WriteRaise(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::RaiseRequest request, access::ParseRaise(approval.what));
  const std::string who = co_await NameOf(call, request.who);
  json.Key("principal").String(who).Key("raises").BeginArray();
  for (const access::Raise& raise : request.raises) {
    json.BeginObject().Key("counter").String(access::Name(raise.counter));
    json.Key("window").String(access::Name(raise.window)).Key("cap").Uint(raise.cap);
    json.Key("until").String(Rfc3339(WallOf(call, raise.until_ms))).EndObject();
  }
  json.EndArray();
  co_return Ok();
}

Task<Status> WriteCaseForm(Call&, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::CaseId id, access::ParseCaseId(approval.what));
  json.Key("case").String(CaseIdText(id));
  co_return Ok();
}

Task<Status> WriteDecoysForm(Call&, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::DecoysRequest request, access::ParseDecoys(approval.what));
  json.Key("per_100000").Uint(request.per_100000);
  co_return Ok();
}

Task<Status> WriteUnfreeze(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::UnfreezeRequest request,
                        access::ParseUnfreeze(approval.what));
  const std::string who = co_await NameOf(call, request.who);
  json.Key("principal").String(who);
  co_return Ok();
}

// "192.0.2.0/24", "2001:db8:0:1200::/56": as much of an address as is kept.
std::string NetworkText(const ByteArray<8>& network) {
  std::string text;
  if (network[0] == 4) {
    for (std::size_t i = 1; i <= 3; ++i) text += std::to_string(network[i]) + ".";
    return text + "0/24";
  }
  for (std::size_t i = 1; i <= 7; i += 2) {
    const std::uint8_t low = i < 7 ? network[i + 1] : std::uint8_t{0};
    text += base::ToHex(ByteArray<2>{network[i], low}) + ":";
  }
  return text + ":/56";
}

// The first 80 bits, to be read out: "3f2a 91c0 77de 10b4 9a05".
std::string SpokenOf(const ByteArray<32>& thumbprint) {
  const std::string hex = base::ToHex(ByteView(thumbprint).first(10));
  std::string spoken;
  for (std::size_t i = 0; i < hex.size(); i += 4) {
    spoken += (i == 0 ? "" : " ") + hex.substr(i, 4);
  }
  return spoken;
}

// What whoever agrees and whoever has the key compare by telephone.
Task<Status> WriteKey(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::KeyRequest request, access::ParseKey(approval.what));
  const std::string who = co_await NameOf(call, approval.asker);
  json.Key("principal").String(who);
  json.Key("thumbprint").String(crypto::ToBase64Url(request.key.thumbprint));
  json.Key("spoken").String(SpokenOf(request.key.thumbprint));
  json.Key("network").String(NetworkText(request.key.network));
  json.Key("key_before").String(Rfc3339(WallOf(call, request.known_ms)));
  co_return Ok();
}

// The person by the code of the organisation that asked: nobody else sees it.
Task<Status> WriteErase(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::EraseRequest request, access::ParseErase(approval.what));
  CLOISON_CO_TRY_ASSIGN(const records::PersonCode code,
                        call.service.vault->codes().Encode(approval.organisation, request.person));
  json.Key("person").String(code.Text()).Key("version").Uint(request.version);
  co_return Ok();
}

Task<Status> WriteRekey(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::RekeyRequest request, access::ParseRekey(approval.what));
  CLOISON_CO_TRY_ASSIGN(const records::PersonCode code,
                        call.service.vault->codes().Encode(approval.organisation, request.person));
  json.Key("person").String(code.Text()).Key("key").Uint(request.pkv);
  co_return Ok();
}

Task<Status> WriteUnseal(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::UnsealRequest request, access::ParseUnseal(approval.what));
  const std::vector<ledger::Log>& logs = call.service.vault->ledger().logs();
  const std::uint32_t generation = ledger::GenerationOf(request.place);
  json.Key("index").Uint(ledger::NumberOf(request.place));
  if (generation <= logs.size()) json.Key("log").String(logs[generation - 1].origin);
  co_return Ok();
}

Task<Status> WriteRelease(Call&, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::ReleaseRequest request, access::ParseRelease(approval.what));
  json.Key("hold").Uint(request.hold);
  co_return Ok();
}

// The person by the code that the agent gave: whether it is anybody's, nothing here tells.
Task<Status> WriteAccess(Call&, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::AccessRequest request, access::ParseAccess(approval.what));
  json.Key("person").String(request.person);
  co_return Ok();
}

Task<Status> WriteTransfer(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::TransferRequest request,
                        access::ParseTransfer(approval.what));
  const std::string from = co_await NameOf(call, request.from);
  json.Key("from").String(from).Key("to").BeginArray();
  for (const PrincipalId& agent : request.to) {
    const std::string to = co_await NameOf(call, agent);
    json.String(to);
  }
  json.EndArray();
  co_return Ok();
}

Task<Status> WriteJobForm(Call& call, const approvals::Document& approval, JsonWriter& json) {
  CLOISON_CO_TRY_ASSIGN(const access::JobRequest request, access::ParseJob(approval.what));
  co_await WriteJobRequest(call, request, json);
  co_return Ok();
}

constexpr ApprovalForm kForms[] = {
    {"enrol", ReadEnrolment, WriteEnrol},
    {"change", ReadChange, WriteChange},
    {"raise", ReadRaise, WriteRaise},
    {"freeze", ReadUnfreeze, WriteUnfreeze},
    {"unfreeze", ReadUnfreeze, WriteUnfreeze},
    {"release", ReadRelease, WriteRelease},
    {"key", nullptr, WriteKey},
    {"citizen_key", nullptr, WriteKey},
    {"erase", nullptr, WriteErase},
    {"rekey", nullptr, WriteRekey},
    {"unseal", nullptr, WriteUnseal},
    {"policy", nullptr, WritePolicy},
    {"schema", nullptr, WriteSchema},
    {"access", nullptr, WriteAccess},
    {"transfer", ReadTransfer, WriteTransfer},
    {"job", ReadJob, WriteJobForm},
    {"export", ReadExport, WriteJobForm},
    {"case", ReadCaseForm, WriteCaseForm},
    {"decoys", ReadDecoysForm, WriteDecoysForm},
};

}  // namespace

const ApprovalForm* FindForm(std::string_view kind) {
  for (const ApprovalForm& form : kForms) {
    if (form.kind == kind) return &form;
  }
  return nullptr;
}

std::optional<Bytes> ReadEnrolment(const Call& call, Body& body, const JsonValue& what) {
  static constexpr std::string_view kKeys[] = {"principal", "role",  "office", "manager",
                                               "expires",   "human", "reason"};
  Members in(call, body, what, kKeys);
  if (!in.ok()) return std::nullopt;
  access::EnrolRequest request;
  request.who = in.Principal("principal");
  request.label = in.Text("principal", kNameBytesMax);
  request.role = in.Text("role", access::kRoleBytesMax);
  if (const auto office = in.Find("office"); office.has_value()) {
    request.office = in.OfficeAt(*office);
  }
  if (const auto manager = in.Find("manager"); manager.has_value()) {
    request.manager = in.PrincipalAt(*manager);
  }
  if (const auto expires = in.Find("expires"); expires.has_value()) {
    request.expires_ms = in.TimeAt(*expires);
  }
  if (in.Find("human").has_value()) {
    request.human_reference = access::FoldReference(in.Text("human", kNameBytesMax));
    request.human = access::HumanIdOf(call.service.vault->state(), request.human_reference);
    if (in.ok() && request.human_reference.empty()) {
      body.Add("/human", "invalid_value", "a reference has letters of a to z and digits");
      return std::nullopt;
    }
  } else if (NeedsHuman(call, request.role)) {
    body.Add("/human", "missing", "whose account it is: one human's two accounts count as one");
    return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return Encode(request);
}

Task<std::string> NameOf(Call& call, PrincipalId who) {
  const Result<access::PrincipalInfo> info = co_await call.gate().Find(who);
  co_return info.ok() ? info->label : base::ToHex(who.bytes());
}

std::int64_t WallOf(const Call& call, std::int64_t budget_ms) {
  const commit::BatchTime now = call.service.vault->committer().Now();
  return std::max<std::int64_t>(0, budget_ms - now.budget_ms + now.wall_ms);
}

}  // namespace cloison::api::internal
