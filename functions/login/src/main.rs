//! Authenticates people.

mod app;
mod arrival;
mod forgot;
mod identifier;
mod login;
mod mfa;
mod proof;
mod reset;
mod returning;
mod routes;
mod second_factor;
mod session;
mod sign_in;
mod two_step;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
