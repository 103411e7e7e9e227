//! The agent: the one owner of sessions. All I/O is here.
//!
//! *Whoever needs the agent and finds none, is it*: [`own_or_join`].
