//! Which resource types and properties `local` runs, and which it knows and leaves alone, each with the reason.
//!
//! What is in neither list is an error: a template that means more than this machine does would be a trap.

/// The resource types that are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Alias,
    Table,
    Key,
    Api,
    Stage,
    Authorizer,
    Integration,
    Route,
    Permission,
    HttpApi,
    RestApi,
    RestStage,
    Parameter,
    ManagedPolicy,
    EventSource,
    /// Known, and without effect here.
    Inert,
}

/// What a resource type is to `local`; `None` for one that it does not know.
pub(super) fn kind(name: &str) -> Option<Kind> {
    match name {
        "AWS::Serverless::Function" => Some(Kind::Function),
        "AWS::Lambda::Alias" => Some(Kind::Alias),
        "AWS::DynamoDB::Table" => Some(Kind::Table),
        "AWS::KMS::Key" => Some(Kind::Key),
        "AWS::ApiGatewayV2::Api" => Some(Kind::Api),
        "AWS::ApiGatewayV2::Stage" => Some(Kind::Stage),
        "AWS::ApiGatewayV2::Authorizer" => Some(Kind::Authorizer),
        "AWS::ApiGatewayV2::Integration" => Some(Kind::Integration),
        "AWS::ApiGatewayV2::Route" => Some(Kind::Route),
        "AWS::Lambda::Permission" => Some(Kind::Permission),
        "AWS::Serverless::HttpApi" => Some(Kind::HttpApi),
        "AWS::Serverless::Api" => Some(Kind::RestApi),
        "AWS::ApiGateway::Stage" => Some(Kind::RestStage),
        "AWS::SSM::Parameter" => Some(Kind::Parameter),
        "AWS::IAM::ManagedPolicy" => Some(Kind::ManagedPolicy),
        "AWS::Lambda::EventSourceMapping" => Some(Kind::EventSource),
        _ => INERT_TYPES.iter().any(|(inert, _)| *inert == name).then_some(Kind::Inert),
    }
}

const INERT_TYPES: &[(&str, &str)] = &[
    ("AWS::IAM::Role", "no function can have it: a function's role is what its own Policies say"),
    ("AWS::Events::Rule", "no schedule runs here: invoke the function when you want it to run"),
    ("AWS::ApiGatewayV2::DomainName", "the gateway answers to every name: its address is this machine's"),
    ("AWS::ApiGatewayV2::ApiMapping", "the gateway answers to every name: its address is this machine's"),
    ("AWS::SQS::Queue", "what goes to a queue is shown at the terminal"),
    ("AWS::SNS::Topic", "nobody publishes here: invoke the function with a notification"),
    ("AWS::SNS::TopicPolicy", "nobody publishes here"),
    ("AWS::SNS::Subscription", "nobody publishes here"),
    ("AWS::SES::ConfigurationSet", "no mail leaves this machine, so none bounces"),
    ("AWS::SES::ConfigurationSetEventDestination", "no mail leaves this machine, so none bounces"),
    ("AWS::Logs::LogGroup", "logs go to the terminal"),
    ("AWS::Logs::MetricFilter", "there are no metrics to count"),
    ("AWS::Logs::QueryDefinition", "logs go to the terminal"),
    ("AWS::CloudWatch::Alarm", "nobody is on call for a laptop"),
    ("AWS::CloudWatch::Dashboard", "there are no metrics to draw"),
];

