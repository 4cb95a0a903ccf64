//! An in-memory engine per test, reached over HTTP like DynamoDB. With `TEST_DYNAMODB_ENDPOINT`, a table per test in
//! the engine at that address.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_dynamodb::{Client, Config};
use dynoxide::Database;
use oauth::{Config as Environment, Time};
use store::{Aws, Change, Created, Name, NewUser, Password, Sessions, SignOut, Table, User, Users};

/// The instant at which tests begin.
pub(crate) const START: Time = Time::from_seconds(1_800_000_000);

/// The time limit for one attempt: a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// An engine with an empty table.
pub(crate) struct Engine {
    pub(crate) table: Table,
    pub(crate) url: String,
    client: Client,
    pub(crate) name: String,
}

impl Engine {
    pub(crate) async fn start() -> Self {
        let other = std::env::var("TEST_DYNAMODB_ENDPOINT");
        let url = match &other {
            Ok(url) => url.clone(),
            Err(_) => embedded().await,
        };
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(&url)
            .build();
        let (client, name) = (Client::from_conf(config), name());
        create_table(&client, &name).await;
        let aws = aws(&url).patient(PATIENCE); // these tests check its answers, not its speed
        Self { table: Table::new(&aws, &name), url, client, name }
    }

    /// Creates a person.
    pub(crate) async fn user(&self, username: &str) -> User {
        match Users::new(&self.table).create(&new_user(username), START).await.expect("no fault") {
            Created::User(user) => *user,
            Created::UsernameTaken => panic!("{username} is taken"),
        }
    }

    /// Replaces a person's password as it was read. `false`: another change came first.
    pub(crate) async fn change_password(&self, user: &User, proven: &Password, hash: &str, now: Time) -> bool {
        let out = SignOut { stays: None, change: Change::Password { proven, hash }, mail: None };
        Sessions::new(&self.table).sign_out(user.clone(), &out, now).await.expect("no fault")
    }

    /// How many items the table has, including expired ones.
    pub(crate) async fn items(&self) -> usize {
        self.dump().await.len()
    }

    /// All items as they are stored, including expired ones.
    pub(crate) async fn dump(&self) -> Vec<HashMap<String, AttributeValue>> {
        self.client.scan().table_name(&self.name).send().await.expect("a scan").items.unwrap_or_default()
    }

    /// The bytes of the largest item whose partition key begins with `prefix`, about as DynamoDB counts them.
    pub(crate) async fn largest_item(&self, prefix: &str) -> usize {
        let items = self.client.scan().table_name(&self.name).send().await.expect("a scan").items().to_vec();
        let text = |value: &AttributeValue| match value {
            AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
            AttributeValue::B(bytes) => bytes.as_ref().len(),
            _ => 1,
        };
        let has_prefix =
            |item: &&_| matches!(HashMap::get(*item, "pk"), Some(AttributeValue::S(pk)) if pk.starts_with(prefix));
        let size = |item: &HashMap<String, _>| item.iter().map(|(name, value)| name.len() + text(value)).sum();
        items.iter().filter(has_prefix).map(size).max().expect("an item")
    }

    /// Removes one attribute of an item directly in the table.
    pub(crate) async fn remove(&self, pk: &str, sk: &str, name: &str) {
        let update = self.client.update_item().table_name(&self.name).key("pk", AttributeValue::S(pk.into()));
        let update = update.key("sk", AttributeValue::S(sk.into())).update_expression("REMOVE #name");
        update.expression_attribute_names("#name", name).send().await.expect("an update");
    }

    /// Sets one attribute of an item directly in the table.
    pub(crate) async fn set(&self, pk: &str, sk: &str, name: &str, value: AttributeValue) {
        let update = self.client.update_item().table_name(&self.name).key("pk", AttributeValue::S(pk.into()));
        let update = update.key("sk", AttributeValue::S(sk.into())).update_expression("SET #name = :value");
        let update = update.expression_attribute_names("#name", name).expression_attribute_values(":value", value);
        update.send().await.expect("an update");
    }
}

/// The AWS settings of a function, with an engine at `url`.
pub(crate) fn aws(url: &str) -> Aws {
    Aws::open(&environment(url)).expect("the variables are there")
}

/// The variables that Lambda sets, and the one for an engine at `url`.
pub(crate) fn environment(url: &str) -> Environment {
    environment_with_kms(url, url)
}

/// The same, with a KMS.
pub(crate) fn environment_with_kms(url: &str, kms: &str) -> Environment {
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL_DYNAMODB", url),
        ("AWS_ENDPOINT_URL_KMS", kms),
    ];
    Environment::from_pairs(variables.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

pub(crate) fn new_user(username: &str) -> NewUser<'_> {
    NewUser {
        username: Some(username),
        found_by: Some(name_of(username)),
        name: None,
        email: None,
        password_hash: Some("hash"),
    }
}

/// A name all of whose forms are equal, as those of most names are.
pub(crate) fn name_of(username: &str) -> Name<'_> {
    Name::from([username; 4])
}

/// Starts an in-memory engine and returns its address.
async fn embedded() -> String {
    let database = Database::memory().expect("an engine");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
    url
}

/// A unique table name: the engine may contain the tables of other tests and earlier runs.
fn name() -> String {
    let test = std::thread::current().name().unwrap_or_default().replace("::", ".");
    #[expect(clippy::disallowed_methods, reason = "not the time of a request")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
    format!("{test}-{}", now.as_nanos())
}

async fn create_table(client: &Client, name: &str) {
    let attribute = |name| AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key");
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk").build().expect("an attribute"))
        .attribute_definitions(attribute("sk").build().expect("an attribute"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .send()
        .await
        .expect("a table");
}
