// cloison me show, session, disclosures, object; cloison organisation list.
#include <CLI/CLI.hpp>

#include "base/files.h"
#include "cli/facts.h"
#include "cli/me_words.h"
#include "cli/request.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kNameColumns = 24;
constexpr std::size_t kNumberColumns = 12;
constexpr std::string_view kPage = "page_size=100";
constexpr std::string_view kPageOfProofs = "page_size=50";  // each look is some KiB then

std::string Padded(std::string text, std::size_t columns) {
  if (text.size() < columns) text.append(columns - text.size(), ' ');
  return text;
}

// "opened   3 of 60   ...": a line per counter, a column per window.
void PrintBudget(const codec::JsonValue& root, const Terminal& terminal) {
  const auto caps = root.Find("caps"), left = root.Find("budget");
  if (!caps.has_value() || !left.has_value()) return;
  constexpr const char* kWindows[] = {"hour", "day", "week", "month"};
  std::string head = Padded("people left of", kNameColumns);
  for (const char* window : kWindows) head += Padded(window, kNumberColumns);
  terminal.Line(terminal.Styled(Style::kDim, head));
  for (auto at = caps->First(); at.has_value(); at = at->Next()) {
    const auto of = left->Find(at->key());
    if (!of.has_value()) continue;
    std::string line = Padded(std::string(at->key()), kNameColumns);
    for (const char* window : kWindows) {
      const std::string cell = std::to_string(NumberMember(*of, window)) + " of " +
                               std::to_string(NumberMember(*at, window));
      line += Padded(cell, kNumberColumns);
    }
    terminal.Line(line);
  }
}

void PrintGrants(const codec::JsonValue& root, const Terminal& terminal) {
  const auto grants = root.Find("grants");
  if (!grants.has_value() || !grants->is_array()) return;
  for (auto at = grants->First(); at.has_value(); at = at->Next()) {
    std::string line = "for ";
    for (const char* key : {"purpose", "relation", "form"}) {
      line += TextMember(*at, key).value_or("?") + " ";
    }
    line.back() = ':';
    terminal.Line(line + " " + WordsMember(*at, "fields"));
  }
}

// "organisation 1, office 101", or as much of it as there is.
std::string PlaceOf(const codec::JsonValue& object) {
  std::string words;
  for (const char* key : {"organisation", "office"}) {
    const std::int64_t number = NumberMember(object, key);
    if (number != 0) words += (words.empty() ? "" : ", ") + (key + (" " + std::to_string(number)));
  }
  return words;
}

void PrintCapabilities(const codec::JsonValue& root, const Terminal& terminal) {
  const std::string place = PlaceOf(root);
  terminal.Line(terminal.Styled(Style::kBold, TextMember(root, "principal").value_or("?")) + ", " +
                TextMember(root, "role").value_or("?") + (place.empty() ? "" : " of " + place));
  const std::string rights = WordsMember(root, "rights");
  if (!rights.empty()) terminal.Line("rights  " + rights);
  const std::int64_t rung = NumberMember(root, "rung");
  terminal.Line(rung == 0 ? "rung    0: nothing holds you back"
                          : "rung    " + std::to_string(rung) + ": held back");
  PrintBudget(root, terminal);
  PrintGrants(root, terminal);
}

std::string LookInWords(const codec::JsonValue& look, bool plain) {
  std::string line = std::to_string(NumberMember(look, "n"));
  const auto add = [&line, plain](const std::string& text) {
    if (plain || !text.empty()) line += (plain ? "\t" : "  ") + text;
  };
  for (const char* key : {"time", "kind", "decision", "form"}) {
    add(TextMember(look, key).value_or(""));
  }
  add(PlaceOf(look));
  for (const char* key : {"role", "purpose", "job", "export"})
    add(TextMember(look, key).value_or(""));
  add(WordsMember(look, "fields"));
  return line;
}

void PrintLooks(const codec::JsonValue& items, const Common& common, const Terminal& terminal) {
  for (auto at = items.First(); at.has_value(); at = at->Next()) {
    terminal.Line(LookInWords(*at, common.plain));
    const auto unsealed = at->Find("unsealed");
    if (unsealed.has_value()) terminal.Line("  of " + LookInWords(*unsealed, common.plain));
  }
}

