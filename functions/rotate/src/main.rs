//! Rotates the signing keys: on a schedule as they age, or when an operator says so.

mod app;
mod plan;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run_task(app::App::open).await
}
