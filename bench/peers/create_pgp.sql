-- A new row of 7 sealed fields and the HMAC of one. Its values are those of a person drawn by number.
\set id random(1, :people)
INSERT INTO sealed SELECT nextval('new_id'), hmac(email, :hash_key, 'sha256'),
  pgp_sym_encrypt(birth_name, :pgp_key), pgp_sym_encrypt(first_name, :pgp_key),
  pgp_sym_encrypt(birth_date, :pgp_key), pgp_sym_encrypt(nir, :pgp_key),
  pgp_sym_encrypt(phone, :pgp_key), pgp_sym_encrypt(email, :pgp_key), pgp_sym_encrypt(city, :pgp_key)
FROM people WHERE id = :id;
