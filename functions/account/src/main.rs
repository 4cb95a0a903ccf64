//! What a signed-in person does to their own account. Verifies tokens itself, so that its errors are RFC 6750's.

mod app;
mod consents;
mod me;
mod password;
mod person;
mod routes;
mod sessions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
