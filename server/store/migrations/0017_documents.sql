-- Documents that tasks name: what is too large for a payload, or is no text. In parts, so that neither the one writer
-- nor anybody's memory ever holds a whole one; in the database, so that a backup holds what its tasks need.

CREATE TABLE document (
  id      INTEGER PRIMARY KEY,
  office  INTEGER NOT NULL REFERENCES office,
  -- of what is in it, in hexadecimal; NULL while it comes in
  sha256  TEXT CHECK (length(sha256) = 64),
  bytes   INTEGER NOT NULL CHECK (bytes BETWEEN 1 AND 26214400),
  type    TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
  made_at INTEGER NOT NULL
) STRICT;
-- the same in one office is one document
CREATE UNIQUE INDEX document_same ON document (office, sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX document_room ON document (office, bytes);

CREATE TABLE document_part (
  document INTEGER NOT NULL REFERENCES document,
  n        INTEGER NOT NULL,
  bytes    BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 262144),
  PRIMARY KEY (document, n)
) STRICT;

CREATE TABLE task_document (
  task     INTEGER NOT NULL REFERENCES task,
  document INTEGER NOT NULL REFERENCES document,
  PRIMARY KEY (task, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_document_of ON task_document (document);
