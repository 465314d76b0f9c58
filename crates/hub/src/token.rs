//! Which URLs a token may be sent to.

use fluxhop_http::Url;

/// The hub whose Spaces have hosts of their own.
const HUGGING_FACE: &str = "huggingface.co";
/// The domain suffix of these hosts.
const SPACE_HOSTS: &str = ".hf.space";

/// Returns whether a token that was given for `owner` may be sent to `url`.
///
/// It may if `url` has the same origin and is reached over https or on the loopback interface. A
/// token for `https://huggingface.co` may also be sent to the hosts of its Spaces,
/// `https://*.hf.space`.
///
/// ```
/// use fluxhop_http::Url;
/// use fluxhop_hub::may_receive_token;
///
/// let hub = Url::parse("https://huggingface.co")?;
/// assert!(may_receive_token(&hub, &Url::parse("https://owner-name.hf.space/")?));
/// assert!(!may_receive_token(&hub, &Url::parse("http://owner-name.hf.space/")?));
/// assert!(!may_receive_token(&hub, &Url::parse("https://cdn.example.org/")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn may_receive_token(owner: &Url, url: &Url) -> bool {
    let is_https = url.scheme() == "https";
    let is_own = owner.origin() == url.origin() && (is_https || is_loopback(url));
    is_own || (is_https && is_space_host(owner, url))
}

fn is_space_host(owner: &Url, url: &Url) -> bool {
    let is_hugging_face = owner.scheme() == "https" && owner.host_str() == Some(HUGGING_FACE);
    let is_space = url
        .host_str()
        .is_some_and(|host| host.ends_with(SPACE_HOSTS));
    is_hugging_face && is_space && url.port().is_none()
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = |ip: std::net::IpAddr| ip.is_loopback();
    host == "localhost" || address.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_origin_and_space_hosts_receive_the_token() {
        let hub = "https://huggingface.co";
        for (owner, url, expected) in [
            (hub, "https://huggingface.co/api/models/a/b", true),
            (hub, "https://a-b.hf.space/", true),
            (hub, "http://huggingface.co/", false),
            (hub, "http://a-b.hf.space/", false),
            (hub, "https://a-b.hf.space:8443/", false),
            (hub, "https://hf.space.example.org/", false),
            (hub, "https://evilhf.space/", false),
            (hub, "https://huggingface.co:444/", false),
            ("https://hub.example.org", "https://a-b.hf.space/", false),
            ("https://hub.example.org", "https://hub.example.org/x", true),
            ("http://hub.example.org", "http://hub.example.org/", false),
            ("http://127.0.0.1:1", "http://127.0.0.1:1/x", true),
            ("http://127.0.0.1:1", "http://127.0.0.1:2/x", false),
            ("http://[::1]:1", "http://[::1]:1/", true),
            ("http://localhost:1", "http://localhost:1/", true),
            ("http://10.0.0.7", "http://10.0.0.7/", false),
        ] {
            let parse = |text| Url::parse(text).expect("a URL");
            assert_eq!(
                may_receive_token(&parse(owner), &parse(url)),
                expected,
                "{owner} {url}"
            );
        }
    }
}
