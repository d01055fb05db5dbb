//! What seals the secrets that the desk must be able to read again: the keys of second factors, passwords of mail servers.
//!
//! The key is a file beside the database (or a link there to wherever it is kept), made at the first start and never in a
//! backup: who has a copy of the database alone can read none of them. Secrets that are only compared are hashed instead ([`crate::secret`]).

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use store::{
    error::{Error, Result},
    secret,
};

/// The key's name in the data folder.
pub const FILE: &str = "nachtwacht.key";
/// A key starts with this.
const PREFIX: &str = "nwk_";
/// So many bytes say which key something was sealed with.
const MARK: usize = 4;

/// Seals and opens. The key never leaves it.
pub struct Vault {
    seals: LessSafeKey,
    derives: hmac::Key,
    mark: [u8; MARK],
}

/// Why something sealed cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Shut {
    /// It was sealed with another key: the key file is not the one of this database.
    #[error("it was sealed with another key")]
    OtherKey,
    /// It was changed since, or belongs to something else.
    #[error("it is damaged")]
    Damaged,
}

impl Vault {
    /// Reads the key of a file, which is made when it is missing.
    ///
    /// # Errors
    /// [`Error::Storage`] with a sentence for the person at the console.
    pub fn open(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => make(path)?,
            Err(e) => {
                let path = path.display();
                return Err(Error::Storage(format!("The key {path} cannot be read: {e}.")));
            }
        };
        let text = text.trim();
        if !text.starts_with(PREFIX) || secret::hash(text).is_none() {
            return Err(Error::Storage(format!(
                "{} is no key of Nachtwacht, or not a whole one. Put the right file there; move it away only if it is lost \
                 for good: second factors and passwords of mail servers then have to be set up anew.",
                path.display()
            )));
        }
        Self::of(text)
    }

    fn of(text: &str) -> Result<Self> {
        // one use, one key: what seals neither derives nor is named in what is sealed
        let part = |what: &str| secret::digest(&format!("{what} {text}"));
        let bad = |_| Error::Storage("The key cannot be used.".into());
        let seals = UnboundKey::new(&CHACHA20_POLY1305, &part("seal")).map_err(bad)?;
        let mut mark = [0; MARK];
        mark.copy_from_slice(&part("mark")[..MARK]);
        Ok(Self {
            seals: LessSafeKey::new(seals),
            derives: hmac::Key::new(hmac::HMAC_SHA256, &part("derive")),
            mark,
        })
    }

    /// Seals `plain`. It opens only as the same `what`, such as `mail password of office 3`: a row that is copied to
    /// another place opens nothing there.
    pub fn seal(&self, what: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let failed = || Error::Storage("a secret cannot be sealed".into());
        // by chance: 2³² secrets could be sealed before two are likely to share one
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| failed())?;
        let mut body = plain.to_vec();
        self.seals
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(what.as_bytes()),
                &mut body,
            )
            .map_err(|_| failed())?;
        Ok([&self.mark[..], &nonce, &body].concat())
    }

    /// Opens what [`Vault::seal`] sealed as `what`.
    pub fn unseal(&self, what: &str, sealed: &[u8]) -> std::result::Result<Vec<u8>, Shut> {
        let (mark, rest) = sealed.split_at_checked(MARK).ok_or(Shut::Damaged)?;
        if mark != self.mark {
            return Err(Shut::OtherKey);
        }
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(Shut::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Shut::Damaged)?;
        let mut body = body.to_vec();
        let open = self
            .seals
            .open_in_place(nonce, Aad::from(what.as_bytes()), &mut body);
        Ok(open.map_err(|_| Shut::Damaged)?.to_vec())
    }

    /// Whether something was sealed with this key.
    pub fn sealed(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(&self.mark)
    }

    /// Bytes that only this key gives for `what`, always the same: for what need not be stored at all.
    pub fn derive(&self, what: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.derives, what.as_bytes());
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }
}

/// A new key in a file that only its owner reads.
fn make(path: &Path) -> Result<String> {
    let text = secret::new(PREFIX);
    let write = || -> io::Result<()> {
        let mut file = File::options()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{text}")?;
        file.sync_all()?;
        // the name as well: what is sealed from now on must not outlive it
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|e| Error::Storage(format!("The key {} cannot be written: {e}.", path.display())))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_as_the_same_thing_only() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(FILE);
        let vault = Vault::open(&path).expect("made");
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let sealed = vault.seal("factor of person 1", b"open sesame").expect("sealed");
        assert!(!sealed.windows(4).any(|w| w == b"open"));
        assert_ne!(
            sealed,
            vault.seal("factor of person 1", b"open sesame").expect("sealed")
        );

        let again = Vault::open(&path).expect("read");
        assert_eq!(
            again.unseal("factor of person 1", &sealed).as_deref(),
            Ok(&b"open sesame"[..])
        );
        assert_eq!(again.unseal("factor of person 2", &sealed), Err(Shut::Damaged));
        for n in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[n] ^= 1;
            assert!(again.unseal("factor of person 1", &changed).is_err(), "byte {n}");
            assert!(
                again.unseal("factor of person 1", &sealed[..n]).is_err(),
                "{n} bytes"
            );
        }
        assert_eq!(again.derive("a"), vault.derive("a"));
        assert_ne!(again.derive("a"), vault.derive("b"));

        let other = Vault::open(&dir.path().join("other.key")).expect("made");
        assert_eq!(other.unseal("factor of person 1", &sealed), Err(Shut::OtherKey));
        assert_ne!(other.derive("a"), vault.derive("a"));
    }

    #[test]
    fn a_key_that_is_not_whole_is_refused_and_kept() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join(FILE);
        for text in [
            "",
            "nwk_",
            "nws_AAAA",
            &secret::new(PREFIX)[..40],
            &secret::new("nws_"),
        ] {
            fs::write(&path, text).expect("written");
            let Err(refused) = Vault::open(&path) else {
                panic!("{text:?} is taken for a key");
            };
            assert!(refused.to_string().contains("is no key"), "{refused}");
            assert_eq!(fs::read_to_string(&path).expect("read"), text);
        }
    }
}
