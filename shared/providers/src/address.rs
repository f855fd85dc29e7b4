//! Addresses that users give: only what the whole Internet may see is called on their behalf.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use url::{Host, Url};

/// Longest address in bytes.
const MAX_LENGTH: usize = 2000;

/// An https address on the public Internet, as far as its text tells.
///
/// A name may still resolve to a private address: whoever connects itself must check the address it connects to. The
/// addresses of recordings are handed to the speech provider, which fetches them from its own network.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

/// Why an address is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute address.
    #[error("this is not an absolute URL")]
    Malformed,
    /// Over 2,000 bytes.
    #[error("the URL is longer than 2000 bytes")]
    TooLong,
    /// Not https.
    #[error("only https URLs are allowed")]
    NotHttps,
    /// A user name or password in the address.
    #[error("the URL must not hold credentials")]
    Credentials,
    /// A port other than 443 and 8443.
    #[error("only the ports 443 and 8443 are allowed")]
    Port,
    /// A host that is not on the public Internet.
    #[error("the host is not on the public Internet")]
    Host,
}

impl PublicUrl {
    /// The address as it is sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Without the query: signed addresses carry their secret there.
impl fmt::Debug for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicUrl({})", self.0.origin().ascii_serialization())
    }
}

impl FromStr for PublicUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAX_LENGTH {
            return Err(AddressError::TooLong);
        }
        // The parser drops these silently, so that two readers could see two different hosts.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(AddressError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| AddressError::Malformed)?;
        if url.scheme() != "https" {
            return Err(AddressError::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        if !matches!(url.port(), None | Some(8443)) {
            return Err(AddressError::Port);
        }
        match url.host() {
            Some(host) if is_public(&host) => Ok(Self(url)),
            _ => Err(AddressError::Host),
        }
    }
}

/// Whether `host`, as it stands in an address, is this machine.
pub fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

fn is_public(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_public_name(name),
        Host::Ipv4(address) => is_public_address(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_public_address(IpAddr::V6(*address)),
    }
}

/// Names of a private network have no dot or end in one of these; the rest are clouds' names for their metadata.
fn is_public_name(name: &str) -> bool {
    const METADATA: [&str; 3] =
        ["metadata.packet.net", "metadata.platformequinix.com", "metadata.tencentyun.com"];
    const PRIVATE: [&str; 18] = [
        "localhost",
        "local",
        "localdomain",
        "internal",
        "intranet",
        "private",
        "corp",
        "home",
        "lan",
        "mail",
        "arpa",
        "svc",
        "cluster",
        "consul",
        "alt",
        "test",
        "invalid",
        "onion",
    ];
    let name = name.strip_suffix('.').unwrap_or(name);
    !METADATA.contains(&name)
        && name
            .rsplit_once('.')
            .is_some_and(|(rest, last)| !rest.is_empty() && !last.is_empty() && !PRIVATE.contains(&last))
}

/// Whether `address` belongs to the public Internet: neither private nor special in any registry.
pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private, loopback, multicast and reserved.
        [0 | 10 | 127 | 224..=255, ..] | [172, 16..=31, ..] | [192, 168, ..]
        // Carrier-grade NAT, link-local with the clouds' metadata.
        | [100, 64..=127, ..] | [169, 254, ..]
        // Azure's own services, which its machines reach at a public address.
        | [168, 63, 129, 16]
        // Protocols, relays, benchmarks and documentation.
        | [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    };
    !special
}

/// Only global unicast (`2000::/3`) is public, without the parts that embed or document other addresses.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
