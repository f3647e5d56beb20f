//! Keys written with the characters that a public ID may have.
//!
//! `fullwidth` follows rclone's scheme: what Cloudinary refuses or trims becomes a look-alike
//! (`?` becomes `？`), and a look-alike that the key already has is quoted with `‛`. Reading the
//! result back is therefore unambiguous, and two keys never become one text.
//! What is refused: the characters of [`is_refused_char`], a space at either end of a segment,
//! and a slash that would make an empty segment. `.` and `..` segments are for the caller.

use cloudinary_core::asset::is_refused_char;

use super::Characters;

/// Goes before a look-alike that is meant literally, before itself, and before the two
/// hexadecimal digits of a C1 control.
const QUOTE: char = '\u{201b}';

/// Characters of their own and what stands for them.
const LOOK_ALIKES: &[(char, char)] = &[
    ('?', '\u{ff1f}'),
    ('&', '\u{ff06}'),
    ('#', '\u{ff03}'),
    ('\\', '\u{ff3c}'),
    ('%', '\u{ff05}'),
    ('<', '\u{ff1c}'),
    ('>', '\u{ff1e}'),
    ('+', '\u{ff0b}'),
    ('/', '\u{ff0f}'),
    (' ', '\u{2420}'),
    ('\u{7f}', '\u{2421}'),
];

/// The first of the 32 pictures for C0 controls.
const CONTROL_PICTURES: u32 = 0x2400;

/// Writes a key, or the end of one that follows a slash, as part of a public ID.
pub(super) fn encode(key: &str, characters: Characters) -> String {
    if characters == Characters::Reject {
        return key.to_owned();
    }
    let mut written = String::with_capacity(key.len());
    let mut rest = key.chars().peekable();
    let mut segment_starts = true;
    while let Some(c) = rest.next() {
        let refused = is_refused_char(c)
            || match c {
                '/' => segment_starts || rest.peek().is_none(),
                ' ' => segment_starts || matches!(rest.peek(), None | Some('/')),
                _ => false,
            };
        match (characters, refused) {
            (Characters::Underscore, true) => written.push('_'),
            (Characters::Fullwidth, true) => push_look_alike(&mut written, c),
            (Characters::Fullwidth, false) => push_literal(&mut written, c),
            (Characters::Underscore | Characters::Reject, _) => written.push(c),
        }
        segment_starts = c == '/' && !refused;
    }
    written
}

/// Where `underscore` writes its first `_`: in front of that, equal texts come of equal keys.
pub(super) fn first_underscore(key: &str) -> Option<usize> {
    let written = encode(key, Characters::Underscore);
    key.char_indices()
        .zip(written.chars())
        .find(|(_, c)| *c == '_')
        .map(|((at, _), _)| at)
}

fn push_look_alike(written: &mut String, c: char) {
    if let Some(look_alike) = look_alike(c) {
        written.push(look_alike);
    } else {
        written.extend([QUOTE, hex_digit(u32::from(c) >> 4), hex_digit(u32::from(c))]);
    }
}

fn push_literal(written: &mut String, c: char) {
    if c == QUOTE || is_look_alike(c) {
        written.push(QUOTE);
    }
    written.push(c);
}

fn look_alike(c: char) -> Option<char> {
    if c < ' ' {
        return char::from_u32(CONTROL_PICTURES + u32::from(c));
    }
    LOOK_ALIKES
        .iter()
        .find(|(plain, _)| *plain == c)
        .map(|(_, look_alike)| *look_alike)
}

fn hex_digit(nibble: u32) -> char {
    char::from_digit(nibble & 0xF, 16)
        .unwrap_or('0')
        .to_ascii_uppercase()
}

fn is_look_alike(c: char) -> bool {
    ('\u{2400}'..'\u{2420}').contains(&c)
        || LOOK_ALIKES.iter().any(|(_, look_alike)| *look_alike == c)
}

#[cfg(test)]
mod tests {
    use cloudinary_core::PublicId;
    use proptest::prelude::*;

    use super::*;

    /// The inverse of `encode` with look-alikes. It exists to prove that there is one.
    fn decode(written: &str) -> String {
        let mut key = String::new();
        let mut rest = written.chars();
        while let Some(c) = rest.next() {
            key.push(if c == QUOTE {
                unquote(&mut rest)
            } else {
                plain(c)
            });
        }
        key
    }

