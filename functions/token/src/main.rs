//! The back channel of clients: exchanging, revoking and looking at tokens, pushing requests.

mod app;
mod client;
mod grants;
mod introspect;
mod par;
mod revoke;
mod routes;
mod token;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
