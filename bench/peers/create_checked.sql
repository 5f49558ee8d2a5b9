-- A person with this number is registered unless one is there already: as applications do it over
-- sealed columns, which no unique index can compare.
INSERT INTO registered(nir) SELECT pgp_sym_encrypt(:nir, :pgp_key)
WHERE NOT EXISTS (SELECT FROM registered WHERE pgp_sym_decrypt(nir, :pgp_key) = :nir);
