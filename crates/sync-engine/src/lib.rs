//! The ports and everything between receive and settle.
