//! The way back in for somebody who has forgotten the password: a secret that sets a new one.
//!
//! A request about nobody writes as much as one about somebody: the secret is then for nothing, and the mail is stored
//! where no mailer looks.

use oauth::{Error, Time};

use super::{Password, User, Users};
use crate::email::Email;
use crate::once::{self, OnceKind, OneTime, Purpose};
use crate::outbox::SealedMail;
use crate::table::{Write, Written};

/// A person who can get a reset mail.
pub struct Forgetful<'a> {
    /// The person.
    pub user: &'a User,
    /// Where the mail goes.
    pub email: &'a Email,
    /// The password that the secret replaces.
    pub password: &'a Password,
}

impl Users {
    /// Stores a secret that sets a new password, and the mail with it. `subject` is the name or address that was typed.
    /// After too many mails to one address, nothing is written, and the answer is the same.
    pub async fn forgot(
        &self,
        subject: &str,
        found: Option<Forgetful<'_>>,
        (secret, mail): (&OneTime, SealedMail),
        now: Time,
    ) -> Result<(), Error> {
        let writes = match found {
            Some(Forgetful { user, email, password }) => {
                let canonical = Some(email.canonical.clone());
                let purpose = Purpose::Reset { user: user.id.clone(), replaces: password.changed_at, canonical };
                vec![
                    once::count_mail(OnceKind::Reset, &email.canonical, now),
                    secret.put(purpose, &user.id, now)?,
                    mail.write(),
                ]
            }
            None => {
                vec![
                    once::count_mail(OnceKind::Reset, subject, now),
                    secret.put(Purpose::Nothing {}, subject, now)?,
                    mail.unsent(),
                ]
            }
        };
        self.0.transact(writes).await.map(drop)
    }

    /// Stores a secret that sets a new password, for an operator who hands it out. With a mail, it is sent instead; then
    /// `false` says that the address has had too many.
    pub async fn order_reset(
        &self,
        (user, password): (&User, &Password),
        secret: &OneTime,
        mail: Option<(SealedMail, &Email)>,
        now: Time,
    ) -> Result<bool, Error> {
        let canonical = mail.as_ref().map(|(_, email)| email.canonical.clone());
        let counted = canonical.as_deref().map(|canonical| once::count_mail(OnceKind::Reset, canonical, now));
        let purpose = Purpose::Reset { user: user.id.clone(), replaces: password.changed_at, canonical };
        let mut writes: Vec<Write> = vec![secret.put(purpose, &user.id, now)?];
        writes.extend(counted);
        writes.extend(mail.map(|(mail, _)| mail.write()));
        Ok(self.0.transact(writes).await? == Written::Done)
    }
}
