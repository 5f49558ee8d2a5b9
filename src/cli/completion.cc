// cloison completion: scripts for the shells, made from the same description as the help.
#include <algorithm>

#include "cli/command_spec.h"

namespace cloison::cli {

namespace {

std::vector<std::string> WordsOf(const std::string& name) {
  const std::size_t space = name.find(' ');
  if (space == std::string::npos) return {name};
  return {name.substr(0, space), name.substr(space + 1)};
}

// The words that may follow `before` ("" at the start), each once.
std::vector<std::string> NextWords(const std::vector<CommandSpec>& commands,
                                   const std::string& before) {
  std::vector<std::string> out;
  for (const CommandSpec& command : commands) {
    const std::vector<std::string> words = WordsOf(command.name);
    std::string word;
    if (before.empty()) word = words.front();
    if (!before.empty() && words.size() == 2 && words.front() == before) word = words.back();
    if (word.empty() || std::find(out.begin(), out.end(), word) != out.end()) continue;
    out.push_back(word);
  }
  return out;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string OptionWords(const CommandSpec& command) {
  std::vector<std::string> words;
  for (const OptionSpec& option : command.options) words.push_back(option.name);
  return Joined(words);
}

// For the inside of single quotes in every one of the three shells.
std::string Quotable(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') break;
    if (c == '\'' || c == '[' || c == ']' || c == ':' || c == '\\') continue;
    out += c;
  }
  return out;
}

std::string Bash(const std::vector<CommandSpec>& commands) {
  std::string out =
      "# bash completion of cloison: source this file, or put it into\n"
      "# ~/.local/share/bash-completion/completions/cloison\n"
      "_cloison() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  local command=\"${COMP_WORDS[1]}\" second=\"${COMP_WORDS[2]}\" choices=\"\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '" +
      Joined(NextWords(commands, "")) +
      " --help --version' -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"$before\" in\n";
  std::vector<std::string> paths;
  for (const CommandSpec& command : commands) {
    for (const OptionSpec& option : command.options) {
      const bool known = std::find(paths.begin(), paths.end(), option.name) != paths.end();
      if (option.is_path && !known) paths.push_back(option.name);
    }
  }
  std::string pattern;
  for (const std::string& path : paths) pattern += (pattern.empty() ? "" : "|") + path;
  if (!pattern.empty()) {
    out += "    " + pattern + ") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";
  }
  out += "  esac\n  case \"$command $second\" in\n";
  for (const CommandSpec& command : commands) {
    if (command.name.find(' ') == std::string::npos) continue;
    out += "    '" + command.name + "') choices='" + OptionWords(command) + "' ;;\n";
  }
  for (const CommandSpec& command : commands) {
    if (command.name.find(' ') != std::string::npos) continue;
    out += "    '" + command.name + " '*) choices='" + OptionWords(command) + "' ;;\n";
  }
  for (const std::string& first : NextWords(commands, "")) {
    const std::vector<std::string> seconds = NextWords(commands, first);
    if (seconds.empty()) continue;
    out += "    '" + first + " '*) choices='" + Joined(seconds) + "' ;;\n";
  }
  out +=
      "  esac\n"
      "  case \"$word\" in\n"
      "    -*) COMPREPLY=($(compgen -W \"$choices\" -- \"$word\")) ;;\n"
      "    *) COMPREPLY=($(compgen -W \"$choices\" -- \"$word\") $(compgen -f -- \"$word\")) ;;\n"
      "  esac\n"
      "}\n"
      "complete -F _cloison cloison\n";
  return out;
}

std::string Zsh(const std::vector<CommandSpec>& commands) {
  std::string out =
      "#compdef cloison\n"
      "# zsh completion of cloison: save as _cloison in a folder of $fpath.\n"
      "_cloison() {\n"
      "  if (( CURRENT == 2 )); then\n"
      "    compadd -- " +
      Joined(NextWords(commands, "")) +
      "\n"
      "    return\n"
      "  fi\n"
      "  case \"$words[2] $words[3]\" in\n";
  const auto add = [&out](const CommandSpec& command, const std::string& pattern) {
    out += "    " + pattern + ") _arguments";
    for (const OptionSpec& option : command.options) {
      out += " '" + option.name + (option.takes_value ? "=" : "") + "[" + Quotable(option.help) +
             "]" + (option.takes_value ? (option.is_path ? ":file:_files" : ":value:") : "") + "'";
    }
    out += " '*:file:_files' ;;\n";
  };
  for (const CommandSpec& command : commands) {
    if (command.name.find(' ') != std::string::npos) add(command, "'" + command.name + "'");
  }
  for (const CommandSpec& command : commands) {
    if (command.name.find(' ') == std::string::npos) add(command, "'" + command.name + " '*");
  }
  for (const std::string& first : NextWords(commands, "")) {
    const std::vector<std::string> seconds = NextWords(commands, first);
    if (!seconds.empty()) out += "    '" + first + " '*) compadd -- " + Joined(seconds) + " ;;\n";
  }
  out +=
      "  esac\n"
      "}\n"
      "_cloison \"$@\"\n";
  return out;
}

std::string Fish(const std::vector<CommandSpec>& commands) {
  std::string out =
      "# fish completion of cloison: save as ~/.config/fish/completions/cloison.fish\n"
      "complete -c cloison -n '__fish_use_subcommand' -f\n";
  for (const CommandSpec& command : commands) {
    const std::vector<std::string> words = WordsOf(command.name);
    std::string when = "__fish_seen_subcommand_from " + words.front();
    if (words.size() == 2) {
      out += "complete -c cloison -n '" + when + "' -a " + words.back() + " -d '" +
             Quotable(command.help) + "'\n";
      when += "; and __fish_seen_subcommand_from " + words.back();
    }
    out += "complete -c cloison -n '__fish_use_subcommand' -a " + words.front() +
           (words.size() == 1 ? " -d '" + Quotable(command.help) + "'" : "") + "\n";
    for (const OptionSpec& option : command.options) {
      out += "complete -c cloison -n '" + when + "' -l " + option.name.substr(2) +
             (option.takes_value ? (option.is_path ? " -r -F" : " -x") : "") + " -d '" +
             Quotable(option.help) + "'\n";
    }
  }
  return out;
}

}  // namespace

Result<std::string> CompletionScript(const std::string& shell,
                                     const std::vector<CommandSpec>& commands) {
  if (shell == "bash") return Bash(commands);
  if (shell == "zsh") return Zsh(commands);
  if (shell == "fish") return Fish(commands);
  return Error{Code::kInvalid, "completion is there for bash, zsh and fish"};
}

}  // namespace cloison::cli
