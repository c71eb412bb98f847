//! Store addresses.

use std::sync::Arc;

use crate::error::StoreError;
use crate::register::Register;
use crate::sqlite::SqliteRegister;

/// Opens the store at the address, making and migrating it where needed.
///
/// `sqlite:PATH`, or `postgres://…` as libpq writes it, several hosts included.
///
/// # Errors
/// [`StoreError::Url`] when the address names no store; otherwise why it cannot be opened.
pub fn open(url: &str) -> Result<Arc<dyn Register>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            let reason = "it names no file".to_owned();
            return Err(StoreError::Url {
                url: redact(url),
                reason,
            });
        }
        return Ok(Arc::new(SqliteRegister::open(path)?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return open_postgis(url);
    }
    Err(StoreError::Url {
        url: redact(url),
        reason: "its kind is unknown".to_owned(),
    })
}

#[cfg(feature = "postgis")]
fn open_postgis(url: &str) -> Result<Arc<dyn Register>, StoreError> {
    Ok(Arc::new(crate::postgis::PostgisRegister::open(url)?))
}

#[cfg(not(feature = "postgis"))]
fn open_postgis(url: &str) -> Result<Arc<dyn Register>, StoreError> {
    Err(StoreError::WithoutPostgis { url: redact(url) })
}

/// The address with every password replaced by `***`, for messages and logs.
///
/// ```
/// use zhifang_store::redact;
/// let url = "postgres://zhifang:s3:c@ret@db1,db2/register?sslmode=prefer&password=x";
/// assert_eq!(redact(url), "postgres://zhifang:***@db1,db2/register?sslmode=prefer&password=***");
/// assert_eq!(redact("sqlite:zhifang.db"), "sqlite:zhifang.db");
/// ```
pub fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    if let (Some(query), Some(at)) = (rest.find('?'), rest.rfind('@'))
        && query < at
    {
        // A password with `?`, or a query with `@`: nobody can tell which.
        return format!("{scheme}://***");
    }
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, None), |(a, b)| (a, Some(b)));
    // A password may hold `@` and `/` by mistake: everything to the last `@` is taken for one.
    let mut text = match rest.rsplit_once('@') {
        Some((user, hosts)) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:***@{hosts}"),
            None => format!("{scheme}://{user}@{hosts}"),
        },
        None => format!("{scheme}://{rest}"),
    };
    if let Some(query) = query {
        let parts: Vec<String> = query
            .split('&')
            .map(|part| match part.split_once('=') {
                Some((key, _)) if key.contains("password") => format!("{key}=***"),
                _ => part.to_owned(),
            })
            .collect();
        text.push('?');
        text.push_str(&parts.join("&"));
    }
    text
}
