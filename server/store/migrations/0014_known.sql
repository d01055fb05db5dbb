-- Browsers and addresses that people have come in by: who guesses at their password from elsewhere does not stand in
-- their way. A browser keeps a secret in a cookie; here is its SHA-256.
CREATE TABLE device (
  person  INTEGER NOT NULL REFERENCES person,
  hash    BLOB NOT NULL CHECK (length(hash) = 32),
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE known_address (
  person  INTEGER NOT NULL REFERENCES person,
  -- an address of IPv4, or the /64 of one of IPv6
  client  TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (person, client)
) STRICT, WITHOUT ROWID;

-- A request whose hidden field was filled in: kept, and marked as most likely sent by a program.
ALTER TABLE request ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0 CHECK (automatic IN (0, 1));
-- Bytes of its files, so that what an office keeps is added up without reading them.
ALTER TABLE request ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0);
UPDATE request SET bytes = ifnull((SELECT sum(length(f.bytes)) FROM request_file f WHERE f.request = request.id), 0);
CREATE INDEX request_bytes ON request (office, bytes) WHERE bytes > 0 AND state <> 'accepted';
