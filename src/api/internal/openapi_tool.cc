// Build tool: reads an OpenAPI document in YAML and writes a C++ source that holds it as JSON.
//   openapi_tool openapi.yaml openapi.cc
//
// Plain scalars that JSON has a word for (true, false, null, numbers) become that word; all others,
// and all quoted ones, become strings (YAML 1.2 core schema).
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <regex>

#include "codec/json_writer.h"

namespace {

void Write(const YAML::Node& node, cloison::codec::JsonWriter& json);

void WriteScalar(const YAML::Node& node, cloison::codec::JsonWriter& json) {
  static const std::regex number("-?(0|[1-9][0-9]*)(\\.[0-9]+)?");
  const std::string& text = node.Scalar();
  const bool plain = node.Tag() == "?";
  if (plain && (text == "true" || text == "false" || std::regex_match(text, number))) {
    json.Raw(text);
  } else {
    json.String(text);
  }
}

void WriteMap(const YAML::Node& node, cloison::codec::JsonWriter& json) {
  json.BeginObject();
  for (const auto& member : node) {
    json.Key(member.first.Scalar());
    Write(member.second, json);
  }
  json.EndObject();
}

void Write(const YAML::Node& node, cloison::codec::JsonWriter& json) {
  if (node.IsMap()) {
    WriteMap(node, json);
  } else if (node.IsSequence()) {
    json.BeginArray();
    for (const auto& element : node) Write(element, json);
    json.EndArray();
  } else if (node.IsScalar()) {
    WriteScalar(node, json);
  } else {
    json.Null();
  }
}

// Pieces below the 64 KiB that every compiler takes as one literal.
void WriteSource(std::ostream& out, const std::string& text) {
  constexpr std::size_t kPieceBytes = 8'192;
  out << "#include \"api/openapi.h\"\n\nnamespace cloison::api {\n\n"
         "std::string_view OpenApiJson() {\n  static constexpr std::string_view kText =\n";
  for (std::size_t at = 0; at < text.size(); at += kPieceBytes) {
    out << "R\"openapi(" << text.substr(at, kPieceBytes) << ")openapi\"\n";
  }
  out << ";\n  return kText;\n}\n\n}  // namespace cloison::api\n";
}

int Run(const char* from, const char* to) {
  try {
    std::string text;
    cloison::codec::JsonWriter json(text);
    Write(YAML::LoadFile(from), json);
    std::ofstream out(to);
    WriteSource(out, text);
    return out.good() ? 0 : 1;
  } catch (const YAML::Exception& error) {
    std::fprintf(stderr, "%s: %s\n", from, error.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "openapi_tool FROM.yaml TO.cc\n");
    return 2;
  }
  return Run(argv[1], argv[2]);
}
