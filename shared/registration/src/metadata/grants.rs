//! `grant_types` and `response_types`: which grants a client gets.

use oauth::{AuthMethod, GrantType, Trust};

use super::members::{Members, Wrong};

/// The grant types that the client gets. Those that it cannot have are left out.
pub(super) fn grant_types(members: &mut Members, method: AuthMethod, trust: Trust) -> Vec<GrantType> {
    let known = GrantType::ALL.map(GrantType::word).join(", ");
    let asked = members.words("grant_types", GrantType::parse, &known);
    if asked.is_empty() {
        response_types(members, true);
        return vec![GrantType::AuthorizationCode];
    }
    let (asked, mut refused) = (asked.known, asked.unknown);
    let mut grants = asked.clone();
    grants.retain(|grant| match refusal(*grant, &asked, (method, trust)) {
        Some(wrong) => {
            refused.push(wrong);
            false
        }
        None => true,
    });
    members.leave_out("grant_types", refused, !grants.is_empty());
    response_types(members, grants.contains(&GrantType::AuthorizationCode));
    grants
}

/// Why a client cannot have a grant type. `None` if it can.
fn refusal(grant: GrantType, asked: &[GrantType], (method, trust): (AuthMethod, Trust)) -> Option<Wrong> {
    let wrong = |code, detail: &str| Some((code, detail.to_owned()));
    match grant {
        GrantType::RefreshToken if !asked.contains(&GrantType::AuthorizationCode) => {
            wrong("inconsistent", "refresh_token requires authorization_code.")
        }
        GrantType::ClientCredentials if method == AuthMethod::None => {
            wrong("inconsistent", "client_credentials requires a token_endpoint_auth_method other than none.")
        }
        GrantType::ClientCredentials if trust == Trust::Unverified => {
            wrong("not_allowed", "client_credentials requires an initial access token, or registration by an operator.")
        }
        GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::ClientCredentials => None,
    }
}

/// The default in OAuth and OpenID Connect is `code`. It has no meaning without the grant type `authorization_code`.
fn response_types(members: &mut Members, has_codes: bool) {
    let asked = members.words("response_types", |word| (word == "code").then_some(()), "code");
    let mut refused = asked.unknown;
    if !has_codes && !asked.known.is_empty() {
        refused.push(("inconsistent", "Leave this out, or add authorization_code to grant_types.".to_owned()));
    }
    let usable = !has_codes || !asked.known.is_empty() || refused.is_empty();
    members.leave_out("response_types", refused, usable);
}
