//! Who asks: the address of the connection, or what a trusted proxy says of it.

use axum::http::HeaderMap;
use domain::ClientAddress;
use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

/// An address, or all that begin like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let (own, theirs, width) = match (self.first, address) {
            (IpAddr::V4(own), IpAddr::V4(theirs)) => {
                (u128::from(own.to_bits()), u128::from(theirs.to_bits()), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(theirs)) => (own.to_bits(), theirs.to_bits(), 128),
            _ => return false,
        };
        (own ^ theirs).checked_shr(width - self.bits).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().map_err(|_| ())?)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| ())?;
        let width = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        (bits <= width).then_some(Self { first, bits }).ok_or(())
    }
}

/// The proxies whose word is believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[Network]>);

impl Proxies {
    /// These.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks.into())
    }

    /// Whether an address is one of theirs.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|n| n.contains(address.to_canonical()))
    }

    /// By which name a trusted proxy says that it was asked.
    pub fn host(&self, peer: IpAddr, headers: &HeaderMap) -> Option<PublicHost> {
        let said = headers.get("x-forwarded-host").filter(|_| self.contains(peer))?;
        // the proxy nearest to us wrote the last
        let last = said.to_str().ok()?.rsplit(',').next()?.trim();
        Some(PublicHost(last.to_owned()))
    }

    /// Who asks over a connection of `peer`. Each proxy writes on the right whom it was asked by; what stands left of
    /// the first that is not ours was written by strangers.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer.to_canonical();
        let lists = headers.get_all("x-forwarded-for").iter().rev();
        let mut said = lists.flat_map(|list| list.as_bytes().rsplit(|b| *b == b','));
        while self.contains(client) {
            // a proxy that does not say, or says nonsense, is the last who is known
            let Some(before) = said.next().and_then(address) else {
                break;
            };
            client = before;
        }
        ClientAddress::new(client)
    }
}

/// The name by which a client asked a trusted proxy.
#[derive(Clone, Debug)]
pub struct PublicHost(pub String);

/// An address as proxies write it: bare, in brackets, with a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let found = bare.unwrap_or(text).parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|a| a.ip());
    found.or_else(with_port).map(|a| a.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn proxies() -> Proxies {
        let networks = ["127.0.0.1", "10.1.0.0/16", "2001:db8::/32"];
        Proxies::new(networks.iter().map(|n| n.parse().unwrap()).collect())
    }

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for list in forwarded {
            headers.append(
                "x-forwarded-for",
                HeaderValue::from_bytes(list.as_bytes()).unwrap(),
            );
        }
        let peer = peer.parse().unwrap();
        proxies().client(peer, &headers).ip().to_string()
    }

    #[test]
    fn who_connects_is_the_client_unless_a_trusted_proxy_says_another() {
        assert_eq!(client("192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(
            client("192.0.2.1", &["198.51.100.9"]),
            "192.0.2.1",
            "a stranger's word"
        );
        assert_eq!(client("127.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(client("::ffff:127.0.0.1", &["198.51.100.9"]), "198.51.100.9");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn what_stands_left_of_the_first_stranger_is_not_believed() {
        let forged = "203.0.113.66, 198.51.100.9";
        assert_eq!(client("127.0.0.1", &[forged]), "198.51.100.9");
        assert_eq!(
            client("127.0.0.1", &["203.0.113.66", "198.51.100.9"]),
            "198.51.100.9",
            "the second header is the later"
        );
        assert_eq!(
            client("127.0.0.1", &["203.0.113.66, 198.51.100.9", "10.1.2.3"]),
            "198.51.100.9"
        );
        assert_eq!(
            client("127.0.0.1", &["203.0.113.66,198.51.100.9 , 10.1.2.3"]),
            "198.51.100.9"
        );
        assert_eq!(
            client("127.0.0.1", &["10.1.2.3, 10.1.2.4"]),
            "10.1.2.3",
            "all are ours"
        );
    }

    #[test]
    fn nonsense_is_nobody() {
        for junk in [
            "unknown",
            "",
            ",",
            "198.51.100.9, ",
            "198.51.100.9, x",
            "1.2.3",
            "' or 1=1",
            "1.2.3.4.5",
            "\u{e9}",
        ] {
            assert_eq!(client("127.0.0.1", &[junk]), "127.0.0.1", "{junk:?}");
        }
        assert_eq!(client("127.0.0.1", &["198.51.100.9, x, 10.1.2.3"]), "10.1.2.3");
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        assert_eq!(client("127.0.0.1", &["198.51.100.9:4711"]), "198.51.100.9");
        assert_eq!(client("127.0.0.1", &["[2a00::9]:4711"]), "2a00::9");
        assert_eq!(client("127.0.0.1", &["[2a00::9]"]), "2a00::9");
        assert_eq!(client("2001:db8:9::1", &["2a00::9"]), "2a00::9");
    }

    #[test]
    fn only_a_trusted_proxy_says_by_which_name_it_was_asked() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-host",
            HeaderValue::from_static("evil.example, desk.example"),
        );
        let host = |peer: &str| proxies().host(peer.parse().unwrap(), &headers).map(|h| h.0);
        assert_eq!(host("127.0.0.1").as_deref(), Some("desk.example"));
        assert_eq!(host("192.0.2.1"), None);
    }

    #[test]
    fn networks_have_edges() {
        for wrong in [
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "localhost",
            "",
        ] {
            assert_eq!(wrong.parse::<Network>(), Err(()), "{wrong}");
        }
        let inside = |network: &str, address: &str| {
            let network: Network = network.parse().unwrap();
            network.contains(address.parse().unwrap())
        };
        assert!(inside("10.0.0.0/8", "10.255.0.1") && !inside("10.0.0.0/8", "11.0.0.0"));
        assert!(inside("0.0.0.0/0", "192.0.2.1") && inside("::/0", "2a00::1"));
        assert!(!inside("0.0.0.0/0", "2a00::1"));
        assert!(inside("192.0.2.1", "192.0.2.1") && !inside("192.0.2.1", "192.0.2.2"));
    }
}
