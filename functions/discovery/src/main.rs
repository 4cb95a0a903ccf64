//! `/.well-known/*` and `/`: public documents, most of them cacheable. They are served from memory; the store is asked every
//! few seconds, and while it is down what is known serves on.

mod app;
mod home;
mod jwks;
mod metadata;
mod revocations;
mod routes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
