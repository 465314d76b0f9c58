//! The guard that keeps requests for untrusted URLs out of private networks.
//!
//! A URL from an untrusted source (an image's URL in a server's response) may refer to this machine,
//! its network, or a cloud's metadata service. The guard checks a URL's scheme and host, every
//! address that a name resolves to when connecting, and each redirect. Literal addresses are checked
//! separately from names because reqwest does not resolve them.
//!
//! A proxy resolves names and connects itself, so only schemes, literal addresses and names are
//! checked if one is used; the proxy must guard the resolved addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::error::{Error, ErrorKind};

/// Rejects a URL by its scheme, literal address or name.
pub(crate) fn check_url(url: &Url) -> Result<(), Error> {
    let blocked = |message: String| Err(Error::new(ErrorKind::Blocked, message).with_url(url));
    if !matches!(url.scheme(), "http" | "https") {
        return blocked(format!(
            "the scheme {:?} is not http or https",
            url.scheme()
        ));
    }
    let address = match url.host() {
        None => return blocked("the URL has no host".to_owned()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let is_local = name == "localhost" || name.ends_with(".localhost");
            return if is_local {
                blocked("the host is the local machine".to_owned())
            } else {
                Ok(())
            };
        }
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
    };
    match check_address(address) {
        Ok(()) => Ok(()),
        Err(error) => blocked(error.to_string()),
    }
}

/// An address that does not belong to a public host.
#[derive(Debug, thiserror::Error)]
#[error("the address {address} is not public: {reason}")]
pub(crate) struct BlockedAddress {
    address: IpAddr,
    reason: &'static str,
}

/// Rejects an address that is not a public unicast address.
pub(crate) fn check_address(address: IpAddr) -> Result<(), BlockedAddress> {
    let reason = match address {
        IpAddr::V4(v4) => special_purpose_v4(v4),
        IpAddr::V6(v6) => special_purpose_v6(v6),
    };
    reason.map_or(Ok(()), |reason| Err(BlockedAddress { address, reason }))
}

/// Follows IANA's special-purpose address registries (RFC 6890), as the standard library's unstable
/// `is_global` does.
fn special_purpose_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [0, ..] => Some("unspecified"),
        [127, ..] => Some("loopback"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("private"),
        [100, 64..=127, ..] => Some("carrier-grade NAT"),
        [169, 254, ..] => Some("link-local"),
        [192, 0, 0, _] => Some("protocol assignments"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("documentation"),
        [192, 88, 99, _] => Some("6to4 relay"),
        [198, 18..=19, ..] => Some("benchmarking"),
        [224..=239, ..] => Some("multicast"),
        [240..=255, ..] => Some("reserved"),
        _ => None,
    }
}

fn special_purpose_v6(address: Ipv6Addr) -> Option<&'static str> {
    let v4 = |high: u16, low: u16| {
        special_purpose_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("loopback"),
        // An IPv4 address inside: mapped, translated (RFC 2765), NAT64, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => v4(high, low),
        // Otherwise only 2000::/3 is global unicast, except for some reserved ranges.
        [0x64, 0xff9b, 1, ..] => Some("local NAT64"),
        [0xfc00..=0xfdff, ..] => Some("private"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        [0x2001, 0..=0x1ff, ..] => Some("protocol assignments"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some("documentation"),
        [0x2000..=0x3fff, ..] => None,
        _ => Some("reserved"),
    }
}

/// Resolves names with the system resolver, and rejects a name if any of its addresses is not
/// public. The connection uses the addresses that were checked.
pub(crate) struct GuardedResolver;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // reqwest sets the port.
            let addresses: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            for address in &addresses {
                check_address(address.ip())?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_not_public_are_blocked() {
        for url in [
            "http://localhost/",
            "http://LOCALHOST:8080/",
            "http://localhost./",
            "http://a.localhost/",
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://0.0.0.0/",
            "http://0.1.2.3/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://172.31.255.255/",
            "http://192.168.1.1/",
            "http://100.64.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://192.0.0.1/",
            "http://192.0.2.1/",
            "http://198.51.100.1/",
            "http://203.0.113.1/",
            "http://198.18.0.1/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[::]/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:a00:1]/",
            "http://[::ffff:0:127.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::10.0.0.1]/",
            "http://[64:ff9b:1::1]/",
            "http://[2002:7f00:1::]/",
            "http://[2002:c0a8:101::1]/",
            "http://[2001::1]/",
            "http://[2001:db8::1]/",
            "http://[3fff::1]/",
            "http://[100::1]/",
            "http://[fc00::1]/",
            "http://[fd12:3456::1]/",
            "http://[fe80::1]/",
            "http://[fec0::1]/",
            "http://[ff02::1]/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "data:text/plain,a",
        ] {
            let error = check_url(&Url::parse(url).unwrap()).expect_err(url);
            assert_eq!(error.kind(), ErrorKind::Blocked, "{url}");
        }
    }

    #[test]
    fn public_hosts_are_allowed() {
        for url in [
            "https://example.com/a",
            "http://localhost.example.com/",
            "http://mylocalhost/",
            "http://1.1.1.1/",
            "http://172.32.0.1/",
            "http://172.15.0.1/",
            "http://100.128.0.1/",
            "http://169.253.0.1/",
            "http://[2606:4700:4700::1111]/",
            "http://[::ffff:1.1.1.1]/",
            "http://[64:ff9b::1.1.1.1]/",
            "http://[2002:101:101::1]/",
        ] {
            check_url(&Url::parse(url).unwrap()).expect(url);
        }
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_blocked() {
        // Resolves without a network.
        let name = "localhost".parse().unwrap();
        let error = GuardedResolver.resolve(name).await.err().expect("blocked");
        assert!(error.is::<BlockedAddress>(), "{error}");
    }
}
