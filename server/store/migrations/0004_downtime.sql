-- Planned downtime (D1-D19): when the desk is closed, for an office or for the whole platform.

CREATE TABLE downtime (
  id             INTEGER PRIMARY KEY,
  -- NULL: every office
  office         INTEGER REFERENCES office,
  announced_at   INTEGER NOT NULL,
  announced_by   TEXT NOT NULL,
  closes_at      INTEGER NOT NULL CHECK (closes_at > announced_at),
  expected_until INTEGER CHECK (expected_until > closes_at),
  -- by language, as JSON
  reason         TEXT NOT NULL,
  -- rises with each change: the later of two editors is told
  version        INTEGER NOT NULL DEFAULT 1,
  -- latched when the moment came: a clock that steps back opens nothing
  closed_at      INTEGER CHECK (closed_at >= closes_at),
  lifted_at      INTEGER,
  lifted_by      TEXT,
  CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
) STRICT;
-- one at a time
CREATE UNIQUE INDEX downtime_open ON downtime (ifnull(office, 0)) WHERE lifted_at IS NULL;

-- Who has been told, of which moment: a moment that moves is told again (D4).
CREATE TABLE downtime_seen (
  downtime  INTEGER NOT NULL REFERENCES downtime,
  person    INTEGER NOT NULL REFERENCES person,
  closes_at INTEGER NOT NULL,
  PRIMARY KEY (downtime, person, closes_at)
) STRICT, WITHOUT ROWID;

-- Runs that a downtime moved to after its end (D16): whenever a job would be due at `from_at`, it is due at `to_at`.
CREATE TABLE job_shift (
  job      INTEGER NOT NULL REFERENCES job,
  from_at  INTEGER NOT NULL,
  to_at    INTEGER NOT NULL CHECK (to_at > from_at),
  downtime INTEGER NOT NULL REFERENCES downtime,
  PRIMARY KEY (job, from_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_by_time ON audit (at);
