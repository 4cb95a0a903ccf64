//! Lambda's event source mappings over DynamoDB Streams: records become batches, which a function takes one after the other.
//!
//! What fails is tried again with growing pauses, while later records wait, as they do in the cloud. A function that
//! reports partial failures gets what follows its first failure again. A batch that fails as a whole is halved, if the
//! template says so. What was tried too often or is too old goes to the queue of the mapping.
//!
//! How far a stream was read is kept with the data: a stack that keeps nothing begins with the oldest record.

mod filter;
mod place;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::Error;
use crate::iam::Upstream;
use crate::runtime::Functions;
use crate::template::{EventSource, table_of};
use crate::terminal::{Terminal, Tone};
use crate::wire::Task;
use place::Place;

/// How long to wait when a stream has nothing new.
const IDLE: Duration = Duration::from_millis(200);
/// The first and the longest pause between tries.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_mins(1));

/// The mappings of a stack, while this lives.
#[derive(Debug)]
pub(crate) struct Streams {
    _pollers: Vec<Task>,
}

impl Streams {
    /// Begins to read every stream that a function takes records of. Where it was read to is kept in the folder `data`.
    pub(crate) fn start(
        sources: &[EventSource],
        dynamodb: &Upstream,
        functions: &Arc<Functions>,
        (data, terminal): (Option<&Path>, &Terminal),
    ) -> Self {
        let poller = |source: &EventSource| Poller {
            place: Place::of(&source.function, data),
            source: source.clone(),
            dynamodb: dynamodb.clone(),
            functions: Arc::clone(functions),
            terminal: terminal.clone(),
        };
        Self { _pollers: sources.iter().map(|source| Task::spawn(poller(source).run())).collect() }
    }
}

/// Reads one stream for one function.
struct Poller {
    source: EventSource,
    place: Place,
    dynamodb: Upstream,
    functions: Arc<Functions>,
    terminal: Terminal,
}

/// What became of a batch.
enum Outcome {
    Done,
    /// The records from this place on have to be tried again.
    Partly(usize),
    Failed,
}

impl Poller {
    async fn run(self) {
        loop {
            let Err(error) = self.follow().await;
            self.terminal.print(Tone::Bad, format!("the stream of {}: {error}", self.source.function));
            sleep(PAUSE.1).await;
        }
    }

