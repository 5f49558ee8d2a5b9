#include "text/mask.h"

#include <gtest/gtest.h>

namespace cloison::text {
namespace {

TEST(MaskTest, Forms) {
  const std::string generic(kMaskGeneric);
  const struct {
    const char* why;
    MaskKind kind;
    std::string value;
    std::string want;
  } rows[] = {
      {"name", MaskKind::kName, "Dupont", "D***"},
      {"a long name masks the same", MaskKind::kName, "Dupont-de-la-Rochefoucauld", "D***"},
      {"accent", MaskKind::kName, "Élodie", "É***"},
      {"space in front", MaskKind::kName, " Anne", "A***"},
      {"date", MaskKind::kDate, "1984-12-03", "1984"},
      {"phone", MaskKind::kPhone, "+33639981234", generic + "34"},
      {"e-mail", MaskKind::kEmail, "jean@mail.example.org", "j***@***.org"},
      {"e-mail of one letter", MaskKind::kEmail, "j@example.fr", "j***@***.fr"},
      {"NIR", MaskKind::kNir, "1841276451089", "1 84 ••••••••••"},
      {"NIR, 2A", MaskKind::kNir, "253072A073004", "2 53 ••••••••••"},
      {"anything", MaskKind::kGeneric, "a secret", generic},
      {"empty hides that it is", MaskKind::kGeneric, "", generic},
      {"empty name", MaskKind::kName, "", generic},
      {"empty date", MaskKind::kDate, "", generic},
      {"no date", MaskKind::kDate, "1984", generic},
      {"no day of the calendar", MaskKind::kDate, "1984-13-41", generic},
      {"phone not canonical", MaskKind::kPhone, "0639981234", generic},
      {"phone too short", MaskKind::kPhone, "+3312", generic},
      {"phone with letters", MaskKind::kPhone, "+33639981X34", generic},
      {"e-mail without @", MaskKind::kEmail, "jean.example.org", generic},
      {"e-mail without dot behind @", MaskKind::kEmail, "jean.d@example", generic},
      {"e-mail without local part", MaskKind::kEmail, "@example.org", generic},
      {"NIR with its key", MaskKind::kNir, "184127645108946", generic},
      {"NIR cut", MaskKind::kNir, "18412", generic},
      {"not UTF-8", MaskKind::kName,
       "\xff"
       "abc",
       generic},
  };
  for (const auto& row : rows) EXPECT_EQ(Mask(row.kind, row.value), row.want) << row.why;
}

}  // namespace
}  // namespace cloison::text
