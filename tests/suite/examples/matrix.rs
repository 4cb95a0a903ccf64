//! Two APIs, two stages, two scopes, one token, and the cache enabled: every decision is correct in every order of
//! requests.

use super::{Example, HTTP, REST, Setup};
use serde_json::json;
use support::forger::Forger;

/// The scopes of the two routes of the two stages. The token has only `ours`.
const FIRST: &str = "GET/prices=ours,POST/quotes=theirs,GET/units/:unit=ours,POST/conversions=theirs";
const SECOND: &str = "GET/prices=theirs,POST/quotes=ours,GET/units/:unit=theirs,POST/conversions=ours";

const HTTP_STAGE: &str = "
  Beta:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Api, StageName: beta, AutoDeploy: true, StageVariables: {scopes: SECOND}}

Outputs:";
const REST_STAGE: &str = "
  Beta:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, DeploymentId: !Ref Api.Deployment, StageName: beta, Variables: {scopes: SECOND}}

Outputs:";

/// A cell of the matrix: a request, and whether the token's scope is sufficient.
type Cell = (&'static str, &'static str, bool);

const HTTP_CELLS: [Cell; 4] = [
    ("GET", "/prices", true),
    ("POST", "/quotes", false),
    ("GET", "/beta/prices", false),
    ("POST", "/beta/quotes", true),
];
const REST_CELLS: [Cell; 6] = [
    ("GET", "/prod/units/mile", true),
    ("POST", "/prod/conversions", false),
    ("POST", "/prod/conversions/", false),
    ("GET", "/beta/units/mile", false),
    ("POST", "/beta/conversions", true),
    ("POST", "/beta/conversions/", true),
];

/// Sends every request, in an order that begins with each of them once. An allowed request yields 200 or 400.
async fn check(example: &Example, cells: &[Cell], token: &str) {
    for first in 0..cells.len() {
        for index in 0..cells.len() {
            let (method, path, passes) = cells[(first + index) % cells.len()];
            let (status, _, body) = example.send(method, path, (Some(token), None)).await;
            assert_eq!(
                status,
                if passes { if method == "GET" { 200 } else { 400 } } else { 403 },
                "{method} {path} {body}"
            );
        }
    }
}

/// Starts an example with two stages for every order of its cells, and checks each.
async fn every_order(setup: Setup<'_>, cells: &[Cell], asked_at_most: usize) {
    let forger = Forger::start().await;
    let mut claims = forger.claims();
    claims["scope"] = json!("ours");
    let token = forger.sign(&Forger::header(), &claims);
    for first in 0..cells.len() {
        let Some(example) = setup.start(&forger.url).await else { return };
        let rotated: Vec<Cell> = cells.iter().cycle().skip(first).take(cells.len()).copied().collect();
        check(&example, &rotated, &token).await;
        let asked = example.lacked_scope().await;
        assert!(asked <= asked_at_most, "the cache answers again what it was told: {asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_api_that_caches_by_route() {
    let stage = HTTP_STAGE.replace("SECOND", &format!("'{SECOND}'"));
    let changes = [("\nOutputs:", stage.as_str())];
    every_order(Setup { changes: &changes, parameters: &[("Scopes", FIRST)], ..HTTP }, &HTTP_CELLS, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_api_with_payload_1_that_caches_by_token() {
    let stage = HTTP_STAGE.replace("SECOND", &format!("'{SECOND}'"));
    let changes = [
        ("\nOutputs:", stage.as_str()),
        ("AuthorizerPayloadFormatVersion: '2.0'", "AuthorizerPayloadFormatVersion: '1.0'"),
        ("EnableSimpleResponses: true", "EnableSimpleResponses: false"),
        ("Context: [routeKey]", "Context: []"),
    ];
    every_order(Setup { changes: &changes, parameters: &[("Scopes", FIRST)], ..HTTP }, &HTTP_CELLS, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_api_that_caches_by_path() {
    let stage = REST_STAGE.replace("SECOND", &format!("'{SECOND}'"));
    let changes = [("\nOutputs:", stage.as_str())];
    every_order(Setup { changes: &changes, parameters: &[("Scopes", FIRST)], ..REST }, &REST_CELLS, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_api_that_caches_by_resource() {
    let stage = REST_STAGE.replace("SECOND", &format!("'{SECOND}'"));
    let changes =
        [("\nOutputs:", stage.as_str()), ("Context: [httpMethod, path]", "Context: [httpMethod, resourcePath]")];
    every_order(Setup { changes: &changes, parameters: &[("Scopes", FIRST)], ..REST }, &REST_CELLS, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rest_api_that_caches_by_token() {
    let stage = REST_STAGE.replace("SECOND", &format!("'{SECOND}'"));
    let changes = [("\nOutputs:", stage.as_str()), ("Context: [httpMethod, path]", "Context: []")];
    every_order(Setup { changes: &changes, parameters: &[("Scopes", FIRST)], ..REST }, &REST_CELLS, 2).await;
}
