// A JSON object as words: one fact a line, those within others by their path.
#ifndef CLOISON_CLI_FACTS_H_
#define CLOISON_CLI_FACTS_H_

#include <string>
#include <vector>

#include "codec/json_reader.h"

namespace cloison::cli {

// "role          adviser", or with a tab between them. Nothing is left out but nulls and what is
// empty; a list of texts is one line. Texts of others are shown without control characters.
std::vector<std::string> FactsOf(const codec::JsonValue& object, bool plain);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_FACTS_H_
