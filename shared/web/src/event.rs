//! Security events of a request: they say from where it came.

use oauth::{Action, SecurityEvent};

use crate::Request;

impl Request {
    /// Something that this request did: its address, program and id.
    pub fn event(&self, action: Action) -> SecurityEvent {
        let event = SecurityEvent::of(action).in_request(self.id());
        event.from_address(self.source_ip(), self.user_agent().as_deref())
    }

    /// The same by a person.
    pub fn event_of(&self, action: Action, person: &str) -> SecurityEvent {
        self.event(action).for_person(person)
    }
}
