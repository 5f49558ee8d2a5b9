// How jemalloc serves the programs that link it (cloison_allocator).
//
// Huge pages: what an entry touches (principals, tables of the ledger, write buffers) is spread
// over hundreds of MiB, and small pages cost the ledger's bench some 5 %. What is freed stays for
// a minute, not ten seconds: the next write buffer takes the pages of the last one instead of new
// ones, which the kernel would clear first.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:always,dirty_decay_ms:60000";
}
