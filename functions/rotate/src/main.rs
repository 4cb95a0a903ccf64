//! Rotates the signing keys: on a schedule, or when an operator orders it.

mod app;
mod plan;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run_task(app::App::open).await
}
