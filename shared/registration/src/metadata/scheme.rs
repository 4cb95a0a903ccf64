//! Which private-use schemes may begin a redirect URI (RFC 8252 section 7.1).
//!
//! A domain name in reverse order belongs to somebody, so any will do. A scheme without a dot belongs to nobody: only
//! those of known apps are accepted, and those that the operator adds. A scheme that browsers or operating systems act on
//! is never accepted: a redirect to it would run code, open files or start other programs.

use oauth::Error;

/// Schemes without a dot that widely used apps receive their answers at: editors and agents that speak MCP, Expo's
/// development client, and API tools.
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

/// Schemes that browsers and operating systems act on themselves.
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

/// What names of such schemes begin with, where there are many of a kind (`ms-settings`, `chrome-extension`,
/// `x-apple.systempreferences`).
const RESERVED_PREFIXES: [&str; 10] =
    ["chrome", "itms", "moz-", "ms-", "safari-", "search-ms", "web+", "webkit-", "x-apple", "x-webdoc"];

/// The schemes that are accepted.
#[derive(Debug, Default)]
pub(crate) struct Schemes {
    added: Vec<String>,
}

impl Schemes {
    /// Those that are accepted anyway, and `added`. A fault if one of these can never be accepted.
    pub(crate) fn with(added: Vec<String>) -> Result<Self, Error> {
        match added.iter().find(|scheme| is_reserved(scheme)) {
            Some(scheme) => {
                Err(Error::fault(format!("REDIRECT_SCHEMES: browsers or operating systems act on {scheme}")))
            }
            None => Ok(Self { added }),
        }
    }

    /// Whether an app may receive answers at URIs of this scheme. The scheme is in lower case.
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
    fn apps_have_a_domain_in_reverse_or_a_known_name() {
        for scheme in ["com.example.app", "com.googleusercontent.apps.123-abc", "cursor", "vscode-insiders", "notes"] {
            assert!(accepts(scheme), "{scheme}");
        }
        for scheme in ["myapp", "vscode-evil", "a..b", "com.example.-app", "com.example+app", "note"] {
            assert!(!accepts(scheme), "{scheme}");
        }
    }

    #[test]
    fn what_browsers_and_systems_act_on_is_never_accepted() {
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
