//! Operator orders about people, clients and resources (docs/orders.md). No route leads here: IAM decides who may
//! invoke which alias, and the alias decides which orders are allowed.

mod app;
mod authority;
mod clients;
mod history;
mod orders;
mod password;
mod people;
mod put_client;
mod put_user;
mod reset;
mod resources;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run_task(app::App::open).await
}
