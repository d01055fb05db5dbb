//! Letters put into words: subject, text and HTML, in the language of whoever gets them (S5).

use crate::components::job::run_in;
use crate::i18n::td_string;
use domain::{
    Language,
    mail::{FactorTold, Letter, TaskTold},
};

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// For readers of plain text.
    pub text: String,
    /// For everybody else.
    pub html: String,
}

/// What a letter is about beside its own words.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Who gets it; empty for an address that is nobody's here.
    pub name: &'a str,
    /// The office's name.
    pub office: &'a str,
    /// ... and its code in paths.
    pub code: &'a str,
    /// Where the desk is, without a slash at the end.
    pub address: &'a str,
    /// The path that ends the subscription.
    pub unsubscribe: Option<&'a str>,
}

/// A letter's parts, before they are laid out.
#[derive(Default)]
struct Parts {
    subject: String,
    paragraphs: Vec<String>,
    /// What, and where it leads.
    list: Vec<(String, String)>,
    more: Option<String>,
    button: Option<(String, String)>,
}

/// Puts a letter into words.
pub fn write(letter: &Letter, language: Language, about: About<'_>) -> Written {
    let l = language;
    let parts = parts(letter, language, l, about);
    let hello = (!about.name.is_empty())
        .then(|| td_string!(l, mail.l_hello, name = about.name.to_owned()).to_string());
    let foot = td_string!(l, mail.l_foot, office = about.office.to_owned()).to_string();
    let stop = about.unsubscribe.map(|path| {
        (
            td_string!(l, mail.l_stop).to_owned(),
            format!("{}{path}", about.address),
        )
    });
    Written {
        text: as_text(&parts, hello.as_deref(), &foot, stop.as_ref()),
        html: as_html(&parts, language, hello.as_deref(), &foot, stop.as_ref()),
        subject: parts.subject,
    }
}

fn parts(letter: &Letter, language: Language, l: Language, about: About<'_>) -> Parts {
    let office = || about.office.to_owned();
    let at = |path: &str| format!("{}/o/{}/{path}", about.address, about.code);
    let link = |path: &str| format!("{}{path}", about.address);
    let waiting = "tasks?status=action_required";
    match letter {
        Letter::Test => Parts {
            subject: td_string!(l, mail.l_test_s).into(),
            paragraphs: vec![td_string!(l, mail.l_test).into()],
            ..Parts::default()
        },
        Letter::Invitation { link: path } => Parts {
            subject: td_string!(l, mail.l_inv_s, office = office()).to_string(),
            paragraphs: vec![td_string!(l, mail.l_inv, office = office()).to_string()],
            button: Some((td_string!(l, mail.l_inv_b).into(), link(path))),
            ..Parts::default()
        },
        Letter::Reset { link: path } => Parts {
            subject: td_string!(l, mail.l_reset_s).into(),
            paragraphs: vec![td_string!(l, mail.l_reset).into()],
            button: Some((td_string!(l, mail.l_reset_b).into(), link(path))),
            ..Parts::default()
        },
        Letter::Factor { what } => of_factor(what, l, link("/")),
        Letter::Action { tasks } | Letter::Reminder { tasks } | Letter::Escalated { tasks } => {
            let count = tasks.len();
            let subject = match letter {
                Letter::Action { .. } => td_string!(l, mail.l_action_s, count = count).to_string(),
                Letter::Reminder { .. } => td_string!(l, mail.l_remind_s, count = count).to_string(),
                _ => td_string!(l, mail.l_escal_s, count = count).to_string(),
            };
            Parts {
                subject,
                paragraphs: vec![td_string!(l, mail.l_action).into()],
                list: named(tasks, &at),
                more: more(l, tasks),
                button: Some((td_string!(l, mail.l_action_b).into(), at(waiting))),
            }
        }
        Letter::SilentConnector { name } => Parts {
            subject: td_string!(l, mail.l_silent_s, name = name.clone()).to_string(),
            paragraphs: vec![td_string!(l, mail.l_silent).into()],
            button: Some((td_string!(l, mail.l_silent_b).into(), at("connectors"))),
            ..Parts::default()
        },
        Letter::JobReport {
            description,
            run,
            state,
            ended,
        } => Parts {
            subject: td_string!(
                l,
                mail.l_job_s,
                job = description.clone(),
                state = run_in(l, *state)
            )
            .to_string(),
            paragraphs: vec![td_string!(l, mail.l_job, when = ended.full(language)).to_string()],
            button: Some((
                td_string!(l, mail.l_job_b).into(),
                at(&format!("jobs/runs/{run}")),
            )),
            ..Parts::default()
        },
        Letter::Digest {
            needs,
            with_support,
            tasks,
        } => {
            let (needs, red) = (*needs as usize, *with_support as usize);
            let need = (needs > 0).then(|| td_string!(l, mail.l_digest_need, count = needs).to_string());
            let red = (red > 0).then(|| td_string!(l, mail.l_digest_red, count = red).to_string());
            Parts {
                subject: td_string!(l, mail.l_digest_s, office = office()).to_string(),
                paragraphs: need.into_iter().chain(red).collect(),
                list: named(tasks, &at),
                more: more(l, tasks),
                button: Some((td_string!(l, mail.l_action_b).into(), at(waiting))),
            }
        }
        Letter::DowntimeAnnounced {
            closes,
            expected,
            reason,
        } => {
            let back = expected
                .map(|until| td_string!(l, downtime.pop_back, when = until.full(language)).to_string());
            let said = [reason.clone(), td_string!(l, mail.l_down).to_owned()];
            Parts {
                subject: td_string!(l, mail.l_down_s, when = closes.full(language)).to_string(),
                paragraphs: said.into_iter().filter(|s| !s.is_empty()).chain(back).collect(),
                button: Some((td_string!(l, mail.l_open).into(), link("/"))),
                ..Parts::default()
            }
        }
        Letter::DowntimeOver { called_off } => {
            let (subject, said) = if *called_off {
                (td_string!(l, mail.l_off_s), td_string!(l, mail.l_off))
            } else {
                (td_string!(l, mail.l_over_s), td_string!(l, mail.l_over))
            };
            Parts {
                subject: subject.into(),
                paragraphs: vec![said.into()],
                button: Some((td_string!(l, mail.l_open).into(), link("/"))),
                ..Parts::default()
            }
        }
    }
}

