-- The same as read_pgp.sql, with the row of an audit table that a careful user writes.
\set id random(1, :people)
WITH noted AS (INSERT INTO audit(who, person) VALUES ('adviser', :id) RETURNING person)
SELECT pgp_sym_decrypt(birth_name, :pgp_key), pgp_sym_decrypt(phone, :pgp_key)
FROM sealed, noted WHERE id = :id;
