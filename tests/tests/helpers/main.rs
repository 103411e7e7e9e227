//! Tokens for other programs: in the environment of a command, and by the protocols of the tools themselves. The tools
//! are the real ones.

mod exec;
