//! Who may do what: one function answers for every door (权限).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::code::{CodePrefix, DivisionCode};
use crate::schema::Collection;

/// Role of a user (角色), each including the ones before it but for `inspector`, who only
/// adds observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 查阅: reads all of its division, precise and unpublished content included.
    Viewer,
    /// 巡查: reads as a viewer and hands in observations.
    Inspector,
    /// 编辑: writes records.
    Editor,
    /// 审核: approves and publishes.
    Reviewer,
    /// 管理: keeps users, may do all.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Inspector,
        Self::Editor,
        Self::Reviewer,
        Self::Admin,
    ];

    /// Word used in commands and over HTTP.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Inspector => "inspector",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("role `{text}`: wanted viewer, inspector, editor, reviewer or admin")]
pub struct RoleError {
    /// The word as given.
    pub text: String,
}

impl FromStr for Role {
    type Err = RoleError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| RoleError {
                text: text.to_owned(),
            })
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Actor {
    /// No token: the public.
    #[default]
    Anonymous,
    /// The command line on a local store, with all rights.
    Cli,
    /// A user with a role in a division.
    User {
        /// Login name, as written in the log.
        name: Arc<str>,
        /// The role.
        role: Role,
        /// The unit within which the role counts; `None` for the whole register.
        division: Option<CodePrefix>,
    },
}

impl Actor {
    /// Name written in the log.
    pub fn name(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Cli => "cli",
            Self::User { name, .. } => name,
        }
    }

    fn covers(&self, division: Option<DivisionCode>) -> bool {
        match self {
            Self::Anonymous => false,
            Self::Cli | Self::User { division: None, .. } => true,
            Self::User {
                division: Some(prefix),
                ..
            } => division.is_some_and(|code| prefix.covers(code)),
        }
    }

    fn role(&self) -> Option<Role> {
        match self {
            Self::Anonymous => None,
            Self::Cli => Some(Role::Admin),
            Self::User { role, .. } => Some(*role),
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read published records of a public collection.
    ReadPublic,
    /// Read precise, unpublished or restricted content.
    ReadRestricted,
    /// Hand in observations.
    Observe,
    /// Create, change or retire records.
    Write,
    /// Approve, publish, decide.
    Review,
    /// Keep users and their tokens.
    Administer,
}

/// May the actor do this to records of the collection that lie in the division?
///
/// Deny by default. A user without a bound counts everywhere; a bounded one only where the
/// record names a division within the bound.
///
/// ```
/// use zhifang_core::{Action, Actor, Collection, Role, allows};
/// let editor = Actor::User {
///     name: "zhang".into(), role: Role::Editor, division: Some("420682".parse()?),
/// };
/// assert!(allows(&editor, Action::Write, Collection::Names, Some("420682101".parse()?)));
/// assert!(!allows(&editor, Action::Write, Collection::Names, Some("420625".parse()?)));
/// assert!(!allows(&Actor::Anonymous, Action::ReadPublic, Collection::Disputes, None));
/// # Ok::<(), zhifang_core::CodeError>(())
/// ```
pub fn allows(
    actor: &Actor,
    action: Action,
    collection: Collection,
    division: Option<DivisionCode>,
) -> bool {
    if action == Action::ReadPublic && collection.is_public() {
        return true;
    }
    let Some(role) = actor.role() else {
        return false;
    };
    let enough = match action {
        Action::ReadPublic | Action::ReadRestricted => true,
        Action::Observe => role == Role::Inspector || role >= Role::Editor,
        Action::Write => role >= Role::Editor,
        Action::Review => role >= Role::Reviewer,
        Action::Administer => role >= Role::Admin,
    };
    enough && actor.covers(division)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(role: Role, division: Option<&str>) -> Actor {
        Actor::User {
            name: "u".into(),
            role,
            division: division.map(|code| code.parse().unwrap()),
        }
    }

    #[test]
    fn the_table_of_roles_and_actions_is_as_written() {
        let inside = Some("420682101".parse().unwrap());
        let outside = Some("411381".parse().unwrap());
        for role in Role::ALL {
            let actor = user(role, Some("420682"));
            let may = |action| allows(&actor, action, Collection::Claims, inside);
            assert!(may(Action::ReadRestricted));
            assert_eq!(may(Action::Observe), role != Role::Viewer);
            assert_eq!(may(Action::Write), role >= Role::Editor);
            assert_eq!(may(Action::Review), role >= Role::Reviewer);
            assert_eq!(may(Action::Administer), role == Role::Admin);
            assert!(!allows(
                &actor,
                Action::ReadRestricted,
                Collection::Claims,
                outside
            ));
            assert!(!allows(&actor, Action::Write, Collection::Names, None));
        }
        assert!(allows(
            &user(Role::Viewer, None),
            Action::ReadRestricted,
            Collection::Claims,
            None
        ));
        assert!(allows(
            &Actor::Cli,
            Action::Administer,
            Collection::Names,
            None
        ));
    }
}
