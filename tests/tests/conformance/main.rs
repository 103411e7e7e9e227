//! Conformance, row by row: what the other side does, and what we do. Each test is named by its row, and says both.

mod attempts;
mod browsers;
mod callback;
mod form_post;
mod listener;
mod listener_support;
mod pages;
mod provider_answers;
mod requests;
mod rows;
