//! Servers and tools of others that take long to install: Spring Security, oauth2-proxy, Apache with `mod_auth_openidc`,
//! programs in Go, oidc-agent. They run as docs/frameworks.md and docs/verify.md show them.
//!
//! `.ci/run clients` installs and requires all of them. Otherwise these tests are skipped with a message.

mod apache;
mod go;
mod oauth2_proxy;
mod oidc_agent;
mod site;
mod spring;
