//! `nachtwacht schedule next`: when schedules run, a question and an answer a line.

use domain::{calendar::Calendars, schedule::answer_line};
use std::io::{BufRead, ErrorKind, Read, Write};

/// Longest line that is read, in bytes: the first one beyond is answered with an error.
const LONGEST: usize = 1 << 20;

/// Answers each line of `input` with one of `output`; a line that is no question gets an answer that says so. Only
/// the countries' calendars are known here: an office's own are in its database.
///
/// # Errors
/// A sentence, when a stream breaks. A reader that has heard enough is no error.
pub fn next(mut input: impl BufRead, mut output: impl Write) -> Result<(), String> {
    let calendars = Calendars::default();
    while let Some(line) = read_line(&mut input).map_err(|e| format!("The questions cannot be read: {e}."))? {
        let answer = answer_line(&line, &calendars);
        // a line at a time: whoever asks may wait for the answer before asking again
        match writeln!(output, "{answer}").and_then(|()| output.flush()) {
            Err(e) if e.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(e) => return Err(format!("The answer cannot be written: {e}.")),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// The next line without its end; `None` at the end of the input. Of one that is too long the rest is passed over.
fn read_line(input: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = vec![];
    if input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() == LONGEST && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &[u8]) -> Vec<String> {
        let mut output = vec![];
        next(input, &mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_bad_line_is_answered_and_reading_goes_on() {
        let good = br#"{"schedule":{"zone":"UTC","days":["mon"],"at":["07:00"]},"after":"2027-01-01T00:00:00Z","count":1}"#;
        let answer = r#"{"next":["2027-01-04T07:00:00Z"]}"#;
        let long = vec![b' '; 3 * LONGEST];
        let input = [b"\n\xff\xfe\n{}\r\n", &good[..], b"\r\n", &long, b"\n", good].concat();
        let all = answers(&input);
        assert_eq!(all.len(), 6);
        assert!(all[..3].iter().all(|a| a.starts_with(r#"{"error":""#)), "{all:?}");
        assert_eq!(all[3], answer);
        assert!(all[4].starts_with(r#"{"error":""#));
        assert_eq!(all[5], answer);
        assert!(answers(b"").is_empty());
    }

    #[test]
    fn a_reader_that_left_is_no_error() {
        struct Left;
        impl Write for Left {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        assert_eq!(next(&b"1\n2\n"[..], Left), Ok(()));
    }
}
