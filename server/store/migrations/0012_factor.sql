-- The second factor (S9): its secret, sealed with the key beside the database, and the last step whose code was used, so
-- that none is used twice.
CREATE TABLE factor (
  person    INTEGER PRIMARY KEY REFERENCES person,
  secret    BLOB NOT NULL,
  last_step INTEGER NOT NULL,
  made_at   INTEGER NOT NULL
) STRICT;

-- What lets somebody in without their device; each once.
CREATE TABLE recovery_code (
  person  INTEGER NOT NULL REFERENCES factor ON DELETE CASCADE,
  hash    BLOB NOT NULL CHECK (length(hash) = 32),
  used_at INTEGER,
  PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;

-- Wrong codes since the last right one, and until when no more are looked at. It outlives a restart, and the factor.
CREATE TABLE factor_try (
  person     INTEGER PRIMARY KEY REFERENCES person,
  wrong      INTEGER NOT NULL CHECK (wrong > 0),
  rest_until INTEGER
) STRICT;

-- When the second factor was given in a session; until then it is nobody's, where its holder has one or must have one.
ALTER TABLE session ADD COLUMN passed_at INTEGER;
-- Recovery codes that its holder has not put away yet, sealed, and until when they are shown.
ALTER TABLE session ADD COLUMN codes BLOB;
ALTER TABLE session ADD COLUMN codes_until INTEGER;
-- It began with a link of the demo, which lets anybody in: nothing more is asked, and it does not go idle.
ALTER TABLE session ADD COLUMN demo INTEGER NOT NULL DEFAULT 0 CHECK (demo IN (0, 1));
