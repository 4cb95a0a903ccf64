//! KMS: the real wire protocol (JSON 1.1) over one master key that stays on this machine.
//!
//! A ciphertext is AES-256-GCM under the master key, bound to the key's id and the encryption context. What is refused
//! is refused in AWS's words, because the functions decide by them.

mod adopt;
mod blob;
mod master;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Request, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::Error;
use crate::iam::Operator;
use crate::template::Key;
use crate::wire::{self, Door, Reply, Task, ids};
pub(crate) use adopt::adopt;
use blob::KeyId;
use master::MasterKey;

/// The largest request: a plaintext of 4 KiB is the largest thing in one.
const REQUEST: usize = 64 * 1024;
/// The largest plaintext that `Encrypt` takes.
const PLAINTEXT: usize = 4096;

/// The stand-in, while this lives.
#[derive(Debug)]
pub(crate) struct Kms {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub(crate) endpoint: String,
    _server: Task,
}

/// Where the master key lives.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Home<'a> {
    /// Nowhere: it ends with the stack.
    Memory,
    /// In a folder that holds no data yet: it is made if it is missing.
    NewFolder(&'a Path),
    /// In a folder with data, which is lost without it.
    Folder(&'a Path),
}

impl Kms {
    /// Serves the keys of a template to their operator.
    pub(crate) async fn start(operator: Operator, keys: &[Key], home: Home<'_>) -> Result<Self, Error> {
        let master = match home {
            Home::Memory => MasterKey::generate()?.0,
            Home::NewFolder(folder) => MasterKey::in_new_folder(folder)?,
            Home::Folder(folder) => MasterKey::in_folder(folder)?,
        };
        let arns = keys.iter().map(|key| key.arn.clone()).collect();
        let keys = Arc::new(Keys { operator, arns, master });
        let (listener, address) = wire::listen(0).await.map_err(Error::doing("listening for KMS"))?;
        let server = wire::serve(listener, Door::programs(), move |request, _| Arc::clone(&keys).answer(request));
        Ok(Self { endpoint: format!("http://{address}"), _server: server })
    }
}

struct Keys {
    operator: Operator,
    arns: Vec<String>,
    master: MasterKey,
}

/// A refusal in AWS's words: the exception, and what it says.
struct Refusal(&'static str, String);

type Answer = Result<Json, Refusal>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Generate {
    key_id: String,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
    #[serde(default)]
    encryption_context: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypt {
    key_id: String,
    plaintext: String,
    #[serde(default)]
    encryption_context: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt {
    key_id: Option<String>,
    ciphertext_blob: String,
    #[serde(default)]
    encryption_context: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Describe {
    key_id: String,
}

impl Keys {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        let service = self.operator.service;
        let mut reply = match self.operated(request).await {
            Ok(body) => wire::reply(StatusCode::OK, service.content_type(), body.to_string()),
            Err(Refusal(kind, message)) => service.refusal(kind, &message),
        };
        if let Ok(id) = HeaderValue::from_str(&ids::uuid().to_string()) {
            reply.headers_mut().insert("x-amzn-requestid", id);
        }
        reply
    }

    async fn operated(&self, request: Request<Incoming>) -> Answer {
        let (parts, body) = request.into_parts();
        let body = wire::body(body, REQUEST).await;
        let body = body.map_err(|_| refuse("ValidationException", "the request is too large or broken off"))?;
        self.operator.check(&parts, &body).map_err(|rejection| {
            let (kind, message) = rejection.exception();
            refuse(kind, message)
        })?;
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.strip_prefix("TrentService.")).unwrap_or_default();
        self.perform(operation, &body)
    }

    fn perform(&self, operation: &str, body: &[u8]) -> Answer {
        match operation {
            "GenerateDataKey" => self.generate(&read(body)?),
            "GenerateDataKeyWithoutPlaintext" => {
                let mut generated = self.generate(&read(body)?)?;
                generated.as_object_mut().map(|members| members.remove("Plaintext"));
                Ok(generated)
            }
            "Encrypt" => self.encrypt(&read(body)?),
            "Decrypt" => self.decrypt(&read(body)?),
            "DescribeKey" => self.describe(&read(body)?),
            _ => Err(refuse("UnknownOperationException", format!("{operation:?} is not run locally"))),
        }
    }

    fn generate(&self, request: &Generate) -> Answer {
        let arn = self.key(&request.key_id)?;
        let length = match (request.key_spec.as_deref(), request.number_of_bytes) {
            (Some("AES_256"), None) => 32,
            (Some("AES_128"), None) => 16,
            (None, Some(length @ 1..=1024)) => length,
            _ => {
                return Err(refuse(
                    "ValidationException",
                    "give KeySpec AES_128 or AES_256, or NumberOfBytes 1 to 1024",
                ));
            }
        };
        let mut plaintext = vec![0; length];
        rand::fill(&mut plaintext).map_err(|_| refuse("KMSInternalException", "no random numbers"))?;
        let sealed = self.seal(arn, &plaintext, &request.encryption_context)?;
        Ok(json!({
            "KeyId": arn,
            "CiphertextBlob": sealed,
            "Plaintext": BASE64_STANDARD.encode(&plaintext),
        }))
    }

    fn encrypt(&self, request: &Encrypt) -> Answer {
        let arn = self.key(&request.key_id)?;
        let plaintext = decode("Plaintext", &request.plaintext)?;
        if plaintext.is_empty() || plaintext.len() > PLAINTEXT {
            return Err(refuse("ValidationException", "Plaintext must have 1 to 4096 bytes"));
        }
        let sealed = self.seal(arn, &plaintext, &request.encryption_context)?;
        Ok(json!({"KeyId": arn, "CiphertextBlob": sealed, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}))
    }

    fn decrypt(&self, request: &Decrypt) -> Answer {
        let named = request.key_id.as_deref().map(|id| self.key(id)).transpose()?;
        let sealed = decode("CiphertextBlob", &request.ciphertext_blob)?;
        // KMS gives one answer for a foreign, a broken and a misused ciphertext, and another for the wrong key.
        let invalid = || refuse("InvalidCiphertextException", "");
        let id = blob::key_id(&sealed).ok_or_else(invalid)?;
        let arn = self.arns.iter().find(|arn| KeyId::of(arn) == id).ok_or_else(invalid)?;
        if named.is_some_and(|named| named != arn) {
            let message = "The key ID in the request does not identify a CMK that can perform this operation.";
            return Err(refuse("IncorrectKeyException", message));
        }
        let plaintext = self.master.open(&sealed, &request.encryption_context).ok_or_else(invalid)?;
        Ok(json!({
            "KeyId": arn,
            "Plaintext": BASE64_STANDARD.encode(&plaintext),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }

    fn describe(&self, request: &Describe) -> Answer {
        let arn = self.key(&request.key_id)?;
        Ok(json!({"KeyMetadata": {
            "Arn": arn,
            "KeyId": arn.rsplit('/').next(),
            "Enabled": true,
            "KeyState": "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "KeyManager": "CUSTOMER",
            "Origin": "AWS_KMS",
            "MultiRegion": false,
        }}))
    }

    /// The ARN of a key that is named by its ARN or its id.
    fn key(&self, name: &str) -> Result<&str, Refusal> {
        let named = |arn: &&String| *arn == name || arn.rsplit('/').next() == Some(name);
        let found = self.arns.iter().find(named).map(String::as_str);
        found.ok_or_else(|| refuse("NotFoundException", format!("Key '{name}' does not exist")))
    }

    fn seal(&self, arn: &str, plaintext: &[u8], context: &BTreeMap<String, String>) -> Result<String, Refusal> {
        let sealed = self.master.seal(KeyId::of(arn), plaintext, context);
        let sealed = sealed.ok_or_else(|| refuse("KMSInternalException", "sealing failed"))?;
        Ok(BASE64_STANDARD.encode(sealed))
    }
}

/// The ARN, of those given, of the key that sealed a ciphertext (in base64).
pub(crate) fn key_of(sealed: &str, arns: &[String]) -> Option<String> {
    let id = blob::key_id(&BASE64_STANDARD.decode(sealed).ok()?)?;
    arns.iter().find(|arn| KeyId::of(arn) == id).cloned()
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let kind = if error.is_data() { "ValidationException" } else { "SerializationException" };
        refuse(kind, error.to_string())
    })
}

fn decode(member: &str, text: &str) -> Result<Vec<u8>, Refusal> {
    BASE64_STANDARD.decode(text).map_err(|error| refuse("SerializationException", format!("{member}: {error}")))
}

fn refuse(kind: &'static str, message: impl Into<String>) -> Refusal {
    Refusal(kind, message.into())
}