    fn unquote(rest: &mut std::str::Chars<'_>) -> char {
        let c = rest.next().expect("something is quoted");
        if c == QUOTE || is_look_alike(c) {
            return c;
        }
        let digits: String = [c, rest.next().expect("two digits")].into_iter().collect();
        char::from_u32(u32::from_str_radix(&digits, 16).expect("hexadecimal")).expect("a control")
    }

    fn plain(c: char) -> char {
        if ('\u{2400}'..'\u{2420}').contains(&c) {
            return char::from_u32(u32::from(c) - CONTROL_PICTURES).expect("a control");
        }
        LOOK_ALIKES
            .iter()
            .find(|(_, look_alike)| *look_alike == c)
            .map_or(c, |(plain, _)| *plain)
    }

    fn fullwidth(key: &str) -> String {
        encode(key, Characters::Fullwidth)
    }

    /// Keys made of the characters that have rules.
    fn awkward_key() -> impl Strategy<Value = String> {
        "[a /_.?&%+8F\\x00\\x1f\\x7f\\u{80}\\u{9f}\\u{201b}\\u{2400}\\u{2420}\\u{2421}\\u{ff0f}\\u{ff1f}é]{1,8}"
    }

    #[test]
    fn refused_characters_become_look_alikes() {
        assert_eq!(fullwidth("a?b&c#d\\e%f<g>h+i"), "a？b＆c＃d＼e％f＜g＞h＋i");
        assert_eq!(fullwidth("a\tb\u{7f}\u{85}"), "a␉b␡‛85");
    }

    #[test]
    fn spaces_and_slashes_are_written_out_only_where_cloudinary_drops_them() {
        assert_eq!(fullwidth("a b/c d"), "a b/c d");
        assert_eq!(fullwidth(" a /b  "), "␠a␠/b ␠");
        assert_eq!(fullwidth("/a"), "／a");
        assert_eq!(fullwidth("a//b"), "a/／b");
        assert_eq!(fullwidth("a///b"), "a/／/b");
    }

    #[test]
    fn a_look_alike_in_the_key_is_quoted() {
        assert_eq!(fullwidth("a？‛␠80"), "a‛？‛‛‛␠80");
    }

    #[test]
    fn underscore_writes_one_underscore_for_each_refused_character() {
        let underscored = |key| encode(key, Characters::Underscore);
        assert_eq!(underscored(" a?b//c\u{85}+ "), "_a_b/_c___");
        assert_eq!(underscored("plain/key é"), "plain/key é");
        assert_eq!(first_underscore("plain/key é"), None);
        assert_eq!(first_underscore("é b?c_"), Some("é b".len()));
    }

    #[test]
    fn every_character_of_unicode_survives_on_its_own_and_inside_a_segment() {
        for c in '\0'..=char::MAX {
            for key in [c.to_string(), format!("x{c}x")] {
                let written = fullwidth(&key);
                assert_eq!(decode(&written), key, "{c:?}");
                assert!(
                    c == '.' || PublicId::new(&written).is_ok(),
                    "{c:?} as {written:?}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn look_alikes_can_be_read_back(key in awkward_key()) {
            prop_assert_eq!(decode(&fullwidth(&key)), key);
        }

        #[test]
        fn only_dot_segments_are_left_for_cloudinary_to_refuse(key in awkward_key()) {
            prop_assume!(!key.split('/').any(|segment| matches!(segment, "." | "..")));
            for characters in [Characters::Fullwidth, Characters::Underscore] {
                let written = encode(&key, characters);
                prop_assert!(PublicId::new(&written).is_ok(), "{:?}", written);
            }
        }

        #[test]
        fn encoding_does_not_depend_on_where_a_path_is_cut(a in awkward_key(), b in awkward_key()) {
            prop_assume!(!a.ends_with('/'));
            for characters in [Characters::Fullwidth, Characters::Underscore] {
                prop_assert_eq!(
                    encode(&format!("{a}/{b}"), characters),
                    format!("{}/{}", encode(&a, characters), encode(&b, characters))
                );
            }
        }
    }
}
