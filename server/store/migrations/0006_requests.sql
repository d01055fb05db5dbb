-- What people outside asked for by a public form (D11): a new client's intake, an application.

CREATE TABLE request (
  id         INTEGER PRIMARY KEY,
  office     INTEGER NOT NULL REFERENCES office,
  kind       TEXT NOT NULL CHECK (kind IN ('intake', 'application')),
  name       TEXT NOT NULL,
  email      TEXT NOT NULL,
  phone      TEXT NOT NULL,
  -- the company that an intake is of
  company    TEXT NOT NULL,
  number     TEXT NOT NULL,
  message    TEXT NOT NULL,
  language   TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  state      TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'accepted', 'declined')),
  decided_at INTEGER,
  decided_by TEXT,
  -- the activation that an accepted intake became
  task       INTEGER REFERENCES task,
  CHECK ((state = 'new') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL))
) STRICT;
CREATE INDEX request_of ON request (office, id);
CREATE INDEX request_new ON request (office, id) WHERE state = 'new';

CREATE TABLE request_file (
  request INTEGER NOT NULL REFERENCES request,
  n       INTEGER NOT NULL,
  name    TEXT NOT NULL,
  type    TEXT NOT NULL CHECK (type IN ('application/pdf', 'image/png', 'image/jpeg')),
  bytes   BLOB NOT NULL,
  PRIMARY KEY (request, n)
) STRICT;
