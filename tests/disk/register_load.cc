#include "tests/disk/register_load.h"

#include <algorithm>

namespace cloison::disk {

namespace {

// Within an adviser's hour: 60 opened, 20 of them sensitive, 120 glimpsed.
constexpr std::size_t kComing = 40, kSensitive = 15, kChanged = 25, kErased = 8;

std::string Json(const std::string& name, const std::string& text) {
  return "\"" + name + "\":\"" + text + "\"";
}

std::string Loud(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

}  // namespace

Answer RegisterLoad::Expect(int status, const char* what, Answer answer) {
  ++answers_;
  if (answer.status != status) {
    problems_.push_back(std::string(what) + ": " + std::to_string(answer.status) + " " +
                        answer.body);
  }
  return answer;
}

Answer RegisterLoad::Agree(const std::string& who, const Answer& asked) {
  return daemon_.As(who).Post("/v1/approvals:approve",
                              "{" + Json("approval", asked.Text("approval")) + "}");
}

std::string RegisterLoad::CaseRef() {
  texts_.push_back("DOSSIER-" + std::to_string(7'310'977 + 13 * named_++));
  return Json("case_ref", texts_.back());
}

std::string RegisterLoad::Key() {
  texts_.push_back("cle-du-client-" + std::to_string(5'190'331 + 17 * named_++));
  return texts_.back();
}

void RegisterLoad::Register() {
  Agent application = daemon_.As("app.case");
  const ingest::Generator generator(1);
  while (came_.size() < kComing) {
    Came came{generator.At(next_++), ""};
    const auto& person = came.person;
    const bool whole = !person.Text("civil_number.nir").empty() &&
                       !person.Text("bank.iban").empty() && !person.Text("contact.phone").empty();
    if (!whole) continue;
    std::string fields;
    for (const auto& [name, text] : person.fields) {
      fields += (fields.empty() ? "" : ",") + Json(std::string(name), text);
    }
    const std::string body = "{\"fields\":{" + fields + "}," + CaseRef() + "}";
    const std::string key = Key();
    const Answer answer =
        Expect(201, "register", application.Post("/v1/people", body, {{"idempotency-key", key}}));
    Expect(201, "register again", application.Post("/v1/people", body, {{"idempotency-key", key}}));
    Expect(409, "register a taken number",
           application.Post("/v1/people", body, {{"idempotency-key", Key()}}));
    came.code = answer.Text("person");
    came_.push_back(std::move(came));
  }
}

void RegisterLoad::Assign() {
  Agent application = daemon_.As("app.case");
  std::string pairs;
  for (const Came& came : came_) {
    pairs += (pairs.empty() ? "{" : ",{") + Json("agent", "adviser.ft") + "," +
             Json("person", came.code) + "}";
  }
  Expect(200, "assign",
         application.Post("/v1/caseloads", "{\"assignments\":[" + pairs + "]}",
                          {{"idempotency-key", Key()}}));
  // Another's word settles them: else few could be read within the hour.
  Expect(200, "confirm",
         daemon_.As("manager.a")
             .Post("/v1/caseloads:confirm", "{\"pairs\":[" + pairs + "]}",
                   {{"idempotency-key", Key()}}));
}

void RegisterLoad::Look() {
  Agent adviser = daemon_.As("adviser.ft");
  for (std::size_t i = 0; i < came_.size(); ++i) {
    const auto& person = came_[i].person;
    const std::pair<const char*, std::string> criteria[] = {
        {"nir", std::string(person.Text("civil_number.nir"))},
        {"phone", std::string(person.Text("contact.phone"))},
        {"email", Loud(std::string(person.Text("contact.email")))},
    };
    const auto& [name, text] = criteria[i % std::size(criteria)];
    Expect(200, "look up",
           adviser.Post("/v1/lookups", "{\"criteria\":{" + Json(name, text) + "}," +
                                           Json("purpose", "support") + "," + CaseRef() + "}"));
    const bool sensitive = i < kSensitive;
    const std::string wanted =
        sensitive ? R"("fields":["civil_number.nir","bank.iban"],)"
                  : R"("fields":["identity.birth_name","contact.phone","address.city"],)";
    Expect(201, "read",
           adviser.Post("/v1/disclosures", "{" + Json("person", came_[i].code) + "," + wanted +
                                               Json("purpose", sensitive ? "benefit" : "support") +
                                               "," + CaseRef() + "}"));
  }
}

// Refusals with values of people in them: this is what ends up in logs elsewhere.
void RegisterLoad::Refuse() {
  Agent adviser = daemon_.As("adviser.ft");
  const auto& person = came_.front().person;
  const std::string nir(person.Text("civil_number.nir")), email(person.Text("contact.email"));
  Agent other = daemon_.As("adviser.ce");
  Expect(200, "a stranger is nobody",
         other.Post("/v1/lookups", "{\"criteria\":{" + Json("nir", nir) + "}," +
                                       Json("purpose", "support") + "," + CaseRef() + "}"));
  const std::string body =
      R"({"fields":{"identity.birth_name":"DURAND","identity.first_name":"Ines",)" +
      Json("civil_number.nir", nir) + "," + Json("contact.email", email) + "}}";
  Expect(403, "no right", adviser.Post("/v1/people", body, {{"idempotency-key", Key()}}));
  Agent application = daemon_.As("app.case");
  const std::pair<int, std::string> bodies[] = {
      {400, "{\"fields\":{" + Json("civil_number.nir", nir)},
      {400, "{" + Json(email, nir) + "," + Json(email, nir) + "}"},
      {422, "{\"fields\":{" + Json("civil_number.nir", nir + email) + "}}"},
      {422, "{\"fields\":{" + Json(email, nir) + "}}"},
      {422, "{" + Json(email, nir) + "}"},
  };
  for (const auto& [status, wrong] : bodies) {
    Expect(status, "a wrong body",
           application.Post("/v1/people", wrong, {{"idempotency-key", Key()}}));
  }
  Expect(404, "a value as a path", adviser.Get("/v1/people/" + nir));
  Expect(400, "a value as a query",
         daemon_.As("citizen.one").Get("/v1/me/disclosures", "q=" + nir));
  Expect(404, "a code of nobody",
         adviser.Post("/v1/disclosures", "{" + Json("person", nir) +
                                             R"(,"fields":["identity.birth_name"],)" +
                                             Json("purpose", "support") + "," + CaseRef() + "}"));
  Expect(403, "a field too many",
         adviser.Post("/v1/disclosures", "{" + Json("person", came_.front().code) +
                                             R"(,"fields":["disability.needs"],)" +
                                             Json("purpose", "support") + "," + CaseRef() + "}"));
}

void RegisterLoad::Change() {
  Agent application = daemon_.As("app.case");
  for (std::size_t i = 0; i < kChanged; ++i) {
    Came& came = came_[i];
    const std::string email = "nouvelle.adresse." + std::to_string(i) + "@example.org";
    const std::string line = std::to_string(100 + i) + " BOULEVARD DU CHANGEMENT";
    values_.emplace_back("contact.email", email);
    values_.emplace_back("address.line_1", line);
    const std::string body = "{" + Json("person", came.code) + ",\"fields\":{" +
                             Json("contact.email", email) + "," + Json("address.line_1", line) +
                             "}," + CaseRef() + "}";
    const std::string tag = "\"" + std::to_string(came.version) + "\"";
    Expect(200, "update", application.Patch("/v1/people", body, {{"if-match", tag}}));
    Expect(412, "update an old version",
           application.Patch("/v1/people", body, {{"if-match", tag}}));
    ++came.version;
  }
}

void RegisterLoad::Erase() {
  Agent officer = daemon_.As("officer.privacy");
  for (std::size_t i = 0; i < kErased; ++i) {
    const Came& came = came_[i];
    texts_.push_back("DEMANDE-" + std::to_string(8'850'611 + i));
    const Answer asked = officer.Post(
        "/v1/people:erase",
        "{" + Json("person", came.code) + "," + Json("reason", texts_.back()) + "}",
        {{"idempotency-key", Key()}, {"if-match", "\"" + std::to_string(came.version) + "\""}});
    Expect(202, "ask for an erasure", asked);
    Expect(200, "erase", Agree("officer.privacy.b", asked));
  }
}

void RegisterLoad::Rest() {
  Agent citizen = daemon_.As("citizen.one");
  Expect(201, "one's own record",
         citizen.Post("/v1/disclosures",
                      R"({"self":true,"fields":["identity.birth_name","civil_number.nir"],)" +
                          Json("purpose", "own") + "}"));
  Expect(200, "one's own trail", citizen.Get("/v1/me/disclosures"));
  Agent officer = daemon_.As("officer.security");
  const std::string manager = "{" + Json("principal", "manager.b") + "}";
  Expect(200, "freeze", officer.Post("/v1/principals:freeze", manager));
  Expect(403, "frozen", daemon_.As("manager.b").Get("/v1/me/capabilities"));
  const Answer asked =
      officer.Post("/v1/principals:unfreeze", manager, {{"idempotency-key", Key()}});
  Expect(202, "ask for an unfreezing", asked);
  Expect(200, "unfreeze", Agree("officer.security.b", asked));
}

void RegisterLoad::Run() {
  Register();
  Assign();
  Look();
  Refuse();
  Change();
  Erase();
  Rest();
}

void RegisterLoad::AddTo(RegisterTexts& texts, const records::Schema& schema) const {
  for (const Came& came : came_) {
    for (const auto& [name, text] : came.person.fields) texts.AddValue(*schema.Find(name), text);
    texts.AddText(came.code);
    std::string plain = came.code;
    std::erase(plain, '-');
    texts.AddText(plain);
  }
  for (const auto& [name, text] : values_) texts.AddValue(*schema.Find(name), text);
  for (const std::string& text : texts_) texts.AddText(text);
}

}  // namespace cloison::disk
