// Organisations and offices, and what bounds them: ceilings, explanations, the archive.
#include <algorithm>

#include "access/internal/policy_parser.h"
#include "identity/principal_name.h"

namespace cloison::access {

namespace {

using codec::Need;
using codec::TomlTable;

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kContactBytesMax = 256;
constexpr std::string_view kScopeNames[] = {"principal", "office", "organisation", "client",
                                            "register"};
constexpr std::int64_t kBucketMinutesMax = kBucketMsMax / base::kMinuteMs;
constexpr std::int64_t kCeilingMax = 1'000'000'000;
constexpr std::int64_t kLastsMinutesMax = 90 * 24 * 60;
constexpr std::int64_t kPerDayMax = 10'000;
constexpr std::int64_t kArchiveDaysMax = 36'525;

// "01" to "95", "2A", "2B", "971" to "989".
bool IsDepartement(std::string_view text) {
  if (text == "2A" || text == "2B") return true;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::ranges::all_of(text, digit)) return false;
  if (text.size() == 2) return text >= "01" && text <= "95" && text != "20";
  return text.size() == 3 && text >= "971" && text <= "989";
}

// As principals are named: alias:sub, or a demo's plain name. A mail address is nobody's.
bool IsAccount(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  };
  return std::ranges::all_of(name, plain) || identity::ParsePrincipalName(name).ok();
}

std::uint32_t U32(const std::optional<std::int64_t>& value) {
  return static_cast<std::uint32_t>(value.value_or(0));
}

}  // namespace

void PolicyParser::ReadOrganisation(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"id", "name", "second_contact"};
  codec::CheckKeys(table, kKeys, problems_);
  const auto id = codec::ReadInt(table, "id", Need::kRequired, {1, UINT32_MAX}, problems_);
  Organisation organisation{OrganisationId(U32(id)), Text(table, "name"), {}, {}};
  CheckName(LineOf(table, "name"), "an organisation", organisation.name, kNameBytesMax);
  organisation.second_contact =
      codec::ReadString(table, "second_contact", Need::kOptional, problems_).value_or("");
  if (organisation.second_contact.size() > kContactBytesMax) {
    problems_.Add(LineOf(table, "second_contact"), "a contact is at most 256 bytes");
  } else if (!organisation.second_contact.empty() && !IsAccount(organisation.second_contact)) {
    problems_.Add(LineOf(table, "second_contact"),
                  "a second contact is the name of an account, as agents:anna: alerts are read "
                  "by signing in");
  }
  if (!id.has_value()) return;
  if (!IsNew(table, "organisation", std::to_string(*id))) return;
  policy_.organisations_.push_back(std::move(organisation));
}

void PolicyParser::ReadOffice(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"organisation", "id", "name", "departements"};
  codec::CheckKeys(table, kKeys, problems_);
  const auto of =
      codec::ReadInt(table, "organisation", Need::kRequired, {1, UINT32_MAX}, problems_);
  const auto id = codec::ReadInt(table, "id", Need::kRequired, {1, UINT32_MAX}, problems_);
  Office office{OfficeId(U32(id)), Text(table, "name"), {}};
  CheckName(LineOf(table, "name"), "an office", office.name, kNameBytesMax);
  office.departements = codec::ReadStrings(table, "departements", Need::kOptional, problems_)
                            .value_or(std::vector<std::string>{});
  for (const std::string& one : office.departements) {
    if (IsDepartement(one)) continue;
    problems_.Add(LineOf(table, "departements"), "no département '" + one + "'");
  }
  if (!of.has_value() || !id.has_value()) return;
  const auto organisation =
      std::ranges::find(policy_.organisations_, OrganisationId(U32(of)), &Organisation::id);
  if (organisation == policy_.organisations_.end()) {
    problems_.Add(LineOf(table, "organisation"),
                  "an office of no organisation: there is no " + std::to_string(*of));
    return;
  }
  if (!IsNew(table, "office", std::to_string(*of) + "/" + std::to_string(*id))) return;
  organisation->offices.push_back(std::move(office));
}

bool PolicyParser::ReadCeilingPlace(const TomlTable& table, CeilingSpec& ceiling) {
  const auto of =
      codec::ReadInt(table, "organisation", Need::kOptional, {1, UINT32_MAX}, problems_);
  const auto office = codec::ReadInt(table, "office", Need::kOptional, {1, UINT32_MAX}, problems_);
  if (of.has_value()) ceiling.organisation = OrganisationId(U32(of));
  if (office.has_value()) ceiling.office = OfficeId(U32(office));
  const bool may_name = ceiling.scope == Scope::kOffice || ceiling.scope == Scope::kOrganisation;
  if (of.has_value() && !may_name) {
    problems_.Add(LineOf(table, "organisation"), "a ceiling of this scope names no organisation");
    return false;
  }
  if (office.has_value() && (ceiling.scope != Scope::kOffice || !of.has_value())) {
    problems_.Add(LineOf(table, "office"),
                  "an office is named by a ceiling of scope office, with its organisation");
    return false;
  }
  if (of.has_value() && policy_.FindOrganisation(*ceiling.organisation) == nullptr) {
    problems_.Add(LineOf(table, "organisation"), "no organisation " + std::to_string(*of));
    return false;
  }
  if (office.has_value() && policy_.FindOffice(*ceiling.organisation, *ceiling.office) == nullptr) {
    problems_.Add(LineOf(table, "office"), "no office " + std::to_string(*office) +
                                               " of organisation " + std::to_string(*of));
    return false;
  }
  return true;
}

