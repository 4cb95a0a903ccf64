//! End-to-end tests: the real function binaries behind the local gateway, over HTTP, with a new table for each test.
//!
//! One file per feature. The tests learn everything about the service over HTTP.

#![expect(unreachable_pub, reason = "a test binary has no public API")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails when its setup does")]

mod account;
mod account_email;
mod account_page;
mod alarms;
mod algorithms;
mod answers;
mod apis;
mod audit;
mod authorizer;
mod back_channel;
mod binaries;
mod bounces;
mod breaches;
mod client_management;
mod client_registration;
mod clients;
mod code_flow;
mod contract;
mod cors;
mod crowd;
mod deletion;
mod discovery;
mod events;
mod examples;
mod faults;
mod forgery;
mod guessing;
mod input;
mod leaving;
mod login;
mod logout;
mod mail;
mod mailed;
mod native_apps;
mod orders;
mod pages;
mod parameters;
mod people;
mod permissions;
mod pkce;
mod protected;
mod races;
mod refresh;
mod register;
mod restore;
mod revoke;
mod rotation;
mod scopes;
mod second_factor;
mod secrets;
mod seed;
mod single_sign_on;
mod step_up;
mod storm;
mod strangers;
mod totp;
mod totp_page;
