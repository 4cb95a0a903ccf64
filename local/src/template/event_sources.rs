//! Event source mappings: which function takes the records of which stream, and what happens to those that it cannot
//! take. `Id.Alias` is called like everywhere else.

use std::time::Duration;

use serde_json::Value as Json;

use super::functions::Functions;
use super::http::expect;
use super::model::EventSource;
use super::problem::Problem;
use super::properties;

/// Records of one invocation, if the template does not say.
const BATCH: u64 = 100;
/// The most that Lambda takes.
const LARGEST_BATCH: u64 = 10_000;

/// The mapping as it is run.
pub(super) fn read(declared: properties::EventSource, functions: &Functions<'_>) -> Result<EventSource, Problem> {
    let (function, called) = functions.called(&declared.function_name).map_err(|problem| problem.at("FunctionName"))?;
    let called = called.to_owned();
    expect("StartingPosition", &declared.starting_position, "TRIM_HORIZON")?;
    let stream = declared.event_source_arn;
    if table_of(&stream).is_none() {
        return Err(Problem::new(format!("{stream} is no stream of a table")).at("EventSourceArn"));
    }
    let batch_size = declared.batch_size.unwrap_or(BATCH);
    if !(1..=LARGEST_BATCH).contains(&batch_size) {
        return Err(Problem::new(format!("must be 1 to {LARGEST_BATCH}")).at("BatchSize"));
    }
    let reports = match declared.function_response_types.as_slice() {
        [] => false,
        [one] if one == "ReportBatchItemFailures" => true,
        other => return Err(Problem::new(format!("{other:?} is not run locally")).at("FunctionResponseTypes")),
    };
    let filters = declared.filter_criteria.filters.iter().map(|filter| pattern(&filter.pattern));
    Ok(EventSource {
        function,
        called,
        stream,
        batch_size: usize::try_from(batch_size).unwrap_or(usize::MAX),
        retries: declared.maximum_retry_attempts,
        max_age: declared.maximum_record_age_in_seconds.map(Duration::from_secs),
        bisects: declared.bisect_batch_on_function_error,
        reports,
        filters: filters.collect::<Result<_, _>>().map_err(|problem| problem.at("FilterCriteria"))?,
        on_failure: declared.destination_config.on_failure.map(|on_failure| on_failure.destination),
    })
}

/// The name of the table whose stream has this ARN.
pub(crate) fn table_of(stream: &str) -> Option<&str> {
    let (_, resource) = stream.split_once(":table/")?;
    resource.split_once("/stream/").map(|(table, _)| table)
}

/// A pattern of events. Of its language, exact texts and prefixes are run.
fn pattern(text: &str) -> Result<Json, Problem> {
    let pattern: Json = serde_json::from_str(text).map_err(|error| Problem::new(format!("is no JSON: {error}")))?;
    if is_run(&pattern) { Ok(pattern) } else { Err(Problem::new(format!("{text} is not run locally"))) }
}

fn is_run(pattern: &Json) -> bool {
    match pattern {
        Json::Object(members) => members.values().all(is_run),
        Json::Array(choices) => choices.iter().all(|choice| match choice {
            Json::Object(rule) => rule.len() == 1 && rule.get("prefix").is_some_and(Json::is_string),
            other => other.is_string(),
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{function, local, refusal};

    const SOURCE: &str = "  S: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !GetAtt F.Arn, EventSourceArn: \
        !GetAtt T.StreamArn, StartingPosition: TRIM_HORIZON, BatchSize: 5, MaximumRetryAttempts: 3, FilterCriteria: \
        {Filters: [{Pattern: '{\"eventName\":[\"INSERT\"],\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":[{\"prefix\":\"A#\"}]}}}}'}]}, \
        FunctionResponseTypes: [ReportBatchItemFailures], DestinationConfig: {OnFailure: {Destination: !GetAtt Q.Arn}}}}\n  \
        Q: {Type: AWS::SQS::Queue}\n  T: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, \
        AttributeDefinitions: [{AttributeName: pk, AttributeType: S}], KeySchema: [{AttributeName: pk, KeyType: HASH}], \
        StreamSpecification: {StreamViewType: KEYS_ONLY}}}\n";

    #[test]
    fn a_mapping_is_read_as_it_is_written() {
        let template = local(&format!("{}{SOURCE}", function("F", "")), &[]).expect("well-formed");
        let [source] = template.event_sources.as_slice() else { panic!("one mapping") };
        assert_eq!((source.function.as_str(), source.batch_size, source.retries), ("F", 5, Some(3)));
        assert!(source.reports && !source.bisects && source.filters.len() == 1);
        assert_eq!(super::table_of(&source.stream), Some("local-T"));
        assert_eq!(source.on_failure.as_deref(), Some("arn:aws:sqs:us-east-1:123456789012:local-Q"));
        assert_eq!(template.tables[0].create["StreamSpecification"]["StreamViewType"], "KEYS_ONLY");
    }

    #[test]
    fn a_mapping_that_cannot_be_run_is_an_error_that_names_it() {
        for (written, instead, named) in [
            ("!GetAtt F.Arn", "G", "FunctionName"),
            ("!GetAtt T.StreamArn", "!GetAtt T.Arn", "EventSourceArn"),
            ("TRIM_HORIZON", "LATEST", "StartingPosition"),
            ("BatchSize: 5", "BatchSize: 0", "BatchSize"),
            ("{\"prefix\":\"A#\"}", "{\"suffix\":\"A#\"}", "FilterCriteria"),
            ("[ReportBatchItemFailures]", "[Other]", "FunctionResponseTypes"),
            ("BatchSize: 5", "TumblingWindowInSeconds: 5", "TumblingWindowInSeconds"),
        ] {
            let refused = refusal(&format!("{}{}", function("F", ""), SOURCE.replace(written, instead)));
            assert!(refused.contains(named), "{refused} should name {named}");
        }
    }
}
