//! `/userinfo`. The function verifies tokens itself, so that errors follow RFC 6750.

mod app;
mod routes;
mod userinfo;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
