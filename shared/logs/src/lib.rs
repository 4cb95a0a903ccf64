//! Logging: the format and the level come from Lambda's logging controls.
//!
//! | variable | meaning |
//! |---|---|
//! | `AWS_LAMBDA_LOG_FORMAT` | `JSON`: one object per line, with the request id of the invocation. Otherwise: plain text |
//! | `AWS_LAMBDA_LOG_LEVEL` | the lowest level that is written; `info` by default |
//! | `RUST_LOG` | levels by module, which take precedence: `debug`, or `warn,store=debug,hyper=trace` |
//!
//! Release builds have no `trace` lines, in which the SDK would write whole requests and responses with their secrets.
//! Lines carry no time, because Lambda adds it. The runtime's own setup does the same with regular expressions, which
//! would slow every cold start and enlarge every binary.

use std::env;

use tracing::Subscriber;
use tracing::subscriber::set_global_default;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

/// The log settings of the environment.
#[derive(Clone, Copy, Debug, Default)]
struct Controls<'a> {
    format: &'a str,
    level: &'a str,
    directives: &'a str,
}

/// Starts logging to standard output. Call it first; a second call changes nothing.
pub fn start() {
    let variable = |name| env::var(name).unwrap_or_default();
    let format = variable("AWS_LAMBDA_LOG_FORMAT");
    let (level, directives) = (variable("AWS_LAMBDA_LOG_LEVEL"), variable("RUST_LOG"));
    let controls = Controls { format: &format, level: &level, directives: &directives };
    if set_global_default(controls.subscriber(std::io::stdout)).is_err() {
        tracing::warn!("logging is already set up");
    }
}

impl Controls<'_> {
    fn subscriber<W>(self, writer: W) -> Box<dyn Subscriber + Send + Sync>
    where
        W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
    {
        let levels = registry().with(self.levels());
        let lines = layer().without_time().with_target(false).with_writer(writer);
        if self.format.eq_ignore_ascii_case("json") {
            Box::new(levels.with(lines.json()))
        } else {
            Box::new(levels.with(lines))
        }
    }

    /// Directives that cannot be parsed are ignored: a typing error in a variable must not stop a function.
    fn levels(self) -> Targets {
        let mut levels = Targets::new().with_default(level(self.level).unwrap_or(LevelFilter::INFO));
        for directive in self.directives.split(',') {
            levels = match directive.split_once('=') {
                Some((module, word)) => match level(word) {
                    Some(level) => levels.with_target(module.trim(), level),
                    None => levels,
                },
                None => match level(directive) {
                    Some(level) => levels.with_default(level),
                    None => levels,
                },
            };
        }
        levels
    }
}

/// Maps Lambda's names of levels to Rust's.
fn level(word: &str) -> Option<LevelFilter> {
    match word.trim() {
        "" => None,
        word if word.eq_ignore_ascii_case("fatal") => Some(LevelFilter::ERROR),
        word => word.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(controls: Controls<'_>, run: impl FnOnce()) -> Vec<String> {
        let written = Written::default();
        let writer = written.clone();
        tracing::subscriber::with_default(controls.subscriber(move || writer.clone()), run);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    /// The messages of the lines that were written.
    fn heard(level: &str, directives: &str) -> Vec<String> {
        let lines = written(Controls { format: "", level, directives }, || {
            tracing::error!("error");
            tracing::warn!("warn");
            tracing::info!("info");
            tracing::debug!("debug");
            tracing::trace!("trace");
            tracing::debug!(target: "store::table", "store");
        });
        lines.iter().filter_map(|line| line.split(' ').next_back()).map(str::to_owned).collect()
    }

    #[test]
    fn json_lines_carry_level_message_fields_and_the_invocation() {
        let controls = Controls { format: "JSON", ..Controls::default() };
        let lines = written(controls, || {
            // The runtime opens this span around every invocation.
            let _invocation = tracing::info_span!("Lambda runtime invoke", requestId = "8476a536").entered();
            tracing::info!(client_id = "a\"b", "two\nlines");
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["fields"], json!({"message": "two\nlines", "client_id": "a\"b"}));
        assert_eq!(line["span"]["requestId"], "8476a536");
        assert!(line.get("timestamp").is_none());
    }

    #[test]
    fn text_lines_carry_the_invocation_too() {
        let lines = written(Controls::default(), || {
            let _invocation = tracing::info_span!("Lambda runtime invoke", requestId = "8476a536").entered();
            tracing::warn!("slow");
        });
        assert_eq!(lines, [" WARN Lambda runtime invoke{requestId=\"8476a536\"}: slow"]);
    }

    #[test]
    fn the_level_is_that_of_lambda_and_info_by_default() {
        assert_eq!(heard("", ""), ["error", "warn", "info"]);
        assert_eq!(heard("nonsense", ""), ["error", "warn", "info"]);
        assert_eq!(heard("WARN", ""), ["error", "warn"]);
        assert_eq!(heard("FATAL", ""), ["error"]);
        assert_eq!(heard("DEBUG", ""), ["error", "warn", "info", "debug", "store"]);
    }

    #[test]
    fn rust_log_takes_precedence_by_module() {
        assert_eq!(heard("ERROR", "debug"), ["error", "warn", "info", "debug", "store"]);
        assert_eq!(heard("", "warn,store=debug"), ["error", "warn", "store"]);
        assert_eq!(heard("", "off, store=debug"), ["store"]);
        assert_eq!(heard("", "store=,=,store=loud,,"), ["error", "warn", "info"]);
    }
}
