//! The response to a client (RFC 6749 section 4.1.2), sent to a verified redirect URI. Every response names its issuer
//! (RFC 9207).

use oauth::{Code, Error, Reply, ResponseMode};
use web::Response;
use web::pages::{Client, FormPost, Layout};

use crate::app::App;

/// What a person sees of a response that is sent through a page.
#[derive(Clone, Copy)]
pub(crate) struct Envelope<'a> {
    pub(crate) layout: Layout<'a>,
    /// The client's display name.
    pub(crate) client_name: &'a str,
}

/// A code.
pub(crate) fn code(app: &App, envelope: Envelope<'_>, reply: &Reply, code: &str) -> Result<Response, Error> {
    send(app, envelope, reply, vec![("code", code)])
}

/// An error. A fault of ours is not sent to the client: the person sees it and can reload the page.
pub(crate) fn error(app: &App, envelope: Envelope<'_>, reply: &Reply, error: &Error) -> Result<Response, Error> {
    let description = error.description();
    send(app, envelope, reply, vec![("error", error.code().word()), ("error_description", &description)])
}

/// A refusal of a valid request.
pub(crate) fn refusal(app: &App, envelope: Envelope<'_>, reply: &Reply, reason: Code) -> Result<Response, Error> {
    error(app, envelope, reply, &Error::new(reason, "the request was refused"))
}

fn send<'a>(
    app: &'a App,
    envelope: Envelope<'_>,
    reply: &'a Reply,
    mut parameters: Vec<(&'a str, &'a str)>,
) -> Result<Response, Error> {
    parameters.extend(reply.state.as_deref().map(|state| ("state", state)));
    parameters.push(("iss", &app.iss));
    match reply.mode {
        ResponseMode::Query => Ok(Response::see_other(with_query(&reply.redirect_uri, &parameters))),
        ResponseMode::FormPost => {
            let (name, redirect_uri) = (envelope.client_name, reply.redirect_uri.as_str());
            let client = Client { name, redirect_uri, uri: None, policy_uri: None, tos_uri: None };
            FormPost { layout: envelope.layout, client, parameters: &parameters }.response()
        }
    }
}

/// Adds parameters to a URI that may already have some (RFC 6749 section 3.1.2).
pub(crate) fn with_query(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{separator}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_to_those_of_the_uri() {
        let parameters = [("state", "a b&c"), ("iss", "https://id.example")];
        let query = "state=a+b%26c&iss=https%3A%2F%2Fid.example";
        for (uri, expected) in [
            ("https://app.example/cb", "https://app.example/cb?"),
            ("https://app.example/cb?x=1", "https://app.example/cb?x=1&"),
            ("https://app.example/cb?", "https://app.example/cb?"),
            ("com.example.app:/cb", "com.example.app:/cb?"),
        ] {
            assert_eq!(with_query(uri, &parameters), format!("{expected}{query}"));
        }
    }
}
