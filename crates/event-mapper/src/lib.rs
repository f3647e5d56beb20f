//! Queue message bytes to object changes, object keys to asset identities. Pure.
