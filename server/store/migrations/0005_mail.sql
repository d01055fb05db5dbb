-- Mail (S5): where an office's goes out, what is to be sent, and what became of it.

CREATE TABLE smtp (
  office   INTEGER PRIMARY KEY REFERENCES office,
  host     TEXT NOT NULL CHECK (length(host) BETWEEN 1 AND 253),
  port     INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  security TEXT NOT NULL CHECK (security IN ('tls','starttls','none')),
  username TEXT NOT NULL,
  -- the server must be able to read it; no page ever shows it
  password TEXT NOT NULL,
  sender   TEXT NOT NULL,
  -- where this desk is: links in mails begin with it
  address  TEXT NOT NULL
) STRICT;

CREATE TABLE mail (
  id       INTEGER PRIMARY KEY,
  office   INTEGER NOT NULL REFERENCES office,
  -- NULL for an address that is nobody's here, as of a job's report
  person   INTEGER REFERENCES person,
  email    TEXT NOT NULL,
  name     TEXT NOT NULL,
  language TEXT NOT NULL,
  -- what it tells, as JSON; of one that carried a link that lets somebody in nothing is kept once it is sent
  letter   TEXT NOT NULL,
  kind     TEXT NOT NULL,
  made_at  INTEGER NOT NULL,
  -- when it is tried next; NULL: nothing more is done by itself
  next_at  INTEGER,
  tries    INTEGER NOT NULL DEFAULT 0,
  sent_at  INTEGER CHECK (sent_at IS NULL OR next_at IS NULL),
  error    TEXT
) STRICT;
CREATE INDEX mail_due ON mail (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mail_of ON mail (office, id);

-- What a person has been told of by mail: each thing once.
CREATE TABLE mailed (
  person INTEGER NOT NULL REFERENCES person,
  what   TEXT NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (person, what)
) STRICT, WITHOUT ROWID;

-- What a person does not want; what is not here is wanted.
CREATE TABLE mail_unwanted (
  person INTEGER NOT NULL REFERENCES person,
  choice TEXT NOT NULL CHECK (choice IN ('action','reminders','alerts','digest','downtime')),
  PRIMARY KEY (person, choice)
) STRICT, WITHOUT ROWID;

-- Links that end a subscription, without signing in.
CREATE TABLE unsubscribe_link (
  hash   BLOB PRIMARY KEY CHECK (length(hash) = 32),
  person INTEGER NOT NULL REFERENCES person,
  choice TEXT NOT NULL
) STRICT, WITHOUT ROWID;
