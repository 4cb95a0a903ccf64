//! What signed-in people do with their own accounts. The function verifies tokens itself, so that errors follow RFC
//! 6750.

mod app;
mod consents;
mod deletion;
mod email;
mod events;
mod export;
mod factors;
mod me;
mod page;
mod password;
mod person;
mod proof;
mod routes;
mod second;
mod sessions;
mod totp;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
