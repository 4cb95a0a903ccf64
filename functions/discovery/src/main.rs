//! `/.well-known/*`: public, cacheable documents. They are served from memory; the store is asked once a minute.

mod app;
mod jwks;
mod metadata;
mod revocations;
mod routes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
