#include <gtest/gtest.h>

#include "base/files.h"
#include "ledger/ledger.h"
#include "records/testing/world.h"
#include "store/testing/temp_directory.h"

namespace cloison::records {
namespace {

using ledger::Form;
using testing::NamedTexts;
using testing::World;

// Writes one disclosure and gives its receipt: what the gate does once it has decided.
class DiscloseWork final : public commit::Work {
 public:
  using Promise = ledger::Receipt;
  DiscloseWork(ledger::Ledger& ledger, ledger::EntryDraft draft)
      : ledger_(ledger), draft_(std::move(draft)) {}
  Task<Status> Load(commit::Staging&) override { return ledger_.LoadHead(*draft_.subject->key); }
  Result<commit::Staged> Stage(commit::Staging&) override {
    pending_.emplace(ledger_.Stage(draft_));
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable& durable) {
    return ledger_.RedeemReceipt(std::move(*pending_), durable);
  }

 private:
  ledger::Ledger& ledger_;
  ledger::EntryDraft draft_;
  std::optional<ledger::Pending> pending_;
};

Task<int> StopLedger(ledger::Ledger& ledger) {
  co_await ledger.Stop();
  co_return 0;
}

class OpenerTest : public ::testing::Test {
 protected:
  OpenerTest() {
    ledger::Ledger::Options options{.origin = "cloison.test/records",
                                    .register_id = testing::kVectorRegister,
                                    .signed_path = directory_.path() + "/signed"};
    const ledger::Ledger::Parts parts{world_.store,  *world_.state, world_.ring->log_signer(),
                                      *world_.ring,  files_,        world_.clock,
                                      world_.random, world_.home};
    ledger_ = World::Must(ledger::Ledger::Open(std::move(options), parts));
    ledger_->Attach(*world_.committer);
  }
  ~OpenerTest() override {
    base::SyncWait(StopLedger(*ledger_));
    base::SyncWait(testing::StopCommitter(*world_.committer));
  }

