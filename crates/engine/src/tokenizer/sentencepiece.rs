//! Reads SentencePiece's unigram model files.
//!
//! The files are protocol buffers of `sentencepiece_model.proto`.

use crate::{Error, Result};

/// The parts of a model file that are used.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) pieces: Vec<Piece>,
    /// The normalisation table; empty if the file has none.
    pub(super) charsmap: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) score: f32,
    pub(super) kind: Kind,
}

/// `ModelProto.SentencePiece.Type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Other,
}

/// `TrainerSpec.ModelType.UNIGRAM`, the default.
const UNIGRAM: u64 = 1;

pub(super) fn parse(bytes: &[u8]) -> Result<Model> {
    let mut model = Model::default();
    let mut kind = UNIGRAM;
    let mut has_normalizer = false;
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) => model.pieces.push(piece(bytes)?),
            // `TrainerSpec`.
            (2, Value::Bytes(bytes)) => {
                for field in Fields(bytes) {
                    if let (3, Value::Number(number)) = field? {
                        kind = number;
                    }
                }
            }
            // `NormalizerSpec`.
            (3, Value::Bytes(bytes)) => {
                has_normalizer = true;
                for field in Fields(bytes) {
                    if let (2, Value::Bytes(table)) = field? {
                        model.charsmap = table.to_vec();
                    }
                }
            }
            _ => {}
        }
    }
    // The normaliser follows the pieces. Without this check a file that is truncated between two
    // pieces would be accepted.
    if !has_normalizer {
        return Err(invalid());
    }
    if kind != UNIGRAM {
        let message =
            format!("the SentencePiece model's `model_type` is {kind}, expected 1 (unigram)");
        return Err(Error::model(message));
    }
    if model.pieces.is_empty() {
        return Err(Error::model("the SentencePiece model has no pieces"));
    }
    Ok(model)
}

fn piece(bytes: &[u8]) -> Result<Piece> {
    let mut piece = Piece {
        text: String::new(),
        score: 0.0,
        kind: Kind::Normal,
    };
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(text)) => {
                let text = std::str::from_utf8(text).map_err(|_| invalid())?;
                text.clone_into(&mut piece.text);
            }
            (2, Value::Four(bytes)) => piece.score = f32::from_le_bytes(bytes),
            (3, Value::Number(number)) => {
                piece.kind = match number {
                    1 => Kind::Normal,
                    2 => Kind::Unknown,
                    3 => Kind::Control,
                    4 => Kind::UserDefined,
                    _ => Kind::Other,
                }
            }
            _ => {}
        }
    }
    Ok(piece)
}

/// Iterates over the fields of a message; ends after an error.
struct Fields<'a>(&'a [u8]);

enum Value<'a> {
    Number(u64),
    Four([u8; 4]),
    Eight,
    Bytes(&'a [u8]),
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field().ok_or_else(invalid);
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Eight
            }
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Four(self.take(4)?.try_into().ok()?),
            _ => return None,
        };
        Some((key >> 3, value))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A little-endian base 128 number.
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

fn invalid() -> Error {
    Error::model("invalid or truncated SentencePiece model")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of one control piece, `ab` with the score -1.5, and an empty normaliser.
    const PIECE: [u8; 15] = [
        10, 11, 10, 2, b'a', b'b', 21, 0, 0, 0xc0, 0xbf, 24, 3, 26, 0,
    ];

    #[test]
    fn pieces_are_parsed() {
        let model = parse(&PIECE).expect("rejected a valid model");
        let [piece] = model.pieces.as_slice() else {
            panic!("one piece");
        };
        assert_eq!((piece.text.as_str(), piece.score), ("ab", -1.5));
        assert_eq!(piece.kind, Kind::Control);
    }

    #[test]
    fn a_truncated_model_is_an_error() {
        for length in 0..PIECE.len() {
            assert!(parse(&PIECE[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn invalid_lengths_and_unterminated_numbers_are_errors() {
        assert!(parse(&[10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).is_err());
        assert!(parse(&[0x80; 11]).is_err());
        assert!(parse(&[15]).is_err());
    }

    #[test]
    fn an_unsupported_model_type_is_rejected() {
        let model = [&PIECE[..], &[18, 2, 24, 2]].concat();
        let error = parse(&model).expect_err("accepted a byte-pair model");
        assert!(error.message().contains("`model_type`"), "{error}");
    }
}
