// How jemalloc serves the programs that link it (cloison_allocator).
//
// Huge pages: what an entry touches (principals, tables of the ledger, write buffers) is spread
// over hundreds of MiB, and small pages cost the ledger's bench some 5 %.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:always";
}
