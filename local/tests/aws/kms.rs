//! The stand-in for KMS, judged by the AWS SDK.

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_sdk_kms::{Client, Config};
use local::{Data, Options};

use crate::support::Fixture;

fn client(fixture: &Fixture) -> Client {
    let local::Credentials { access_key_id, secret_access_key, .. } = fixture.stack.operator().clone();
    let credentials = Credentials::new(access_key_id, secret_access_key, None, None, "operator");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(fixture.stack.kms_endpoint())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build();
    Client::from_conf(config)
}

fn keys(fixture: &Fixture) -> (String, String) {
    let keys = &fixture.stack.template().keys;
    (keys[0].arn.clone(), keys[1].arn.clone())
}

/// The name of the exception that a call ended in.
fn exception<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> String {
    let error = result.expect_err("it is refused");
    error.code().expect("an exception").to_owned()
}

#[tokio::test]
async fn a_data_key_opens_in_its_own_context_only() {
    let fixture = Fixture::start().await;
    let (client, (key, other)) = (client(&fixture), keys(&fixture));
    let made = client.generate_data_key().key_id(&key).key_spec(DataKeySpec::Aes256);
    let made = made.encryption_context("kid", "1").send().await.expect("a data key");
    let plaintext = made.plaintext.expect("the plaintext");
    assert_eq!((plaintext.as_ref().len(), made.key_id.as_deref()), (32, Some(key.as_str())));
    let sealed = made.ciphertext_blob.expect("the ciphertext");
    let open = || client.decrypt().ciphertext_blob(sealed.clone());
    let opened = open().encryption_context("kid", "1").send().await.expect("it opens");
    assert_eq!((opened.plaintext.as_ref(), opened.key_id.as_deref()), (Some(&plaintext), Some(key.as_str())));
    assert_eq!(exception(open().send().await), "InvalidCiphertextException");
    assert_eq!(exception(open().encryption_context("kid", "2").send().await), "InvalidCiphertextException");
    let with_more = open().encryption_context("kid", "1").encryption_context("more", "x");
    assert_eq!(exception(with_more.send().await), "InvalidCiphertextException");
    let by_other = open().encryption_context("kid", "1").key_id(&other);
    assert_eq!(exception(by_other.send().await), "IncorrectKeyException");
}

#[tokio::test]
async fn a_changed_ciphertext_opens_nothing() {
    let fixture = Fixture::start().await;
    let (client, (key, other)) = (client(&fixture), keys(&fixture));
    let seal = async |key: &str| {
        let sealed = client.encrypt().key_id(key).plaintext(Blob::new("secret")).send().await.expect("sealed");
        sealed.ciphertext_blob.expect("the ciphertext").into_inner()
    };
    let (sealed, others) = (seal(&key).await, seal(&other).await);
    let open = async |blob: Vec<u8>| client.decrypt().ciphertext_blob(Blob::new(blob)).send().await;
    assert_eq!(open(sealed.clone()).await.expect("it opens").plaintext, Some(Blob::new("secret")));
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert_eq!(exception(open(changed).await), "InvalidCiphertextException", "byte {index}");
    }
    for cut in [0, 1, 16, 17, 28, 29, sealed.len() - 1] {
        assert!(open(sealed[..cut].to_vec()).await.is_err(), "{cut} bytes");
    }
    let grafted = [&others[..17], &sealed[17..]].concat();
    assert_eq!(exception(open(grafted).await), "InvalidCiphertextException");
}

#[tokio::test]
async fn a_key_is_named_by_its_arn_or_its_id_and_an_unknown_one_is_not_found() {
    let fixture = Fixture::start().await;
    let (client, (key, _)) = (client(&fixture), keys(&fixture));
    let id = key.rsplit('/').next().expect("an id");
    for name in [key.as_str(), id] {
        let described = client.describe_key().key_id(name).send().await.expect("it is known");
        assert_eq!(described.key_metadata.and_then(|metadata| metadata.arn), Some(key.clone()));
    }
    let unknown = client.generate_data_key().key_id("alias/none").key_spec(DataKeySpec::Aes256).send().await;
    assert_eq!(exception(unknown), "NotFoundException");
}

#[tokio::test]
async fn a_data_key_needs_one_size() {
    let fixture = Fixture::start().await;
    let (client, (key, _)) = (client(&fixture), keys(&fixture));
    let request = || client.generate_data_key().key_id(&key);
    assert_eq!(exception(request().send().await), "ValidationException");
    let both = request().key_spec(DataKeySpec::Aes256).number_of_bytes(16);
    assert_eq!(exception(both.send().await), "ValidationException");
    assert_eq!(exception(request().number_of_bytes(1025).send().await), "ValidationException");
    let made = request().number_of_bytes(64).send().await.expect("a data key");
    assert_eq!(made.plaintext.map(|plaintext| plaintext.as_ref().len()), Some(64));
    let sealed = client.generate_data_key_without_plaintext().key_id(&key).key_spec(DataKeySpec::Aes128);
    assert!(sealed.send().await.expect("a data key").ciphertext_blob.is_some());
    assert_eq!(exception(client.list_keys().send().await), "UnknownOperationException");
}

#[tokio::test]
async fn the_key_outlives_the_stack_in_a_file_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let data = tempfile::tempdir().expect("a folder");
    let folder = data.path().join("data");
    let options = Options { data: Data::Folder(folder.clone()), ..Options::default() };
    let fixture = Fixture::with(options.clone()).await;
    let key = keys(&fixture).0;
    let sealed = client(&fixture).encrypt().key_id(&key).plaintext(Blob::new("kept")).send().await.expect("sealed");
    for (path, mode) in [(folder.join("kms.key"), 0o600), (folder.join("credentials"), 0o600), (folder.clone(), 0o700)]
    {
        let found = std::fs::metadata(&path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
    fixture.stack.stop().await;
    let fixture = Fixture::with(options).await;
    let opened = client(&fixture).decrypt().set_ciphertext_blob(sealed.ciphertext_blob).send().await.expect("it opens");
    assert_eq!(opened.plaintext, Some(Blob::new("kept")));
}
