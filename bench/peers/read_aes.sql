-- One row by key, 2 of 7 fields opened: AES alone, the initial vector before each value, no integrity.
\set id random(1, :people)
SELECT decrypt_iv(substr(birth_name, 17), :aes_key::bytea, substr(birth_name, 1, 16), 'aes'),
       decrypt_iv(substr(phone, 17), :aes_key::bytea, substr(phone, 1, 16), 'aes')
FROM sealed_aes WHERE id = :id;
