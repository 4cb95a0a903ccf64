//! Clients register themselves and manage their registrations (RFC 7591, RFC 7592).

mod app;
mod manage;
mod register;
mod routes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
