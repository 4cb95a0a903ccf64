//! The back channel of clients: issues, revokes and introspects tokens, and accepts pushed authorization requests.

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
