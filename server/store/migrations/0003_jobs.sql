-- Recurring jobs, their runs, the times that nothing may run at, calendars, collection systems, guided procedures.

-- The one connector that may take the task; 0 for any that can.
ALTER TABLE task ADD COLUMN server INTEGER NOT NULL DEFAULT 0;
-- Status of the last posting (J27): PO while it is not through. A large company takes long to post.
ALTER TABLE dossier ADD COLUMN posting TEXT NOT NULL DEFAULT 'ok' CHECK (posting IN ('ok','po'));
ALTER TABLE dossier ADD COLUMN posting_since INTEGER;
ALTER TABLE dossier ADD COLUMN large INTEGER NOT NULL DEFAULT 0 CHECK (large IN (0, 1));
-- Working hours, minutes from midnight.
ALTER TABLE office ADD COLUMN hours_from INTEGER NOT NULL DEFAULT 420 CHECK (hours_from BETWEEN 0 AND 1439);
ALTER TABLE office ADD COLUMN hours_to INTEGER NOT NULL DEFAULT 960 CHECK (hours_to BETWEEN 0 AND 1439);

-- standing: inactive (not switched on yet), active, on_hold (put aside on purpose), stopped (its last run failed)
CREATE TABLE job (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  office      INTEGER NOT NULL REFERENCES office,
  kind        TEXT NOT NULL,
  standing    TEXT NOT NULL CHECK (standing IN ('inactive','active','on_hold','stopped')),
  -- what people wrote, as JSON, without the companies
  body        TEXT NOT NULL,
  description TEXT NOT NULL CHECK (length(description) BETWEEN 1 AND 200),
  run_as      TEXT NOT NULL,
  -- rises with each change by a person: the later of two editors is told
  version     INTEGER NOT NULL CHECK (version > 0),
  server      INTEGER REFERENCES connector,
  -- the job that it runs after
  after       INTEGER REFERENCES job,
  -- the collection system whose entry it is
  system      INTEGER REFERENCES collection_system,
  -- the job that it takes the place of, until that one is deleted
  replaces    INTEGER REFERENCES job,
  created_by  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  edited_by   TEXT NOT NULL,
  edited_at   INTEGER NOT NULL,
  -- why it stands as it does, where a person or a run said so
  stood_by    TEXT,
  stood_why   TEXT,
  stood_at    INTEGER,
  -- how often it was put back in the queue since it last finished
  requeued    INTEGER NOT NULL DEFAULT 0,
  next_at     INTEGER CHECK (next_at IS NULL OR standing = 'active' AND deleted_at IS NULL),
  deleted_at  INTEGER
) STRICT;
CREATE INDEX job_due ON job (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX job_of_office ON job (office, id) WHERE deleted_at IS NULL;
CREATE INDEX job_of_system ON job (system, id) WHERE system IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX job_after ON job (after) WHERE after IS NOT NULL AND deleted_at IS NULL;
-- one active twin at most: the old one, or the one that replaces it
CREATE UNIQUE INDEX job_twin ON job (replaces) WHERE replaces IS NOT NULL AND deleted_at IS NULL;
CREATE TABLE job_company (
  job     INTEGER NOT NULL REFERENCES job,
  dossier INTEGER NOT NULL REFERENCES dossier,
  PRIMARY KEY (job, dossier)
) STRICT, WITHOUT ROWID;
-- The module rules: the companies of kinds that keep a list (J20).
CREATE TABLE job_list (
  office  INTEGER NOT NULL REFERENCES office,
  kind    TEXT NOT NULL,
  dossier INTEGER NOT NULL REFERENCES dossier,
  PRIMARY KEY (office, kind, dossier)
) STRICT, WITHOUT ROWID;

-- A run: one occurrence of a job.
CREATE TABLE run (
  id         INTEGER PRIMARY KEY,
  office     INTEGER NOT NULL REFERENCES office,
  job        INTEGER NOT NULL REFERENCES job,
  due_at     INTEGER NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('planned','running','finished','finished_with_errors','error','missed','asks','skipped')),
  -- occurrences that this row stands for: more than one when the desk was away for several
  stands_for INTEGER NOT NULL DEFAULT 1 CHECK (stands_for > 0),
  -- when its tasks were made; NULL for a run that was not
  made_at    INTEGER,
  started_at INTEGER,
  ended_at   INTEGER,
  -- 'late', 'busy', 'by_hand', who skipped it, …
  note       TEXT,
  counted    TEXT,
  run_as     TEXT NOT NULL,
  CHECK (state NOT IN ('planned','running') OR made_at IS NOT NULL AND ended_at IS NULL),
  UNIQUE (job, due_at)
) STRICT;
CREATE INDEX run_of_office ON run (office, id);
CREATE INDEX run_open ON run (job) WHERE state IN ('planned','running');
CREATE TABLE run_company (
  run        INTEGER NOT NULL REFERENCES run,
  dossier    INTEGER NOT NULL REFERENCES dossier,
  task       INTEGER NOT NULL UNIQUE REFERENCES task,
  -- waiting, running, done, failed
  state      TEXT NOT NULL CHECK (state IN ('waiting','running','done','failed')),
  started_at INTEGER,
  ended_at   INTEGER,
  counted    TEXT,
  outputs    TEXT,
  log        TEXT,
  PRIMARY KEY (run, dossier)
) STRICT, WITHOUT ROWID;

