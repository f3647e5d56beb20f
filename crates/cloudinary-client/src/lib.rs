//! One authenticated Cloudinary HTTP exchange, classified. Never sleeps, never retries.
