-- The console: what people say of tasks, causes, versions of instructions, what is learned, alerts, bulk work.

ALTER TABLE office ADD COLUMN remind_hours INTEGER NOT NULL DEFAULT 24 CHECK (remind_hours BETWEEN 1 AND 720);
ALTER TABLE office ADD COLUMN escalate_hours INTEGER NOT NULL DEFAULT 72 CHECK (escalate_hours BETWEEN 1 AND 720);
ALTER TABLE person ADD COLUMN theme TEXT NOT NULL DEFAULT 'system' CHECK (theme IN ('system','light','dark'));
ALTER TABLE person ADD COLUMN shortcuts INTEGER NOT NULL DEFAULT 1 CHECK (shortcuts IN (0, 1));
-- since when a person may no longer sign in
ALTER TABLE person ADD COLUMN left_at INTEGER;
ALTER TABLE person ADD COLUMN seen_at INTEGER;
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN seen_at INTEGER;
ALTER TABLE connector ADD COLUMN heard_at INTEGER;
ALTER TABLE connector ADD COLUMN created_at INTEGER;
-- held by a person, with a reason, until it is let go again
ALTER TABLE connector ADD COLUMN held_by TEXT;
ALTER TABLE connector ADD COLUMN held_reason TEXT;
ALTER TABLE connector ADD COLUMN held_at INTEGER;
ALTER TABLE dossier ADD COLUMN done_at INTEGER;

-- The version of the instruction that the task was shown. A restarted task keeps its failure until it stops again
-- or succeeds: an undo puts it back, a success says that the instruction helped.
ALTER TABLE failure ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE failure ADD COLUMN restarted_at INTEGER;
ALTER TABLE failure ADD COLUMN was INTEGER CHECK (was IN (2, 3));
-- for the undo as well: since when the task had been stopped, and what people had said of it, as JSON
ALTER TABLE failure ADD COLUMN stopped_at INTEGER;
ALTER TABLE failure ADD COLUMN marks TEXT;
CREATE INDEX failure_by_cause ON failure (cause_key);

-- What people said of a stopped task.
CREATE TABLE mark (
  task          INTEGER PRIMARY KEY REFERENCES task,
  urgent_by     TEXT,
  urgent_reason TEXT,
  urgent_at     INTEGER,
  snoozed_by    TEXT,
  snooze_reason TEXT,
  snoozed_until INTEGER,
  note_by       TEXT,
  note          TEXT,
  note_at       INTEGER
) STRICT;

-- A cause: package, code and what tells one from another. It outlives its tasks.
CREATE TABLE cause (
  key          TEXT PRIMARY KEY,
  package      TEXT NOT NULL,
  code         TEXT NOT NULL,
  first_at     INTEGER NOT NULL,
  last_at      INTEGER NOT NULL,
  taken_by     TEXT,
  taken_at     INTEGER,
  solved_by    TEXT,
  solved_at    INTEGER,
  -- the last time that it came back, and when it had been solved before
  came_back_at INTEGER,
  was_solved_at INTEGER
) STRICT, WITHOUT ROWID;
-- How often it stopped a task, by office and day since 1970 UTC.
CREATE TABLE cause_day (
  cause  TEXT NOT NULL REFERENCES cause,
  day    INTEGER NOT NULL,
  office INTEGER NOT NULL REFERENCES office,
  n      INTEGER NOT NULL,
  PRIMARY KEY (cause, day, office)
) STRICT, WITHOUT ROWID;

-- What stopped tasks before there were causes.
INSERT INTO cause (key, package, code, first_at, last_at)
  SELECT f.cause_key, p.code, f.code, min(t.changed_at), max(t.changed_at)
  FROM failure f JOIN task t ON t.id = f.task JOIN dossier d ON d.id = t.dossier JOIN package p ON p.id = d.package
  GROUP BY f.cause_key;
INSERT INTO cause_day
  SELECT f.cause_key, t.changed_at / 86400000, t.office, count(*) FROM failure f JOIN task t ON t.id = f.task GROUP BY 1, 2, 3;

-- Instructions that Support wrote here. Those that the program carries are not rows.
CREATE TABLE instruction (
  package    TEXT NOT NULL,
  code       TEXT NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0),
  body       TEXT NOT NULL,
  written_by TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  PRIMARY KEY (package, code, version)
) STRICT, WITHOUT ROWID;
-- How often an instruction was shown, and how often the task then succeeded.
CREATE TABLE instruction_use (
  package TEXT NOT NULL,
  code    TEXT NOT NULL,
  version INTEGER NOT NULL,
  shown   INTEGER NOT NULL DEFAULT 0,
  helped  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (package, code, version)
) STRICT, WITHOUT ROWID;

