//! Whom the service believes about the address it is reached at: `X-Forwarded-*` counts from
//! trusted proxies alone, for anybody may send it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderName;
use axum::middleware::Next;
use axum::response::Response;

use crate::state::AppState;

const FORWARDED: [HeaderName; 4] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-prefix"),
];

/// Addresses that share their first bits (网段), as `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("network `{0}`: wanted an address such as 10.0.0.7 or a range such as 10.0.0.0/8")]
pub struct NetworkError(String);

impl Network {
    /// This machine itself, IPv4 and IPv6.
    pub const LOOPBACK: [Self; 2] = [
        Self {
            first: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)),
            bits: 8,
        },
        Self {
            first: IpAddr::V6(Ipv6Addr::LOCALHOST),
            bits: 128,
        },
    ];

    /// Whether the address is one of these.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (first, address, width) = match (self.first, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                (u128::from(a.to_bits()), u128::from(b.to_bits()), 32)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            _ => return false,
        };
        let differing = first ^ address;
        differing
            .checked_shr(width - u32::from(self.bits))
            .unwrap_or(0)
            == 0
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let width: u8 = if first.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().map_err(|_| wrong())?,
            None => width,
        };
        if bits > width {
            return Err(wrong());
        }
        Ok(Self { first, bits })
    }
}

/// Takes `X-Forwarded-*` from a request that comes from no trusted proxy. A request that came by
/// no connection is one of this process.
pub(crate) async fn forget_forwarded(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |peer| peer.0.ip());
    let trusted = &app.options().trusted_proxies;
    if !trusted.iter().any(|network| network.contains(peer)) {
        for name in &FORWARDED {
            request.headers_mut().remove(name);
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(address: &str, network: &str) -> bool {
        let network: Network = network.parse().unwrap();
        network.contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_holds_the_addresses_that_share_its_bits() {
        assert!(is_in("10.1.2.3", "10.0.0.0/8"));
        assert!(!is_in("11.1.2.3", "10.0.0.0/8"));
        assert!(is_in("::ffff:10.1.2.3", "10.0.0.0/8"));
        assert!(is_in("10.0.0.7", "10.0.0.7"));
        assert!(!is_in("10.0.0.8", "10.0.0.7"));
        assert!(is_in("8.8.8.8", "0.0.0.0/0"));
        assert!(!is_in("2001:db8::1", "0.0.0.0/0"));
        assert!(is_in("2001:db8::1", "2001:db8::/32"));
        assert!(is_in("2001:db8::1", "::/0"));
        assert!(
            Network::LOOPBACK
                .iter()
                .any(|n| n.contains("::1".parse().unwrap()))
        );
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "::/129",
            "proxy.example",
        ] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
