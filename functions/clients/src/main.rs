//! Registers clients and changes their registrations: for themselves (RFC 7591, RFC 7592) and for the operator.

mod app;
mod change;
mod information;
mod manage;
mod metadata;
mod operator;
mod register;
mod routes;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run_operated(app::App::open).await
}
