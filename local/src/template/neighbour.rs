//! Another stack: what it exports, what it keeps in the parameter store, and the functions behind that. The examples are
//! stacks of other teams, which import our authorizer: deployed and here by the same line of their templates.
//!
//! It is resolved from its own template when something is first imported from it, as it would be if it were deployed
//! where it answers. Its functions then run as processes of this stack, with the environment that its template gives
//! them: the same binary with the same settings, though not the same process.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Template;
use super::deployment::Deployment;
use super::model::Function;
use super::problem::Problem;

/// The type of a parameter whose value is the name of one in the parameter store.
pub(super) const STORED: &str = "AWS::SSM::Parameter::Value<String>";

/// A stack that another one stands beside.
#[derive(Debug, Clone)]
pub struct Beside {
    /// Its template. Its name is the `stack_name` of the `samconfig.toml` in the same folder.
    pub template: PathBuf,
    /// Where its API answers.
    pub url: String,
    /// The parameters that it was started with.
    pub parameters: Vec<(String, String)>,
}

/// What may be imported.
#[derive(Debug)]
pub(super) struct Neighbour<'a> {
    beside: Option<&'a Beside>,
    stack: OnceCell<(String, Template)>,
}

impl<'a> Neighbour<'a> {
    /// Nothing is read yet.
    pub(super) fn new(beside: Option<&'a Beside>) -> Self {
        Self { beside, stack: OnceCell::new() }
    }

    /// The value of an export.
    pub(super) fn export(&self, name: &str) -> Result<String, Problem> {
        let (stack, template) = self.stack()?;
        template.exports.get(name).cloned().ok_or_else(|| missing(stack, "exports", name, &template.exports))
    }

    /// The value of a parameter in the parameter store.
    pub(super) fn parameter(&self, name: &str) -> Result<String, Problem> {
        let (stack, template) = self.stack()?;
        let stored = &template.stored;
        stored.get(name).cloned().ok_or_else(|| missing(stack, "SSM parameters", name, stored))
    }

    /// Text with every `{{resolve:ssm:NAME}}` in it replaced.
    pub(super) fn resolved(&self, text: String) -> Result<String, Problem> {
        let Some((before, rest)) = text.split_once("{{resolve:") else { return Ok(text) };
        let (reference, after) = rest.split_once("}}").ok_or_else(|| Problem::new("`{{resolve:` without `}}`"))?;
        let name = reference.strip_prefix("ssm:").filter(|name| !name.contains(':'));
        let name = name.ok_or_else(|| Problem::new(format!("{{{{resolve:{reference}}}}} is not run locally")))?;
        Ok(format!("{before}{}{}", self.parameter(name)?, self.resolved(after.to_owned())?))
    }

    /// Its functions, if something was imported: `gatewright.AuthorizerFunction`.
    pub(super) fn functions(&self) -> BTreeMap<String, Function> {
        let Some((stack, template)) = self.stack.get() else { return BTreeMap::new() };
        template.functions.iter().map(|(id, function)| (format!("{stack}.{id}"), function.clone())).collect()
    }

    fn stack(&self) -> Result<&(String, Template), Problem> {
        if let Some(stack) = self.stack.get() {
            return Ok(stack);
        }
        let beside = self.beside.ok_or_else(|| Problem::new("there is no other stack to import from"))?;
        let name = stack_name(&beside.template);
        let deployment = Deployment { stack_name: name.clone(), ..Deployment::local(beside.url.clone()) };
        let template = Template::load(&absolute(&beside.template), &beside.parameters, &deployment)
            .map_err(|error| Problem::new(error.to_string()))?;
        Ok(self.stack.get_or_init(|| (name, template)))
    }
}

/// The absolute path of a file, if there is one: for messages, and for children that run elsewhere.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a template imports anything.
pub(super) fn imports(text: &str) -> bool {
    ["ImportValue", "{{resolve:ssm:", STORED].iter().any(|sign| text.contains(sign))
}

fn missing(stack: &str, what: &str, name: &str, there: &BTreeMap<String, String>) -> Problem {
    let there: Vec<&str> = there.keys().map(String::as_str).collect();
    Problem::new(format!("the stack {stack} has no {name}; its {what}: {}", there.join(", ")))
}

/// What `sam deploy` calls the stack of a template; the name of its folder where that is not said.
fn stack_name(template: &Path) -> String {
    let folder = template.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let config = std::fs::read_to_string(folder.join("samconfig.toml")).unwrap_or_default();
    let named = config.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "stack_name").then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    });
    let own = || folder.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
    named.or_else(own).unwrap_or_default()
}