/// What became of somebody's second factor, and what to do if it was not them.
fn of_factor(what: &FactorTold, l: Language, home: String) -> Parts {
    let (subject, said) = match what {
        FactorTold::On => (
            td_string!(l, factor.l_on_s),
            td_string!(l, factor.l_on).to_owned(),
        ),
        FactorTold::Off => (
            td_string!(l, factor.l_off_s),
            td_string!(l, factor.l_off).to_owned(),
        ),
        FactorTold::TakenOff { by } => {
            let server = td_string!(l, factor.l_server);
            let who = if by.is_empty() { server } else { by.as_str() };
            let said = td_string!(l, factor.l_taken, who = who.to_owned()).to_string();
            (td_string!(l, factor.l_off_s), said)
        }
        FactorTold::Rest { minutes } => {
            let said = td_string!(l, factor.l_rest, n = *minutes).to_string();
            (td_string!(l, factor.l_rest_s), said)
        }
        FactorTold::Recovery { left } => {
            let said = td_string!(l, factor.l_recovery, count = *left).to_string();
            (td_string!(l, factor.l_recovery_s), said)
        }
    };
    Parts {
        subject: subject.into(),
        paragraphs: vec![said, td_string!(l, factor.l_not_you).into()],
        button: Some((td_string!(l, mail.l_open).into(), home)),
        ..Parts::default()
    }
}

/// Tasks named in a mail; of more the number.
const NAMED: usize = 10;

fn named(tasks: &[TaskTold], at: &impl Fn(&str) -> String) -> Vec<(String, String)> {
    let line = |t: &TaskTold| {
        (
            format!("{}: {}", t.dossier, t.what),
            at(&format!("tasks/{}", t.task)),
        )
    };
    tasks.iter().take(NAMED).map(line).collect()
}

fn more(l: Language, tasks: &[TaskTold]) -> Option<String> {
    let rest = tasks.len().saturating_sub(NAMED);
    (rest > 0).then(|| td_string!(l, mail.l_more, count = rest).to_string())
}

fn as_text(p: &Parts, hello: Option<&str>, foot: &str, stop: Option<&(String, String)>) -> String {
    let mut out: Vec<String> = hello.map(ToOwned::to_owned).into_iter().collect();
    out.extend(p.paragraphs.iter().cloned());
    let lines: Vec<String> = p
        .list
        .iter()
        .map(|(what, to)| format!("- {what}\n  {to}"))
        .chain(p.more.clone())
        .collect();
    if !lines.is_empty() {
        out.push(lines.join("\n"));
    }
    out.extend(p.button.iter().map(|(label, to)| format!("{label}:\n{to}")));
    let stop = stop
        .map(|(label, to)| format!("\n{label}: {to}"))
        .unwrap_or_default();
    out.push(format!("--\n{foot}{stop}"));
    out.join("\n\n") + "\n"
}

