//! Moves the usernames of earlier releases to the keys of this one, once.
//!
//! A claim moves in one transaction, and people can sign in before, during and after it. An interrupted run is repeated
//! from its beginning: what has moved is passed over. The only scan of the table, so no function may call this.

use aws_sdk_dynamodb::types::AttributeValue;
use oauth::Error;

use crate::names::{self, Name, NameClaim};
use crate::table::{self, Item, Table, Update, Write, Written};

/// The usernames in a table.
#[derive(Clone, Debug)]
pub struct Renaming(Table);

/// What happened to one page of the table.
#[derive(Debug, Default, PartialEq)]
pub struct Renamed {
    /// How many names have moved.
    pub moved: usize,
    /// Names, as keys of earlier releases, that look like a name that somebody else has, or that changed in the meantime.
    /// They work as before.
    pub confusable: Vec<String>,
    /// Names that could not be parsed. They stay where they are.
    pub unreadable: Vec<String>,
    /// Where the next page begins. `None`: this was the last one.
    pub next: Option<Place>,
}

/// A place in the table, between two pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Place(Item);

impl Renaming {
    /// The usernames in `table`.
    pub fn new(table: &Table) -> Self {
        Self(table.clone())
    }

    /// Moves the names of a page of at most `limit` items of any kind. `forms` gives skeleton and folded form of a name.
    pub async fn page<F>(&self, limit: u16, from: Option<Place>, forms: F) -> Result<Renamed, Error>
    where
        F: Fn(&str) -> Option<(String, String)>,
    {
        let (items, next) = self.0.scan(names::PREFIX, limit, from.map(|place| place.0)).await?;
        let mut renamed = Renamed { next: next.map(Place), ..Renamed::default() };
        for item in items {
            let former = names::form(&item).to_owned();
            let claim: NameClaim = table::read(item)?;
            if claim.name.is_some() {
                continue;
            }
            let Some((skeleton, folded)) = forms(&former) else {
                renamed.unreadable.push(former);
                continue;
            };
            let name = Name { skeleton: &skeleton, shown: &skeleton, folded: &folded, former: &former };
            if self.0.transact(moving(&name, &claim.user)?).await? == Written::Done {
                renamed.moved += 1;
            } else {
                renamed.confusable.push(former);
            }
        }
        Ok(renamed)
    }
}

/// The writes that move one name.
fn moving(name: &Name<'_>, user: &str) -> Result<Vec<Write>, Error> {
    let of_earlier_release = "#user = :user AND attribute_not_exists(#name)";
    let user_value = || (":user", AttributeValue::S(user.to_owned()));
    if name.skeleton == name.former {
        return Ok(vec![Write::Update(Update {
            expression: "SET #name = :name",
            condition: of_earlier_release,
            values: vec![user_value(), (":name", AttributeValue::S(name.folded.to_owned()))],
            ..Update::nothing(names::key(name.former))
        })]);
    }
    let claim = NameClaim { user: user.to_owned(), name: Some(name.folded.to_owned()), expires_at: None };
    Ok(vec![
        Write::PutNew(table::item(names::key(name.skeleton), &claim)?),
        Write::Delete(Update {
            condition: of_earlier_release,
            values: vec![user_value()],
            ..Update::nothing(names::key(name.former))
        }),
    ])
}
