//! Authenticates people.

mod app;
mod login;
mod proof;
mod routes;
mod sign_in;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