// What no page can tell: the same on each.
void NoteMissing(const codec::JsonValue& page, const Terminal& terminal) {
  const auto missing = page.Find("evidence_missing");
  if (!missing.has_value() || !missing->is_array()) return;
  for (auto at = missing->First(); at.has_value(); at = at->Next()) {
    terminal.Note("  no evidence is left of the entries of " +
                  TextMember(*at, "log").value_or("?") + " from " +
                  std::to_string(NumberMember(*at, "from")) + " on");
  }
}

// page-1.json, page-2.json ... of a new directory: what `cloison verify --person` takes.
class ProofPages {
 public:
  explicit ProofPages(std::string directory) : directory_(std::move(directory)) {}
  bool IsNew() { return !files_.Stat(directory_).ok(); }
  // Makes the directory with the first of them: who is refused leaves none behind.
  Status Keep(const std::string& page) {
    if (pages_ == 0) {
      CLOISON_TRY(base::MakeDirectoryDurably(files_, directory_, 0700));
    }
    const std::string path = directory_ + "/page-" + std::to_string(++pages_) + ".json";
    return base::WriteWhole(files_, path, AsBytes(page));
  }
  std::size_t pages() const { return pages_; }

 private:
  base::SystemFiles files_;
  std::string directory_;
  std::size_t pages_ = 0;
};

ExitCode ReadTrail(ProofPages* proofs, const Common& common, const Terminal& terminal) {
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const std::string size(proofs == nullptr ? kPage : kPageOfProofs);
  OneRequest request{net::Method::kGet, "/v1/me/disclosures", size};
  if (proofs != nullptr) request.headers.emplace_back("prefer", "proof");
  for (bool first = true;; first = false) {
    ExitCode exit = ExitCode::kDone;
    const std::optional<net::Response> answer = Ask(*connection, request, terminal, exit);
    if (!answer.has_value()) return exit;
    const std::optional<codec::JsonDocument> page = ObjectOf(*answer, "a trail", terminal);
    if (!page.has_value()) return ExitCode::kFailure;
    const std::optional<codec::JsonValue> items = ListMember(page->root(), "items", terminal);
    if (!items.has_value()) return ExitCode::kFailure;
    if (proofs != nullptr) {
      const Status kept = proofs->Keep(answer->body);
      if (!kept.ok()) return Explain(kept.error(), terminal);
    }
    if (common.json) {
      terminal.Line(answer->body);
    } else {
      PrintLooks(*items, common, terminal);
    }
    if (first) NoteMissing(page->root(), terminal);
    const auto next = TextMember(page->root(), "next_page_token");
    if (!next.has_value()) return ExitCode::kDone;
    request.query = size + "&page_token=" + *next;
  }
}

void PrintOrganisation(const codec::JsonValue& one, const Common& common,
                       const Terminal& terminal) {
  const std::string number = std::to_string(NumberMember(one, "organisation"));
  const std::string name = TextMember(one, "name").value_or("");
  if (!common.plain) terminal.Line(terminal.Styled(Style::kBold, number) + "  " + name);
  const auto offices = one.Find("offices");
  const bool some = offices.has_value() && offices->is_array() && offices->size() > 0;
  if (!some && common.plain) terminal.Line(number + "\t" + name + "\t\t\t");
  if (!some) return;
  for (auto at = offices->First(); at.has_value(); at = at->Next()) {
    const std::string office = std::to_string(NumberMember(*at, "office"));
    const std::string called = TextMember(*at, "name").value_or("");
    const std::string where = WordsMember(*at, "departements");
    terminal.Line(common.plain
                      ? number + "\t" + name + "\t" + office + "\t" + called + "\t" + where
                      : "  " + office + "  " + called + (where.empty() ? "" : "  " + where));
  }
}

}  // namespace

ExitCode MeShow(const MeOptions&, const Common& common, const Terminal& terminal) {
  const OneRequest request{net::Method::kGet, "/v1/me/capabilities"};
  if (common.json || common.plain) {
    return PrintFacts(request, "a principal's rights", common, terminal);
  }
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer = AskOnce(request, common, terminal, exit);
  if (!answer.has_value()) return exit;
  const std::optional<codec::JsonDocument> own =
      ObjectOf(*answer, "a principal's rights", terminal);
  if (!own.has_value()) return ExitCode::kFailure;
  PrintCapabilities(own->root(), terminal);
  return ExitCode::kDone;
}

