//! Making the database, the extension and the tables.

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Transaction};

use crate::error::StoreError;

use super::ATTEMPTS;
use super::link::{Fault, Link, Links, pause};

/// Steps from one format to the next; the format is their number.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/postgis/0001_register.sql")];

/// Key of the lock that keeps two programs from making the tables at once: the letters ZFNG.
const LOCK: i64 = 0x5a46_4e47;

/// Makes what is missing.
pub(super) async fn prepare(links: &Links, place: &str) -> Result<(), StoreError> {
    let doing = "bring the tables up to date";
    let mut link = connect_or_make(links).await.map_err(|fault| match fault {
        Fault::Driver(error) => StoreError::Open {
            place: place.to_owned(),
            source: Box::new(error),
        },
        Fault::Store(error) => error,
    })?;
    let schema = migrate(&mut link, place)
        .await
        .map_err(|fault| fault.told(place, doing))?;
    links.greet(&schema);
    Ok(())
}

/// A connection to the database, which is made if it is not there.
async fn connect_or_make(links: &Links) -> Result<Link, Fault> {
    let mut attempt = 1;
    loop {
        match links.connect(links.config()).await {
            Err(Fault::Driver(error))
                if error.code() == Some(&SqlState::UNDEFINED_DATABASE) && attempt < ATTEMPTS =>
            {
                // Another process may be making it, which fails here in several ways: whether
                // it is there is seen at the next attempt, and else its absence is told.
                if make_database(links).await.is_err() {
                    tokio::time::sleep(pause(attempt)).await;
                }
                attempt += 1;
            }
            other => return other,
        }
    }
}

async fn make_database(links: &Links) -> Result<(), Fault> {
    let config = links.config();
    let Some(name) = config.get_dbname().or(config.get_user()) else {
        return Ok(());
    };
    let quoted = name.replace('"', "\"\"");
    let mut elsewhere = config.clone();
    elsewhere.dbname("postgres");
    let link = links.connect(&elsewhere).await?;
    let make = format!("CREATE DATABASE \"{quoted}\" ENCODING 'UTF8' TEMPLATE template0");
    link.client().batch_execute(&make).await?;
    Ok(())
}

/// The newest format.
fn format_known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Format of the store; 0 when it is empty.
async fn format_of(client: &Client) -> Result<i64, Fault> {
    let exists: bool = client
        .query_one("SELECT to_regclass('zhifang.format') IS NOT NULL", &[])
        .await?
        .try_get(0)?;
    if !exists {
        return Ok(0);
    }
    let row = client
        .query_one("SELECT number::bigint FROM zhifang.format", &[])
        .await?;
    Ok(row.try_get(0)?)
}

/// Brings the tables to the newest format; returns the schema of the extension.
async fn migrate(link: &mut Link, place: &str) -> Result<String, Fault> {
    let known = format_known();
    let format = format_of(link.client()).await?;
    if format > known {
        let place = place.to_owned();
        return Err(StoreError::Newer {
            place,
            found: format,
            known,
        }
        .into());
    }
    if format < known {
        let transaction = link.client_mut().transaction().await?;
        transaction
            .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
            .await?;
        // Another process may have done it while this one waited.
        let format = format_of(transaction.client()).await?;
        if format < known {
            make_tables(&transaction, format, place).await?;
        }
        transaction.commit().await?;
    }
    let row = link.client().query_one(EXTENSION_SCHEMA, &[]).await?;
    Ok(row.try_get(0)?)
}

const EXTENSION_SCHEMA: &str = "SELECT n.nspname::text FROM pg_extension e \
    JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'postgis'";

async fn make_tables(transaction: &Transaction<'_>, format: i64, place: &str) -> Result<(), Fault> {
    let extension = transaction
        .batch_execute("CREATE EXTENSION IF NOT EXISTS postgis")
        .await;
    extension.map_err(|error| StoreError::Extension {
        place: place.to_owned(),
        source: Box::new(error),
    })?;
    let schema: String = transaction
        .query_one(EXTENSION_SCHEMA, &[])
        .await?
        .try_get(0)?;
    let schema = schema.replace('"', "\"\"");
    transaction
        .batch_execute(&format!(
            "SET LOCAL search_path TO pg_catalog, \"{schema}\""
        ))
        .await?;
    if format == 0 {
        transaction
            .batch_execute(
                "CREATE SCHEMA IF NOT EXISTS zhifang; \
                 CREATE TABLE zhifang.format (number integer NOT NULL); \
                 INSERT INTO zhifang.format VALUES (0)",
            )
            .await?;
    }
    for step in MIGRATIONS.iter().skip(usize::try_from(format).unwrap_or(0)) {
        transaction.batch_execute(step).await?;
    }
    let known = i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX);
    transaction
        .execute("UPDATE zhifang.format SET number = $1", &[&known])
        .await?;
    Ok(())
}
