//! The table of providers.

use domain::ProviderId;

use super::{ClientAuth, Identity, Provider, Revocation, Rotation, TokenBody};

const GOOGLE_REVOKE: Revocation = Revocation::Project("https://oauth2.googleapis.com/revoke");
/// Without the consent screen Google gives no second refresh token.
const GOOGLE_PARAMS: &[(&str, &str)] = &[("access_type", "offline"), ("prompt", "consent")];

/// One entry per provider, in the order of the public list.
pub static PROVIDERS: [Provider; 7] = [
    Provider {
        id: ProviderId::Notion,
        name: "Notion",
        variable: "NOTION",
        client_key: "notion",
        authorize_url: "https://api.notion.com/v1/oauth/authorize",
        token_url: "https://api.notion.com/v1/oauth/token",
        revocation: Revocation::Grant("https://api.notion.com/v1/oauth/revoke"),
        client_auth: ClientAuth::Basic,
        token_body: TokenBody::Json,
        pkce: false,
        authorize_params: &[("owner", "user")],
        scopes: &[],
        indispensable: &[],
        rotation: Rotation::Replaced,
        identity: Identity::NotionWorkspace,
        capabilities: &["tickets", "plan_export", "crm"],
    },
    google(
        ProviderId::GoogleCalendar,
        "Google Calendar",
        &[
            "openid",
            "email",
            "https://www.googleapis.com/auth/calendar.events",
            "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
        ],
        // The calendar to write to can be named without a list to choose from.
        &["https://www.googleapis.com/auth/calendar.events"],
        &["calendar_sync"],
    ),
    google(
        ProviderId::GoogleSheets,
        "Google Sheets",
        &[
            "openid",
            "email",
            "https://www.googleapis.com/auth/spreadsheets",
            "https://www.googleapis.com/auth/drive.metadata.readonly",
        ],
        &["https://www.googleapis.com/auth/spreadsheets"],
        &["campaign_sync"],
    ),
    google(
        ProviderId::Gmail,
        "Gmail",
        &["openid", "email", "https://www.googleapis.com/auth/gmail.metadata"],
        &["https://www.googleapis.com/auth/gmail.metadata"],
        &["reply_tracking"],
    ),
    Provider {
        id: ProviderId::Airtable,
        name: "Airtable",
        variable: "AIRTABLE",
        client_key: "airtable",
        authorize_url: "https://airtable.com/oauth2/v1/authorize",
        token_url: "https://airtable.com/oauth2/v1/token",
        revocation: Revocation::None,
        client_auth: ClientAuth::Basic,
        token_body: TokenBody::Form,
        pkce: true,
        authorize_params: &[],
        scopes: &[
            "data.records:read",
            "data.records:write",
            "schema.bases:read",
            "user.email:read",
            "webhook:manage",
        ],
        indispensable: &["data.records:read", "data.records:write", "schema.bases:read"],
        rotation: Rotation::Replaced,
        identity: Identity::AirtableUser,
        capabilities: &["campaign_sync"],
    },
    Provider {
        id: ProviderId::Mailchimp,
        name: "Mailchimp",
        variable: "MAILCHIMP",
        client_key: "mailchimp",
        authorize_url: "https://login.mailchimp.com/oauth2/authorize",
        token_url: "https://login.mailchimp.com/oauth2/token",
        revocation: Revocation::None,
        client_auth: ClientAuth::Body,
        token_body: TokenBody::Form,
        pkce: false,
        authorize_params: &[],
        scopes: &[],
        indispensable: &[],
        rotation: Rotation::Never,
        identity: Identity::MailchimpMetadata,
        capabilities: &["campaign_reports"],
    },
    Provider {
        id: ProviderId::Zoom,
        name: "Zoom",
        variable: "ZOOM",
        client_key: "zoom",
        authorize_url: "https://zoom.us/oauth/authorize",
        token_url: "https://zoom.us/oauth/token",
        revocation: Revocation::Grant("https://zoom.us/oauth/revoke"),
        client_auth: ClientAuth::Basic,
        token_body: TokenBody::Form,
        pkce: true,
        authorize_params: &[],
        // Zoom grants what the app is configured with and takes no scope parameter.
        scopes: &[],
        indispensable: &[],
        rotation: Rotation::Replaced,
        identity: Identity::ZoomUser,
        capabilities: &["attendance"],
    },
];

/// All Google products share one OAuth server and one client.
const fn google(
    id: ProviderId,
    name: &'static str,
    scopes: &'static [&'static str],
    indispensable: &'static [&'static str],
    capabilities: &'static [&'static str],
) -> Provider {
    Provider {
        id,
        name,
        variable: "GOOGLE",
        client_key: "google",
        authorize_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        revocation: GOOGLE_REVOKE,
        client_auth: ClientAuth::Body,
        token_body: TokenBody::Form,
        pkce: true,
        authorize_params: GOOGLE_PARAMS,
        scopes,
        indispensable,
        rotation: Rotation::Kept,
        identity: Identity::GoogleUser,
        capabilities,
    }
}
