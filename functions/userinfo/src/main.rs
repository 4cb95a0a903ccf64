//! `/userinfo`. Verifies tokens itself, so that its errors are RFC 6750's.

mod app;
mod routes;
mod userinfo;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
