#include "ingest/generator.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "codec/csv_reader.h"
#include "codec/json_reader.h"
#include "ingest/internal/permutation.h"
#include "ingest/internal/places.h"
#include "records/schema.h"
#include "text/nir.h"
#include "text/postal.h"

namespace cloison::ingest {
namespace {

std::shared_ptr<const records::Schema> JobSeekers() {
  std::ifstream file("schemas/job-seekers.toml");
  std::stringstream text;
  text << file.rdbuf();
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(text.str(), &problems);
  CLOISON_CHECK(schema.ok());
  return *schema;
}

TEST(Permutation, GivesEveryPlaceOnce) {
  for (const std::uint64_t size : {2ull, 3ull, 16ull, 17ull, 1'000ull, 4'097ull}) {
    const internal::Permutation permutation(size, 7);
    std::set<std::uint64_t> places;
    for (std::uint64_t i = 0; i < size; ++i) {
      EXPECT_LT(permutation.Of(i), size);
      places.insert(permutation.Of(i));
    }
    EXPECT_EQ(places.size(), size);
  }
}

TEST(Places, AreWellFormedAndDistinct) {
  std::set<std::string_view> codes;
  for (const internal::Place& place : internal::Places()) {
    EXPECT_EQ(place.code.size(), 5u) << place.name;
    EXPECT_TRUE(codes.insert(place.code).second) << place.name;
    EXPECT_TRUE(place.weight >= 1 && place.weight <= internal::kPlaceWeightMax) << place.name;
    EXPECT_EQ(place.code.starts_with("99"), place.postcode.empty()) << place.name;
  }
  EXPECT_GE(codes.size(), 100u);
}

TEST(Generator, MakesTheSamePersonAlone) {
  const Generator generator(1), again(1), other(2);
  std::string a, b, c;
  AppendJsonLine(a, generator.At(77'777));
  AppendJsonLine(b, again.At(77'777));
  AppendJsonLine(c, other.At(77'777));
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

TEST(Generator, EveryValueIsGoodForTheSchema) {
  const auto schema = JobSeekers();
  const Generator generator(1);
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    const GeneratedPerson person = generator.At(i * 3'331);
    for (const auto& [name, text] : person.fields) {
      const records::FieldSpec* field = schema->Find(name);
      ASSERT_NE(field, nullptr) << name;
      const auto value = schema->Canonical(*field, text, true);
      EXPECT_TRUE(value.ok()) << name << ": " << text;
    }
    for (const records::FieldSpec& field : schema->fields()) {
      EXPECT_FALSE(field.required && person.Text(field.name).empty()) << field.name;
    }
  }
}

TEST(Generator, TheNumberAgreesWithTheRecord) {
  const Generator generator(5);
  std::map<std::string_view, std::string_view> code_of_place;
  std::set<std::string> departments;
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    const GeneratedPerson person = generator.At(i);
    const std::string_view text = person.Text("civil_number.nir");
    if (text.empty()) continue;
    const Result<text::Nir> nir = text::ParseNir(text, true);
    ASSERT_TRUE(nir.ok()) << text;
    EXPECT_EQ(nir->sex_digit(), person.Text("identity.sex") == "F" ? 2 : 1);
    const std::string_view born = person.Text("identity.birth_date");
    EXPECT_EQ(text.substr(1, 2), born.substr(2, 2));
    EXPECT_EQ(text.substr(3, 2), born.substr(5, 2));
    EXPECT_TRUE(born >= "1955" && born < "2008") << born;
    departments.emplace(text.substr(5, 2));
  }
  for (const char* wanted : {"2A", "2B", "97", "99", "75", "31"}) {
    EXPECT_TRUE(departments.contains(wanted)) << wanted;
  }
}

TEST(Generator, UniqueValuesAreUniqueAndNamesAreNot) {
  const Generator generator(1);
  std::set<std::string> nirs, ids, emails;
  std::map<std::string, int> names;
  int people = 0, with_nir = 0, with_id = 0;
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    const GeneratedPerson person = generator.At(i);
    ++people;
    const std::string nir(person.Text("civil_number.nir")), id(person.Text("agency.identifier"));
    with_nir += nir.empty() ? 0 : 1;
    with_id += id.empty() ? 0 : 1;
    if (!nir.empty()) nirs.insert(nir);
    if (!id.empty()) ids.insert(id);
    emails.emplace(person.Text("contact.email"));
    ++names[std::string(person.Text("identity.birth_name"))];
  }
  EXPECT_EQ(nirs.size(), static_cast<std::size_t>(with_nir));
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(with_id));
  EXPECT_EQ(emails.size(), static_cast<std::size_t>(people));
  EXPECT_GT(names["Martin"], 800);
  EXPECT_LT(names["Martin"], 4'000);
  EXPECT_LT(with_nir, people);
}

TEST(Generator, SharesOfKindsAreAsMeant) {
  const Generator generator(9);
  std::map<std::string, int> status;
  int disabled = 0, notes = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const GeneratedPerson person = generator.At(i);
    ++status[std::string(person.Text("status.registration"))];
    disabled += person.Text("disability.recognised").empty() ? 0 : 1;
    notes += person.Text("notes.adviser").empty() ? 0 : 1;
    const bool account = person.Text("status.registration") == "account_only";
    EXPECT_EQ(account, person.Text("civil_number.nir").empty());
    EXPECT_FALSE(person.Text("contact.email").empty());
  }
  EXPECT_NEAR(status["account_only"], 300, 100);
  EXPECT_NEAR(status["former"], 1'200, 200);
  EXPECT_NEAR(disabled, 780, 150);
  EXPECT_GT(notes, 1'000);
}

TEST(Generator, WritersAreReadBack) {
  const Generator generator(3);
  std::string csv, json;
  AppendCsvHeader(csv);
  for (std::uint64_t i = 0; i < 50; ++i) {
    AppendCsvPerson(csv, generator.At(i));
    AppendJsonLine(json, generator.At(i));
  }
  codec::CsvReader reader;
  reader.Feed(AsBytes(csv));
  reader.Finish();
  const auto header = reader.Next();
  ASSERT_TRUE(header.has_value() && header->status.ok());
  std::vector<std::string> columns(header->fields.begin(), header->fields.end());
  std::istringstream lines(json);
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto row = reader.Next();
    std::string line;
    ASSERT_TRUE(row.has_value() && row->status.ok() && std::getline(lines, line));
    const auto document = codec::JsonDocument::Parse(AsBytes(line));
    ASSERT_TRUE(document.ok());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      EXPECT_EQ(row->fields[c], generator.At(i).Text(columns[c]));
      const auto member = document->root().Find(columns[c]);
      EXPECT_EQ(member.has_value(), !row->fields[c].empty());
    }
  }
  EXPECT_FALSE(reader.Next().has_value());
}

}  // namespace
}  // namespace cloison::ingest
