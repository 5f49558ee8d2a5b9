-- One row by e-mail address through an indexed HMAC, 2 fields opened. The address is what a caller
-- would bring: it is drawn from the list of all by its number.
\set id random(1, :people)
SELECT pgp_sym_decrypt(birth_name, :pgp_key), pgp_sym_decrypt(phone, :pgp_key) FROM sealed
WHERE email_hash = hmac((SELECT email FROM people WHERE id = :id), :hash_key, 'sha256');
