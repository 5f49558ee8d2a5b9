#include "ingest/column_map.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "base/check.h"

namespace cloison::ingest {
namespace {

const records::Schema& JobSeekers() {
  static const std::shared_ptr<const records::Schema> schema = [] {
    std::ifstream file("schemas/job-seekers.toml");
    std::stringstream text;
    text << file.rdbuf();
    std::vector<std::string> problems;
    return *records::Schema::Parse(text.str(), &problems);
  }();
  return *schema;
}

TEST(ColumnMapTest, RulesMakeTheFieldsText) {
  const ColumnRule french{.field = "f", .date = DateOrder::kDayMonthYear};
  const ColumnRule american{.field = "f", .date = DateOrder::kMonthDayYear};
  const ColumnRule iso{.field = "f", .date = DateOrder::kYearMonthDay};
  const ColumnRule words{
      .field = "f", .empty = {"?", "N/A"}, .values = {{"Masculin", "M"}, {"Féminin", "F"}}};
  const ColumnRule padded{.field = "f", .pad = 5};
  const ColumnRule upper{.field = "f", .letters = Letters::kUpper};
  const ColumnRule all{.field = "f",
                       .values = {{"a", "1.2.2003"}},
                       .date = DateOrder::kDayMonthYear,
                       .pad = 12,
                       .letters = Letters::kLower};
  const struct {
    const char* why;
    const ColumnRule& rule;
    const char* text;
    const char* want;  // nullptr: refused
  } rows[] = {
      {"a French day", french, "07/03/1980", "1980-03-07"},
      {"with points, short", french, "7.3.1980", "1980-03-07"},
      {"with dashes", french, "07-03-1980", "1980-03-07"},
      {"run together", french, "07031980", "1980-03-07"},
      {"an American day", american, "03/07/1980", "1980-03-07"},
      {"ISO with slashes", iso, "1980/3/7", "1980-03-07"},
      {"ISO run together", iso, "19800307", "1980-03-07"},
      {"a year of two digits is ambiguous", french, "07/03/80", nullptr},
      {"year first is no French day", french, "1980-03-07", nullptr},
      {"words", french, "7 mars 1980", nullptr},
      {"a time behind", french, "07/03/1980 00:00", nullptr},
      {"two numbers", french, "03/1980", nullptr},
      {"two signs", french, "07//03/1980", nullptr},
      {"a sign at the end", french, "07/03/1980/", nullptr},
      {"three digits of a day", french, "007/03/1980", nullptr},
      {"a known word", words, "Féminin", "F"},
      {"an unknown word", words, "femme", nullptr},
      {"a word for nothing", words, "N/A", ""},
      {"nothing stays nothing", words, "", ""},
      {"zeros ahead", padded, "1000", "01000"},
      {"long enough", padded, "75011", "75011"},
      {"longer", padded, "750110", "750110"},
      {"nothing is not padded", padded, "", ""},
      {"capitals", upper, "élodie", "ÉLODIE"},
      {"steps in their order", all, "a", "002003-02-01"},
  };
  for (const auto& row : rows) {
    const Result<std::string> made = row.rule.Apply(row.text);
    ASSERT_EQ(made.ok(), row.want != nullptr) << row.why;
    if (made.ok()) {
      EXPECT_EQ(*made, row.want) << row.why;
    }
  }
}

TEST(ColumnMapTest, FaultsAreNamed) {
  const struct {
    const char* why;
    const char* toml;
    const char* says;
  } rows[] = {
      {"an unknown field", "[columns]\nNom = \"identity.birth_nam\"\n",
       "line 2: column 'Nom': no such field; the nearest is 'identity.birth_name'"},
      {"an unknown key of the file", "[column]\n", "nearest is 'columns'"},
      {"an unknown key of a column",
       "[columns]\nNom = {field = \"identity.birth_name\", leters = \"upper\"}\n",
       "nearest is 'letters'"},
      {"no field", "[columns]\nNom = {pad = 3}\n", "field"},
      {"a number", "[columns]\nNom = 3\n", "a field's name"},
      {"an unknown date",
       "[columns]\nD = {field = \"identity.birth_date\", date = \"day-month\"}\n",
       "nearest is 'day-month-year'"},
      {"a pad too wide", "[columns]\nP = {field = \"address.postcode\", pad = 33}\n", "32"},
      {"a value that is no text", "[columns]\nS = {field = \"identity.sex\", values = {H = 1}}\n",
       "a value's text"},
      {"two columns of one field", "[columns]\nA = \"identity.sex\"\nB = \"identity.sex\"\n",
       "already"},
      {"a column and a constant",
       "[columns]\nA = \"identity.sex\"\n[constants]\n\"identity.sex\" = \"F\"\n", "already"},
      {"an unknown constant", "[columns]\n[constants]\n\"status.since2\" = \"x\"\n",
       "nearest is 'status.since'"},
      {"a constant the field does not take",
       "[columns]\n[constants]\n\"status.registration\" = \"perhaps\"\n", "does not take"},
      {"a constant that is no text", "[columns]\n[constants]\n\"status.since\" = 3\n", "a text"},
      {"ignored and mapped", "ignore = [\"A\"]\n[columns]\nA = \"identity.sex\"\n", "ignore"},
      {"no columns", "", "columns"},
      {"no TOML", "[columns", "line 1"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> problems;
    EXPECT_FALSE(ColumnMap::Parse(row.toml, JobSeekers(), &problems).ok()) << row.why;
    std::string all;
    for (const std::string& problem : problems) all += problem + "\n";
    EXPECT_NE(all.find(row.says), std::string::npos) << row.why << ": " << all;
  }
}

}  // namespace
}  // namespace cloison::ingest
