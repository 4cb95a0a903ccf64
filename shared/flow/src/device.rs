//! The device on which a person signs in: known after the first sign-in, trusted if they say so.

use oauth::Error;
use store::Devices;
use web::{Cookie, Request, Site};

/// Remembers the device on which a person has just signed in, for another 30 days. `is_known`: what is stored about it has
/// been renewed already. If the store fails here, the device stays unknown.
pub async fn remember(
    (site, devices): (&Site, &Devices),
    request: &Request,
    (user, is_known): (&str, bool),
) -> Option<Cookie> {
    let cookie = site.device(request);
    if let (Some(cookie), true) = (cookie, is_known) {
        return Some(site.keep_device(cookie, Devices::MAX_AGE));
    }
    let remembered = devices.remember(user, cookie, request.user_agent(), request.now()).await;
    let cookie = succeeded(remembered)?;
    Some(site.keep_device(&cookie, Devices::MAX_AGE))
}

/// The same for a device that the person trusts from now on, while their profile is at `epoch`. If the store fails here, the
/// second factor is asked for again at the next sign-in.
pub async fn trust(
    (site, devices): (&Site, &Devices),
    request: &Request,
    (user, is_known): (&str, bool),
    epoch: u64,
) -> Option<Cookie> {
    let (cookie, now) = (site.device(request), request.now());
    let cookie = match cookie.filter(|_| is_known) {
        Some(cookie) => cookie.to_owned(),
        None => succeeded(devices.remember(user, cookie, request.user_agent(), now).await)?.to_string(),
    };
    succeeded(devices.trust(user, &cookie, epoch, now).await);
    Some(site.keep_device(&cookie, Devices::MAX_AGE))
}

fn succeeded<T>(done: Result<T, Error>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(%error, "remembering a device failed")).ok()
}
