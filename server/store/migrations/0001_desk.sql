-- The desk: offices, people, dossiers, connectors, tasks and what happened to them.
-- Instants are milliseconds since 1970 UTC. Secrets are stored as SHA-256 only.
-- Each CHECK makes a row impossible that no rule of the house could have written.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE office (
  id              INTEGER PRIMARY KEY,
  code            TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 32),
  name            TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  zone            TEXT NOT NULL,
  language        TEXT NOT NULL CHECK (language IN ('en','nl','nb','da','fr')),
  support_contact TEXT NOT NULL,
  poll_from       INTEGER NOT NULL CHECK (poll_from BETWEEN 1 AND 3600),
  poll_to         INTEGER NOT NULL CHECK (poll_to BETWEEN poll_from AND 3600),
  lease_seconds   INTEGER NOT NULL CHECK (lease_seconds BETWEEN 1 AND 3600)
) STRICT;

-- How many tasks are concluded, as of an event; those after it are counted at start, so that nobody ever counts
-- all rows, and no commit has to write a count.
CREATE TABLE office_counts (
  office    INTEGER PRIMARY KEY REFERENCES office,
  succeeded INTEGER NOT NULL CHECK (succeeded >= 0),
  cancelled INTEGER NOT NULL CHECK (cancelled >= 0),
  seq       INTEGER NOT NULL
) STRICT;

CREATE TABLE package (
  id   INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE kind (
  id   INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE dossier (
  id         INTEGER PRIMARY KEY,
  office     INTEGER NOT NULL REFERENCES office,
  code       TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 32),
  name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  package    INTEGER NOT NULL REFERENCES package,
  created_at INTEGER NOT NULL,
  UNIQUE (office, code)
) STRICT;

CREATE TABLE person (
  id            INTEGER PRIMARY KEY,
  office        INTEGER REFERENCES office,
  email         TEXT NOT NULL UNIQUE CHECK (email = lower(email) AND instr(email, '@') > 1),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role          TEXT NOT NULL CHECK (role IN ('support','admin','operator','employee')),
  language      TEXT NOT NULL CHECK (language IN ('en','nl','nb','da','fr')),
  password_hash TEXT,
  created_at    INTEGER NOT NULL,
  CHECK ((role = 'support') = (office IS NULL))
) STRICT;

CREATE TABLE dossier_manager (
  person  INTEGER NOT NULL REFERENCES person,
  dossier INTEGER NOT NULL REFERENCES dossier,
  PRIMARY KEY (person, dossier)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
  person     INTEGER NOT NULL REFERENCES person,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL CHECK (expires_at > created_at)
) STRICT, WITHOUT ROWID;

-- A link that signs somebody in, or (without a person) makes the first admin.
CREATE TABLE sign_in_link (
  hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
  person     INTEGER REFERENCES person,
  reusable   INTEGER NOT NULL CHECK (reusable IN (0, 1)),
  expires_at INTEGER NOT NULL,
  used_at    INTEGER,
  CHECK (person IS NOT NULL OR reusable = 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE connector (
  id           INTEGER PRIMARY KEY,
  office       INTEGER NOT NULL REFERENCES office,
  name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  boot_id      TEXT,
  version      TEXT,
  packages     TEXT NOT NULL DEFAULT '[]',
  kinds        TEXT NOT NULL DEFAULT '[]',
  recovers     TEXT NOT NULL DEFAULT '[]',
  max_parallel INTEGER NOT NULL DEFAULT 1 CHECK (max_parallel BETWEEN 1 AND 100),
  revoked_at   INTEGER,
  UNIQUE (office, name)
) STRICT;

CREATE TABLE integration (
  id         INTEGER PRIMARY KEY,
  office     INTEGER NOT NULL REFERENCES office,
  name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  exempt     INTEGER NOT NULL DEFAULT 0 CHECK (exempt IN (0, 1)),
  revoked_at INTEGER,
  UNIQUE (office, name)
) STRICT;

-- Tokens of connectors and integrations; two are valid while one is being rotated.
CREATE TABLE token (
  hash        BLOB PRIMARY KEY CHECK (length(hash) = 32),
  connector   INTEGER REFERENCES connector,
  integration INTEGER REFERENCES integration,
  valid_until INTEGER,
  CHECK ((connector IS NULL) <> (integration IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE enrol_code (
  hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
  connector  INTEGER NOT NULL REFERENCES connector,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER
) STRICT, WITHOUT ROWID;

-- state: 0 queued, 1 running, 2 action_required, 3 failed, 4 succeeded, 5 cancelled
CREATE TABLE task (
  id              INTEGER PRIMARY KEY,
  office          INTEGER NOT NULL REFERENCES office,
  dossier         INTEGER NOT NULL REFERENCES dossier,
  kind            INTEGER NOT NULL REFERENCES kind,
  state           INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
  tries           INTEGER NOT NULL CHECK (tries BETWEEN 0 AND 255),
  attempts        INTEGER NOT NULL CHECK (attempts >= tries AND (state <> 1 OR attempts > 0)),
  releases        INTEGER NOT NULL CHECK (releases BETWEEN 0 AND 10),
  open            INTEGER NOT NULL CHECK (open IN (0, 1) AND (state <> 1 OR open = 1) AND (state < 4 OR open = 0)),
  cancel_asked    INTEGER NOT NULL CHECK (cancel_asked IN (0, 1)),
  backoff_ms      INTEGER NOT NULL CHECK (backoff_ms >= 0 AND (state = 0 OR backoff_ms = 0)),
  holder          INTEGER NOT NULL CHECK (state <> 1 OR holder > 0),
  last_seq        INTEGER NOT NULL,
  delivered_at    INTEGER NOT NULL,
  changed_at      INTEGER NOT NULL,
  follows         INTEGER CHECK (follows < id),
  subject         TEXT,
  idempotency_key TEXT
) STRICT;
CREATE INDEX task_by_office ON task (office, id);
CREATE INDEX task_open ON task (office, id) WHERE state < 4;
CREATE INDEX task_stopped ON task (office, id) WHERE state IN (2, 3);
CREATE UNIQUE INDEX task_key ON task (office, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Apart from the task, so that a claim does not write an invoice again.
CREATE TABLE payload (
  task INTEGER PRIMARY KEY REFERENCES task,
  body TEXT NOT NULL
) STRICT;

-- What a stopped task stopped with; gone when it is restarted, but for the events.
CREATE TABLE failure (
  task      INTEGER PRIMARY KEY REFERENCES task,
  code      TEXT NOT NULL,
  params    TEXT NOT NULL,
  detail    TEXT,
  cause_key TEXT NOT NULL
) STRICT;

-- All that ever happened to a task. The state of a task is the fold of its events. Each event names the task's
-- event before it: an index by task would cost every claim a page in the middle of the file.
CREATE TABLE event (
  seq    INTEGER PRIMARY KEY,
  office INTEGER NOT NULL,
  task   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  before INTEGER CHECK (before < seq),
  what   TEXT NOT NULL
) STRICT;

-- The last answers to a connector's claims, in a ring, so that one that was lost can be given again.
CREATE TABLE claim_request (
  connector  INTEGER NOT NULL REFERENCES connector,
  slot       INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 31),
  request_id TEXT NOT NULL,
  tasks      TEXT NOT NULL,
  PRIMARY KEY (connector, slot)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  office  INTEGER,
  person  INTEGER NOT NULL,
  what    TEXT NOT NULL,
  subject TEXT NOT NULL,
  before  TEXT,
  after   TEXT
) STRICT;
