#include "access/principal_requests.h"

#include "base/check.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kWithReference = 2;  // of an enrolment: the human's reference after it
constexpr Error kBad{Code::kInvalid, "what is asked for does not parse"};

// Bits of a change: what is there, and whether it takes away.
constexpr std::uint8_t kHasRole = 1, kHasOffice = 2, kHasManager = 4, kHasExpiry = 8;

class Writer {
 public:
  explicit Writer(std::uint8_t version = kVersion) { out_.push_back(version); }
  Writer& U8(std::uint8_t value) {
    out_.push_back(value);
    return *this;
  }
  Writer& U32(std::uint32_t value) {
    base::AppendU32(out_, value);
    return *this;
  }
  Writer& Time(std::int64_t ms) {
    base::AppendU64(out_, static_cast<std::uint64_t>(ms));
    return *this;
  }
  Writer& Raw(ByteView bytes) {
    base::AppendBytes(out_, bytes);
    return *this;
  }
  Writer& Text(std::string_view text) {
    CLOISON_CHECK(text.size() <= 255);
    U8(static_cast<std::uint8_t>(text.size()));
    return Raw(AsBytes(text));
  }
  // A mark, then the value when there is one.
  Writer& Office(const std::optional<OfficeId>& office) {
    U8(office.has_value() ? 1 : 0);
    return office.has_value() ? U32(office->value()) : *this;
  }
  Writer& Principal(const std::optional<PrincipalId>& id) {
    U8(id.has_value() ? 1 : 0);
    return id.has_value() ? Raw(id->bytes()) : *this;
  }
  Writer& MaybeTime(const std::optional<std::int64_t>& ms) {
    U8(ms.has_value() ? 1 : 0);
    return ms.has_value() ? Time(*ms) : *this;
  }
  Bytes Done() { return std::move(out_); }

 private:
  Bytes out_;
};

class Reader {
 public:
  explicit Reader(ByteView bytes, std::uint8_t newest = kVersion) : reader_(bytes) {
    version_ = reader_.U8();
    failed_ = version_ < kVersion || version_ > newest;
  }
  std::uint8_t version() const { return version_; }
  std::uint8_t U8() { return reader_.U8(); }
  std::uint32_t U32() { return reader_.U32(); }
  PrincipalId Id() { return PrincipalId(reader_.Array<16>()); }
  template <std::size_t N>
  ByteArray<N> Array() {
    return reader_.Array<N>();
  }
  std::int64_t Time() {
    const std::uint64_t ms = reader_.U64();
    if (ms > INT64_MAX) failed_ = true;
    return static_cast<std::int64_t>(ms);
  }
  std::string Text() {
    const std::size_t size = reader_.U8();
    return std::string(AsText(reader_.Take(size)));
  }
  bool Mark() {
    const std::uint8_t mark = reader_.U8();
    if (mark > 1) failed_ = true;
    return mark == 1;
  }
  std::optional<OfficeId> Office() {
    if (!Mark()) return std::nullopt;
    return OfficeId(reader_.U32());
  }
  std::optional<PrincipalId> Principal() {
    if (!Mark()) return std::nullopt;
    return Id();
  }
  std::optional<std::int64_t> MaybeTime() {
    if (!Mark()) return std::nullopt;
    return Time();
  }
  bool ok() const { return !failed_ && !reader_.failed() && reader_.empty(); }
  void Fail() { failed_ = true; }

 private:
  base::Reader reader_;
  std::uint8_t version_ = 0;
  bool failed_ = false;
};

}  // namespace

Bytes Encode(const EnrolRequest& request) {
  const bool named = !request.human_reference.empty();
  CLOISON_CHECK(!named || request.human.has_value());
  Writer out(named ? kWithReference : kVersion);
  out.Raw(request.who.bytes()).Office(request.office).Text(request.role).Text(request.label);
  out.MaybeTime(request.expires_ms).Principal(request.manager);
  out.U8(request.human.has_value() ? 1 : 0);
  if (request.human.has_value()) out.Raw(*request.human);
  if (named) out.Text(request.human_reference);
  return out.Done();
}

