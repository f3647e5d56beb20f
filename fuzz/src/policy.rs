//! One byte chooses the mapping rules, so that every combination of policies is tried.

use event_mapper::{Characters, Collisions, ExtensionTable, FolderMode, Rules, RulesConfig};

/// The rules that a byte stands for.
pub(crate) fn rules(policy: u8) -> Rules {
    let bit = |mask| policy & mask != 0;
    let config = RulesConfig {
        characters: match policy % 3 {
            0 => Characters::Fullwidth,
            1 => Characters::Underscore,
            _ => Characters::Reject,
        },
        collisions: if bit(4) {
            Collisions::KeepExtension
        } else {
            Collisions::Newest
        },
        folder_mode: if bit(8) {
            FolderMode::Dynamic
        } else {
            FolderMode::Fixed
        },
        extension_table: if bit(16) {
            ExtensionTable::Ftp2cld
        } else {
            ExtensionTable::Current
        },
        ..RulesConfig::default()
    };
    Rules::new(&config).expect("no contradiction in these settings")
}
