use std::fs;

use serde::Deserialize;

use super::*;
use crate::ErrorKind;

#[derive(Deserialize)]
struct Case {
    text: String,
    t5: Vec<u32>,
    clip: Vec<u32>,
}

fn file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/vocabularies");
    folder.join(name)
}

fn vocab_and_merges() -> TokenizerFiles {
    TokenizerFiles::VocabAndMerges {
        vocab: file("vocab.json"),
        merges: file("merges.txt"),
    }
}

fn t5() -> Tokenizer {
    Tokenizer::t5(&TokenizerFiles::SentencePiece(file("spiece.model"))).expect("a tokenizer")
}

fn clip() -> Tokenizer {
    Tokenizer::clip(&vocab_and_merges()).expect("a tokenizer")
}

fn cases() -> Vec<Case> {
    let cases = fs::read(file("tokens.json")).expect("the golden file");
    let cases: Vec<Case> = serde_json::from_slice(&cases).expect("whole JSON");
    assert_eq!(cases.len(), 36);
    cases
}

#[test]
fn t5_ids_are_those_of_transformers_from_either_file() {
    let json = Tokenizer::t5(&TokenizerFiles::Json(file("t5.json"))).expect("a tokenizer");
    for tokenizer in [t5(), json] {
        for case in cases() {
            let tokens = tokenizer.encode(&case.text, case.t5.len()).expect("tokens");
            assert_eq!(tokens.ids, case.t5, "{:?}", case.text);
        }
    }
}

#[test]
fn clip_ids_are_those_of_transformers_from_either_files() {
    let json = Tokenizer::clip(&TokenizerFiles::Json(file("clip.json"))).expect("a tokenizer");
    for tokenizer in [clip(), json] {
        for case in cases() {
            let tokens = tokenizer
                .encode(&case.text, case.clip.len())
                .expect("tokens");
            assert_eq!(tokens.ids, case.clip, "{:?}", case.text);
        }
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let text = "  the sea, the sea and the КОШКА 🦊  ";
    for tokenizer in [t5(), clip()] {
        let all = tokenizer.encode(text, 200).expect("tokens");
        assert_eq!(all.truncated, None);
        let fits = all
            .ids
            .iter()
            .position(|&id| id == tokenizer.end)
            .expect("an end")
            + 1;
        assert_eq!(
            tokenizer.encode(text, fits).expect("tokens").truncated,
            None
        );
        for length in 2..fits {
            let cut = tokenizer
                .encode(text, length)
                .expect("tokens")
                .truncated
                .expect("a cut");
            assert!(
                !cut.is_empty() && text.trim().ends_with(&cut),
                "{length}: {cut}"
            );
        }
    }
    let cut = clip().encode("the sea", 3).expect("tokens").truncated;
    assert_eq!(cut.as_deref(), Some("sea"));
    assert_eq!(clip().encode("", 2).expect("tokens").truncated, None);
}

#[test]
fn a_length_below_what_encloses_a_text_is_refused_by_the_field() {
    let field = "max_sequence_length";
    for error in [t5().encode("a", 0), clip().encode("a", 1)] {
        let error = error.expect_err("no room");
        assert_eq!(*error.kind(), ErrorKind::InvalidRequest { field });
    }
}

#[test]
fn files_of_the_other_encoder_and_missing_ones_are_errors() {
    for error in [
        Tokenizer::t5(&vocab_and_merges()),
        Tokenizer::t5(&TokenizerFiles::Json(file("clip.json"))),
        Tokenizer::t5(&TokenizerFiles::SentencePiece(file("merges.txt"))),
        Tokenizer::t5(&TokenizerFiles::SentencePiece(file("nothing.model"))),
        Tokenizer::clip(&TokenizerFiles::Json(file("t5.json"))),
        Tokenizer::clip(&TokenizerFiles::Json(file("vocab.json"))),
        Tokenizer::clip(&TokenizerFiles::SentencePiece(file("spiece.model"))),
    ] {
        let error = error.expect_err("another file");
        assert_eq!(*error.kind(), ErrorKind::Model, "{error}");
    }
}

/// What is said of `tokenizer.json` with `from` replaced by `to`.
fn spoilt(name: &str, from: &str, to: &str) -> String {
    let text = fs::read_to_string(file(name)).expect("the golden file");
    assert!(text.contains(from), "{from}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tokenizer.json");
    fs::write(&path, text.replacen(from, to, 1)).expect("a file");
    let files = TokenizerFiles::Json(path);
    let opened = if name == "t5.json" {
        Tokenizer::t5(&files)
    } else {
        Tokenizer::clip(&files)
    };
    let error = opened.expect_err(to);
    assert_eq!(*error.kind(), ErrorKind::Model);
    error.to_string()
}

#[test]
fn a_spoilt_tokenizer_json_is_an_error_that_says_what_is_wrong() {
    for (name, from, to, said) in [
        (
            "t5.json",
            "\"Unigram\"",
            "\"WordPiece\"",
            "`model.type` is WordPiece",
        ),
        ("t5.json", "\"unk_id\": 2", "\"unk_id\": 999999", "unk_id"),
        (
            "t5.json",
            "\"precompiled_charsmap\": \"",
            "\"precompiled_charsmap\": \"*",
            "base64",
        ),
        (
            "t5.json",
            "\"precompiled_charsmap\": \"A",
            "\"precompiled_charsmap\": \"Z",
            "table",
        ),
        ("t5.json", "[\"</s>\", 0.0]", "[\"<s>\", 0.0]", "`</s>`"),
        ("t5.json", "{\"id\": 1,", "{\"id\": 7,", "is not token 7"),
        ("clip.json", "\"!\": 0", "\"!\": 4294967295", "4294967295"),
        // The library would write beyond its buffer and panic.
        (
            "clip.json",
            "\"merges\": [\"",
            "\"merges\": [\"th <|startoftext|>\", \"",
            "needs the token",
        ),
        (
            "clip.json",
            "\"merges\": [\"",
            "\"merges\": [\"a b c\", \"",
            "two tokens",
        ),
        (
            "clip.json",
            "\"<|endoftext|>\": ",
            "\"<|end|>\": ",
            "<|endoftext|>",
        ),
    ] {
        let error = spoilt(name, from, to);
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_cut_or_altered_sentencepiece_model_never_panics() {
    let bytes = fs::read(file("spiece.model")).expect("the golden file");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spiece.model");
    let mut opened = 0;
    for step in 0..300 {
        let at = step * bytes.len() / 300;
        let mut altered = bytes.clone();
        altered[at] ^= 0x81;
        for bytes in [&bytes[..at], &altered] {
            fs::write(&path, bytes).expect("a file");
            if let Ok(tokenizer) = Tokenizer::t5(&TokenizerFiles::SentencePiece(path.clone())) {
                opened += 1;
                let text = "A red lighthouse… ＡB e\u{301} ①\u{1}ﬁ";
                assert_eq!(
                    tokenizer
                        .encode(text, 9)
                        .map_or(9, |tokens| tokens.ids.len()),
                    9
                );
            }
        }
    }
    assert!(opened > 0, "an altered score does no harm");
}
