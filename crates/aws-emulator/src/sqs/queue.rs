//! One standard queue as a pure state machine: every method is told what time it is.
//!
//! The registry locks it and waits for it; this file only decides. Messages lie in a map by number;
//! a deque holds those that are visible, ordered sets those that become visible or too old later,
//! so that no operation looks at more messages than it returns or moves.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use crate::clock::Millis;
use crate::sqs::attributes::Attributes;
use crate::sqs::error::{Kind, SqsError};
use crate::sqs::message::{Content, Message, State};
use crate::sqs::receipt::{Receipt, ReceiptKey};
use crate::sqs::visibility::{
    MAX_VISIBILITY_SECONDS, beyond_total, not_available, visibility_in_range,
};

/// Messages that may be in flight at once; beyond it AWS hands out nothing.
pub(crate) const IN_FLIGHT_LIMIT: usize = 120_000;

/// A queue and its messages.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) attributes: Attributes,
    key: ReceiptKey,
    messages: HashMap<u64, Message>,
    next_number: u64,
    /// Visible messages in the order they became so. Numbers of deleted messages stay until popped.
    ready: VecDeque<u64>,
    visible: usize,
    in_flight: BTreeSet<(Millis, u64)>,
    delayed: BTreeSet<(Millis, u64)>,
    by_age: BTreeSet<(Millis, u64)>,
}

/// What a receive asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) max: usize,
    /// Visibility timeout in seconds; the queue's own when absent.
    pub(crate) visibility: Option<u64>,
    /// Receives after which a message is dead instead; absent without a reachable dead-letter queue.
    pub(crate) max_receives: Option<u32>,
}

/// What a receive yields.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) deliveries: Vec<Delivery>,
    /// Messages that left the queue because their receives are used up.
    pub(crate) dead: Vec<Message>,
    /// Nothing more can be received until something in flight is settled.
    pub(crate) over_limit: bool,
}

/// One message handed to a consumer.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) handle: String,
    pub(crate) content: Arc<Content>,
    pub(crate) receive_count: u32,
    pub(crate) first_received_at: Millis,
    pub(crate) dead_letter_source: Option<Arc<str>>,
}

/// How many messages a queue holds in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct QueueDepth {
    /// Ready to be received.
    pub visible: usize,
    /// Received and not yet deleted or returned.
    pub in_flight: usize,
    /// Sent with a delay that has not passed.
    pub delayed: usize,
}

impl Queue {
    pub(crate) fn new(attributes: Attributes) -> Self {
        Self {
            attributes,
            key: ReceiptKey::random(),
            messages: HashMap::new(),
            next_number: 0,
            ready: VecDeque::new(),
            visible: 0,
            in_flight: BTreeSet::new(),
            delayed: BTreeSet::new(),
            by_age: BTreeSet::new(),
        }
    }

    /// Takes a new message, delayed by so many seconds or by the queue's default.
    pub(crate) fn send(&mut self, now: Millis, content: Arc<Content>, delay: Option<u64>) {
        let delay = delay.unwrap_or(self.attributes.delay_seconds);
        let state = if delay == 0 {
            State::Visible
        } else {
            State::Delayed {
                until: now + delay * 1000,
            }
        };
        self.insert(Message {
            state,
            ..Message::from(content)
        });
    }

    /// Takes a message from another queue, visible at once, with its history.
    pub(crate) fn adopt(&mut self, message: Message) {
        self.insert(Message {
            state: State::Visible,
            ..message
        });
    }

    /// Hands out visible messages, oldest first, each with a new handle.
    pub(crate) fn receive(&mut self, now: Millis, ask: &Ask) -> Received {
        self.advance(now);
        let mut received = Received::default();
        while received.deliveries.len() < ask.max {
            if self.in_flight.len() >= IN_FLIGHT_LIMIT {
                received.over_limit = true;
                break;
            }
            let Some(number) = self.pop_ready() else {
                break;
            };
            self.deliver(now, number, ask, &mut received);
        }
        received
    }

    /// Deletes the message a handle names. A handle that a later receive replaced deletes nothing.
    pub(crate) fn delete(&mut self, now: Millis, handle: &str) -> Result<(), SqsError> {
        self.advance(now);
        let receipt = self.read(handle)?;
        let newest = self
            .messages
            .get(&receipt.number)
            .is_some_and(|m| m.receive_count == receipt.delivery);
        if newest {
            self.remove(receipt.number);
        }
        Ok(())
    }

    /// Sets the visibility timeout of a message in flight, counted from now.
    pub(crate) fn change_visibility(
        &mut self,
        now: Millis,
        handle: &str,
        seconds: i64,
    ) -> Result<(), SqsError> {
        let seconds = visibility_in_range(seconds)?;
        self.advance(now);
        let receipt = self.read(handle)?;
        let message = self
            .messages
            .get_mut(&receipt.number)
            .filter(|message| message.receive_count == receipt.delivery)
            .ok_or_else(|| not_available(handle))?;
        let State::InFlight { until, received_at } = message.state else {
            return Err(SqsError::new(
                Kind::MessageNotInflight,
                "The specified message isn't in flight.",
            ));
        };
        let new_until = now + seconds * 1000;
        if new_until > received_at + MAX_VISIBILITY_SECONDS * 1000 {
            return Err(beyond_total(seconds));
        }
        message.state = State::InFlight {
            until: new_until,
            received_at,
        };
        self.in_flight.remove(&(until, receipt.number));
        self.in_flight.insert((new_until, receipt.number));
        self.advance(now);
        Ok(())
    }

