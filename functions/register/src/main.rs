//! Creates people. The only function that may write a new profile.

mod app;
mod register;
mod registration;
mod routes;
mod sign_up;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
