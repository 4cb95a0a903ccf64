//! `/.well-known/*` and `/`: public documents, most of them cacheable. They are served from memory, which is refreshed
//! from the store every few seconds. While the store is down, the last known state is served.

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
