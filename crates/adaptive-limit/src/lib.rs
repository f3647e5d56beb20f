//! When may the next request start: concurrency, pace, backoff. Pure: time is an argument.