Result<EnrolRequest> ParseEnrol(ByteView bytes) {
  Reader in(bytes, kWithReference);
  EnrolRequest request;
  request.who = in.Id();
  request.office = in.Office();
  request.role = in.Text();
  request.label = in.Text();
  request.expires_ms = in.MaybeTime();
  request.manager = in.Principal();
  if (in.Mark()) request.human = in.Array<16>();
  if (in.version() == kWithReference) {
    request.human_reference = in.Text();
    if (request.human_reference.empty() || !request.human.has_value()) in.Fail();
  }
  if (!in.ok()) return kBad;
  return request;
}

Bytes Encode(const ChangeRequest& request) {
  Writer out;
  out.Raw(request.who.bytes());
  out.U8(static_cast<std::uint8_t>(
      (request.role ? kHasRole : 0) | (request.office ? kHasOffice : 0) |
      (request.manager ? kHasManager : 0) | (request.expires_ms ? kHasExpiry : 0)));
  if (request.role.has_value()) out.Text(*request.role);
  if (request.office.has_value()) out.Office(*request.office);
  if (request.manager.has_value()) out.Principal(*request.manager);
  if (request.expires_ms.has_value()) out.MaybeTime(*request.expires_ms);
  return out.Done();
}

Result<ChangeRequest> ParseChange(ByteView bytes) {
  Reader in(bytes);
  ChangeRequest request;
  request.who = in.Id();
  const std::uint8_t has = in.U8();
  if (has == 0 || has > (kHasRole | kHasOffice | kHasManager | kHasExpiry)) in.Fail();
  if ((has & kHasRole) != 0) request.role = in.Text();
  if ((has & kHasOffice) != 0) request.office = in.Office();
  if ((has & kHasManager) != 0) request.manager = in.Principal();
  if ((has & kHasExpiry) != 0) request.expires_ms = in.MaybeTime();
  if (!in.ok()) return kBad;
  return request;
}

Bytes Encode(const RaiseRequest& request) {
  CLOISON_CHECK(request.raises.size() <= kRaisesMax);
  Writer out;
  out.Raw(request.who.bytes()).U8(static_cast<std::uint8_t>(request.raises.size()));
  for (const Raise& raise : request.raises) {
    out.U8(static_cast<std::uint8_t>(raise.counter)).U8(static_cast<std::uint8_t>(raise.window));
    out.U32(raise.cap).Time(raise.until_ms);
  }
  return out.Done();
}

Result<RaiseRequest> ParseRaise(ByteView bytes) {
  Reader in(bytes);
  RaiseRequest request;
  request.who = in.Id();
  const std::size_t count = in.U8();
  if (count == 0 || count > kRaisesMax) return kBad;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t counter = in.U8(), window = in.U8();
    if (counter >= kCounters || window >= kWindows) return kBad;
    Raise raise{static_cast<Counter>(counter), static_cast<Window>(window), in.U32(), 0};
    raise.until_ms = in.Time();
    const bool in_order = request.raises.empty() ||
                          std::pair(request.raises.back().counter, request.raises.back().window) <
                              std::pair(raise.counter, raise.window);
    if (!in_order) return kBad;
    request.raises.push_back(raise);
  }
  if (!in.ok()) return kBad;
  return request;
}

Bytes Encode(const UnfreezeRequest& request) {
  Writer out;
  return out.Raw(request.who.bytes()).Done();
}

Result<UnfreezeRequest> ParseUnfreeze(ByteView bytes) {
  Reader in(bytes);
  const UnfreezeRequest request{in.Id()};
  if (!in.ok()) return kBad;
  return request;
}

Bytes Encode(const KeyRequest& request) {
  Writer out;
  return out.Raw(request.who.bytes())
      .Raw(request.key.thumbprint)
      .Raw(request.key.network)
      .Raw(base::BigU64(static_cast<std::uint64_t>(request.known_ms)))
      .Done();
}

Result<KeyRequest> ParseKey(ByteView bytes) {
  Reader in(bytes);
  KeyRequest request;
  request.who = in.Id();
  request.key.thumbprint = in.Array<32>();
  request.key.network = in.Array<8>();
  request.known_ms = static_cast<std::int64_t>(base::LoadBig(in.Array<8>()));
  if (!in.ok()) return kBad;
  return request;
}

}  // namespace cloison::access
