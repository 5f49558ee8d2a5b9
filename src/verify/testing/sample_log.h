// Samples with their files of opened entries, for tests that change them.
#ifndef CLOISON_VERIFY_TESTING_SAMPLE_LOG_H_
#define CLOISON_VERIFY_TESTING_SAMPLE_LOG_H_

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "crypto/base64.h"
#include "verify/officer.h"
#include "verify/person.h"
#include "verify/sample.h"
#include "verify/testing/test_log.h"

namespace cloison::verify::testing {

using Json = nlohmann::json;

struct SampleLog {
  MemorySource source;
  Json person, officer;
  LogOptions options;
};

inline SampleLog MakeSample(std::uint64_t entries, std::uint64_t seed = 1,
                            std::uint32_t generation = 1, std::uint32_t sealed_generation = 1) {
  base::testing::MemoryFiles files;
  CLOISON_CHECK(WriteSample(files, {entries, seed, "d", {}, generation, sealed_generation}).ok());
  MemorySource source;
  for (auto& [path, bytes] : files.contents) source.objects[path.substr(2)] = std::move(bytes);
  std::string vkey(AsText(source.objects.at("key.pub")));
  vkey.pop_back();
  Json person = Json::parse(AsText(source.objects.at("person.json")));
  Json officer = Json::parse(AsText(source.objects.at("officer.json")));
  return {std::move(source),
          std::move(person),
          std::move(officer),
          {.key = *tlog::VerifierKey::Parse(vkey)}};
}

inline PersonFile PagesOf(const std::vector<Json>& pages) {
  PersonFile out;
  for (const Json& page : pages) out.pages.push_back(base::ToBytes(AsBytes(page.dump())));
  return out;
}

inline PersonReport Person(SampleLog& log, const Json& file) {
  return *VerifyPerson(log.source, log.options, PagesOf({file}));
}
inline OfficerReport Officer(SampleLog& log, const Json& file) {
  return *VerifyOfficer(log.source, log.options, AsBytes(file.dump()));
}

// base64 with one bit changed.
inline std::string Flipped(const std::string& base64, std::size_t at) {
  Bytes bytes = *crypto::FromBase64(base64);
  bytes.at(at) ^= 1;
  return crypto::ToBase64(bytes);
}

}  // namespace cloison::verify::testing

#endif  // CLOISON_VERIFY_TESTING_SAMPLE_LOG_H_
