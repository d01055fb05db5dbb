//! The page that those see who are shut out (D6, D7). It needs no database and no scripts of the site: all that it says
//! is in memory, and all that it is made of is in it.

use super::{LANGUAGE_COOKIE, language_of};
use crate::i18n::td_string;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use domain::{Language, Viewer, downtime::Downtime};
use engine::{Engine, Zone};

const STYLE: &str = include_str!("maintenance.css");
const SCRIPT: &str = include_str!("maintenance.js");

/// The page, as the answer to any request for a page. Its address stays: when the desk is open again, whoever waited is
/// where they wanted to go (D13).
pub fn page(engine: &Engine, parts: &Parts, viewer: Option<&Viewer>, closed: &Downtime) -> Response {
    let now = engine.now();
    let asked = parts.uri.query().and_then(|q| {
        let mut pairs = q.split('&');
        pairs.find_map(|p| Language::from_tag(p.strip_prefix("language=")?))
    });
    let reads = asked.or_else(|| reads(parts, viewer)).unwrap_or_default();
    let nonce: String = leptos::nonce::Nonce::new().to_string();
    let office = viewer.and_then(|v| v.office).or(closed.office);
    let html = Page {
        card: office.and_then(|o| engine.card(o)),
        person: viewer.map_or(0, |v| v.person),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        closed,
        now,
        reads,
    }
    .html(&nonce);
    let mut answer = Response::new(Body::from(html));
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if let Some(seconds) = closed.retry_after(now) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(language) = asked {
        let cookie = format!(
            "{LANGUAGE_COOKIE}={}; Path=/; SameSite=Lax; Max-Age=31536000",
            language.tag()
        );
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.insert(header::SET_COOKIE, cookie);
        }
    }
    answer
}

/// The language that a request asks for, or its reader chose.
pub(super) fn reads(parts: &Parts, viewer: Option<&Viewer>) -> Option<Language> {
    language_of(parts).or(viewer.map(|v| v.language))
}

struct Page<'a> {
    card: Option<engine::Card>,
    person: i64,
    path: &'a str,
    query: &'a str,
    closed: &'a Downtime,
    now: i64,
    reads: Language,
}

impl Page<'_> {
    fn html(&self, nonce: &str) -> String {
        let l = self.reads;
        let zone = Zone::of(self.card.as_ref().map_or("UTC", |c| c.zone.as_str()));
        let near = |at: i64| zone.moment(at).near(self.now, self.reads);
        let closed = self.closed;
        let own = self.card.as_ref().map_or(Language::En, |c| c.language);
        let again = match closed.expected_until.filter(|t| *t > self.now) {
            Some(until) => td_string!(l, downtime.m_again_at, when = near(until)).to_string(),
            None => td_string!(l, downtime.m_again).to_owned(),
        };
        let reason = closed.reason.read(self.reads, own).map(|(language, text)| {
            format!(
                "<span lang=\"{}\">{}</span> ",
                language.tag(),
                escape(text).replace('\n', "<br>")
            )
        });
        let contact = self.card.as_ref().filter(|c| !c.contact.is_empty()).map(|c| {
            let said = td_string!(l, downtime.m_contact, contact = c.contact.clone()).to_string();
            format!(
                "<h2>{}</h2><p class=\"soft\">{}</p>",
                td_string!(l, downtime.m_urgent),
                escape(&said)
            )
        });
        let since = near(closed.closed_at.unwrap_or(closed.closes_at));
        let since = td_string!(l, downtime.m_since, when = since).to_string();
        let languages: String = Language::ALL
            .into_iter()
            .filter(|other| *other != self.reads)
            .map(|other| {
                let (tag, name) = (other.tag(), other.own_name());
                // the rest of the address is where the reader wants to go
                let kept = self
                    .query
                    .split('&')
                    .filter(|p| !p.is_empty() && !p.starts_with("language="));
                let query: Vec<String> = kept
                    .map(str::to_owned)
                    .chain([format!("language={tag}")])
                    .collect();
                let href = escape(&format!("{}?{}", self.path, query.join("&")));
                format!("<a href=\"{href}\" lang=\"{tag}\" hreflang=\"{tag}\">{name}</a>")
            })
            .collect();
        format!(
            r##"<!doctype html><html lang="{tag}" data-person="{person}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>{title} · Nachtwacht</title><style nonce="{nonce}">{STYLE}</style></head><body><header><span class="mk" aria-hidden="true"><svg viewBox="0 0 16 16"><path d="M2 4h6M5 8h8M9 12h5"/></svg></span><bdi>{office}</bdi></header><main id="main"><h1>{title}</h1><p class="lead">{reason}{again}</p><p class="wait" role="status"><svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6" stroke-opacity=".28"/><path d="M8 2a6 6 0 0 1 6 6"/></svg><span>{wait}</span></p><section class="draft" id="draft" aria-labelledby="draft-h" hidden><h2 id="draft-h">{d_title}</h2><p>{d_lead}</p><dl id="typed"></dl><button type="button" id="copy">{d_copy}</button></section><h2>{can}</h2><ul><li>{forms}</li><li>{activate}</li><li>{alerts}</li></ul>{contact}</main><footer><span>{since}</span>{languages}<form method="post" action="/api/desk/sign_out"><button>{admin}</button></form></footer><script nonce="{nonce}">{SCRIPT}</script></body></html>"##,
            tag = self.reads.tag(),
            person = self.person,
            title = td_string!(l, downtime.m_title),
            office = escape(self.card.as_ref().map_or("Nachtwacht", |c| c.name.as_str())),
            reason = reason.unwrap_or_default(),
            again = escape(&again),
            wait = td_string!(l, downtime.m_wait),
            d_title = td_string!(l, downtime.d_title),
            d_lead = td_string!(l, downtime.d_lead),
            d_copy = td_string!(l, downtime.d_copy),
            can = td_string!(l, downtime.m_can),
            forms = td_string!(l, downtime.m_forms),
            activate = td_string!(l, downtime.m_activate),
            alerts = td_string!(l, downtime.m_alerts),
            contact = contact.unwrap_or_default(),
            since = escape(&since),
            admin = td_string!(l, downtime.m_admin),
        )
    }
}

/// Text as it stands in HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::downtime::Reason;

    fn html(reason: &str, reads: Language) -> String {
        let closed = Downtime {
            id: 1,
            office: Some(1),
            announced_at: 0,
            closes_at: 1_795_000_000_000,
            expected_until: Some(1_795_010_000_000),
            reason: Reason(vec![(Language::Nl, reason.into())]),
            closed_at: Some(1_795_000_000_000),
            lifted_at: None,
        };
        Page {
            card: None,
            person: 7,
            path: "/o/x\"><script>/tasks",
            query: "q=\"><script>",
            closed: &closed,
            now: 1_795_000_000_000,
            reads,
        }
        .html("n0nce")
    }

    #[test]
    fn what_people_typed_stays_text() {
        let page = html("<script>alert(1)</script> & \"more\"", Language::En);
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(!page.contains("x\"><script>"), "{page}");
        assert!(page.contains("<span lang=\"nl\">&lt;script&gt;"), "{page}");
    }

    #[test]
    fn it_is_small_and_whole_in_every_language() {
        for language in Language::ALL {
            let page = html(&"Jaarwerk. ".repeat(100), language);
            assert!(page.len() < 15 * 1024, "{language:?}: {} bytes", page.len());
            assert!(!page.contains("{{"), "{language:?}");
            assert!(page.contains(&format!("<html lang=\"{}\"", language.tag())));
        }
    }
}
