//! The back channel of clients: exchanging and revoking tokens. The protocol endpoints of OAuth 2.1.

mod app;
mod client;
mod grants;
mod revoke;
mod routes;
mod token;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
