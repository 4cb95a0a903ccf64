//! The private-use schemes that redirect URIs may have (RFC 8252 section 7.1).
//!
//! Any reversed domain name is accepted, because it has an owner. A scheme without a dot has no owner: only those of
//! known apps are accepted, and those that the operator adds. Schemes that browsers or operating systems handle are
//! never accepted, because a redirect to them would run code, open files or start other programs.

use oauth::Error;

/// Schemes without a dot that widely used apps use: editors and agents that support MCP, Expo's development client, and
/// API tools.
const APPS: [&str; 19] = [
    "claude",
    "code-oss",
    "cursor",
    "exp",
    "goose",
    "insomnia",
    "jetbrains",
    "kiro",
    "obsidian",
    "postman",
    "raycast",
    "trae",
    "vscode",
    "vscode-insiders",
    "vscodium",
    "warp",
    "windsurf",
    "windsurf-next",
    "zed",
];

/// Schemes that browsers and operating systems handle themselves.
const RESERVED: [&str; 84] = [
    "about",
    "afp",
    "android-app",
    "app-settings",
    "apt",
    "blob",
    "brave",
    "callto",
    "cid",
    "content",
    "data",
    "devtools",
    "dict",
    "dns",
    "edge",
    "facetime",
    "facetime-audio",
    "feed",
    "file",
    "filesystem",
    "ftp",
    "ftps",
    "geo",
    "git",
    "gopher",
    "hcp",
    "help",
    "http",
    "https",
    "imap",
    "intent",
    "irc",
    "ircs",
    "jar",
    "javascript",
    "jnlp",
    "jnlps",
    "ldap",
    "ldaps",
    "livescript",
    "magnet",
    "mailto",
    "maps",
    "market",
    "mhtml",
    "mid",
    "mk",
    "mms",
    "mmsto",
    "mocha",
    "news",
    "nfs",
    "nntp",
    "opera",
    "package",
    "pop",
    "prefs",
    "res",
    "resource",
    "rsync",
    "rtsp",
    "search",
    "sftp",
    "shell",
    "shortcuts",
    "sip",
    "sips",
    "smb",
    "sms",
    "smsto",
    "ssh",
    "steam",
    "svn",
    "tel",
    "telnet",
    "urn",
    "vbscript",
    "view-source",
    "vivaldi",
    "wais",
    "webcal",
    "ws",
    "wss",
    "xmpp",
];

/// Prefixes of families of such schemes (`ms-settings`, `chrome-extension`, `x-apple.systempreferences`).
const RESERVED_PREFIXES: [&str; 10] =
    ["chrome", "itms", "moz-", "ms-", "safari-", "search-ms", "web+", "webkit-", "x-apple", "x-webdoc"];

/// The accepted schemes.
#[derive(Debug, Default)]
pub(crate) struct Schemes {
    added: Vec<String>,
}

impl Schemes {
    /// The built-in schemes and `added`. Fails if one of those can never be accepted.
    pub(crate) fn with(added: Vec<String>) -> Result<Self, Error> {
        match added.iter().find(|scheme| is_reserved(scheme)) {
            Some(scheme) => {
                Err(Error::fault(format!("REDIRECT_SCHEMES: browsers or operating systems handle {scheme} themselves")))
            }
            None => Ok(Self { added }),
        }
    }

    /// Whether a redirect URI may have this scheme, given in lower case.
    pub(crate) fn accept(&self, scheme: &str) -> bool {
        let is_known = || APPS.contains(&scheme) || self.added.iter().any(|added| added == scheme);
        !is_reserved(scheme) && (is_reversed_domain(scheme) || is_known())
    }
}

fn is_reserved(scheme: &str) -> bool {
    RESERVED.contains(&scheme) || RESERVED_PREFIXES.iter().any(|prefix| scheme.starts_with(prefix))
}

fn is_reversed_domain(scheme: &str) -> bool {
    let label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    scheme.contains('.') && scheme.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(scheme: &str) -> bool {
        Schemes::with(vec!["notes".to_owned(), "tasks".to_owned()]).unwrap().accept(scheme)
    }

    #[test]
    fn apps_have_a_reversed_domain_or_a_known_name() {
        for scheme in ["com.example.app", "com.googleusercontent.apps.123-abc", "cursor", "vscode-insiders", "notes"] {
            assert!(accepts(scheme), "{scheme}");
        }
        for scheme in ["myapp", "vscode-evil", "a..b", "com.example.-app", "com.example+app", "note"] {
            assert!(!accepts(scheme), "{scheme}");
        }
    }

    #[test]
    fn schemes_that_browsers_and_systems_handle_are_never_accepted() {
        for scheme in [
            "javascript",
            "data",
            "blob",
            "file",
            "intent",
            "search-ms",
            "ms-settings",
            "ms-word",
            "vbscript",
            "about",
            "view-source",
            "mailto",
            "tel",
            "sms",
            "ws",
            "wss",
            "ftp",
            "chrome",
            "chrome-extension",
            "android-app",
            "x-apple.systempreferences",
            "ms-appx.evil",
            "https",
        ] {
            assert!(!accepts(scheme), "{scheme}");
            assert!(Schemes::with(vec![scheme.to_owned()]).is_err(), "{scheme}");
        }
    }
}
