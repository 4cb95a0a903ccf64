//! Where a template is deployed to: the answers to pseudo parameters, `Ref` and `Fn::GetAtt`.
//!
//! Names are derived from logical ids, so they are readable and the same at every start.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use uuid::Builder;

/// The one version that a function has here.
pub(super) const VERSION: &str = "1";

/// Account, region and names of one deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`.
    pub account: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// ARNs of keys that are not this deployment's own to name, by logical id.
    pub keys: BTreeMap<String, String>,
    /// Where the HTTP API answers when that is not decided by API Gateway: `http://127.0.0.1:3000`.
    pub endpoint: Option<String>,
}

impl Deployment {
    /// A stack on this machine whose API answers at `endpoint`.
    pub fn local(endpoint: impl Into<String>) -> Self {
        Self { endpoint: Some(endpoint.into()), ..Self::cloud("us-east-1") }
    }

    /// A stack in an AWS region, where API Gateway gives the API its URL.
    pub fn cloud(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            account: "123456789012".into(),
            partition: "aws".into(),
            url_suffix: "amazonaws.com".into(),
            stack_name: "local".into(),
            keys: BTreeMap::new(),
            endpoint: None,
        }
    }

    /// An ARN in this account: `arn:aws:lambda:us-east-1:123456789012:function:local-LoginFunction`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }

    /// The ARN of the role that SAM makes for a function, below a path such as `/` or `/team/`.
    pub(super) fn role(&self, path: &str, function: &str) -> String {
        self.of_iam(&format!("role{path}{}Role", self.name(function)))
    }

    /// An ARN of IAM, which knows no regions.
    fn of_iam(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account)
    }

    /// The physical name of a resource: stack and logical id, as CloudFormation builds it, without its random end.
    pub(crate) fn name(&self, id: &str) -> String {
        format!("{}-{id}", self.stack_name)
    }

    /// What a pseudo parameter means here; `None` for one that is not known.
    pub(super) fn pseudo(&self, name: &str) -> Option<&str> {
        match name {
            "AWS::Region" => Some(&self.region),
            "AWS::AccountId" => Some(&self.account),
            "AWS::Partition" => Some(&self.partition),
            "AWS::URLSuffix" => Some(&self.url_suffix),
            "AWS::StackName" => Some(&self.stack_name),
            _ => None,
        }
    }

    /// What `Ref` answers for a resource.
    pub(super) fn reference(&self, kind: &str, id: &str) -> String {
        match kind {
            "AWS::Serverless::Function" | "AWS::DynamoDB::Table" | "AWS::SES::ConfigurationSet" => self.name(id),
            "AWS::KMS::Key" => match self.keys.get(id).and_then(|arn| arn.rsplit_once('/')) {
                Some((_, given)) => given.to_owned(),
                None => key_id(&self.name(id)),
            },
            "AWS::IAM::ManagedPolicy" => self.of_iam(&format!("policy/{}", self.name(id))),
            "AWS::SNS::Topic" => self.arn("sns", &self.name(id)),
            "AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi" | "AWS::Serverless::Api" => id.to_lowercase(),
            _ => id.to_owned(),
        }
    }

    /// What `Fn::GetAtt` answers for a resource; `None` when the attribute is not known.
    pub(super) fn attribute(&self, kind: &str, id: &str, attribute: &str) -> Option<String> {
        let reference = self.reference(kind, id);
        match (kind, attribute) {
            ("AWS::Serverless::Function", "Version.Version") => Some(VERSION.to_owned()),
            ("AWS::Serverless::Function", "Arn") => Some(self.arn("lambda", &format!("function:{reference}"))),
            ("AWS::DynamoDB::Table", "Arn") => Some(self.arn("dynamodb", &format!("table/{reference}"))),
            // A real one ends with the time at which the stream was made.
            ("AWS::DynamoDB::Table", "StreamArn") => {
                Some(self.arn("dynamodb", &format!("table/{reference}/stream/local")))
            }
            ("AWS::SQS::Queue", "Arn") => Some(self.arn("sqs", &self.name(id))),
            ("AWS::SQS::Queue", "QueueName") => Some(self.name(id)),
            ("AWS::Events::Rule", "Arn") => Some(self.arn("events", &format!("rule/{reference}"))),
            ("AWS::KMS::Key", "Arn") => {
                Some(self.keys.get(id).cloned().unwrap_or_else(|| self.arn("kms", &format!("key/{reference}"))))
            }
            ("AWS::IAM::Role", "Arn") => Some(self.of_iam(&format!("role/{}", self.name(id)))),
            ("AWS::Logs::LogGroup", "Arn") => Some(self.arn("logs", &format!("log-group:{}:*", self.name(id)))),
            ("AWS::CloudWatch::Alarm", "Arn") => Some(self.arn("cloudwatch", &format!("alarm:{}", self.name(id)))),
            ("AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi", "ApiEndpoint") => {
                Some(self.api_endpoint(&reference))
            }
            ("AWS::KMS::Key", "KeyId")
            | ("AWS::ApiGatewayV2::DomainName", "RegionalDomainName" | "RegionalHostedZoneId")
            | ("AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi", "ApiId")
            | ("AWS::Serverless::Api", "RestApiId")
            | ("AWS::ApiGatewayV2::Authorizer", "AuthorizerId") => Some(reference),
            _ => None,
        }
    }

    fn api_endpoint(&self, api: &str) -> String {
        let own = || format!("https://{api}.execute-api.{}.{}", self.region, self.url_suffix);
        self.endpoint.clone().unwrap_or_else(own)
    }
}

/// A key id has the form of a UUID; this one is the same for the same name.
fn key_id(name: &str) -> String {
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let id = hash.as_ref().first_chunk().copied().unwrap_or_default();
    Builder::from_custom_bytes(id).into_uuid().to_string()
}
