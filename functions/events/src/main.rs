//! Sends the security events that other functions stored to EventBridge. The table's stream feeds it.

mod app;
mod bus;
mod detail;
mod taken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run_task(app::App::open).await
}
