//! libFuzzer's dictionaries: one word in quotes on each line, with `\\`, `\"` and `\x00` escapes.

/// The words, in the order of their lines. A line that is no word is a mistake of ours.
pub(crate) fn parse(text: &str) -> Vec<Vec<u8>> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| word(line).unwrap_or_else(|| panic!("{line} is not a word")))
        .collect()
}

fn word(line: &str) -> Option<Vec<u8>> {
    let quoted = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = quoted.bytes();
    let mut word = Vec::new();
    while let Some(byte) = bytes.next() {
        word.push(match byte {
            b'\\' => escaped(&mut bytes)?,
            plain => plain,
        });
    }
    Some(word)
}

fn escaped(bytes: &mut std::str::Bytes<'_>) -> Option<u8> {
    match bytes.next()? {
        b'x' => {
            let digits = [bytes.next()?, bytes.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
        }
        quoted @ (b'\\' | b'"') => Some(quoted),
        _ => None,
    }
}

#[test]
fn words_are_read_with_their_escapes() {
    let text = "\"plain\"\n\n\"\\\"\\\\\\x00\\xFf\"\n";
    assert_eq!(parse(text), [b"plain".to_vec(), vec![b'"', b'\\', 0, 255]]);
    for line in ["plain", "\"open", "\"\\n\"", "\"\\x1\""] {
        assert_eq!(word(line), None, "{line}");
    }
}
