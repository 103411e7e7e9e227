//! The provider over real HTTP on loopback: one rule, one test.

mod authorize;
mod clients;
mod device;
mod dpop;
mod exchange;
mod faults;
mod holder;
mod id_tokens;
mod introspect;
mod logout;
mod metadata;
mod misbehaviours;
mod oauth_only;
mod pages;
mod pushed;
mod refresh;
mod registration;
mod requests;
mod robot;
mod running;
mod seen;
mod support;
mod token;
mod userinfo;
