//! Sends the mails that other functions wrote. The table's stream feeds it; SES reports bounces and complaints to it.

mod app;
mod feedback;
mod page;
mod words;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run_task(app::App::open).await
}