  std::vector<FieldId> Ids(const std::vector<std::string>& names) {
    std::vector<FieldId> ids;
    for (const std::string& name : names) ids.push_back(world_.schema->Find(name)->id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  ledger::Receipt Disclose(const Sighting& sighting, const std::vector<std::string>& names,
                           Form form) {
    ledger::EntryDraft draft{.kind = ledger::Kind::kDisclosure,
                             .subject = ledger::EntryDraft::Subject{.person = sighting.key.person(),
                                                                    .key = &sighting.key.subject(),
                                                                    .seq = sighting.header.seq,
                                                                    .fields = Ids(names),
                                                                    .form = form,
                                                                    .code = std::nullopt},
                             .actor = {.principal = PrincipalId(ByteArray<16>{1}),
                                       .key = &actor_,
                                       .n = n_++,
                                       .organisation = std::nullopt,
                                       .office = std::nullopt,
                                       .role = "adviser"},
                             .purpose = "support",
                             .case_ref = {},
                             .session = std::nullopt,
                             .client = std::nullopt,
                             .rule = {}};
    auto work = std::make_unique<DiscloseWork>(*ledger_, std::move(draft));
    auto receipt = base::SyncWait(world_.committer->Submit(std::move(work), world_.home));
    CLOISON_CHECK(receipt.ok());
    return std::move(*receipt);
  }
  Sighting Sight(PersonId person) { return World::Must(world_.people->Sight(person)); }
  NamedTexts Texts(const Result<std::vector<OpenedValue>>& opened) {
    CLOISON_CHECK(opened.ok());
    NamedTexts texts;
    for (const OpenedValue& value : *opened) {
      texts.emplace_back(world_.schema->Find(value.field)->name, AsText(value.text.Reveal()));
    }
    return texts;
  }

  World world_;
  base::SystemFiles files_;
  store::testing::TempDirectory directory_;
  ledger::ActorKey actor_{world_.log_id, testing::CountedKey(1)};
  std::uint64_t n_ = 0;
  std::unique_ptr<ledger::Ledger> ledger_;
};

const NamedTexts kJeanne = {
    {"identity.birth_name", "Lefèvre"},    {"identity.first_name", "Jeanne"},
    {"identity.birth_date", "1984-12-31"}, {"civil_number.nir", "184127645108946"},
    {"contact.phone", "+33639981234"},     {"contact.email", "jeanne@example.org"},
    {"agency.identifier", "1234567A"},     {"status.registration", "registered"},
    {"disability.recognised", "yes"}};

TEST_F(OpenerTest, GivesWhatTheReceiptNamesAndNoMore) {
  const Sighting sighting = Sight(*world_.Register(kJeanne));
  const Opener opener(*world_.schema);
  const std::vector<std::string> named = {"identity.birth_name", "contact.email", "bank.iban"};
  const auto opened = opener.Open(sighting, Disclose(sighting, named, Form::kPlain));
  EXPECT_EQ(Texts(opened), (NamedTexts{kJeanne[0], kJeanne[5]})) << "no value, no line";
  EXPECT_TRUE(Texts(opener.Open(sighting, Disclose(sighting, {}, Form::kPlain))).empty());
}

TEST_F(OpenerTest, MasksInside) {
  const Sighting sighting = Sight(*world_.Register(kJeanne));
  std::vector<std::string> all;
  for (const auto& [name, text] : kJeanne) all.push_back(name);
  const Opener opener(*world_.schema);
  const NamedTexts want = {
      {"identity.birth_name", "L***"},    {"identity.first_name", "J***"},
      {"identity.birth_date", "1984"},    {"civil_number.nir", "1 84 ••••••••••"},
      {"contact.phone", "••••••34"},      {"contact.email", "j***@***.org"},
      {"agency.identifier", "••••••"},    {"status.registration", "registered"},
      {"disability.recognised", "••••••"}};
  EXPECT_EQ(Texts(opener.Open(sighting, Disclose(sighting, all, Form::kMasked))), want);
}

TEST_F(OpenerTest, Refusals) {
  const PersonId person = *world_.Register(kJeanne);
  const Sighting old_sighting = Sight(person);
  ASSERT_TRUE(world_.Update(person, {{"identity.sex", "F"}}).ok());
  const Sighting sighting = Sight(person);
  const Sighting other =
      Sight(*world_.Register({{"identity.birth_name", "Autre"}, {"identity.first_name", "Une"}}));
  Sighting damaged = Sight(person);
  damaged.row.back() ^= 1;
  Sighting relabelled = Sight(person);
  relabelled.row = old_sighting.row;
  const struct {
    const char* why;
    const Sighting& named;
    const Sighting& shown;
    Form form;
    std::optional<Code> error;
  } rows[] = {
      {"what it is for", sighting, sighting, Form::kPlain, {}},
      {"another person's row", sighting, other, Form::kPlain, Code::kConflict},
      {"another person's row of the same number", old_sighting, other, Form::kPlain,
       Code::kConflict},
      {"the row before", sighting, old_sighting, Form::kPlain, Code::kConflict},
      {"the row after", old_sighting, sighting, Form::kPlain, Code::kConflict},
      {"an old row under the new header", sighting, relabelled, Form::kPlain, Code::kConflict},
      {"a damaged row", sighting, damaged, Form::kPlain, Code::kCorrupt},
      {"a receipt for yes or no", sighting, sighting, Form::kMatches, Code::kDenied},
      {"a receipt for being there", sighting, sighting, Form::kExists, Code::kDenied},
  };
  const Opener opener(*world_.schema);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto opened = opener.Open(row.shown, Disclose(row.named, {"contact.email"}, row.form));
    ASSERT_EQ(opened.ok(), !row.error.has_value());
    if (!opened.ok()) {
      EXPECT_EQ(opened.error().code(), *row.error);
    }
  }
}

}  // namespace
}  // namespace cloison::records
