//! The agent without a window: a service manager starts it, it is stopped and started again, and nobody who asks for a
//! token meanwhile is lost.

mod activation;
mod control;
mod restart;
mod units;
