//! Creates people. Apart from operators' orders, no other function may create a profile.

mod app;
mod change;
mod keep;
mod refusal;
mod register;
mod registration;
mod routes;
mod sign_up;
mod ticket;
mod verify;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
