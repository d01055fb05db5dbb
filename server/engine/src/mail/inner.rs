//! Which addresses belong to the network inside, or to this very computer: an office's mail server is none of them, unless
//! the operator of the desk says so (`--mail-allow-private`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Not an address of the internet.
pub fn is_inner(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_inner_v4(v4),
        IpAddr::V6(v6) => is_inner_v6(v6),
    }
}

fn is_inner_v4(a: Ipv4Addr) -> bool {
    let [first, second, ..] = a.octets();
    a.is_private()
        || a.is_loopback()
        || a.is_link_local()
        || a.is_multicast()
        // this network, carriers' own, for benchmarks, reserved, to everybody
        || first == 0
        || (first == 100 && (64..128).contains(&second))
        || (first == 198 && (18..20).contains(&second))
        || first >= 240
}

fn is_inner_v6(a: Ipv6Addr) -> bool {
    let [first, second, ..] = a.segments();
    // an address of IPv4 that is carried in one of IPv6
    let carried = |from: usize| {
        let o = a.octets();
        is_inner_v4(Ipv4Addr::new(o[from], o[from + 1], o[from + 2], o[from + 3]))
    };
    a.is_loopback()
        || a.is_unspecified()
        || a.is_multicast()
        || a.is_unique_local()
        || a.is_unicast_link_local()
        || (first & 0xffc0 == 0xfec0)
        || (first == 0x2002 && carried(2))
        || (first == 0x64 && second == 0xff9b && carried(12))
        || (a.segments()[..6] == [0; 6] && carried(12))
}

/// A name that says by itself that it is inside.
pub(crate) fn is_inner_name(host: &str) -> bool {
    let bare = host.trim_matches(['[', ']']).trim_end_matches('.');
    bare == "localhost" || bare.ends_with(".localhost") || bare.parse().is_ok_and(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_told_from_the_internet() {
        for inside in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "2002:7f00:1::",
            "64:ff9b::a00:1",
            "::7f00:1",
        ] {
            assert!(is_inner(inside.parse().unwrap()), "{inside}");
            assert!(is_inner_name(inside), "{inside}");
        }
        for outside in [
            "192.0.2.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2a00::25",
            "64:ff9b::808:808",
        ] {
            assert!(!is_inner(outside.parse().unwrap()), "{outside}");
        }
        for name in ["localhost", "mail.localhost", "localhost."] {
            assert!(is_inner_name(name), "{name}");
        }
        assert!(!is_inner_name("smtp.example.com"));
    }
}
