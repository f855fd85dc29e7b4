//! What `POST /v1/listen` may be asked.

use super::{Refused, bad_request, refused};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde_json::Value;
use url::{Host, Url};

const MODELS: &[&str] = &[
    "nova-3",
    "nova-3-general",
    "nova-3-medical",
    "nova-2",
    "nova-2-general",
    "nova-2-meeting",
    "nova-2-finance",
    "nova-2-conversationalai",
    "nova-2-voicemail",
    "nova-2-video",
    "nova-2-medical",
    "nova-2-drivethru",
    "nova-2-automotive",
    "nova",
    "nova-general",
    "nova-phonecall",
    "nova-medical",
    "enhanced",
    "enhanced-general",
    "enhanced-meeting",
    "enhanced-phonecall",
    "enhanced-finance",
    "base",
    "meeting",
    "phonecall",
    "finance",
    "conversationalai",
    "voicemail",
    "video",
];
/// The ports that callbacks may go to, besides any port of the machine itself.
const PORTS: &[u16] = &[80, 443, 8080, 8443];

const FLAGS: &[&str] = &[
    "sentiment",
    "topics",
    "intents",
    "detect_entities",
    "diarize",
    "dictation",
    "filler_words",
    "measurements",
    "multichannel",
    "numerals",
    "paragraphs",
    "profanity_filter",
    "punctuate",
    "smart_format",
    "utterances",
    "mip_opt_out",
];
const FREE: &[&str] = &[
    "extra",
    "tag",
    "custom_topic",
    "custom_intent",
    "detect_language",
    "keyterm",
    "keywords",
    "language",
    "language_hint",
    "redact",
    "replace",
    "search",
    "summarize",
    "version",
];
const ENCODINGS: &[&str] = &["linear16", "flac", "mulaw", "amr-nb", "amr-wb", "opus", "speex", "g729"];

/// What the transcript should look like.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent switches of the address")]
pub(super) struct Options {
    pub(super) diarize: bool,
    pub(super) punctuate: bool,
    pub(super) utterances: bool,
    pub(super) paragraphs: bool,
    pub(super) model: String,
}

/// A valid request.
#[derive(Debug)]
pub(super) struct Listen {
    pub(super) media_url: String,
    pub(super) callback: Option<Url>,
    pub(super) method: Method,
    pub(super) options: Options,
}

impl Listen {
    pub(super) fn read(request: &Request<Bytes>) -> Result<Self, Refused> {
        let mut read = Self {
            media_url: media_url(request)?,
            callback: None,
            method: Method::POST,
            options: Options::default(),
        };
        let query = request.uri().query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            read.parameter(&name, &value)?;
        }
        Ok(read)
    }

    fn parameter(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let wrong =
            || bad_request(format!("Bad Request: invalid value `{value}` for query parameter `{name}`."));
        let known = |known: &[&str]| if known.contains(&value) { Ok(()) } else { Err(wrong()) };
        match name {
            "callback" => self.callback = Some(callback_url(value)?),
            "callback_method" => {
                known(&["POST", "PUT", "post", "put"])?;
                self.method = if value.eq_ignore_ascii_case("put") { Method::PUT } else { Method::POST };
            }
            "model" => {
                known(MODELS)?;
                value.clone_into(&mut self.options.model);
            }
            "encoding" => known(ENCODINGS)?,
            "diarize_model" => {
                known(&["latest", "v1", "v2"])?;
                self.options.diarize = true;
            }
            "custom_topic_mode" | "custom_intent_mode" => known(&["extended", "strict"])?,
            "utt_split" => {
                value.parse::<f64>().map_err(|_| wrong())?;
            }
            flag if FLAGS.contains(&flag) => {
                known(&["true", "false"])?;
                self.switch(flag, value == "true");
            }
            free if FREE.contains(&free) && !value.is_empty() => {}
            _ => return Err(bad_request(format!("Bad Request: unknown or empty query parameter `{name}`."))),
        }
        Ok(())
    }

    fn switch(&mut self, flag: &str, on: bool) {
        match flag {
            "diarize" => self.options.diarize = on,
            "utterances" => self.options.utterances = on,
            "punctuate" => self.options.punctuate |= on,
            "paragraphs" => self.options.paragraphs |= on,
            "smart_format" => {
                self.options.punctuate |= on;
                self.options.paragraphs |= on;
            }
            _ => {}
        }
    }
}

fn media_url(request: &Request<Bytes>) -> Result<String, Refused> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        let message = "Uploaded audio is not part of this stand-in: send JSON with a url.";
        return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    let body: Value = serde_json::from_slice(request.body())
        .map_err(|_| bad_request("Bad Request: the body is not JSON."))?;
    let only_url =
        body.as_object().filter(|object| object.len() == 1).and_then(|object| object.get("url")?.as_str());
    let url = only_url.ok_or_else(|| {
        bad_request("Bad Request: the body should be an object with a `url` and nothing else.")
    })?;
    match Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => Ok(url.to_owned()),
        _ => Err(bad_request("Bad Request: the url is not an http address.")),
    }
}

fn callback_url(text: &str) -> Result<Url, Refused> {
    let wrong =
        || bad_request("Bad Request: callback should be an http address on port 80, 443, 8080 or 8443.");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let port = url.port_or_known_default().unwrap_or_default();
    let reachable = matches!(url.scheme(), "http" | "https") && (PORTS.contains(&port) || is_loopback(&url));
    if reachable { Ok(url) } else { Err(wrong()) }
}

/// Whether an address is one of the machine itself.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
