//! Rows for benches.

use crate::error::Result;
use std::path::Path;

/// Writes `n` tasks of a thousand dossiers straight into the file of a desk that nobody has open: of each thousand
/// ten wait, two are orange, two red, the others done, one a second. For benches only: the events say nothing of
/// how they came there.
pub fn fill(dir: &Path, office: &str, n: i64) -> Result<()> {
    let db = rusqlite::Connection::open(dir.join(crate::FILE))?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;")?;
    let office: i64 = db.query_row("SELECT id FROM office WHERE code = ?1", [office], |r| r.get(0))?;
    let (package, kind): (i64, i64) = db.query_row(
        "SELECT (SELECT id FROM package WHERE code = 'adsolut'), (SELECT id FROM kind WHERE code = 'process_booking_proposal')",
        [],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )?;
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)";
    db.execute(
        &format!("{numbers} INSERT INTO dossier (office, code, name, package, created_at) SELECT ?2, 'X' || i, 'Filled ' || i, ?3, 0 FROM n"),
        rusqlite::params![1000, office, package],
    )?;
    let (task, seq, first, now): (i64, i64, i64, i64) = db.query_row(
        "SELECT ifnull((SELECT max(id) FROM task), 0), ifnull((SELECT max(seq) FROM event), 0), (SELECT min(id) FROM dossier WHERE code = 'X1'),
           ifnull((SELECT max(at) FROM event), 0)",
        [],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
    )?;
    let p = rusqlite::params![n, office, kind, task, seq, first, now];
    let state =
        "CASE WHEN i % 1000 < 10 THEN 0 WHEN i % 1000 < 12 THEN 2 WHEN i % 1000 < 14 THEN 3 ELSE 4 END";
    db.execute(
        &format!("{numbers} INSERT INTO task (id, office, dossier, kind, state, tries, attempts, releases, open, cancel_asked, backoff_ms, holder,
               last_seq, delivered_at, changed_at, follows, subject, idempotency_key)
             SELECT ?4 + i, ?2, ?6 + i % 1000, ?3, {state}, 1, 1, 0, 0, 0, 0, 1, ?5 + i, ?7 - (?1 - i) * 1000, ?7 - (?1 - i) * 1000,
               NULL, 'doc' || i || '.pdf', NULL FROM n"),
        p,
    )?;
    db.execute(
        &format!("{numbers} INSERT INTO event (seq, office, task, at, before, what)
             SELECT ?5 + i, ?2, ?4 + i, ?7 - (?1 - i) * 1000, NULL, CASE {state} WHEN 0 THEN '\"delivered\"' WHEN 4 THEN '{{\"succeeded\":{{\"n\":1}}}}'
               WHEN 2 THEN '{{\"action_required\":{{\"n\":1,\"failure\":{{\"code\":\"period_not_open\"}}}}}}'
               ELSE '{{\"failed\":{{\"n\":1,\"failure\":{{\"code\":\"database_error\"}}}}}}' END FROM n WHERE ?3 = ?3 AND ?6 = ?6"),
        p,
    )?;
    db.execute_batch(
        "INSERT OR IGNORE INTO failure (task, code, params, cause_key, version)
           SELECT id, iif(state = 2, 'period_not_open', 'database_error'), '{\"period\":\"201802\"}', iif(state = 2, 'adsolut.period_not_open', 'adsolut.database_error'), 1
           FROM task WHERE state IN (2, 3);
         INSERT OR IGNORE INTO task_of_dossier (dossier, task) SELECT dossier, id FROM task;
         INSERT INTO task_words (rowid, words) SELECT id, char(57344 + office % 3200) || ' ' || char(60544 + dossier % 3200) || ' ' || subject
           FROM task WHERE subject LIKE 'doc%.pdf';
         INSERT INTO meta (key, value) SELECT 'digested', max(seq) FROM event WHERE 1 ON CONFLICT DO UPDATE SET value = excluded.value;
         PRAGMA wal_checkpoint(TRUNCATE);",
    )?;
    Ok(())
}
