//! The refusal of a code or link. It does not say what is wrong with it.

use oauth::{Action, Code, Error, Reason};
use store::audit;
use web::Request;

/// Refuses a code or a link. `detail` is for the log.
pub(crate) fn wrong(detail: &'static str) -> Error {
    Error::new(Code::InvalidCode, detail)
}

/// Logs that a code or link was refused, if it was.
pub(crate) fn logged<T>(outcome: Result<T, Error>, request: &Request, action: Action) -> Result<T, Error> {
    outcome.inspect_err(|error| {
        if error.code() == Code::InvalidCode {
            audit::log(&request.event(action).refused(Reason::WrongCode));
        }
    })
}