    /// Reads on, as long as that succeeds.
    async fn follow(&self) -> Result<std::convert::Infallible, Error> {
        let mut iterator = self.iterator().await?;
        loop {
            let answer = self.call("GetRecords", &json!({"ShardIterator": iterator})).await?;
            let records = answer["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
            let fitting: Vec<Json> =
                records.iter().filter(|record| filter::fits(&self.source.filters, record)).cloned().collect();
            for batch in fitting.chunks(self.source.batch_size) {
                self.deliver(batch).await;
            }
            if let Some(number) = records.last().and_then(|record| record["dynamodb"]["SequenceNumber"].as_str()) {
                self.place.advance(number);
            }
            if records.is_empty() {
                sleep(IDLE).await;
            }
            iterator = answer["NextShardIterator"].clone();
            if !iterator.is_string() {
                iterator = self.iterator().await?;
            }
        }
    }

    /// Where the next record is. The embedded engine has one shard for each stream.
    async fn iterator(&self) -> Result<Json, Error> {
        let table = table_of(&self.source.stream).unwrap_or_default();
        let described = self.dynamodb.call("DescribeTable", &json!({"TableName": table})).await?;
        let described = described.map_err(|error| error.doing("DescribeTable", table))?;
        let stream = described["Table"]["LatestStreamArn"].clone();
        if !stream.is_string() {
            return Err(Error::new(format!("the table {table} has no stream")));
        }
        let described = self.call("DescribeStream", &json!({"StreamArn": stream})).await?;
        let shard = described["StreamDescription"]["Shards"][0]["ShardId"].clone();
        let mut request = json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER"});
        if let Some(number) = self.place.number() {
            request["SequenceNumber"] = json!(number);
            if let Ok(answer) = self.call("GetShardIterator", &request).await {
                return Ok(answer["ShardIterator"].clone());
            }
        }
        // The oldest one: nothing was read yet, or the stream has forgotten what was.
        let request = json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        Ok(self.call("GetShardIterator", &request).await?["ShardIterator"].clone())
    }

    /// Has the function take a batch, until it does or the records are given up.
    async fn deliver(&self, batch: &[Json]) {
        let mut waiting = vec![Tried { records: batch.to_vec(), tries: 0 }];
        while let Some(next) = waiting.pop() {
            let Tried { records, tries } = next;
            let (left, is_whole) = match self.offer(&records).await {
                Outcome::Done => continue,
                Outcome::Partly(from) => (records[from..].to_vec(), false),
                Outcome::Failed => (records, true),
            };
            if self.is_over(&left, tries + 1) {
                self.give_up(&left);
                continue;
            }
            sleep((PAUSE.0 * 2_u32.saturating_pow(tries)).min(PAUSE.1)).await;
            let tries = tries + 1;
            if is_whole && self.source.bisects && left.len() > 1 {
                let (first, second) = left.split_at(left.len() / 2);
                waiting.extend([second, first].map(|records| Tried { records: records.to_vec(), tries }));
            } else {
                waiting.push(Tried { records: left, tries });
            }
        }
    }

    async fn offer(&self, records: &[Json]) -> Outcome {
        let event = records.iter().map(|record| self.event(record)).collect::<Vec<_>>();
        let event = Bytes::from(json!({"Records": event}).to_string());
        let answer = match self.functions.invoke(&self.source.called, event).await.result {
            Ok(answer) => serde_json::from_slice::<Json>(&answer).unwrap_or_default(),
            Err(_) => return Outcome::Failed,
        };
        let failures = answer["batchItemFailures"].as_array().filter(|_| self.source.reports);
        let Some(failures) = failures.filter(|failures| !failures.is_empty()) else { return Outcome::Done };
        let is_failed = |record: &Json| {
            let number = &record["dynamodb"]["SequenceNumber"];
            failures.iter().any(|failure| failure["itemIdentifier"] == *number)
        };
        // One that is not in the batch counts as a failure of all of it.
        records.iter().position(is_failed).map_or(Outcome::Failed, Outcome::Partly)
    }

    /// A record as the function sees it.
    fn event(&self, record: &Json) -> Json {
        let mut record = record.clone();
        record["eventSourceARN"] = json!(self.source.stream);
        record
    }

    fn is_over(&self, records: &[Json], tries: u32) -> bool {
        let created = records.first().and_then(|record| record["dynamodb"]["ApproximateCreationDateTime"].as_f64());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let is_old = |most: Duration| created.is_some_and(|created| now.as_secs_f64() - created > most.as_secs_f64());
        self.source.retries.is_some_and(|most| u64::from(tries) > most) || self.source.max_age.is_some_and(is_old)
    }

    fn give_up(&self, records: &[Json]) {
        let queue = self.source.on_failure.as_deref().and_then(|arn| arn.rsplit(':').next());
        let line = format!("{} could not take {} records of its stream", self.source.function, records.len());
        let line = queue.map_or(line.clone(), |queue| format!("{line}: sent to the queue {queue}"));
        self.terminal.print(Tone::Bad, line);
    }

    async fn call(&self, operation: &str, body: &Json) -> Result<Json, Error> {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        let answer = self.dynamodb.send(&target, body.to_string().into()).await?;
        let parsed = serde_json::from_slice::<Json>(answer.body()).unwrap_or_default();
        if answer.status().is_success() { Ok(parsed) } else { Err(Error::new(format!("{operation}: {parsed}"))) }
    }
}

/// Records that are waiting for another try.
struct Tried {
    records: Vec<Json>,
    tries: u32,
}
