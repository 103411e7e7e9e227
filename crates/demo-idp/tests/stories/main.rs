//! The provider over real HTTP on loopback: one rule, one test.

mod authorize;
mod faults;
mod id_tokens;
mod logout;
mod metadata;
mod misbehaviours;
mod pages;
mod refresh;
mod robot;
mod running;
mod support;
mod token;
mod userinfo;
