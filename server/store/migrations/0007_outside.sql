-- People outside: clients and candidates, who see the portal and nothing of the desk. The table is made anew, because a
-- CHECK cannot be changed; what refers to it goes on to (foreign keys are off while a desk is brought up to date, and
-- checked when that is done).

CREATE TABLE person_new (
  id            INTEGER PRIMARY KEY,
  office        INTEGER REFERENCES office,
  email         TEXT NOT NULL UNIQUE CHECK (email = lower(email) AND instr(email, '@') > 1),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role          TEXT NOT NULL CHECK (role IN ('support','admin','operator','employee','client','candidate')),
  language      TEXT NOT NULL CHECK (language IN ('en','nl','nb','da','fr')),
  password_hash TEXT,
  created_at    INTEGER NOT NULL,
  theme         TEXT NOT NULL DEFAULT 'system' CHECK (theme IN ('system','light','dark')),
  shortcuts     INTEGER NOT NULL DEFAULT 1 CHECK (shortcuts IN (0, 1)),
  left_at       INTEGER,
  seen_at       INTEGER,
  CHECK ((role = 'support') = (office IS NULL))
) STRICT;
INSERT INTO person_new (id, office, email, name, role, language, password_hash, created_at, theme, shortcuts, left_at, seen_at)
  SELECT id, office, email, name, role, language, password_hash, created_at, theme, shortcuts, left_at, seen_at FROM person;
DROP TABLE person;
ALTER TABLE person_new RENAME TO person;
