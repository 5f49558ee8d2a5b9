-- The same with an HMAC of the number under a unique index.
INSERT INTO registered_once(nir_hash, nir)
VALUES (hmac(:nir::text, :hash_key, 'sha256'), pgp_sym_encrypt(:nir, :pgp_key));
