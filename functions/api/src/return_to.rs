//! Where a browser may be sent after connecting: a path of the console, or a place at an origin that the deployer lists.

use runtime::{Code, Config, Problem};
use url::Url;

/// `text` as an absolute address, when it is allowed.
pub(crate) fn absolute(config: &Config, text: &str) -> Result<String, Problem> {
    let refused = || {
        Problem::new(
            Code::InvalidReturnTo,
            "return_to must be a path of the console or of an allowed origin.",
        )
    };
    if text.len() > 2000 || !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('\\') {
        return Err(refused());
    }
    if text.starts_with('/') {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte));
        return if plain && !text.contains("//") {
            Ok(format!("{}{text}", config.public_url))
        } else {
            Err(refused())
        };
    }
    let url = Url::parse(text).map_err(|_| refused())?;
    let origin = url.origin().ascii_serialization();
    let listed = config.return_origins.contains(&origin);
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    // The text itself must begin with the origin: nothing that only a lenient parser reads as one.
    let literal =
        text == origin || text.strip_prefix(&origin).is_some_and(|rest| rest.starts_with(['/', '?']));
    if listed && plain && literal { Ok(url.into()) } else { Err(refused()) }
}
