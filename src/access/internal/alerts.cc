#include "access/internal/alerts.h"

namespace cloison::access::internal {

namespace {
constexpr std::uint8_t kAlertVersion = 1;
}  // namespace

Bytes EncodeAlert(const Alert& alert) {
  Bytes out{kAlertVersion, static_cast<std::uint8_t>(alert.what),
            static_cast<std::uint8_t>(alert.whom)};
  base::AppendBytes(out, alert.about.bytes());
  base::AppendU32(out, alert.organisation.value());
  out.push_back(alert.manager.has_value() ? 1 : 0);
  base::AppendBytes(out, alert.manager.value_or(PrincipalId(ByteArray<16>{})).bytes());
  base::AppendU64(out, alert.approval);
  return out;
}

Result<Alert> ParseAlert(ByteView plain) {
  constexpr Error kBad{Code::kCorrupt, "an alert does not parse"};
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8(), what = reader.U8(), whom = reader.U8();
  Alert alert{Alert::What::kEnrolled, Alert::Whom::kManager, PrincipalId(reader.Array<16>()),
              OrganisationId(reader.U32()), std::nullopt};
  const std::uint8_t has_manager = reader.U8();
  const PrincipalId manager(reader.Array<16>());
  alert.approval = reader.U64();
  if (reader.failed() || !reader.empty() || version != kAlertVersion || has_manager > 1)
    return kBad;
  if (what < 1 || what > 3 || whom < 1 || whom > 2) return kBad;
  if (has_manager == 0 && manager != PrincipalId(ByteArray<16>{})) return kBad;
  alert.what = static_cast<Alert::What>(what);
  alert.whom = static_cast<Alert::Whom>(whom);
  if (has_manager == 1) alert.manager = manager;
  return alert;
}

void PutAlert(Core& core, commit::Staging& staging, const Alert& alert) {
  const auto now = static_cast<std::uint64_t>(staging.time().budget_ms);
  std::string name(AsText(base::BigU64(now)));
  name += AsText(core.parts.random.Draw<8>());
  store::Key key{store::Family::kOutbox, std::move(name)};
  Bytes sealed = core.parts.state.Seal(key, EncodeAlert(alert));
  staging.Put(std::move(key), std::move(sealed));
}

}  // namespace cloison::access::internal
