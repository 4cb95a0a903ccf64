//! Checks the authority for an order and passes it to its function.

use oauth::{Error, Order, Time};
use serde_json::Value;
use web::{Invocation, Task};

use crate::app::App;
use crate::authority::Authority;
use crate::history::{self, Given};
use crate::{clients, people, put_client, put_user, reset, resources};

impl Task for App {
    async fn handle(&self, invocation: Invocation) -> Result<Value, Error> {
        let word = Order::word(&invocation.event).to_owned();
        let order = Order::read(invocation.event)?;
        let authority = Authority::of(&invocation.function)?;
        authority.check(&order)?;
        tracing::info!(action = word, ?authority, "ordered");
        let given = Given { word, reads: Authority::needed_for(&order) == Authority::Read, invocation: invocation.id };
        let report = carry_out(self, order, authority, invocation.now).await;
        history::record(self, &given, report.as_ref(), invocation.now).await;
        report
    }
}

async fn carry_out(app: &App, order: Order, authority: Authority, now: Time) -> Result<Value, Error> {
    match order {
        Order::ShowUser(order) => people::show(app, order, now).await,
        Order::CreateUser(order) => put_user::create(app, order, now).await,
        Order::PutUser(order) => put_user::put(app, order, now).await,
        Order::SetRoles(order) => people::set_roles(app, order, now).await,
        Order::ResetPassword(order) => people::reset_password(app, order, authority, now).await,
        Order::SendReset(order) => reset::send(app, order, authority, now).await,
        Order::ResetLink(order) => reset::hand_out(app, order, authority, now).await,
        Order::ResetFactors(order) => people::reset_factors(app, order, authority, now).await,
        Order::SignOut(order) => people::sign_out(app, order, now).await,
        Order::Disable(order) => people::disable(app, order, now).await,
        Order::Enable(order) => people::enable(app, order, now).await,
        Order::DeleteUser(order) => people::delete(app, order, now).await,
        Order::ListEvents(order) => history::list(app, order, now).await,
        Order::ShowClient(order) => clients::show(app, &order.client_id, now).await,
        Order::CreateClient(order) => clients::create(app, order, now).await,
        Order::PutClient(order) => put_client::put(app, &order, now).await,
        Order::UpdateClient(order) => clients::update(app, order, now).await,
        Order::RotateSecret(order) => clients::rotate_secret(app, &order.client_id, now).await,
        Order::DeleteClient(order) => clients::delete(app, &order.client_id, now).await,
        Order::InitialAccessToken(order) => clients::initial_access_token(app, &order, now).await,
        Order::ShowResource(order) => resources::show(app, &order.resource, now).await,
        Order::ListResources(_) => resources::list(app, now).await,
        Order::PutResource(order) => resources::put(app, &order.into(), now).await,
        Order::DeleteResource(order) => resources::delete(app, &order.resource, now).await,
    }
}
