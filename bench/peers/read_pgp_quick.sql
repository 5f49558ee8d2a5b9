-- The same from messages sealed with s2k-count=1024: the key is random, so stretching it gains nothing.
\set id random(1, :people)
SELECT pgp_sym_decrypt(birth_name, :pgp_key), pgp_sym_decrypt(phone, :pgp_key) FROM sealed_quick WHERE id = :id;
