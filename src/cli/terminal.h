// What a command says and where: answers on standard output, everything else on standard error.
// Colour only on a terminal, and never with NO_COLOR (no-color.org).
#ifndef CLOISON_CLI_TERMINAL_H_
#define CLOISON_CLI_TERMINAL_H_

#include <optional>
#include <string>
#include <string_view>

#include "cli/exit_code.h"

namespace cloison::cli {

enum class Style { kPlain, kBold, kDim, kGood, kBad };

class Terminal {
 public:
  Terminal();

  void Out(std::string_view text) const;   // as it is; flushes
  void Line(std::string_view text) const;  // and a line end
  void Note(std::string_view text) const;  // a line on standard error
  // "cloison: text" on standard error.
  void Complain(std::string_view text) const;
  // Overwrites the last line of standard error; does nothing when it is no terminal.
  void Progress(std::string_view text) const;
  void EndProgress() const;

  std::string Styled(Style style, std::string_view text) const;
  bool out_is_terminal() const { return out_is_terminal_; }
  bool err_is_terminal() const { return err_is_terminal_; }

 private:
  bool out_is_terminal_;
  bool err_is_terminal_;
  bool colour_;
};

// "12,345": grouped by three.
std::string Grouped(std::uint64_t number);

// A value given on the command line; "-" is read from standard input: its first line, so that the
// value stands in no process list. On a terminal it is asked for, without echo, unless `no_input`.
// kInvalid: nothing came, or nobody may be asked.
Result<std::string> ValueOrInput(const std::string& given, std::string_view what, bool no_input);

// The text of an environment variable; nothing when it is not set or empty.
std::optional<std::string> Environment(const char* name);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_TERMINAL_H_
