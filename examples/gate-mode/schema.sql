-- The old application's database, as it was: Cloison changes nothing in it.
CREATE TABLE people (
  key   text PRIMARY KEY,   -- what Cloison knows the person by: its field of type "reference"
  phone text NOT NULL,
  email text NOT NULL,
  iban  text NOT NULL
);
INSERT INTO people VALUES
  ('K-1', '+33 6 39 98 00 01', 'k1@example.org', 'FR7630006000011234567890189'),
  ('K-2', '+33 6 39 98 00 02', 'k2@example.org', 'FR7630006000011234567890189'),
  ('K-3', '+33 6 39 98 00 03', 'k3@example.org', 'FR7630006000011234567890189');