fn as_html(
    p: &Parts,
    language: Language,
    hello: Option<&str>,
    foot: &str,
    stop: Option<&(String, String)>,
) -> String {
    use super::maintenance::escape;
    let paragraph = |t: &str| {
        format!(
            "<p style=\"margin:0 0 14px\">{}</p>",
            escape(t).replace('\n', "<br>")
        )
    };
    let body: String = hello
        .into_iter()
        .chain(p.paragraphs.iter().map(String::as_str))
        .map(paragraph)
        .collect();
    let items: String = p
        .list
        .iter()
        .map(|(what, to)| {
            format!(
                "<li style=\"margin:0 0 6px\"><a href=\"{}\" style=\"color:#2A4FC4\">{}</a></li>",
                escape(to),
                escape(what)
            )
        })
        .chain(p.more.iter().map(|m| format!("<li>{}</li>", escape(m))))
        .collect();
    let list = if items.is_empty() {
        String::new()
    } else {
        format!("<ul style=\"margin:0 0 18px;padding-left:20px\">{items}</ul>")
    };
    let button = p.button.as_ref().map(|(label, to)| {
        format!(
            "<p style=\"margin:22px 0\"><a href=\"{}\" style=\"background:#2A4FC4;color:#fff;text-decoration:none;font-weight:600;padding:11px 18px;border-radius:6px;display:inline-block\">{}</a></p>",
            escape(to),
            escape(label)
        )
    });
    let stop = stop.map(|(label, to)| {
        format!(
            " <a href=\"{}\" style=\"color:#5F646C\">{}</a>",
            escape(to),
            escape(label)
        )
    });
    format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><title>{subject}</title></head><body style=\"margin:0;background:#F6F6F3;color:#16181C;font:15px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif\"><div style=\"max-width:560px;margin:0 auto;padding:28px 20px\"><p style=\"font-weight:600;margin:0 0 18px\">Nachtwacht</p><div style=\"background:#fff;border:1px solid #E3E3DE;border-radius:10px;padding:24px\"><h1 style=\"font-size:20px;margin:0 0 14px\">{subject}</h1>{body}{list}{button}</div><p style=\"color:#5F646C;font-size:13px;margin:16px 0 0\">{foot}{stop}</p></div></body></html>",
        tag = language.tag(),
        subject = escape(&p.subject),
        button = button.unwrap_or_default(),
        foot = escape(foot),
        stop = stop.unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::TaskId;

    const ABOUT: About<'static> = About {
        name: "Emma",
        office: "Halden & Vos",
        code: "gent",
        address: "https://desk.example",
        unsubscribe: Some("/forms/unsubscribe/abc"),
    };

    #[test]
    fn every_letter_is_whole_in_every_language() {
        let task = TaskTold {
            task: TaskId(7),
            dossier: "Bakkerij <De Smet>".into(),
            what: "Open booking period 2018-02".into(),
        };
        let moment = domain::Moment {
            at: 1_795_000_000_000,
            offset: 60,
        };
        for letter in [
            Letter::Test,
            Letter::Invitation {
                link: "/sign-in/x".into(),
            },
            Letter::Reset {
                link: "/sign-in/x".into(),
            },
            Letter::Action {
                tasks: vec![task.clone(); 12],
            },
            Letter::Reminder {
                tasks: vec![task.clone()],
            },
            Letter::Escalated { tasks: vec![task] },
            Letter::SilentConnector {
                name: "Gent 2".into(),
            },
            Letter::JobReport {
                description: "Nets".into(),
                run: 3,
                state: domain::job::RunState::Finished,
                ended: moment,
            },
            Letter::Digest {
                needs: 2,
                with_support: 1,
                tasks: vec![],
            },
            Letter::DowntimeAnnounced {
                closes: moment,
                expected: Some(moment),
                reason: "Year-end".into(),
            },
            Letter::DowntimeOver { called_off: true },
            Letter::DowntimeOver { called_off: false },
        ] {
            let mut subjects = vec![];
            for language in Language::ALL {
                let w = write(&letter, language, ABOUT);
                assert!(
                    !w.subject.is_empty() && !w.text.contains("{{") && !w.html.contains("{{"),
                    "{letter:?} {language:?}"
                );
                assert!(w.text.contains("https://desk.example/forms/unsubscribe/abc"));
                assert!(!w.html.contains("<De Smet>"), "{}", w.html);
                subjects.push(w.subject);
            }
            subjects.dedup();
            assert!(
                subjects.len() > 1 || matches!(letter, Letter::JobReport { .. }),
                "{subjects:?}"
            );
        }
    }

    #[test]
    fn tasks_are_named_and_the_rest_counted() {
        let task = |n| TaskTold {
            task: TaskId(n),
            dossier: format!("D{n}"),
            what: "W".into(),
        };
        let w = write(
            &Letter::Action {
                tasks: (1..=12).map(task).collect(),
            },
            Language::En,
            ABOUT,
        );
        assert_eq!(w.subject, "12 tasks need your action");
        assert!(
            w.text.contains("- D1: W\n  https://desk.example/o/gent/tasks/1"),
            "{}",
            w.text
        );
        assert!(
            w.text.contains("and 2 more") && !w.text.contains("D11"),
            "{}",
            w.text
        );
    }
}
