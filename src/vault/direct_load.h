// The first load of an empty register, without the API: rows of an import become keys, sealed rows
// and index pages as sorted runs (records::BulkRegister), and the ledger gets one entry per
// thousand people. What a country's import takes hours for otherwise.
//
// Rows are prepared by several threads and taken in the order of the input: of two people with one
// unique value the earlier stays, and the later is a late answer, kExists.
//
// Nothing says that the load is whole before Finish has returned: a load that ends otherwise leaves
// a register that must be thrown away (who calls marks it; server/import_mode.cc). Nobody else may
// use the vault meanwhile.
//
// Threads  one caller; own threads until Finish or the destructor. Memory: records::BulkRegister's;
//          windows of rows: kDirectWindowsMax that wait, as many that are prepared, and one more of
//          each thread; 16 bytes per row that is refused late.
#ifndef CLOISON_VAULT_DIRECT_LOAD_H_
#define CLOISON_VAULT_DIRECT_LOAD_H_

#include <memory>

#include "ingest/importer.h"
#include "vault/vault.h"

namespace cloison::vault {

inline constexpr std::size_t kDirectWindowRows = 256;
inline constexpr std::size_t kDirectWindowsMax = 8;

class DirectLoad final : public ingest::ImportSink {
 public:
  // kConflict: there are people. `workers`: threads that prepare, 1 or more.
  static Result<std::unique_ptr<DirectLoad>> Begin(Vault& vault, std::size_t workers);
  ~DirectLoad() override;

  // At most kDirectWindowRows, answered kRegistered all; waits while kDirectWindowsMax windows
  // wait. Fails with what a thread failed with: the load is over.
  Result<std::vector<ingest::RowAnswer>> Register(std::vector<ingest::ImportRow> rows) override;
  // Late answers are told before anything is written.
  Status Finish(const TellLate& tell) override;

 private:
  struct State;
  explicit DirectLoad(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_DIRECT_LOAD_H_
