//! An instance that serves, as the other commands of its owner find and use it.

use http_body_util::Full;
use hyper::{Request, StatusCode};
use serde_json::Value as Json;

use super::announcement::Announcement;
use super::folder::serving;
use super::options::{Data, Options, USUAL_PORT};
use crate::Error;
use crate::iam::{Aws, Operator};
use crate::runtime::Failure;
use crate::template::absolute;
use crate::wire;

/// A serving instance.
#[derive(Debug)]
pub struct Running(Announcement);

impl Running {
    /// The instance that commands with these options are for, where one serves: at the port that is named, or with the data
    /// folder. Without any, an error where there must be one: data in memory is that of an instance or nobody's.
    pub fn find(options: &Options) -> Result<Option<Self>, Error> {
        let at = |port: u16| Announcement::at(port).map(Self);
        match (options.port, &options.data) {
            (Some(port), _) => at(port).map(Some).ok_or_else(|| {
                Error::new(format!("no instance serves on port {port}: start one with --port {port}, or name its port"))
            }),
            (None, Data::Memory) => at(USUAL_PORT).map(Some).ok_or_else(|| {
                Error::new(format!(
                    "no instance serves on port {USUAL_PORT}, and --memory keeps nothing for a later one: start one with \
                     --memory and leave it running, or name its port with --port"
                ))
            }),
            (None, Data::Folder(path)) => {
                let template = absolute(&options.template);
                let same = |them: &Announcement| them.template == template;
                if let Some(theirs) = serving(path).filter(same) {
                    return Ok(Some(Self(theirs)));
                }
                match Announcement::at(USUAL_PORT).filter(same) {
                    Some(other) => Err(Error::new(format!(
                        "the instance at {} serves this template with other data than {}: add --port {USUAL_PORT} to use \
                         it, or name its folder with --data",
                        other.url,
                        path.display()
                    ))),
                    None => Ok(None),
                }
            }
        }
    }

    /// Has a function process an event: `Id`, or `Id:alias`.
    pub async fn invoke(&self, function: &str, event: &Json) -> Result<Result<Json, Failure>, Error> {
        let Announcement { lambda, region, operator, .. } = &self.0;
        let operator = Operator { service: Aws::Lambda, region: region.clone(), credentials: operator.clone() };
        let request = Request::post(format!("{lambda}/2015-03-31/functions/{function}/invocations"));
        let request =
            request.header("content-type", operator.service.content_type()).body(Full::<bytes::Bytes>::default());
        let request = request.map_err(Error::doing(format!("invoking {function}")))?;
        let answer = wire::send(operator.signed(request.into_parts().0, event.to_string().into())?).await?;
        let body: Json = serde_json::from_slice(answer.body()).map_err(Error::doing("reading the answer"))?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(Err(Failure::Unknown(function.to_owned())));
        }
        if answer.status() != StatusCode::OK {
            return Err(Error::new(format!("{} of {}: {body}", answer.status(), self.0.url)));
        }
        let failed = answer.headers().contains_key("x-amz-function-error");
        Ok(if failed { Err(Failure::Reported(body)) } else { Ok(body) })
    }
}
