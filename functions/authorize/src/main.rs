//! The browser front channel. `/authorize` is the only dispatcher: every page of a request returns to it.

mod app;
mod authorize;
mod choose;
mod consent;
mod end_session;
mod person;
mod preview;
mod reply;
mod routes;
mod start;
mod step;
mod under_way;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), web::Failure> {
    web::run(app::App::open).await
}
