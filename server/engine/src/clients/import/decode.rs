//! The text of a file that somebody saved from a spreadsheet, whichever way their program writes it.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text: by its mark if it has one, else UTF-16 if every other byte is empty, else UTF-8 if most of its letters are, else
/// as older programs of these countries write. Lines end in `\n` alone; what cannot be read is U+FFFD.
pub fn decode(bytes: &[u8]) -> String {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => match (wide(bytes), std::str::from_utf8(bytes)) {
            (Some(encoding), _) => encoding.decode_without_bom_handling(bytes).0,
            (None, Ok(text)) => text.into(),
            (None, Err(_)) if is_mostly_utf8(bytes) => String::from_utf8_lossy(bytes),
            (None, Err(_)) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
        },
    };
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.into_owned(),
    }
}

/// Letters beyond ASCII of another encoding are UTF-8 only by chance.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut letters, mut others) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        others += usize::from(!chunk.invalid().is_empty());
    }
    letters > others
}

/// UTF-16 without a mark: half of the bytes of what is mostly Latin letters are 0, always the same half.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |at: usize| head.iter().skip(at).step_by(2).filter(|b| **b == 0).count();
    let (first, second, pairs) = (zeros(0), zeros(1), head.len() / 2);
    match () {
        () if pairs == 0 => None,
        () if second * 2 > pairs && first == 0 => Some(UTF_16LE),
        () if first * 2 > pairs && second == 0 => Some(UTF_16BE),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_come_out_however_they_were_written() {
        let text = "code;naam\nA1;Café Zoë\n";
        let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            let mut all = mark.to_vec();
            all.extend(text.encode_utf16().flat_map(bytes));
            all
        };
        let with_mark = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            with_mark,
            latin,
            utf16(b"\xFF\xFE", u16::to_le_bytes),
            utf16(b"\xFE\xFF", u16::to_be_bytes),
            utf16(b"", u16::to_le_bytes),
            utf16(b"", u16::to_be_bytes),
            text.replace('\n', "\r\n").into_bytes(),
            text.replace('\n', "\r").into_bytes(),
        ] {
            assert_eq!(decode(&bytes), text);
        }
        assert_eq!(decode(b"\x80 \x85"), "€ …");
        let stray = [text.as_bytes(), b"A2;Ren\xE9e\n"].concat();
        assert_eq!(decode(&stray), format!("{text}A2;Ren\u{fffd}e\n"));
        assert_eq!(decode(b""), "");
        assert_eq!(decode(b"a"), "a");
    }
}
