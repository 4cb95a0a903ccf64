//! `/_local/mail`: the inbox as a page for people, and in JSON for programs.
//!
//! Mails hold codes and links, so nobody but this machine may read them: not a page of another origin, nor a name that
//! was made to lead here. A mail's own HTML is shown in a sandbox without scripts.

use hyper::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::inbox::{Inbox, Received};
use crate::wire::{self, Door, Reply};

/// Where the inbox is.
const PATH: &str = "/_local/mail";
const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
    table{border-collapse:collapse;width:100%}td,th{text-align:start;padding:.4rem;border-bottom:1px solid #8886;vertical-align:top}\
    pre{white-space:pre-wrap;overflow-wrap:anywhere}iframe{width:100%;height:40rem;border:1px solid #8886}";

/// The answer to a request for the inbox; `None` for any other path.
pub(crate) fn answer(inbox: &Inbox, parts: &Parts) -> Option<Reply> {
    let rest = parts.uri.path().strip_prefix(PATH)?;
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
    if let Some(refusal) = Door::people().refusal(&parts.headers) {
        return Some(refusal);
    }
    if parts.method != Method::GET {
        return Some(wire::reply(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "The inbox is only read."));
    }
    Some(guarded(shown(inbox, rest, &parts.headers)))
}

fn shown(inbox: &Inbox, id: &str, headers: &HeaderMap) -> Reply {
    let wants_json = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|it| it.contains("json"));
    let (id, is_body) = id.strip_suffix(".html").map_or((id, false), |id| (id, true));
    if id.is_empty() {
        let mails = inbox.mails();
        return if wants_json { json(&mails) } else { page("Mail", &list(&mails)) };
    }
    let Some(mail) = inbox.mail(id) else {
        return wire::reply(StatusCode::NOT_FOUND, "text/plain", "There is no such mail.");
    };
    if is_body {
        wire::reply(StatusCode::OK, HTML, mail.html)
    } else if wants_json {
        json(&mail)
    } else {
        page(&mail.subject, &one(&mail))
    }
}

fn json(value: &impl serde::Serialize) -> Reply {
    wire::reply(StatusCode::OK, "application/json", serde_json::to_string(value).unwrap_or_default())
}

/// Nothing of an answer runs, is kept, or is shown elsewhere. Pictures of a mail may be loaded.
fn guarded(mut reply: Reply) -> Reply {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-src 'self'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-same-origin";
    reply.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

fn list(mails: &[Received]) -> String {
    let row = |mail: &Received| {
        let [time, to, subject] = [&mail.at, &mail.to.join(", "), &mail.subject].map(|text| escaped(text));
        format!(r#"<tr><td>{time}<td>{to}<td><a href="{PATH}/{}">{subject}</a>"#, mail.id)
    };
    let rows: String = mails.iter().map(row).collect();
    let note = if mails.is_empty() { "<p>No mail has been sent yet." } else { "" };
    format!("<table><tr><th>Time<th>To<th>Subject{rows}</table>{note}")
}

fn one(mail: &Received) -> String {
    let [from, to, time, text] = [&mail.from, &mail.to.join(", "), &mail.at, &mail.text].map(|text| escaped(text));
    let frame = format!(r#"<iframe title="HTML" src="{PATH}/{}.html"></iframe>"#, mail.id);
    let link = mail.link.as_deref().map(escaped).map(|link| format!(r#"<p><a href="{link}">{link}</a>"#));
    let link = link.unwrap_or_default();
    format!(
        r#"<p><a href="{PATH}">All mail</a><p>From {from} to {to}, {time}{link}{frame}<h2>Text</h2><pre>{text}</pre>"#
    )
}

fn page(title: &str, body: &str) -> Reply {
    let title = escaped(title);
    let head = format!("<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>");
    let width = r#"<meta name="viewport" content="width=device-width">"#;
    wire::reply(StatusCode::OK, HTML, format!("{head}{width}<h1>{title}</h1>{body}"))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn asked(path: &str, headers: &[(&str, &str)]) -> Option<Reply> {
        let inbox = Inbox::default();
        let raw = b"Subject: <b>\r\nContent-Type: text/html\r\n\r\n<p>";
        inbox.deliver("7", "a@x.example", &["b@y.example"], raw).expect("a mail");
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        answer(&inbox, &request.body(()).expect("a request").into_parts().0)
    }

    #[test]
    fn the_inbox_is_for_this_machine_and_for_no_other_site() {
        let here = ("host", "127.0.0.1:3000");
        let status = |headers: &[(&str, &str)]| asked(PATH, headers).map(|reply| reply.status().as_u16());
        assert_eq!(status(&[here]), Some(200));
        assert_eq!(status(&[here, ("sec-fetch-site", "same-origin")]), Some(200));
        assert_eq!(status(&[here, ("sec-fetch-site", "none")]), Some(200));
        assert_eq!(status(&[here, ("sec-fetch-site", "cross-site")]), Some(403));
        assert_eq!(status(&[here, ("origin", "https://evil.example")]), Some(403));
        assert_eq!(status(&[("host", "evil.example:3000")]), Some(403));
        assert!(asked("/_local/mailbox", &[here]).is_none() && asked("/mail", &[here]).is_none());
        assert_eq!(asked("/_local/mail/8", &[here]).map(|reply| reply.status().as_u16()), Some(404));
        assert_eq!(asked("/_local/mail/7.html", &[here]).map(|reply| reply.status().as_u16()), Some(200));
    }

    #[test]
    fn what_a_mail_says_is_text_in_the_pages_of_the_inbox() {
        assert_eq!(escaped(r#"<b a="1">&'"#), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;");
    }
}
