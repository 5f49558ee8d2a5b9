-- The next person, and the next: what one account can take.
SELECT pgp_sym_decrypt(birth_name, :pgp_key), pgp_sym_decrypt(phone, :pgp_key) FROM sealed
WHERE id = (SELECT 1 + nextval('night') % :people);