void PolicyParser::ReadFamily(const TomlTable& table, CeilingSpec& ceiling) {
  static constexpr std::string_view kNames[] = {"class", "presence"};
  const auto family = codec::ReadString(table, "family", Need::kOptional, problems_);
  if (!family.has_value() || *family == kNames[0]) return;
  ceiling.family = ShowingFamily::kPresence;
  if (*family != kNames[1]) Unknown(LineOf(table, "family"), "family", *family, kNames);
}

void PolicyParser::ReadCeiling(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {
      "scope",    "organisation",        "office",    "bucket_minutes",        "buckets", "opened",
      "glimpsed", "opened_off_caseload", "sensitive", "glimpsed_off_caseload", "family"};
  codec::CheckKeys(table, kKeys, problems_);
  CeilingSpec ceiling{};
  const std::string scope = Text(table, "scope");
  const auto found = std::ranges::find(kScopeNames, scope);
  if (found == std::end(kScopeNames)) {
    Unknown(LineOf(table, "scope"), "scope", scope, std::span(kScopeNames).subspan(1));
    return;
  }
  ceiling.scope = static_cast<Scope>(found - std::begin(kScopeNames));
  if (ceiling.scope == Scope::kPrincipal) {
    problems_.Add(LineOf(table, "scope"), "what bounds one principal is its role's class");
    return;
  }
  ReadFamily(table, ceiling);
  const bool placed = ReadCeilingPlace(table, ceiling);
  const auto minutes =
      codec::ReadInt(table, "bucket_minutes", Need::kRequired, {1, kBucketMinutesMax}, problems_);
  const auto buckets =
      codec::ReadInt(table, "buckets", Need::kRequired, {1, kBucketsMax}, problems_);
  for (std::size_t c = 0; c < kCounters; ++c) {
    const auto cap = codec::ReadInt(table, Name(static_cast<Counter>(c)), Need::kOptional,
                                    {0, kCeilingMax}, problems_);
    if (cap.has_value()) ceiling.caps[c] = U32(cap);
  }
  if (std::ranges::none_of(ceiling.caps, [](const auto& cap) { return cap.has_value(); })) {
    problems_.Add(table.line(), "a ceiling of no counter bounds nothing");
  }
  if (!placed || !minutes.has_value() || !buckets.has_value()) return;
  if (std::ranges::find(kWindowMs, *minutes * *buckets * base::kMinuteMs) == kWindowMs.end()) {
    problems_.Add(LineOf(table, "buckets"), "the buckets make an hour, a day, a week or 31 days");
    return;
  }
  ceiling.bucket_ms = *minutes * 60'000;
  ceiling.buckets = U32(buckets);
  policy_.ceilings_.push_back(ceiling);
  ceiling_lines_.push_back(table.line());
}

void PolicyParser::ReadExplanation(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"kind", "per_day_max", "lasts_minutes",
                                               "self_declared", "needs_review"};
  codec::CheckKeys(table, kKeys, problems_);
  ExplanationSpec spec;
  spec.kind = Text(table, "kind");
  if (std::ranges::find(kExplanationKinds, spec.kind) == std::end(kExplanationKinds)) {
    Unknown(LineOf(table, "kind"), "kind of explanation", spec.kind, kExplanationKinds);
  }
  spec.per_day_max =
      U32(codec::ReadInt(table, "per_day_max", Need::kRequired, {1, kPerDayMax}, problems_));
  spec.lasts_ms = 60'000 * codec::ReadInt(table, "lasts_minutes", Need::kRequired,
                                          {1, kLastsMinutesMax}, problems_)
                               .value_or(0);
  spec.self_declared = Flag(table, "self_declared");
  spec.needs_review = Flag(table, "needs_review");
  const bool emergency = spec.kind == "emergency";
  if (spec.self_declared != emergency) {
    problems_.Add(LineOf(table, "self_declared"),
                  "an emergency, and nothing else, is declared by the reader: self_declared");
  }
  if (spec.self_declared && !spec.needs_review) {
    problems_.Add(LineOf(table, "needs_review"),
                  "what the reader declares is reviewed: needs_review = true");
  }
  if (IsNew(table, "explanation", spec.kind)) policy_.explanations_.push_back(std::move(spec));
}

void PolicyParser::ReadArchive(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"field", "after_days"};
  codec::CheckKeys(table, kKeys, problems_);
  const std::string name = Text(table, "field");
  const auto days =
      codec::ReadInt(table, "after_days", Need::kRequired, {1, kArchiveDaysMax}, problems_);
  const records::FieldSpec* const field = schema_.Find(std::string_view(name));
  if (field == nullptr) {
    UnknownField(LineOf(table, "field"), name);
  } else if (field->type != records::FieldType::kDate) {
    problems_.Add(LineOf(table, "field"), "the archive goes by a field of type date");
  } else {
    policy_.archive_ = ArchiveSpec{field->id, U32(days)};
  }
}

}  // namespace cloison::access