-- What the digest learns from the events, a little after they happened. `meta.digested` is the last event in it.
CREATE TABLE dossier_day (
  dossier INTEGER NOT NULL REFERENCES dossier,
  day     INTEGER NOT NULL,
  done    INTEGER NOT NULL DEFAULT 0,
  stopped INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (dossier, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE task_of_dossier (
  dossier INTEGER NOT NULL REFERENCES dossier,
  task    INTEGER NOT NULL REFERENCES task,
  PRIMARY KEY (dossier, task)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE task_words USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
-- With the sign of its office, U+E000 and up, which leaves out what is of another.
CREATE VIRTUAL TABLE dossier_words USING fts5 (words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3');
INSERT INTO dossier_words (rowid, words) SELECT id, char(57344 + office % 3200) || ' ' || code || ' ' || name FROM dossier;
CREATE TRIGGER dossier_words_add AFTER INSERT ON dossier BEGIN
  INSERT INTO dossier_words (rowid, words) VALUES (new.id, char(57344 + new.office % 3200) || ' ' || new.code || ' ' || new.name);
END;
CREATE TRIGGER dossier_words_change AFTER UPDATE OF code, name ON dossier BEGIN
  DELETE FROM dossier_words WHERE rowid = old.id;
  INSERT INTO dossier_words (rowid, words) VALUES (new.id, char(57344 + new.office % 3200) || ' ' || new.code || ' ' || new.name);
END;
-- How long attempts took: a histogram whose bucket b holds 2^(b/4) ms.
CREATE TABLE took (
  office  INTEGER NOT NULL REFERENCES office,
  package INTEGER NOT NULL REFERENCES package,
  kind    INTEGER NOT NULL REFERENCES kind,
  bucket  INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  PRIMARY KEY (office, package, kind, bucket)
) STRICT, WITHOUT ROWID;
-- How long tasks waited for their first attempt, by hour since 1970 UTC; buckets as above.
CREATE TABLE waited (
  office INTEGER NOT NULL REFERENCES office,
  hour   INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  PRIMARY KEY (office, hour, bucket)
) STRICT, WITHOUT ROWID;
-- What came in and how much work it was, by five minutes since 1970 UTC; kept for eight days.
CREATE TABLE load (
  office    INTEGER NOT NULL REFERENCES office,
  slot      INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0,
  work_ms   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (office, slot)
) STRICT, WITHOUT ROWID;

-- What the desk found wrong with itself. `subject` tells two alerts of one kind apart.
CREATE TABLE alert (
  id       INTEGER PRIMARY KEY,
  office   INTEGER REFERENCES office,
  kind     TEXT NOT NULL,
  subject  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  since    INTEGER NOT NULL,
  ended_at INTEGER CHECK (ended_at >= since)
) STRICT;
CREATE UNIQUE INDEX alert_now ON alert (kind, ifnull(office, 0), subject) WHERE ended_at IS NULL;

-- What a person is told in the console.
CREATE TABLE notice (
  id      INTEGER PRIMARY KEY,
  person  INTEGER NOT NULL REFERENCES person,
  office  INTEGER REFERENCES office,
  at      INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail  TEXT NOT NULL,
  read_at INTEGER
) STRICT;
CREATE INDEX notice_of ON notice (person, id);
-- Which reminders a waiting instruction has sent: 1 to the dossier's managers, 2 to the admins.
CREATE TABLE reminder (
  task  INTEGER NOT NULL REFERENCES task,
  since INTEGER NOT NULL,
  level INTEGER NOT NULL CHECK (level IN (1, 2)),
  PRIMARY KEY (task, since, level)
) STRICT, WITHOUT ROWID;

-- Work on many tasks at once: what was asked, and what became of each.
CREATE TABLE bulk (
  id         INTEGER PRIMARY KEY,
  office     INTEGER NOT NULL REFERENCES office,
  person     INTEGER NOT NULL REFERENCES person,
  verb       TEXT NOT NULL CHECK (verb IN ('restart','cancel','to_support','to_office')),
  note       TEXT,
  total      INTEGER NOT NULL CHECK (total > 0),
  started_at INTEGER NOT NULL,
  -- since when all of its tasks are written; nothing is done before
  opened_at  INTEGER,
  ended_at   INTEGER CHECK (ended_at IS NULL OR opened_at IS NOT NULL),
  stopped_by TEXT CHECK (stopped_by IS NULL OR ended_at IS NOT NULL)
) STRICT;
CREATE INDEX bulk_going_on ON bulk (id) WHERE ended_at IS NULL;
-- class: package and kind, as one number. outcome: NULL to do, '' done, else the code of the refusal.
-- released: restarted, and no connector has taken it yet
CREATE TABLE bulk_item (
  bulk     INTEGER NOT NULL REFERENCES bulk,
  task     INTEGER NOT NULL REFERENCES task,
  class    INTEGER NOT NULL,
  outcome  TEXT,
  released INTEGER NOT NULL DEFAULT 0 CHECK (released = 0 OR released = 1 AND outcome = ''),
  PRIMARY KEY (bulk, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_to_do ON bulk_item (bulk, class, task) WHERE outcome IS NULL;
CREATE INDEX bulk_released ON bulk_item (bulk, class) WHERE released = 1;

-- Work on every task of a cause or a code, in every office, that is not over: what it is, as JSON, and how far.
CREATE TABLE sweep (
  id         INTEGER PRIMARY KEY,
  body       TEXT NOT NULL,
  last_task  INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_by_office ON audit (office, id);

-- Active clients: dossiers by name, and who manages one.
CREATE INDEX dossier_by_name ON dossier (office, name COLLATE NOCASE, id);
CREATE INDEX manager_of ON dossier_manager (dossier);
