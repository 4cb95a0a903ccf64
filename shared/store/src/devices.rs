//! Devices on which a person has signed in before, at `DEVICE-OF#person / hash`: their attempts to sign in count for
//! themselves, so that guesses from elsewhere do not keep the person out.
//!
//! A device is a browser with a cookie of 256 random bits. The cookie opens nothing: whoever has it may only guess at this
//! person's password as seldom as anybody else. One cookie may be known for several people who share a browser.
//!
//! A person with a second factor may trust a device after they have proven it there. For 30 days, their password is then
//! sufficient on it; a new password, and whatever else raises the epoch of the profile, ends the trust.

use oauth::{DAY, Error, Time};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::bucket::{Bucket, Buckets, Kept, Taken, Tally};
use crate::limits::{Attempt, Counted, OF_DEVICE, OF_DEVICE_AND_DAY, PER_MINUTE, per_minute, refused_by};
use crate::secret::{SecretHash, SecretKind, generate};
use crate::table::{self, Key, Table, Update, Write};

/// Most devices that are known for one person.
const MOST: usize = 30;
/// Most devices that one sign-in forgets.
const FORGOTTEN_AT_ONCE: usize = 20;

/// The devices of all people.
#[derive(Clone, Debug)]
pub struct Devices {
    table: Table,
    sign_ins_per_minute: u64,
}

/// A device, as its owner may see it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    /// When the person first signed in on it.
    pub since: Time,
    /// The user agent of that sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Until when it is known unless the person signs in on it, in epoch seconds.
    #[serde(rename = "expires_at")]
    pub until: u64,
    /// Until when the password is sufficient on it, and at which epoch of the profile. A later epoch ends the trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted: Option<Trusted>,
    /// Wrong attempts of this person on it since the last sign-in.
    #[serde(flatten, skip_serializing)]
    pub refused: Tally,
}

/// A listed device.
#[derive(Deserialize)]
struct Named {
    sk: String,
    #[serde(rename = "expires_at")]
    until: u64,
}

/// The trust in a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trusted {
    /// Its end, in epoch seconds.
    pub until: u64,
    /// The epoch of the profile.
    epoch: u64,
}

impl Devices {
    /// How long a device is known after the last sign-in, and its cookie kept, in seconds: 30 days.
    pub const MAX_AGE: u64 = 30 * DAY;

    /// The devices in `table`.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), sign_ins_per_minute: PER_MINUTE }
    }

    /// The same, with at most `sign_ins` on each in a minute.
    #[must_use]
    pub fn per_minute(self, sign_ins: u64) -> Self {
        Self { sign_ins_per_minute: sign_ins, ..self }
    }

    /// Counts an attempt of `person` on the device with this cookie. `None`: it is not known, and the attempt counts like
    /// any other. If the password turns out to be right, giving the attempt back renews the device.
    pub async fn sign_in(&self, person: &str, cookie: &str, now: Time) -> Result<Option<Attempt>, Error> {
        let each = vec![
            Bucket::of("t", OF_DEVICE),
            Bucket::of("d", OF_DEVICE_AND_DAY),
            per_minute("m", self.sign_ins_per_minute),
        ];
        let counter = Buckets::at(key(person, cookie), Kept::AsItIs, each).tallying();
        match counter.take(&self.table, now).await? {
            Taken::Absent => Ok(None),
            Taken::Counted => {
                Ok(Some(Attempt::Counted(Counted::on_device(counter, now.plus(Self::MAX_AGE).seconds()))))
            }
            refused @ Taken::Full { .. } => refused_by(&refused, now).map(Some),
        }
    }

    /// Remembers the device of a person who has just signed in, and returns its cookie: the one that it has, or a new one.
    pub async fn remember(
        &self,
        person: &str,
        cookie: Option<&str>,
        user_agent: Option<String>,
        now: Time,
    ) -> Result<Zeroizing<String>, Error> {
        let cookie = cookie.map_or_else(generate, |cookie| Ok(Zeroizing::new(cookie.to_owned())))?;
        let device = Device {
            since: now,
            user_agent,
            until: now.plus(Self::MAX_AGE).seconds(),
            trusted: None,
            refused: Tally::default(),
        };
        self.table.overwrite(table::item(key(person, &cookie), &device)?).await?;
        Ok(cookie)
    }

    /// Forgets the devices of a person that are too many: those without a sign-in for longest. A sign-in runs it beside the
    /// write of a new one, so it takes no longer, and at most that one is missed. If the store fails here, the next sign-in
    /// forgets more.
    pub async fn make_room(&self, person: &str, now: Time) {
        if let Err(error) = self.forget_oldest(person, now).await {
            tracing::warn!(%error, "forgetting the devices that are too many failed");
        }
    }

    async fn forget_oldest(&self, person: &str, now: Time) -> Result<(), Error> {
        let partition = partition(person);
        let items = self.table.query_some_items(&partition, MOST + FORGOTTEN_AT_ONCE, now).await?;
        let surplus = items.len().saturating_sub(MOST).min(FORGOTTEN_AT_ONCE);
        if surplus == 0 {
            return Ok(());
        }
        let mut devices: Vec<Named> = items.into_iter().map(table::read).collect::<Result<_, _>>()?;
        devices.sort_by_key(|device| device.until);
        let forgotten = devices.into_iter().take(surplus).map(|device| Key::new(&*partition, device.sk));
        self.table.transact(forgotten.map(|key| Write::Delete(Update::nothing(key))).collect()).await.map(drop)
    }

    /// Trusts the device with this cookie, which is known, for 30 days, or until the epoch of the profile changes.
    pub async fn trust(&self, person: &str, cookie: &str, epoch: u64, now: Time) -> Result<(), Error> {
        let until = now.plus(Self::MAX_AGE).seconds();
        let trusted = serde_dynamo::to_attribute_value(Trusted { until, epoch })
            .map_err(|error| Error::fault("serialising trust failed").because(error))?;
        let update = Update {
            expression: "SET #trusted = :trusted",
            condition: "attribute_exists(#since)",
            values: vec![(":trusted", trusted)],
            ..Update::nothing(key(person, cookie))
        };
        self.table.update(update).await.map(drop)
    }

    /// Whether the person trusts the device with this cookie, and the profile is still at that epoch.
    pub async fn is_trusted(&self, person: &str, cookie: &str, epoch: u64, now: Time) -> Result<bool, Error> {
        let device: Option<Device> = self.table.get(key(person, cookie), now).await?;
        let trusted = device.and_then(|device| device.trusted);
        Ok(trusted.is_some_and(|trusted| trusted.until > now.seconds() && trusted.epoch == epoch))
    }

    /// The devices of a person.
    pub async fn of(&self, person: &str, now: Time) -> Result<Vec<Device>, Error> {
        self.table.query(&partition(person), now).await
    }
}

/// Forgets all devices of a person.
pub(crate) async fn remove_all(table: &Table, person: &str) -> Result<(), Error> {
    table.remove_partition(&partition(person)).await
}

fn key(person: &str, cookie: &str) -> Key {
    Key::new(partition(person), SecretHash::of(SecretKind::Device, cookie).text())
}

fn partition(person: &str) -> String {
    format!("DEVICE-OF#{person}")
}