ExitCode MeSession(const MeOptions&, const Common& common, const Terminal& terminal) {
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer =
      AskOnce({net::Method::kGet, "/v1/sessions/current"}, common, terminal, exit);
  if (!answer.has_value()) return exit;
  const std::optional<codec::JsonDocument> session = ObjectOf(*answer, "a session", terminal);
  if (!session.has_value()) return ExitCode::kFailure;
  if (common.json) {
    terminal.Line(answer->body);
    return ExitCode::kDone;
  }
  const std::vector<std::string> facts = FactsOf(session->root(), common.plain);
  for (const std::string& fact : facts) terminal.Line(fact);
  if (facts.empty()) terminal.Note("a credential of development, without level and method");
  return ExitCode::kDone;
}

ExitCode MeDisclosures(const MeOptions& options, const Common& common, const Terminal& terminal) {
  if (options.proofs.empty()) return ReadTrail(nullptr, common, terminal);
  ProofPages proofs(options.proofs);
  if (!proofs.IsNew()) {
    terminal.Complain(options.proofs + " is there already");
    return ExitCode::kConflict;
  }
  const ExitCode exit = ReadTrail(&proofs, common, terminal);
  if (exit == ExitCode::kDone) {
    terminal.Note("  page-1.json to page-" + std::to_string(proofs.pages()) + ".json in " +
                  options.proofs + ": cloison verify --person checks them");
  }
  return exit;
}

ExitCode MeObject(const MeOptions& options, const Common& common, const Terminal& terminal) {
  const OneRequest request{net::Method::kPost, "/v1/me/erasure:object", {}, "{}"};
  if (options.dry_run) {
    ShowRequest(request, common, terminal);
    return ExitCode::kDone;
  }
  return PrintFacts(request, "the one of an objection", common, terminal);
}

ExitCode OrganisationList(const MeOptions&, const Common& common, const Terminal& terminal) {
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer =
      AskOnce({net::Method::kGet, "/v1/organisations"}, common, terminal, exit);
  if (!answer.has_value()) return exit;
  const std::optional<codec::JsonDocument> all =
      ObjectOf(*answer, "a list of organisations", terminal);
  if (!all.has_value()) return ExitCode::kFailure;
  const std::optional<codec::JsonValue> items = ListMember(all->root(), "items", terminal);
  if (!items.has_value()) return ExitCode::kFailure;
  if (common.json) {
    terminal.Line(answer->body);
    return ExitCode::kDone;
  }
  for (auto at = items->First(); at.has_value(); at = at->Next()) {
    PrintOrganisation(*at, common, terminal);
  }
  return ExitCode::kDone;
}

CLI::App* MeWords::Add(CLI::App& parent, const char* name, const char* help, const char* examples,
                       Command command) {
  CLI::App* const word = parent.add_subcommand(name, help);
  word->footer("Examples\n" + std::string(examples));
  shared_->add_output(word);
  shared_->add_connection(word);
  word->callback([this, command] {
    shared_->run = [this, command] {
      return command(options_, shared_->common, shared_->terminal);
    };
  });
  return word;
}

void MeWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(std::move(shared));
  CLI::App* const me = app.add_subcommand("me", "who you are here, and what is about your record");
  me->require_subcommand(1);
  Add(*me, "show", "your role, rights and grants, what is left of your budgets, your rung",
      "  cloison me show --as adviser.ft\n  cloison me show --plain --as adviser.ft", MeShow);
  Add(*me, "session", "how you are signed in, and for how long", "  cloison me session", MeSession);
  CLI::App* const trail =
      Add(*me, "disclosures", "who looked at your own record; reading it is an entry too",
          "  cloison me disclosures --as citizen.one\n"
          "  cloison me disclosures --proofs looks --as citizen.one\n"
          "  cloison verify URL --key key.pub --person looks/page-1.json",
          MeDisclosures);
  trail->add_option("--proofs", options_.proofs, "DIR, new, for the pages with their proofs");
  Add(*me, "object", "stop the erasure of your own record, while it waits",
      "  cloison me object --as citizen.one", MeObject)
      ->add_flag("--dry-run", options_.dry_run, "show the request, send nothing");
  CLI::App* const house =
      app.add_subcommand("organisation", "who answers for the uses of the register");
  house->require_subcommand(1);
  Add(*house, "list", "the organisations and their offices, by the numbers that others take",
      "  cloison organisation list --as adviser.ft", OrganisationList);
}

}  // namespace cloison::cli
