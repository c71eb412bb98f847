//! What can be wrong with rules, questions and steps.

use crate::application::State;

/// Faults of the naming desk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of rules cannot be used.
    #[error("rules `{file}`: {detail}")]
    Rules {
        /// Which file.
        file: &'static str,
        /// What is wrong in it.
        detail: String,
    },
    /// A word that names no category.
    #[error(
        "category `{text}`: wanted 1 to 8 or natural, division, village, park, street, building, facility, other"
    )]
    Category {
        /// The word as given.
        text: String,
    },
    /// Nothing was given as the name.
    #[error("name: is empty or blank; wanted the whole name, e.g. 友谊路")]
    NameEmpty,
    /// More characters than any name has.
    #[error("name: has {found} characters; wanted at most {most}")]
    NameLong {
        /// Characters found.
        found: usize,
        /// Characters allowed.
        most: usize,
    },
    /// A character that stands in no name: a control character, an emoji, a symbol.
    #[error("name: character {found} at {at} stands in no name; wanted Hanzi")]
    NameCharacter {
        /// The character, by its number in Unicode (`U+1F600`).
        found: String,
        /// Its place, from 1.
        at: usize,
    },
    /// The unit is not in the register.
    #[error("within `{code}`: is no unit of the register")]
    Within {
        /// The code as given.
        code: String,
    },
    /// An entry that is to be renamed or retired is not there.
    #[error("name `{id}`: is not in the register, or not published")]
    Target {
        /// Its identifier.
        id: String,
    },
    /// The form of an application cannot be read.
    #[error("application: {detail}")]
    Form {
        /// What is wrong and what was wanted.
        detail: String,
    },
    /// What the law asks for is missing from the dossier.
    #[error("application: lacks {}", .fields.join(", "))]
    Dossier {
        /// The missing fields.
        fields: Vec<String>,
    },
    /// A table cannot be read.
    #[error("the table cannot be read: {detail}")]
    Table {
        /// What is wrong in it.
        detail: String,
    },
    /// A table has no such column.
    #[error("column `{column}`: the table has {found}")]
    Column {
        /// The column as asked for.
        column: String,
        /// Its columns.
        found: String,
    },
    /// The application does not stand where this step begins.
    #[error("application `{id}` is {}: {step} is possible from {from}", .state.as_str())]
    State {
        /// The application.
        id: String,
        /// Where it stands.
        state: State,
        /// What was to be done.
        step: &'static str,
        /// Where the step begins.
        from: String,
    },
    /// The same person may not do both.
    #[error("`{who}` handed in application `{id}` and may not {step} it")]
    SamePerson {
        /// Who.
        who: String,
        /// The application.
        id: String,
        /// What was to be done.
        step: &'static str,
    },
    /// The step lacks something that it must say.
    #[error("{step}: {lacks} is missing")]
    Lacks {
        /// The step.
        step: &'static str,
        /// What is missing.
        lacks: &'static str,
    },
    /// The statutory check stands against approval.
    #[error("application `{id}`: the statutory check stands against it: {}", .rules.join(", "))]
    Check {
        /// The application.
        id: String,
        /// Rules that found errors, and rules whose warnings have no reason given.
        rules: Vec<String>,
    },
}
