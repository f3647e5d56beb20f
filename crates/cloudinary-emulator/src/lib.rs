//! A Cloudinary that real SDKs can talk to, with fault plans and limits.
