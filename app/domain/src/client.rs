//! Where a request comes from, as far as limits of those who are not signed in go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address of the program that asks: the accepted connection's, or what a trusted proxy says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// An address; one of IPv4 that is written as one of IPv6 is that of IPv4.
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The address.
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// What limits count by: an address of IPv4 whole, of IPv6 its /64, which is one subscriber's.
    pub fn key(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        }
    }
}

impl Default for ClientAddress {
    /// Nobody's: a request that came over no connection.
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> String {
        ClientAddress::new(address.parse().unwrap()).key().to_string()
    }

    #[test]
    fn a_subscriber_is_counted_once() {
        assert_eq!(key("192.0.2.7"), "192.0.2.7");
        assert_eq!(key("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(key("2001:db8:1:2::9"), "2001:db8:1:2::");
        assert_ne!(key("2001:db8:1:3::9"), "2001:db8:1:2::");
        assert_eq!(ClientAddress::default().key().to_string(), "0.0.0.0");
    }
}
