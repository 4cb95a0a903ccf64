//! Storage: everything that outlives a request, in one DynamoDB table.
//!
//! Collections ([`Users`], [`Keys`], [`Limits`]) are concrete types over a [`Table`] with few operations. There is no
//! storage trait: the conditional write is the logic, so tests run it against a real engine. Only this crate imports
//! the AWS SDK, and only this crate generates random values.

mod assertions;
pub mod audit;
mod aws;
mod bounces;
mod browsers;
mod bucket;
mod clients;
mod codes;
mod consents;
mod deletion;
mod devices;
mod email;
mod expression;
mod factors;
mod held;
mod https;
mod initial_tokens;
mod item;
mod keys;
mod limits;
mod names;
mod once;
mod outbox;
pub mod random;
mod recent;
mod refresh_token;
mod renaming;
mod requests;
mod resources;
mod revocations;
mod seal;
mod secret;
mod sessions;
mod spent;
mod strangers;
mod table;
mod unfinished;
mod users;

pub use assertions::Assertions;
pub use audit::{Audit, History, Recorded};
pub use aws::Aws;
pub use bounces::{Bounce, Bounces, Unreachable};
pub use browsers::{BrowserLifetime, BrowserSession, Browsers, Visitor};
pub use bucket::Tally;
pub use clients::{Clients, Registered, VIEW as CLIENT_VIEW};
pub use codes::{CodeGrant, Codes, Redeemed, StoredCode};
pub use consents::{Consent, Consents};
pub use deletion::{Asker, Deletion, Deletions};
pub use devices::{Device, Devices, Trusted};
pub use email::Email;
pub use factors::{Confirmation, Enrolling, FactorSet, Factors, Proof, Recovery, Totp, recovery_hash};
pub use initial_tokens::InitialTokens;
pub use keys::{KeyState, Keys, NewKey, PublicKey, Ring, Vault};
pub use limits::{Attempt, Counted, Guess, Limits};
pub use names::{Claims, Name};
pub use once::{CODE_SECONDS, Found, LINK_SECONDS, Once, OnceKind, OneTime, Opened, Presented, Purpose};
pub use outbox::{Lease, Leased, Outbox, SealedMail};
pub use refresh_token::RefreshToken;
pub use renaming::{Place, Renamed, Renaming};
pub use requests::{Answer, PUSHED_SECONDS, Proven, REQUEST_SECONDS, Requests, Stage, StoredRequest, Target};
pub use resources::{Declared, Resources};
pub use revocations::{LONGEST_TOKEN, Retention, Revocations, Revoked};
pub use seal::Seal;
pub use secret::{SecretHash, SecretKind, generate as new_secret};
pub use sessions::{Chain, Change, RefreshLifetime, Rotated, Rotation, Session, Sessions, SignOut};
pub use spent::Spent;
pub use strangers::Strangers;
pub use table::Table;
pub use unfinished::{MFA_SECONDS, MfaTokens, Unfinished};
pub use users::{
    CHANGE_SECONDS, Changed, Created, Forgetful, Letter, NewUser, NextEmail, Notice, Password, Person, Registering,
    Status, User, Users,
};