    /// Removes up to `max` visible messages, for a move to another queue.
    pub(crate) fn take_visible(&mut self, now: Millis, max: usize) -> Vec<Message> {
        self.advance(now);
        let mut taken = Vec::new();
        while taken.len() < max
            && let Some(number) = self.pop_ready()
        {
            taken.extend(self.forget(number));
        }
        taken
    }

    /// Removes every message.
    pub(crate) fn purge(&mut self) {
        self.messages.clear();
        self.ready.clear();
        self.visible = 0;
        self.in_flight.clear();
        self.delayed.clear();
        self.by_age.clear();
    }

    /// Messages by state.
    pub(crate) fn depth(&mut self, now: Millis) -> QueueDepth {
        self.advance(now);
        QueueDepth {
            visible: self.visible,
            in_flight: self.in_flight.len(),
            delayed: self.delayed.len(),
        }
    }

    /// Messages in every state together.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// When the next invisible message becomes visible.
    pub(crate) fn next_deadline(&self) -> Option<Millis> {
        let first = |set: &BTreeSet<(Millis, u64)>| set.first().map(|(at, _)| *at);
        first(&self.in_flight)
            .into_iter()
            .chain(first(&self.delayed))
            .min()
    }

    /// Every message, oldest first, without receiving any.
    pub(crate) fn peek(&mut self, now: Millis) -> Vec<Message> {
        self.advance(now);
        let mut numbers: Vec<_> = self.messages.keys().copied().collect();
        numbers.sort_unstable();
        numbers
            .iter()
            .filter_map(|number| self.messages.get(number).cloned())
            .collect()
    }

    /// Lets time pass: timeouts and delays end, messages past the retention period vanish.
    fn advance(&mut self, now: Millis) {
        for set in [Queue::in_flight_set, Queue::delayed_set] {
            while let Some(&(until, number)) = set(self).first()
                && until <= now
            {
                set(self).pop_first();
                self.make_visible(number);
            }
        }
        let retention = self.attributes.retention_seconds * 1000;
        while let Some(&(sent_at, number)) = self.by_age.first()
            && sent_at + retention <= now
        {
            self.remove(number);
        }
    }

    fn in_flight_set(&mut self) -> &mut BTreeSet<(Millis, u64)> {
        &mut self.in_flight
    }

    fn delayed_set(&mut self) -> &mut BTreeSet<(Millis, u64)> {
        &mut self.delayed
    }

    fn insert(&mut self, message: Message) {
        let number = self.next_number;
        self.next_number += 1;
        self.by_age.insert((message.content.sent_at, number));
        match message.state {
            State::Visible => {
                self.ready.push_back(number);
                self.visible += 1;
            }
            State::Delayed { until } => drop(self.delayed.insert((until, number))),
            State::InFlight { until, .. } => drop(self.in_flight.insert((until, number))),
        }
        self.messages.insert(number, message);
    }

    fn deliver(&mut self, now: Millis, number: u64, ask: &Ask, received: &mut Received) {
        let Some(message) = self.messages.get_mut(&number) else {
            return;
        };
        if ask
            .max_receives
            .is_some_and(|max| message.receive_count >= max)
        {
            received.dead.extend(self.forget(number));
            return;
        }
        let visibility = ask.visibility.unwrap_or(self.attributes.visibility_seconds);
        let until = now + visibility * 1000;
        message.receive_count += 1;
        message.state = State::InFlight {
            until,
            received_at: now,
        };
        let delivery = Delivery {
            handle: self.key.issue(Receipt {
                number,
                delivery: message.receive_count,
            }),
            content: Arc::clone(&message.content),
            receive_count: message.receive_count,
            first_received_at: *message.first_received_at.get_or_insert(now),
            dead_letter_source: message.dead_letter_source.clone(),
        };
        self.in_flight.insert((until, number));
        received.deliveries.push(delivery);
    }

    /// The next visible message, already taken off the deque and the count.
    fn pop_ready(&mut self) -> Option<u64> {
        while let Some(number) = self.ready.pop_front() {
            if self.messages.contains_key(&number) {
                self.visible -= 1;
                return Some(number);
            }
        }
        None
    }

    fn make_visible(&mut self, number: u64) {
        if let Some(message) = self.messages.get_mut(&number) {
            message.state = State::Visible;
            self.ready.push_back(number);
            self.visible += 1;
        }
    }

    fn remove(&mut self, number: u64) {
        if let Some(message) = self.forget(number) {
            match message.state {
                State::Visible => self.visible -= 1,
                State::Delayed { until } => drop(self.delayed.remove(&(until, number))),
                State::InFlight { until, .. } => drop(self.in_flight.remove(&(until, number))),
            }
        }
    }

    fn forget(&mut self, number: u64) -> Option<Message> {
        let message = self.messages.remove(&number)?;
        self.by_age.remove(&(message.content.sent_at, number));
        Some(message)
    }

    fn read(&self, handle: &str) -> Result<Receipt, SqsError> {
        self.key.read(handle).ok_or_else(|| {
            let message =
                format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
            SqsError::new(Kind::ReceiptHandleIsInvalid, message)
        })
    }
}

#[cfg(test)]
#[path = "queue/tests.rs"]
mod tests;
