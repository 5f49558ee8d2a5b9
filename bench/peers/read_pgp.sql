-- One row by key, 2 of 7 fields opened.
\set id random(1, :people)
SELECT pgp_sym_decrypt(birth_name, :pgp_key), pgp_sym_decrypt(phone, :pgp_key) FROM sealed WHERE id = :id;
