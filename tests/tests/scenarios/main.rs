//! `doorkey test`: scenarios of sign-ins, run by the real program with real headless Chromium, against the demo provider,
//! a certified one, and with everything that can go wrong on the way.

mod certified;
mod examples;
mod guide;
mod recipes;
mod recorded;
mod refused;
mod secrets;
mod sign_out;
mod stopped;
mod support;
mod watched;
