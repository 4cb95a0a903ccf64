//! Authenticates people.

mod app;
mod forgot;
mod identifier;
mod login;
mod proof;
mod reset;
mod returning;
mod routes;
mod sign_in;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