/// Properties without effect here. A type's other properties are either understood or an error.
const INERT_PROPERTIES: &[(&str, &str, &str)] = &[
    ("AWS::Serverless::Function", "Description", "for people"),
    ("AWS::Serverless::Function", "Architectures", "functions are built for this machine"),
    ("AWS::Serverless::Function", "Tracing", "there is no X-Ray"),
    ("AWS::Serverless::Function", "LoggingConfig", "logs go to the terminal"),
    ("AWS::Serverless::Function", "ReservedConcurrentExecutions", "the limit here is that of processes, for all alike"),
    ("AWS::Lambda::Alias", "Description", "for people"),
    ("AWS::Lambda::Alias", "FunctionVersion", "a function has one version here: the one that is built"),
    ("AWS::IAM::ManagedPolicy", "Description", "for people"),
    ("AWS::Lambda::EventSourceMapping", "ParallelizationFactor", "the embedded engine's streams have one shard"),
    ("AWS::Lambda::EventSourceMapping", "MaximumBatchingWindowInSeconds", "a batch is what is there"),
    ("AWS::Lambda::EventSourceMapping", "Tags", "for accounting"),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification", "there are no backups"),
    ("AWS::DynamoDB::Table", "SSESpecification", "the data folder is for its owner only"),
    ("AWS::DynamoDB::Table", "DeletionProtectionEnabled", "local deletes no table"),
    ("AWS::DynamoDB::Table", "OnDemandThroughput", "nothing costs anything here"),
    ("AWS::DynamoDB::Table", "Tags", "for accounting"),
    ("AWS::KMS::Key", "Description", "for people"),
    ("AWS::KMS::Key", "EnableKeyRotation", "rotation inside KMS is invisible to its callers"),
    ("AWS::KMS::Key", "PendingWindowInDays", "local deletes no key"),
    ("AWS::KMS::Key", "Tags", "for accounting"),
    ("AWS::ApiGatewayV2::Api", "Name", "for people"),
    ("AWS::ApiGatewayV2::Api", "Description", "for people"),
    ("AWS::ApiGatewayV2::Api", "DisableExecuteApiEndpoint", "the one address here is this machine's"),
    ("AWS::ApiGatewayV2::Api", "Tags", "for accounting"),
    ("AWS::ApiGatewayV2::Stage", "Description", "for people"),
    ("AWS::ApiGatewayV2::Stage", "AccessLogSettings", "every request is logged to the terminal"),
    ("AWS::ApiGatewayV2::Stage", "DefaultRouteSettings", "nothing is throttled and there are no metrics"),
    ("AWS::ApiGatewayV2::Stage", "RouteSettings", "nothing is throttled and there are no metrics"),
    ("AWS::ApiGatewayV2::Stage", "Tags", "for accounting"),
    ("AWS::ApiGatewayV2::Authorizer", "Name", "for people"),
    ("AWS::ApiGatewayV2::Integration", "Description", "for people"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationMethod", "a function is always called with POST"),
    ("AWS::ApiGatewayV2::Route", "OperationName", "for people"),
    ("AWS::Serverless::HttpApi", "Name", "for people"),
    ("AWS::Serverless::HttpApi", "Description", "for people"),
    ("AWS::Serverless::HttpApi", "Tags", "for accounting"),
    ("AWS::Serverless::HttpApi", "AccessLogSettings", "every request is logged to the terminal"),
    ("AWS::Serverless::HttpApi", "DefaultRouteSettings", "nothing is throttled and there are no metrics"),
    ("AWS::Serverless::Api", "Name", "for people"),
    ("AWS::Serverless::Api", "Description", "for people"),
    ("AWS::Serverless::Api", "Tags", "for accounting"),
    ("AWS::Serverless::Api", "EndpointConfiguration", "every endpoint is this machine"),
    ("AWS::Serverless::Api", "OpenApiVersion", "no document is generated, so no extra stage either"),
    ("AWS::Serverless::Api", "AccessLogSetting", "every request is logged to the terminal"),
    ("AWS::Serverless::Api", "MethodSettings", "nothing is throttled and there are no metrics"),
    ("AWS::Serverless::Api", "TracingEnabled", "there is no X-Ray"),
    ("AWS::ApiGateway::Stage", "Description", "for people"),
    ("AWS::ApiGateway::Stage", "DeploymentId", "there is one deployment: this template"),
    ("AWS::ApiGateway::Stage", "Tags", "for accounting"),
    ("AWS::SSM::Parameter", "Description", "for people"),
    ("AWS::SSM::Parameter", "Tags", "for accounting"),
];

/// Whether a property of a resource type has no effect here.
pub(super) fn is_inert(kind: &str, property: &str) -> bool {
    INERT_PROPERTIES.iter().any(|(owner, inert, _)| *owner == kind && *inert == property)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_inert_thing_has_a_reason_and_belongs_to_a_type_that_is_run() {
        assert!(INERT_TYPES.iter().all(|(_, reason)| !reason.is_empty()));
        for (owner, property, reason) in INERT_PROPERTIES {
            assert!(kind(owner).is_some_and(|kind| kind != Kind::Inert), "{owner} is not run");
            assert!(!reason.is_empty(), "{owner} {property}");
        }
    }
}
