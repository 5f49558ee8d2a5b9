#include "records/strata.h"

#include <gtest/gtest.h>

namespace cloison::records {
namespace {

TEST(Departement, OfAPostcode) {
  const struct {
    const char* why;
    const char* postcode;
    const char* want;
  } rows[] = {
      {"two digits", "69003", "69"},       {"with a zero", "01000", "01"},
      {"Ajaccio", "20000", "2A"},          {"Porto-Vecchio", "20137", "2A"},
      {"Bastia", "20200", "2B"},           {"Calvi", "20260", "2B"},
      {"overseas: three", "97400", "974"}, {"New Caledonia", "98800", "988"},
      {"too short", "6900", ""},           {"too long", "690030", ""},
      {"no digits", "AB123", ""},          {"none", "", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(DepartementOf(row.postcode), row.want) << row.why;
}

}  // namespace
}  // namespace cloison::records
