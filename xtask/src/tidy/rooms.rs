//! The table of rooms: which crate may use which other, and which outside library lives where.
//!
//! The same table as in `ARCHITECTURE.md`, as data. Changing an arrow means changing both,
//! with the reason in `docs/adr`.

/// A crate of ours and the crates of ours that it may depend on.
pub(crate) struct Room {
    pub(crate) name: &'static str,
    pub(crate) may_use: &'static [&'static str],
}

/// An outside library and the only rooms that may use it. A final `*` stands for any ending.
pub(crate) struct Guarded {
    pub(crate) library: &'static str,
    pub(crate) rooms: &'static [&'static str],
}

/// From pure to product: each room uses only rooms above it.
pub(crate) const ROOMS: &[Room] = &[
    room("cloudinary-core", &[]),
    room("adaptive-limit", &[]),
    room("telemetry", &[]),
    room("cloudinary-client", &["cloudinary-core"]),
    room("event-mapper", &["cloudinary-core"]),
    room("sync-engine", ENGINE),
    // The ports are written in event-mapper's words: bucket, key, version.
    room("aws-adapters", &["event-mapper", "sync-engine"]),
    room("worker", WORKER),
    room("cloudinary-emulator", &["cloudinary-core"]),
    room("aws-emulator", &[]),
    room("cli", CLI),
    room("bench", &["cloudinary-core"]),
    room("xtask", &[]),
];

const ENGINE: &[&str] = &["adaptive-limit", "cloudinary-core", "event-mapper"];

const WORKER: &[&str] = &[
    "adaptive-limit",
    "aws-adapters",
    "cloudinary-client",
    "cloudinary-core",
    "event-mapper",
    "sync-engine",
    "telemetry",
];

const CLI: &[&str] = &[
    "adaptive-limit",
    "aws-adapters",
    "aws-emulator",
    "cloudinary-client",
    "cloudinary-core",
    "cloudinary-emulator",
    "event-mapper",
    "sync-engine",
    "telemetry",
    "worker",
];

/// The package that may use everything: it holds only tests.
pub(crate) const TESTS: &str = "fleet-tests";

/// Libraries that tell what a room knows; in another room they are a leak.
pub(crate) const GUARDED: &[Guarded] = &[
    // The benchmark's bare floor is the same HTTP stack without the product.
    guarded("aws-*", &["aws-adapters", "bench"]),
    guarded("governor", &["adaptive-limit"]),
    guarded("indicatif", &["cli"]),
    guarded("opentelemetry*", &["telemetry"]),
    guarded("prometheus", &["telemetry"]),
    guarded("reqwest", &["cloudinary-client", "bench", "telemetry"]),
    guarded("s3s", &["aws-emulator"]),
    // The emulator checks signatures with its own code, so that one mistake is not made twice.
    guarded("sha1", &["cloudinary-core", "cloudinary-emulator"]),
    guarded("sha2", &["cloudinary-core", "cloudinary-emulator"]),
    guarded("tracing-opentelemetry", &["telemetry"]),
    // The emulators' binaries run without telemetry.
    guarded(
        "tracing-subscriber",
        &["telemetry", "aws-emulator", "cloudinary-emulator"],
    ),
];

const fn room(name: &'static str, may_use: &'static [&'static str]) -> Room {
    Room { name, may_use }
}

const fn guarded(library: &'static str, rooms: &'static [&'static str]) -> Guarded {
    Guarded { library, rooms }
}

impl Guarded {
    /// Whether a dependency of this name is meant.
    pub(crate) fn covers(&self, dependency: &str) -> bool {
        match self.library.strip_suffix('*') {
            Some(prefix) => dependency.starts_with(prefix),
            None => dependency == self.library,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_room_uses_a_room_below_it() {
        let names: Vec<_> = ROOMS.iter().map(|room| room.name).collect();
        for (index, room) in ROOMS.iter().enumerate() {
            for used in room.may_use {
                assert!(names[..index].contains(used), "{} uses {used}", room.name);
            }
        }
    }

    #[test]
    fn the_page_for_people_shows_the_same_arrows() {
        let page = include_str!("../../../ARCHITECTURE.md");
        for room in ROOMS {
            let start = format!("| `{}` |", room.name);
            let row = page.lines().find(|line| line.starts_with(&start));
            let row = row.unwrap_or_else(|| panic!("{} has no row", room.name));
            // These two rows say "all above" in words.
            if room.may_use == WORKER || room.may_use == CLI {
                continue;
            }
            let cell = row
                .trim_end_matches(" |")
                .rsplit("| ")
                .next()
                .unwrap_or_default();
            let mut shown: Vec<_> = cell.split('`').skip(1).step_by(2).collect();
            shown.sort_unstable();
            assert_eq!(shown, room.may_use, "{}", room.name);
        }
    }

    #[test]
    fn every_guarded_library_lives_in_a_room_of_the_table() {
        for guarded in GUARDED {
            for room in guarded.rooms {
                assert!(ROOMS.iter().any(|known| known.name == *room), "{room}");
            }
        }
    }

    #[test]
    fn a_star_covers_every_ending_and_a_plain_name_only_itself() {
        let starred = guarded("aws-sdk-*", &[]);
        assert!(starred.covers("aws-sdk-sqs"));
        let plain = guarded("sha1", &[]);
        assert!(plain.covers("sha1"));
        assert!(!plain.covers("sha1_smol"));
    }
}
