//! Users and their tokens.

use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};
use zhifang_core::{CodePrefix, Role};

use crate::error::StoreError;
use crate::raw::RawUser;
use crate::register::{TokenHash, User};

use super::PostgisRegister;
use super::link::{Fault, commit};
use super::read::Parameter;

fn raw_user(row: &Row) -> Result<RawUser, tokio_postgres::Error> {
    Ok(RawUser {
        name: row.try_get(0)?,
        role: row.try_get(1)?,
        division: row.try_get(2)?,
        token_hash: row.try_get(3)?,
        created_at: row.try_get(4)?,
        revoked_at: row.try_get(5)?,
    })
}

/// Users that meet the condition.
pub(super) async fn raw_users(
    client: &Client,
    condition: &str,
    parameters: &[Parameter<'_>],
) -> Result<Vec<RawUser>, Fault> {
    let query = format!(
        "SELECT name, role, division, token_hash, created_at, revoked_at \
         FROM zhifang.account {condition}"
    );
    let rows = client.query_typed(&query, parameters).await?;
    Ok(rows.iter().map(raw_user).collect::<Result<_, _>>()?)
}

/// Writes a user.
pub(super) async fn insert_raw(client: &Client, user: &RawUser) -> Result<(), Fault> {
    client
        .execute_typed(
            "INSERT INTO zhifang.account (name, role, division, token_hash, created_at, \
             revoked_at) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                (&user.name, Type::TEXT),
                (&user.role, Type::TEXT),
                (&user.division, Type::TEXT),
                (&user.token_hash, Type::BYTEA),
                (&user.created_at, Type::INT8),
                (&user.revoked_at, Type::INT8),
            ],
        )
        .await?;
    Ok(())
}

/// A broken uniqueness as what it means.
fn taken(name: &str) -> impl Fn(Fault) -> Fault {
    move |fault| {
        let Fault::Driver(error) = &fault else {
            return fault;
        };
        let Some(error) = error.as_db_error() else {
            return fault;
        };
        if *error.code() != SqlState::UNIQUE_VIOLATION {
            return fault;
        }
        let name = name.to_owned();
        Fault::Store(match error.constraint() {
            Some("account_pkey") => StoreError::UserExists { name },
            _ => StoreError::TokenTaken { name },
        })
    }
}

impl PostgisRegister {
    pub(super) fn read_users(&self) -> Result<Vec<User>, StoreError> {
        let users = self.run("read the users", async |link| {
            raw_users(link.client(), "ORDER BY name", &[]).await
        })?;
        users
            .into_iter()
            .map(|user| user.user(&self.place))
            .collect()
    }

    pub(super) fn read_token(&self, hash: &TokenHash) -> Result<Option<User>, StoreError> {
        let hash = hash.as_slice();
        let users = self.run("read the users", async |link| {
            let condition = "WHERE token_hash = $1 AND revoked_at IS NULL";
            raw_users(link.client(), condition, &[(&hash, Type::BYTEA)]).await
        })?;
        users
            .into_iter()
            .next()
            .map(|user| user.user(&self.place))
            .transpose()
    }

    /// Runs a statement as a transaction, whose loss at the commit is told as such.
    fn change_users(
        &self,
        doing: &'static str,
        name: &str,
        work: &impl AsyncFn(&Client) -> Result<(), Fault>,
    ) -> Result<(), StoreError> {
        self.run(doing, async |link| {
            let warning = link.warning();
            let transaction = link.client_mut().transaction().await?;
            work(transaction.client()).await.map_err(taken(name))?;
            commit(transaction, &warning, &self.place).await
        })
    }

    pub(super) fn write_user(
        &self,
        name: &str,
        role: Role,
        division: Option<CodePrefix>,
        token_hash: &TokenHash,
    ) -> Result<User, StoreError> {
        let user = RawUser::new(name, role, division, token_hash);
        self.change_users("add the user", name, &async |client| {
            insert_raw(client, &user).await
        })?;
        user.user(&self.place)
    }

    pub(super) fn write_revocation(&self, name: &str) -> Result<(), StoreError> {
        let now = RawUser::now();
        self.change_users("revoke the user", name, &async |client| {
            let changed = client
                .execute_typed(
                    "UPDATE zhifang.account SET token_hash = NULL, \
                     revoked_at = coalesce(revoked_at, $2) WHERE name = $1",
                    &[(&name, Type::TEXT), (&now, Type::INT8)],
                )
                .await?;
            known(changed, name)
        })
    }

    /// A new token for a user who is let in, or for one who was shut out and is let in again.
    pub(super) fn write_token(
        &self,
        name: &str,
        hash: &TokenHash,
        is_back: bool,
    ) -> Result<User, StoreError> {
        let hash = hash.as_slice();
        self.change_users("replace the token", name, &async |client| {
            // Locked, so that a revocation at the same moment is not undone.
            let found =
                raw_users(client, "WHERE name = $1 FOR UPDATE", &[(&name, Type::TEXT)]).await?;
            match found.first() {
                Some(user) => user.may_have_token(is_back)?,
                None => return known(0, name),
            }
            let changed = client
                .execute_typed(
                    "UPDATE zhifang.account SET token_hash = $2, revoked_at = NULL \
                     WHERE name = $1",
                    &[(&name, Type::TEXT), (&hash, Type::BYTEA)],
                )
                .await?;
            known(changed, name)
        })?;
        let users = self.run("read the users", async |link| {
            raw_users(link.client(), "WHERE name = $1", &[(&name, Type::TEXT)]).await
        })?;
        let user = users.into_iter().next();
        user.ok_or_else(|| StoreError::UserUnknown {
            name: name.to_owned(),
        })?
        .user(&self.place)
    }
}

fn known(changed: u64, name: &str) -> Result<(), Fault> {
    if changed == 0 {
        return Err(StoreError::UserUnknown {
            name: name.to_owned(),
        }
        .into());
    }
    Ok(())
}
