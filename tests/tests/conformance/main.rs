//! Conformance, row by row: what the other side does, and what we do. Each test is named by its row, and says both.

mod attempts;
mod authorize;
mod browsers;
mod callback;
mod cli;
mod discovery;
mod faulty;
mod form_post;
mod keys;
mod listener;
mod listener_support;
mod pages;
mod provider_answers;
mod refresh;
mod requests;
mod rows;
mod tokens;
