//! The graphics protocols of kitty and iTerm2, which accept image files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The height of an image in rows; the width follows from the aspect ratio.
pub(super) const ROWS: u16 = 20;
/// The maximum payload of one escape sequence in kitty's protocol, in bytes.
const CHUNK: usize = 4096;

/// Encodes a PNG in kitty's protocol: transmitted directly, in chunks, and displayed.
///
/// <https://sw.kovidgoyal.net/kitty/graphics-protocol/>: `f=100` is PNG, `a=T` transmits and shows,
/// `q=2` suppresses responses, `r` is the number of rows, `m=1` marks all chunks but the last.
pub(super) fn kitty(png: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(png);
    let mut output = Vec::with_capacity(encoded.len() + encoded.len() / 64 + 64);
    let mut chunks = encoded.as_bytes().chunks(CHUNK).peekable();
    let mut first = true;
    while let Some(chunk) = chunks.next() {
        let more = u8::from(chunks.peek().is_some());
        let head = if first {
            format!("\x1b_Gf=100,a=T,q=2,r={ROWS},m={more};")
        } else {
            format!("\x1b_Gm={more};")
        };
        first = false;
        output.extend_from_slice(head.as_bytes());
        output.extend_from_slice(chunk);
        output.extend_from_slice(b"\x1b\\");
    }
    output.push(b'\n');
    output
}

/// Encodes a file in iTerm2's protocol, <https://iterm2.com/documentation-images.html>.
pub(super) fn iterm(file: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(file);
    let size = file.len();
    format!(
        "\x1b]1337;File=inline=1;size={size};height={ROWS};preserveAspectRatio=1:{encoded}\x07\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kitty_chunks_are_4096_bytes_and_only_the_last_has_m_0() {
        let output = String::from_utf8(kitty(&[7; 10_000])).expect("not valid UTF-8");
        let chunks: Vec<&str> = output.trim_end().split_terminator("\x1b\\").collect();
        assert_eq!(chunks.len(), 4);
        assert!(chunks[0].starts_with("\x1b_Gf=100,a=T,q=2,r=20,m=1;"));
        let mut data = String::new();
        for (i, chunk) in chunks.iter().enumerate() {
            let (head, body) = chunk.split_once(';').expect("no separator");
            assert!(body.len() <= 4096);
            assert!(head.ends_with(if i == 3 { "m=0" } else { "m=1" }), "{head}");
            data.push_str(body);
        }
        assert_eq!(
            STANDARD.decode(data).expect("not valid base64"),
            [7; 10_000]
        );
    }

    #[test]
    fn iterm_sequence_contains_the_file_and_its_size() {
        let output = String::from_utf8(iterm(b"file")).expect("not valid UTF-8");
        assert!(output.starts_with("\x1b]1337;File=inline=1;size=4;"));
        assert!(output.ends_with(":ZmlsZQ==\x07\n"));
    }
}