-- Windows that no run may touch (J4): every day, on days of the week, or on one date.
CREATE TABLE blocked (
  id      INTEGER PRIMARY KEY,
  office  INTEGER NOT NULL REFERENCES office,
  reason  TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
  owner   TEXT NOT NULL CHECK (length(owner) BETWEEN 1 AND 200),
  -- JSON list of days of the week; empty for one date
  days    TEXT NOT NULL,
  date    TEXT,
  from_m  INTEGER NOT NULL CHECK (from_m BETWEEN 0 AND 1439),
  minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX blocked_of ON blocked (office);
-- Calendars of the office's own: a country's days and some more.
CREATE TABLE calendar (
  office  INTEGER NOT NULL REFERENCES office,
  name    TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
  country TEXT,
  days    TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (office, name)
) STRICT, WITHOUT ROWID;

-- Collection systems (C1–C6): entries run while the system is active and marked for direct communication.
CREATE TABLE collection_system (
  id      INTEGER PRIMARY KEY,
  office  INTEGER NOT NULL REFERENCES office,
  dossier INTEGER NOT NULL REFERENCES dossier,
  code    TEXT NOT NULL,
  active  INTEGER NOT NULL CHECK (active IN (0, 1)),
  direct  INTEGER NOT NULL CHECK (direct IN (0, 1)),
  version INTEGER NOT NULL,
  UNIQUE (office, dossier, code)
) STRICT;

-- Guided procedures (J2, J9, J24), resumable and undoable until they are over.
CREATE TABLE procedure (
  id         INTEGER PRIMARY KEY,
  office     INTEGER NOT NULL REFERENCES office,
  kind       TEXT NOT NULL CHECK (kind IN ('replace','release','postpone')),
  -- what it is about, as JSON: modules, date, who agreed
  body       TEXT NOT NULL,
  started_by TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  -- how it ended: done or undone
  ended      TEXT CHECK (ended IN ('done','undone')),
  CHECK ((ended IS NULL) = (ended_at IS NULL))
) STRICT;
CREATE INDEX procedure_of ON procedure (office, id);
CREATE TABLE procedure_job (
  procedure INTEGER NOT NULL REFERENCES procedure,
  job       INTEGER NOT NULL REFERENCES job,
  -- the new job, once there is one
  twin      INTEGER REFERENCES job,
  step      TEXT NOT NULL CHECK (step IN ('to_do','created','checked','deleted','left_out','postponed','returned')),
  -- what an undo puts back, as JSON
  before    TEXT,
  PRIMARY KEY (procedure, job)
) STRICT, WITHOUT ROWID;
CREATE INDEX procedure_job_of ON procedure_job (job);
CREATE INDEX procedure_job_twin ON procedure_job (twin) WHERE twin IS NOT NULL;
