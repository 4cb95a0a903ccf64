//! Which alias permits which orders. IAM grants the invocation of each alias separately (docs/orders.md).

use oauth::order::Order;
use oauth::{Code, Error};

/// The authority of an alias. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Authority {
    /// Alias `read`: reports on people, clients and resources, without secrets.
    Read,
    /// Alias `support`: the orders of a help desk about people.
    Support,
    /// Alias `admin`, and the function without an alias, which IAM grants separately from every alias: all orders.
    Admin,
}

impl Authority {
    /// The authority of a caller who invoked the function by this ARN (`arn:aws:lambda:REGION:ACCOUNT:function:NAME`,
    /// optionally with `:QUALIFIER`).
    pub(crate) fn of(function: &str) -> Result<Self, Error> {
        let mut parts = function.split(':');
        let parts = (parts.nth(5), parts.next(), parts.next(), parts.next());
        let (Some("function"), Some(_), qualifier, None) = parts else {
            return Err(Error::fault(format!("{function} is not the ARN of a function")));
        };
        match qualifier {
            Some("read") => Ok(Self::Read),
            Some("support") => Ok(Self::Support),
            Some("admin" | "$LATEST") | None => Ok(Self::Admin),
            Some(_) => Err(Error::new(Code::AccessDenied, "invoke the alias read, support or admin")),
        }
    }

    /// Refuses an order that exceeds this authority.
    pub(crate) fn check(self, order: &Order) -> Result<(), Error> {
        if self >= Self::needed_for(order) {
            return Ok(());
        }
        let needed = if Self::needed_for(order) == Self::Support { "support or admin" } else { "admin" };
        Err(Error::new(Code::AccessDenied, format!("this order needs the alias {needed}")))
    }

    /// The least authority for an order.
    pub(crate) fn needed_for(order: &Order) -> Self {
        match order {
            Order::ShowUser(_)
            | Order::ListEvents(_)
            | Order::ShowClient(_)
            | Order::ShowResource(_)
            | Order::ListResources(_) => Self::Read,
            Order::ResetPassword(_)
            | Order::SendReset(_)
            | Order::ResetLink(_)
            | Order::ResetFactors(_)
            | Order::SignOut(_)
            | Order::Disable(_) => Self::Support,
            Order::CreateUser(_)
            | Order::PutUser(_)
            | Order::SetRoles(_)
            | Order::Enable(_)
            | Order::DeleteUser(_)
            | Order::CreateClient(_)
            | Order::PutClient(_)
            | Order::UpdateClient(_)
            | Order::RotateSecret(_)
            | Order::DeleteClient(_)
            | Order::InitialAccessToken(_)
            | Order::PutResource(_)
            | Order::DeleteResource(_) => Self::Admin,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function:gatewright-OperatorFunction-1A2B";

    #[test]
    fn the_invoked_arn_decides_which_orders_are_allowed() {
        let of = |qualifier: &str| Authority::of(&format!("{FUNCTION}{qualifier}")).ok();
        assert_eq!(of(":read"), Some(Authority::Read));
        assert_eq!(of(":support"), Some(Authority::Support));
        for admin in [":admin", ":$LATEST", ""] {
            assert_eq!(of(admin), Some(Authority::Admin), "{admin}");
        }
        for other in [":live", ":7", ":", ":Admin", ":read:admin"] {
            assert_eq!(of(other), None, "{other}");
        }
        for no_arn in ["", "gatewright-OperatorFunction", "arn:aws:lambda:eu-central-1:123456789012:layer:x"] {
            assert!(Authority::of(no_arn).is_err(), "{no_arn}");
        }
    }

    #[test]
    fn each_alias_includes_those_before_it_and_no_more() {
        let allowed = |authority: Authority| {
            let orders = [
                json!({"action": "show_user", "username": "alice"}),
                json!({"action": "sign_out", "username": "alice"}),
                json!({"action": "enable", "username": "alice"}),
            ];
            orders.map(|order| authority.check(&Order::read(order).unwrap_or_else(|error| panic!("{error}"))).is_ok())
        };
        assert_eq!(allowed(Authority::Read), [true, false, false]);
        assert_eq!(allowed(Authority::Support), [true, true, false]);
        assert_eq!(allowed(Authority::Admin), [true, true, true]);
    }
}
