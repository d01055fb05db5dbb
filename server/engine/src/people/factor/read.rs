//! What the page of the second factor shows.

use super::{codes_as, pending, resting, totp};
use crate::{desk::Engine, people::sessions::Held};
use domain::Viewer;
use qrcodegen::{QrCode, QrCodeEcc};
use store::{
    error::{Error, Result},
    factor,
    look::Look,
    people as rows, secret,
    zone::Zone,
};
use views::factor::{FactorPage, Qr, SetUp};

impl Engine {
    /// How the holder of a session stands with their second factor, also while it is still to come; `None` for nobody.
    pub async fn factor(&self, session: &str) -> Result<Option<FactorPage>> {
        let Some(held) = self.held(session).await? else {
            return Ok(None);
        };
        let person = held.viewer.person;
        let Some((email, _, _, has_password)) = rows::taste(&self.readers, person).await? else {
            return Ok(None);
        };
        let tried =
            move |w: Look<'_>| Ok((factor::codes_left(w.db, person)?, factor::tries(w.db, person)?.1));
        let (left, rest_until) = self.look(tried).await?;
        let set_up = match held.has_factor {
            true => None,
            false => Some(set_up(&totp::base32(&pending(&self.vault, session)), &email)?),
        };
        let codes = self.codes_to_show(&held, session).await?.is_some();
        let now = self.now();
        // who is half signed in is told nothing of their others
        let sessions = match held.viewer.role.is_outside() && !held.waits() {
            true => {
                self.own_sessions(&held.viewer, session, self.zone_of(&held.viewer))
                    .await?
            }
            false => vec![],
        };
        Ok(Some(FactorPage {
            sessions,
            waits: held.waits(),
            must: held.viewer.role.must_have_factor(),
            on: held.has_factor,
            demo: held.demo,
            set_up,
            rest: resting(rest_until, now).map(|seconds| seconds.div_ceil(60)),
            left,
            has_password,
            codes,
            name: held.viewer.name,
            email,
            role: held.viewer.role,
        }))
    }

    /// The recovery codes that the holder of a session has not put away yet, in groups; `None` where there are none to show.
    pub async fn recovery_codes(&self, session: &str) -> Result<Option<Vec<String>>> {
        match self.held(session).await?.filter(|h| !h.waits()) {
            Some(held) => self.codes_to_show(&held, session).await,
            None => Ok(None),
        }
    }

    /// The zone of a person's office.
    fn zone_of(&self, viewer: &Viewer) -> Zone {
        let card = viewer.office.and_then(|office| self.card(office));
        Zone::of(&card.map(|c| c.zone).unwrap_or_default())
    }

    async fn codes_to_show(&self, held: &Held, session: &str) -> Result<Option<Vec<String>>> {
        let hash = secret::hash(session).unwrap_or_default();
        let sealed = rows::codes(&self.readers, &hash, self.now()).await?;
        let plain = sealed.and_then(|s| self.vault.unseal(&codes_as(held.viewer.person), &s).ok());
        let words = plain.and_then(|p| String::from_utf8(p).ok());
        Ok(words.map(|w| w.split(' ').map(|code| totp::grouped(code, "-")).collect()))
    }
}

/// What apps are given (Key Uri Format): they show whose desk and which account it is.
fn set_up(key: &str, email: &str) -> Result<SetUp> {
    let address = format!(
        "otpauth://totp/Nachtwacht:{}?secret={key}&issuer=Nachtwacht",
        domain::text::for_url(email)
    );
    Ok(SetUp {
        picture: picture(&address)?,
        key: totp::grouped(key, " "),
        address,
    })
}

fn picture(text: &str) -> Result<Qr> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|e| Error::Storage(e.to_string()))?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let from = x;
            while code.get_module(x, y) {
                x += 1;
            }
            if x > from {
                path.push_str(&format!("M{from} {y}h{}v1H{from}z", x - from));
            }
            x += 1;
        }
    }
    Ok(Qr {
        size: code.size() as u32,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_dark_modules_and_no_others() {
        let text = "otpauth://totp/Nachtwacht:an@gent.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Nachtwacht";
        let drawn = picture(text).expect("it fits");
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits");
        let mut dark = std::collections::BTreeSet::new();
        for run in drawn.path.split('M').filter(|r| !r.is_empty()) {
            let (at, rest) = run.split_once('h').expect("a run");
            let (x, y) = at.split_once(' ').expect("a place");
            let n: i32 = rest
                .split('v')
                .next()
                .expect("a length")
                .parse()
                .expect("a number");
            let (x, y): (i32, i32) = (x.parse().expect("a number"), y.parse().expect("a number"));
            dark.extend((x..x + n).map(|x| (x, y)));
        }
        for y in 0..code.size() {
            for x in 0..code.size() {
                assert_eq!(dark.contains(&(x, y)), code.get_module(x, y), "{x} {y}");
            }
        }
        assert_eq!(drawn.size, code.size() as u32);
    }
}
