//! Users and their tokens.

use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use zhifang_core::{CodePrefix, Role};

use crate::error::StoreError;
use crate::raw::RawUser;
use crate::register::{TokenHash, User};

use super::SqliteRegister;

const SELECT: &str =
    "SELECT name, role, division, token_hash, created_at, revoked_at FROM account ";

/// Users of a query that begins with [`SELECT`].
pub(super) fn raw_users(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<Vec<RawUser>> {
    connection
        .prepare_cached(&format!("{SELECT}{condition}"))?
        .query_map(parameters, |row| {
            Ok(RawUser {
                name: row.get(0)?,
                role: row.get(1)?,
                division: row.get(2)?,
                token_hash: row.get(3)?,
                created_at: row.get(4)?,
                revoked_at: row.get(5)?,
            })
        })?
        .collect()
}

/// Writes a user as stored elsewhere.
pub(super) fn insert_raw(connection: &Connection, user: &RawUser) -> rusqlite::Result<usize> {
    connection.execute(
        "INSERT INTO account (name, role, division, token_hash, created_at, revoked_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            user.name,
            user.role,
            user.division,
            user.token_hash,
            user.created_at,
            user.revoked_at
        ],
    )
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

impl SqliteRegister {
    fn user_named(
        &self,
        connection: &Connection,
        name: &str,
    ) -> Result<Option<RawUser>, StoreError> {
        raw_users(connection, "WHERE name = ?1", [name])
            .map(|users| users.into_iter().next())
            .map_err(self.fault("read the users"))
    }

    pub(super) fn read_users(&self) -> Result<Vec<User>, StoreError> {
        self.read(|connection| {
            raw_users(connection, "ORDER BY name", [])
                .map_err(self.fault("read the users"))?
                .into_iter()
                .map(|user| user.user(&self.place))
                .collect()
        })
    }

    pub(super) fn read_token(&self, hash: &TokenHash) -> Result<Option<User>, StoreError> {
        self.read(|connection| {
            raw_users(
                connection,
                "WHERE token_hash = ?1 AND revoked_at IS NULL",
                [hash],
            )
            .map_err(self.fault("read the users"))?
            .into_iter()
            .next()
            .map(|user| user.user(&self.place))
            .transpose()
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
        self.write("add the user", |connection| {
            if self.user_named(connection, name)?.is_some() {
                return Err(StoreError::UserExists {
                    name: name.to_owned(),
                });
            }
            match insert_raw(connection, &user) {
                Err(error) if is_constraint(&error) => Err(StoreError::TokenTaken {
                    name: name.to_owned(),
                }),
                other => other.map(|_| ()).map_err(self.fault("add the user")),
            }
        })?;
        user.user(&self.place)
    }

    pub(super) fn write_revocation(&self, name: &str) -> Result<(), StoreError> {
        self.write("revoke the user", |connection| {
            let known = connection
                .query_row(
                    "UPDATE account SET token_hash = NULL, revoked_at = ifnull(revoked_at, ?2) \
                     WHERE name = ?1 RETURNING 1",
                    params![name, RawUser::now()],
                    |_| Ok(()),
                )
                .optional()
                .map_err(self.fault("revoke the user"))?;
            known.ok_or_else(|| StoreError::UserUnknown {
                name: name.to_owned(),
            })
        })
    }

    /// A new token for a user who is let in, or for one who was shut out and is let in again.
    pub(super) fn write_token(
        &self,
        name: &str,
        hash: &TokenHash,
        is_back: bool,
    ) -> Result<User, StoreError> {
        self.write("replace the token", |connection| {
            let known =
                self.user_named(connection, name)?
                    .ok_or_else(|| StoreError::UserUnknown {
                        name: name.to_owned(),
                    })?;
            known.may_have_token(is_back)?;
            let changed = connection.execute(
                "UPDATE account SET token_hash = ?2, revoked_at = NULL WHERE name = ?1",
                params![name, hash],
            );
            match changed {
                Err(error) if is_constraint(&error) => {
                    return Err(StoreError::TokenTaken {
                        name: name.to_owned(),
                    });
                }
                other => other.map_err(self.fault("replace the token"))?,
            };
            RawUser {
                revoked_at: None,
                ..known
            }
            .user(&self.place)
        })
    }
}
