-- Whether a dossier was activated, and whether it was put away; a file of dossiers that is being activated.

ALTER TABLE dossier ADD COLUMN activation TEXT NOT NULL DEFAULT 'active' CHECK (activation IN ('active','activating','not_activated'));
ALTER TABLE dossier ADD COLUMN archived_at INTEGER;

-- of those that are there: what no activation has brought about yet
UPDATE dossier SET activation = a.stage
  FROM (SELECT t.dossier, iif(max(t.state < 2), 'activating', 'not_activated') AS stage
        FROM task t WHERE t.kind = (SELECT id FROM kind WHERE code = 'activate_dossier')
        GROUP BY t.dossier HAVING max(t.state = 4) = 0) a
  WHERE a.dossier = dossier.id;

CREATE INDEX dossier_not_active ON dossier (office, activation) WHERE activation <> 'active';
CREATE INDEX dossier_archived ON dossier (office) WHERE archived_at IS NOT NULL;

-- A file of dossiers (X1.3, X1.4): as it was read, then as it was confirmed, and what became of each line.
CREATE TABLE dossier_import (
  -- never given again: an address that somebody kept must not show another file
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  office       INTEGER NOT NULL REFERENCES office,
  person       INTEGER NOT NULL REFERENCES person,
  file         TEXT NOT NULL,
  -- lines that can be activated
  total        INTEGER NOT NULL CHECK (total >= 0),
  -- what the page says of the others, as JSON
  said         TEXT NOT NULL,
  read_at      INTEGER NOT NULL,
  -- since when all of its lines are written; nothing is shown before
  opened_at    INTEGER,
  confirmed_at INTEGER CHECK (confirmed_at IS NULL OR opened_at IS NOT NULL),
  -- since when nothing of it is still to be made
  ended_at     INTEGER CHECK (ended_at IS NULL OR confirmed_at IS NOT NULL),
  stopped_by   TEXT CHECK (stopped_by IS NULL OR ended_at IS NOT NULL)
) STRICT;
CREATE INDEX dossier_import_going_on ON dossier_import (id) WHERE confirmed_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX dossier_import_of ON dossier_import (office, id);

-- outcome: NULL to do, '' made, else the key of what is in the way.
CREATE TABLE dossier_import_line (
  import  INTEGER NOT NULL REFERENCES dossier_import,
  line    INTEGER NOT NULL CHECK (line > 0),
  code    TEXT NOT NULL,
  name    TEXT NOT NULL,
  package TEXT NOT NULL,
  -- who is to manage it
  manager INTEGER REFERENCES person,
  outcome TEXT,
  task    INTEGER REFERENCES task CHECK (task IS NULL OR outcome = ''),
  -- made, and no connector has taken it yet
  waits   INTEGER NOT NULL DEFAULT 0 CHECK (waits = 0 OR waits = 1 AND task IS NOT NULL),
  PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX dossier_import_to_do ON dossier_import_line (import, package, line) WHERE outcome IS NULL;
CREATE INDEX dossier_import_waits ON dossier_import_line (import, package) WHERE waits = 1;
