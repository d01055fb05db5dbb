use super::*;

/// The whole table in words, a line a door and a column a phase; who is not named on a line of their own is on `*`.
const TABLE: &str = "
    door        who                  none  announced  last_day  closed       lifted
    page        support              pass  warn       warn      warn         pass
    page        admin                pass  warn       warn      warn         pass
    page        operator             pass  warn       warn      maintenance  pass
    page        employee             pass  warn       warn      maintenance  pass
    page        client               pass  warn       warn      maintenance  pass
    page        candidate            pass  warn       warn      maintenance  pass
    page        *                    pass  pass       pass      pass         pass
    call        operator             pass  pass       pass      problem      pass
    call        employee             pass  pass       pass      problem      pass
    call        client               pass  pass       pass      problem      pass
    call        candidate            pass  pass       pass      problem      pass
    call        *                    pass  pass       pass      pass         pass
    stream      operator             pass  pass       pass      problem      pass
    stream      employee             pass  pass       pass      problem      pass
    stream      client               pass  pass       pass      problem      pass
    stream      candidate            pass  pass       pass      problem      pass
    stream      other_integration    pass  pass       pass      problem      pass
    stream      *                    pass  pass       pass      pass         pass
    delivery    other_integration    pass  pass       pass      problem      pass
    delivery    *                    pass  pass       pass      pass         pass
    sign_in     *                    pass  pass       pass      pass         pass
    public_form *                    pass  pass       pass      pass         pass
    activation  *                    pass  pass       pass      pass         pass
    file        *                    pass  pass       pass      pass         pass
    health      *                    pass  pass       pass      pass         pass
    greeting    *                    pass  pass       pass      pass         pass
    report      *                    pass  pass       pass      pass         pass
    alert_mail  *                    pass  pass       pass      pass         pass
    claim       *                    pass  warn       warn      wait         pass
    job_start   *                    pass  pass       pass      wait         pass
";

/// `ExemptIntegration` as `exempt_integration`.
fn snake(name: impl std::fmt::Debug) -> String {
    let mut out = String::new();
    for c in format!("{name:?}").chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out.replace("maintenance_page", "maintenance")
}

#[test]
fn every_cell_of_the_table() {
    let lines: Vec<Vec<&str>> = TABLE
        .lines()
        .map(|l| l.split_whitespace().collect::<Vec<_>>())
        .filter(|l| !l.is_empty())
        .collect();
    let mut cells = 0;
    for door in Door::ALL {
        for who in Who::ALL {
            let of_door = || lines.iter().filter(|l| l[0] == snake(door));
            let line = of_door()
                .find(|l| l[1] == snake(who))
                .or_else(|| of_door().find(|l| l[1] == "*"))
                .unwrap_or_else(|| panic!("no line for {door:?} {who:?}"));
            for (n, phase) in Phase::ALL.into_iter().enumerate() {
                assert_eq!(lines[0][n + 2], snake(phase));
                assert_eq!(
                    snake(verdict(who, door, phase)),
                    line[n + 2],
                    "{who:?} {door:?} {phase:?}"
                );
                cells += 1;
            }
        }
    }
    assert_eq!(cells, Door::ALL.len() * Who::ALL.len() * Phase::ALL.len());
    // no line of the table names what there is not
    assert!(
        lines[1..]
            .iter()
            .all(|l| Door::ALL.iter().any(|d| snake(d) == l[0]))
    );
}

fn downtime(closes_at: i64) -> Downtime {
    Downtime {
        id: 1,
        office: Some(7),
        announced_at: 0,
        closes_at,
        expected_until: None,
        reason: Reason::default(),
        closed_at: None,
        lifted_at: None,
    }
}

#[test]
fn it_closes_at_its_moment_and_opens_by_hand_only() {
    let mut d = downtime(10 * LAST_DAY_MS);
    for (now, phase) in [
        (0, Phase::Announced),
        (9 * LAST_DAY_MS - 1, Phase::Announced),
        (9 * LAST_DAY_MS, Phase::LastDay),
        (10 * LAST_DAY_MS - 1, Phase::LastDay),
        (10 * LAST_DAY_MS, Phase::Closed),
        (100 * LAST_DAY_MS, Phase::Closed),
    ] {
        assert_eq!(d.phase(now), phase, "{now}");
    }
    d.closed_at = Some(10 * LAST_DAY_MS);
    // the clock steps back
    assert_eq!(d.phase(0), Phase::Closed);
    d.lifted_at = Some(11 * LAST_DAY_MS);
    assert_eq!(d.phase(100 * LAST_DAY_MS), Phase::Lifted);
}

#[test]
fn of_two_the_one_that_shuts_out_counts() {
    let office = Downtime {
        expected_until: Some(9_000),
        ..downtime(1_000)
    };
    let platform = Downtime {
        id: 2,
        office: None,
        ..downtime(5_000)
    };
    let all = [office, platform];
    let at = |office, now| of_office(&all, Some(office), now).map(|d| d.id);
    assert_eq!(at(7, 0), Some(1), "the one that closes first");
    assert_eq!(at(7, 2_000), Some(1), "the one that is closed");
    assert_eq!(
        at(7, 6_000),
        Some(2),
        "of two that are closed the one whose end nobody knows"
    );
    assert_eq!(
        at(8, 0),
        Some(2),
        "another office is only touched by the platform's"
    );
    assert_eq!(of_office(&all, None, 0).map(|d| d.id), Some(2));
    assert_eq!(of_office(&all[..1], Some(8), 0), None);
}

#[test]
fn the_end_is_an_estimate() {
    let mut d = downtime(1_000_000);
    assert_eq!(d.retry_after(2_000_000), None);
    d.expected_until = Some(2_000_000);
    assert_eq!(d.retry_after(1_999_999), Some(1));
    assert_eq!(d.retry_after(1_000_000), Some(1000));
    assert_eq!(d.retry_after(2_000_000), None);
    assert!(!d.is_overrun(2_000_000 + OVERRUN_MS - 1));
    assert!(d.is_overrun(2_000_000 + OVERRUN_MS));
    assert_eq!(d.phase(3_000_000_000), Phase::Closed);
}

#[test]
fn a_reason_is_read_in_the_best_language_there_is() {
    let reason = Reason(vec![
        (Language::Nl, "Jaarwerk".into()),
        (Language::En, " Year-end ".into()),
        (Language::Fr, "  ".into()),
    ]);
    let read = |l, o| reason.read(l, o).map(|(_, t)| t);
    assert_eq!(read(Language::En, Language::Nl), Some("Year-end"));
    assert_eq!(read(Language::Fr, Language::Nl), Some("Jaarwerk"));
    assert_eq!(read(Language::Da, Language::Fr), Some("Year-end"));
    assert_eq!(Reason::default().read(Language::En, Language::En), None);
    let mut errors = vec![];
    Reason(vec![(Language::En, " ".into())]).check(&mut errors);
    assert_eq!(errors[0].field, "reason");
    errors.clear();
    Reason(vec![
        (Language::En, "two\nlines".into()),
        (Language::Nl, "x".repeat(1001)),
    ])
    .check(&mut errors);
    assert_eq!(
        errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(),
        ["reason_nl"]
    );
}
