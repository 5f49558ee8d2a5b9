#include "cli/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace cloison::cli {

namespace {

std::string_view SequenceOf(Style style) {
  switch (style) {
    case Style::kBold: return "\033[1m";
    case Style::kDim: return "\033[2m";
    case Style::kGood: return "\033[32m";
    case Style::kBad: return "\033[31m";
    case Style::kPlain: break;
  }
  return "";
}

// Standard input without echo while it lives.
class NoEcho {
 public:
  NoEcho() : works_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!works_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    if (works_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool works_;
};

}  // namespace

std::optional<std::string> Environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

Terminal::Terminal()
    : out_is_terminal_(isatty(STDOUT_FILENO) == 1),
      err_is_terminal_(isatty(STDERR_FILENO) == 1),
      colour_(out_is_terminal_ && !Environment("NO_COLOR").has_value() &&
              Environment("TERM").value_or("") != "dumb") {}

void Terminal::Out(std::string_view text) const {
  std::cout << text << std::flush;
}

void Terminal::Line(std::string_view text) const {
  std::cout << text << '\n' << std::flush;
}

void Terminal::Note(std::string_view text) const {
  std::cerr << text << '\n';
}

void Terminal::Complain(std::string_view text) const {
  std::cerr << "cloison: " << text << '\n';
}

void Terminal::Progress(std::string_view text) const {
  if (err_is_terminal_) std::cerr << "\r\033[K" << text << std::flush;
}

void Terminal::EndProgress() const {
  if (err_is_terminal_) std::cerr << "\r\033[K" << std::flush;
}

std::string Terminal::Styled(Style style, std::string_view text) const {
  if (!colour_ || style == Style::kPlain) return std::string(text);
  return std::string(SequenceOf(style)) + std::string(text) + "\033[0m";
}

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

Result<std::string> ValueOrInput(const std::string& given, std::string_view what, bool no_input) {
  if (given != "-") return given;
  const bool terminal = isatty(STDIN_FILENO) == 1;
  if (terminal && no_input) {
    return Error{Code::kInvalid, "a value is to be typed, and --no-input forbids asking"};
  }
  std::optional<NoEcho> quiet;
  if (terminal) {
    quiet.emplace();
    std::cerr << what << ": " << std::flush;
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) std::cerr << '\n';
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return Error{Code::kInvalid, "standard input holds no value"};
  return line;
}

}  // namespace cloison::cli
