#include "text/mask.h"

#include "text/date.h"
#include "text/nir.h"
#include "text/utf8.h"

namespace cloison::text {
namespace {

std::string Generic() {
  return std::string(kMaskGeneric);
}

std::string MaskName(std::string_view value) {
  const std::string_view trimmed = Trim(value);
  if (trimmed.empty()) return Generic();
  return std::string(FirstCharacter(trimmed)) + "***";
}

std::string MaskDate(std::string_view value) {
  if (!ParseDate(value).ok()) return Generic();
  return std::string(value.substr(0, 4));
}

std::string MaskPhone(std::string_view value) {
  const bool canonical = value.size() >= 7 && value.front() == '+' &&
                         value.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (!canonical) return Generic();
  return Generic() + std::string(value.substr(value.size() - 2));
}

std::string MaskEmail(std::string_view value) {
  const std::size_t at = value.find('@');
  const std::size_t dot = value.rfind('.');
  if (at == 0 || at == std::string_view::npos || dot == std::string_view::npos || dot < at ||
      dot + 1 == value.size()) {
    return Generic();
  }
  return std::string(FirstCharacter(value)) + "***@***" + std::string(value.substr(dot));
}

std::string MaskNir(std::string_view value) {
  if (!NirKey(value).ok()) return Generic();
  std::string out(value.substr(0, 1));
  out.push_back(' ');
  out.append(value.substr(1, 2));
  out.push_back(' ');
  for (int hidden = 0; hidden < 10; ++hidden) out.append("•");
  return out;
}

}  // namespace

std::string Mask(MaskKind kind, std::string_view value) {
  if (!IsValidUtf8(value)) return Generic();
  switch (kind) {
    case MaskKind::kName: return MaskName(value);
    case MaskKind::kDate: return MaskDate(value);
    case MaskKind::kPhone: return MaskPhone(value);
    case MaskKind::kEmail: return MaskEmail(value);
    case MaskKind::kNir: return MaskNir(value);
    case MaskKind::kGeneric: break;
  }
  return Generic();
}

}  // namespace cloison::text
