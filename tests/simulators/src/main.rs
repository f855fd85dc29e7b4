//! Serves the stand-ins on loopback sockets.

fn main() {}
