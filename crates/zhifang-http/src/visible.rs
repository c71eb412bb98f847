//! Which records a caller may see, and in which form: restricted content by role and division,
//! the public form of everything else. Every list and look-up goes through here.

use zhifang_core::{Actor, Collection, Record};
use zhifang_engine::World;
use zhifang_index::{Audience, View};

use crate::caller::Caller;

/// The two views of one world, and who asks.
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a> {
    caller: &'a Caller,
    public: View<'a>,
    staff: View<'a>,
}

impl<'a> Visible<'a> {
    /// What `caller` may see of `world`.
    pub fn new(world: &'a World, caller: &'a Caller) -> Self {
        Self {
            caller,
            public: world.snapshot.view(Audience::Public),
            staff: world.snapshot.view(Audience::Staff),
        }
    }

    /// Whether the caller's bound makes no difference: nobody, or a role over the whole register.
    pub(crate) fn single_view(&self) -> Option<&View<'a>> {
        match &self.caller.actor {
            Actor::Anonymous => Some(&self.public),
            Actor::Cli | Actor::User { division: None, .. } => Some(&self.staff),
            Actor::User { .. } => None,
        }
    }

    /// One record in the form that the caller may see.
    pub fn record(&self, collection: Collection, id: &str) -> Option<&'a Record> {
        if let Some(view) = self.single_view() {
            return view.record(collection, id);
        }
        match self.staff.record(collection, id) {
            Some(record) if self.reads_in_full(record) => Some(record),
            _ => self.public.record(collection, id),
        }
    }

    /// Whether the record is shown in full: within the caller's division.
    pub(crate) fn reads_in_full(&self, record: &Record) -> bool {
        self.caller
            .allows(zhifang_core::Action::ReadRestricted, record)
    }

    /// Keeps what the caller sees of the staff's answers, and the public's answers for the rest.
    pub fn merge(&self, ask: impl Fn(View<'a>) -> Vec<&'a Record>) -> Vec<&'a Record> {
        if let Some(view) = self.single_view() {
            return ask(*view);
        }
        let mut records: Vec<&'a Record> = ask(self.staff)
            .into_iter()
            .filter(|record| self.reads_in_full(record))
            .collect();
        for record in ask(self.public) {
            let staffs = self.staff.record(record.collection, &record.id);
            if !staffs.is_some_and(|record| self.reads_in_full(record)) {
                records.push(record);
            }
        }
        records.sort_by(|a, b| (a.collection, &a.id).cmp(&(b.collection, &b.id)));
        records
    }

    /// The view for places and names, which are public whoever asks.
    pub fn public(&self) -> View<'a> {
        self.public
    }

    /// The view that answers for the caller where precision does not matter by record.
    pub fn widest(&self) -> View<'a> {
        if self.caller.is_known() {
            self.staff
        } else {
            self.public
        }
    }
}
