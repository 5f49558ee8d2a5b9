#include "bench/report.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <thread>

namespace cloison::bench {

namespace {

std::string Number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

std::string Environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != 0 ? value : otherwise;
}

std::string Machine() {
  std::ifstream file("/proc/cpuinfo");
  std::string line, model = "unknown processor";
  while (std::getline(file, line)) {
    const std::size_t colon = line.find(':');
    if (line.starts_with("model name") && colon != std::string::npos) {
      model = line.substr(colon + 2);
      break;
    }
  }
  return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
}

std::string Today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof(text), "%Y-%m-%d", &parts);
  return text;
}

}  // namespace

double Quantile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(p * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

double Median(std::vector<double> values) {
  return Quantile(values, 0.5);
}

void Report(const std::string& name, const std::string& question,
            const std::vector<Figure>& figures) {
  std::string result = "RESULT " + name;
  std::ostringstream table;
  table << "| figure | median | least | greatest | runs |\n|---|---|---|---|---|\n";
  for (const Figure& figure : figures) {
    std::vector<double> runs = figure.runs;
    const double median = Median(runs);
    std::sort(runs.begin(), runs.end());
    result += " " + figure.key + "=" + Number(median, figure.digits);
    table << "| " << figure.key << " | " << Number(median, figure.digits) << " | "
          << Number(runs.front(), figure.digits) << " | " << Number(runs.back(), figure.digits)
          << " | " << runs.size() << " |\n";
  }
  std::printf("%s\n%s\n", table.str().c_str(), result.c_str());
  const std::string directory = Environment("CLOISON_RESULTS_DIR", "");
  if (directory.empty()) return;
  const std::string machine = Environment("CLOISON_MACHINE", "local");
  std::ofstream file(directory + "/" + Today() + "-" + machine + ".md", std::ios::app);
  file << "## " << name << "\n\n"
       << question << "\n\nMachine: " << Machine()
       << ". Commit: " << Environment("CLOISON_COMMIT", "unknown") << ".\n\n"
       << table.str() << "\n    " << result << "\n\n";
}

}  // namespace cloison::bench
