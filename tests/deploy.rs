//! What lies in `deploy/`, read and run by the tools that will read and run it.
