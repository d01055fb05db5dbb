//! Backup and restore (S6): the copy holds what was answered, and a desk that begins anew gives nothing twice.

use crate::desk;

use desk::{booking, code, desk, done, ids, look, person};
use domain::{OfficeId, Role, TaskState};
use engine::{
    backup::{Restored, copy, restore},
    testing::{TestDesk, support},
};
use rusqlite::Connection;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use tempfile::TempDir;

const TAKEN: i64 = 1_800_000_000_000;

/// Copies the desk of `dir`, and begins one from it in another folder.
async fn moved(dir: &TempDir, desk: &TestDesk, now: i64) -> (TempDir, TestDesk, Restored) {
    let (file, other) = (
        dir.path().join(format!("{now}.backup")),
        tempfile::tempdir().unwrap(),
    );
    copy(dir.path(), &file, TAKEN).unwrap();
    let restored = restore(&file, other.path(), now).await.unwrap();
    let begun = TestDesk::again(other.path(), desk.clock.clone()).await.unwrap();
    (other, begun, restored)
}

fn sentence<T: std::fmt::Debug>(answer: engine::Result<T>) -> String {
    answer.expect_err("it is refused").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn r24_a_copy_taken_under_work_holds_what_was_answered_before() {
    let (dir, desk) = desk().await.unwrap();
    let (engine, office) = (desk.engine.clone(), desk.office);
    let deliver = move |engine: std::sync::Arc<engine::Engine>, office: OfficeId| async move {
        for n in 0..200 {
            let dossier = format!("D{}", n % 3 + 1);
            engine.deliver(office, vec![booking(&dossier)]).await.unwrap();
        }
    };
    let busy = tokio::spawn(deliver(engine.clone(), office));
    for round in 0..5 {
        let before = engine.last_seq().await.unwrap();
        let file = dir.path().join(format!("{round}.backup"));
        let (from, to) = (dir.path().to_owned(), file.clone());
        tokio::task::spawn_blocking(move || copy(&from, &to, TAKEN))
            .await
            .unwrap()
            .unwrap();
        let db = Connection::open(&file).unwrap();
        let copied: i64 = db
            .query_row("SELECT ifnull(max(seq), 0) FROM event", [], |r| r.get(0))
            .unwrap();
        let (tasks, events): (i64, i64) = db
            .query_row(
                "SELECT (SELECT count(*) FROM task), (SELECT count(*) FROM event)",
                [],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
            .unwrap();
        assert!(copied >= before, "{copied} of at least {before}");
        assert_eq!((tasks, events), (copied, copied), "as of one moment");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    busy.await.unwrap();
}

#[tokio::test]
async fn r25_after_a_restore_no_lease_and_no_number_is_given_twice() {
    let (dir, desk) = desk().await.unwrap();
    desk.deliver(vec![booking("D1"), booking("D2"), booking("D3")])
        .await
        .unwrap();
    let before = desk.claim(1).await.unwrap().remove(0);
    let (_one, one, restored) = moved(&dir, &desk, TAKEN + 60_000).await;
    assert_eq!(
        restored,
        Restored {
            taken_at: Some(TAKEN),
            last_event_at: desk.engine.now(),
            connectors: 1,
            open_tasks: 3,
            mails: 0
        }
    );
    // what was under way is nobody's now, and nothing is handed out before a person has looked
    assert_eq!(code(&one.report(&before, done()).await.unwrap()), "stale_lease");
    assert!(one.claim(10).await.unwrap().is_empty());
    one.clock.pass(120_000);
    one.engine.ready().await.unwrap();
    assert_eq!(
        one.engine.task(one.office, before.id).await.unwrap().status,
        TaskState::Failed
    );
    one.engine
        .let_go(&support(), one.office, one.connector)
        .await
        .unwrap();
    let handed = one.claim(10).await.unwrap();
    assert_eq!(ids(&handed), [2, 3]);

    // numbers that were given after the copy was taken
    let later = desk.deliver(vec![booking("D1")]).await.unwrap()[0];
    let first = one.deliver(vec![booking("D1")]).await.unwrap()[0];
    assert!(first > later + 1_000_000, "{first} after {later}");
    let last = one.engine.last_seq().await.unwrap();
    assert!(last > desk.engine.last_seq().await.unwrap() + 1_000_000);

    // another desk from the same copy takes no lease of the first for its own
    let (_two, two, _) = moved(&dir, &desk, TAKEN + 90_000).await;
    two.engine
        .let_go(&support(), two.office, two.connector)
        .await
        .unwrap();
    let again = two.claim(10).await.unwrap();
    for task in &handed {
        assert!(again.iter().all(|a| a.lease != task.lease));
        assert_eq!(code(&two.report(task, done()).await.unwrap()), "stale_lease");
    }

    // nor a number that the first may have given
    let other = two.deliver(vec![booking("D1")]).await.unwrap()[0];
    assert!(other > first, "{other} after {first}");

    // and a desk that is restored once more goes on from there
    let (_three, three, _) = moved(&_one, &one, TAKEN + 120_000).await;
    let next = three.deliver(vec![booking("D2")]).await.unwrap()[0];
    assert!(next > first, "{next} after {first}");
}

#[tokio::test]
async fn a_restore_signs_everybody_out_and_keeps_mails_and_is_in_the_log() {
    let (dir, desk) = desk().await.unwrap();
    let mia = person(Role::Admin, desk.office);
    look(&desk.engine)
        .execute_batch(
            "INSERT INTO person (id, office, email, name, role, language, created_at) VALUES (7, 1, 'mia@example.com', 'Mia', 'admin', 'en', 0);
             INSERT INTO session (hash, person, created_at, expires_at) VALUES (zeroblob(32), 7, 0, 9000000000000);
             INSERT INTO mail (office, email, name, language, letter, kind, made_at, next_at) VALUES (1, 'a@b', 'A', 'en', '\"test\"', 'test', 0, 5);",
        )
        .unwrap();
    let held = desk.engine.add_connector(desk.office, "Gent 2").await.unwrap();
    desk.engine
        .hold(&mia, desk.office, held, "Their server moves")
        .await
        .unwrap();
    let (_other, begun, restored) = moved(&dir, &desk, TAKEN).await;
    assert_eq!((restored.mails, restored.connectors), (1, 2));
    let db = look(&begun.engine);
    let one = |sql: &str| db.query_row(sql, [], |r| r.get::<_, i64>(0)).unwrap();
    assert_eq!(one("SELECT count(*) FROM session"), 0);
    assert_eq!(
        one("SELECT count(*) FROM mail WHERE next_at IS NULL AND error IS NOT NULL"),
        1
    );
    assert_eq!(
        one("SELECT count(*) FROM audit WHERE what = 'restore' AND office = 1 AND person = 0"),
        1
    );
    // why a person held one back is not forgotten
    assert_eq!(one("SELECT count(*) FROM connector WHERE held_by = ''"), 1);
    assert_eq!(
        one("SELECT count(*) FROM connector WHERE held_by = 'Mia' AND held_reason = 'Their server moves'"),
        1
    );
    // a copy that another program makes of it must not say that it is of then
    assert_eq!(one("SELECT count(*) FROM meta WHERE key = 'backed_up_at'"), 0);

    // what the desk would tell people by itself waits, what somebody asks for goes
    db.execute_batch(
        "INSERT INTO smtp (office, host, port, security, username, password, sender, address) VALUES (1, 'localhost', 25, 'none', '', '', 'desk@example.com', 'https://desk.example.com');
         INSERT INTO mail (office, email, name, language, letter, kind, made_at, next_at) VALUES
           (1, 'a@b', 'A', 'en', '\"test\"', 'action', 0, 5), (1, 'a@b', 'A', 'en', '\"test\"', 'reset', 0, 5);",
    )
    .unwrap();
    assert_eq!(begun.engine.due_mail().await.unwrap().len(), 1);
    begun
        .engine
        .let_go(&support(), begun.office, begun.connector)
        .await
        .unwrap();
    assert_eq!(begun.engine.due_mail().await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_there_is_never_written_over() {
    let (dir, desk) = desk().await.unwrap();
    let file = dir.path().join("backup");
    fs::write(&file, "a letter").unwrap();
    assert!(
        sentence(copy(dir.path(), &file, TAKEN)).contains("is there already, and nothing is written over")
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "a letter");
    let good = dir.path().join("good");
    copy(dir.path(), &good, TAKEN).unwrap();
    // a desk at work, one that stands still, and a log that somebody forgot to move
    assert!(
        sentence(restore(&good, dir.path(), TAKEN).await)
            .contains("Another Nachtwacht uses this data folder")
    );
    drop(desk);
    let kept = fs::read(dir.path().join(engine::FILE)).unwrap();
    assert!(sentence(restore(&good, dir.path(), TAKEN).await).contains("nachtwacht.db is there already"));
    assert_eq!(fs::read(dir.path().join(engine::FILE)).unwrap(), kept);
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("nachtwacht.db-wal"), "log").unwrap();
    assert!(
        sentence(restore(&good, other.path(), TAKEN).await).contains("nachtwacht.db-wal is there already")
    );
}

#[tokio::test]
async fn what_is_no_whole_backup_of_ours_makes_no_desk() {
    let (dir, desk) = desk().await.unwrap();
    desk.deliver((0..500).map(|_| booking("D1")).collect())
        .await
        .unwrap();
    let good = dir.path().join("good");
    copy(dir.path(), &good, TAKEN).unwrap();
    let with = |name: &str, change: &dyn Fn(&Path)| {
        let file = dir.path().join(name);
        fs::copy(&good, &file).unwrap();
        change(&file);
        file
    };
    let cut = with("cut", &|f| {
        let file = fs::File::options().write(true).open(f).unwrap();
        file.set_len(fs::metadata(f).unwrap().len() / 2).unwrap();
    });
    let hurt = with("hurt", &|f| {
        let mut bytes = fs::read(f).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 20_000].fill(0x5A);
        fs::write(f, bytes).unwrap();
    });
    let newer = with("newer", &|f| {
        let later = "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
                     VALUES (9999, 'later', '2030-01-01', 1, x'00', 1)";
        Connection::open(f).unwrap().execute(later, []).unwrap();
    });
    let letter = with("letter", &|f| fs::write(f, "Dear diary, ".repeat(1000)).unwrap());
    let empty = with("empty", &|f| fs::write(f, "").unwrap());
    let none = dir.path().join("none");
    for (file, said) in [
        (&cut, "damaged"),
        (&hurt, "damaged"),
        (&newer, "is newer than this program"),
        (&letter, "is not a database of Nachtwacht"),
        (&empty, "is not a database of Nachtwacht"),
        (&none, "cannot be read"),
    ] {
        let other = tempfile::tempdir().unwrap();
        let sentence = sentence(restore(file, other.path(), TAKEN).await);
        assert!(sentence.contains(said), "{}: {sentence}", file.display());
        let left: Vec<_> = fs::read_dir(other.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .filter(|n| n != "nachtwacht.lock")
            .collect();
        assert!(left.is_empty(), "{}: {left:?}", file.display());
    }
    // a folder without a desk has nothing to copy
    let nothing = tempfile::tempdir().unwrap();
    assert!(sentence(copy(nothing.path(), &dir.path().join("x"), TAKEN)).contains("holds no desk"));
    assert!(!nothing.path().join(engine::FILE).exists());
    assert!(sentence(copy(dir.path(), Path::new("/no/such/folder/x"), TAKEN)).contains("cannot be written"));
}
