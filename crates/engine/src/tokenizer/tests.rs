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
    Tokenizer::t5(&TokenizerFiles::SentencePiece(file("spiece.model")))
        .expect("failed to read the tokenizer")
}

fn clip() -> Tokenizer {
    Tokenizer::clip(&vocab_and_merges()).expect("failed to read the tokenizer")
}

fn cases() -> Vec<Case> {
    let cases = fs::read(file("tokens.json")).expect("failed to read the golden file");
    let cases: Vec<Case> = serde_json::from_slice(&cases).expect("invalid JSON");
    assert_eq!(cases.len(), 36);
    cases
}

#[test]
fn t5_ids_match_transformers_for_both_file_formats() {
    let json = Tokenizer::t5(&TokenizerFiles::Json(file("t5.json")))
        .expect("failed to read the tokenizer");
    for tokenizer in [t5(), json] {
        for case in cases() {
            let tokens = tokenizer
                .encode(&case.text, case.t5.len())
                .expect("failed to tokenize");
            assert_eq!(tokens.ids, case.t5, "{:?}", case.text);
        }
    }
}

#[test]
fn clip_ids_match_transformers_for_both_file_formats() {
    let json = Tokenizer::clip(&TokenizerFiles::Json(file("clip.json")))
        .expect("failed to read the tokenizer");
    for tokenizer in [clip(), json] {
        for case in cases() {
            let tokens = tokenizer
                .encode(&case.text, case.clip.len())
                .expect("failed to tokenize");
            assert_eq!(tokens.ids, case.clip, "{:?}", case.text);
        }
    }
}

#[test]
fn truncated_text_is_reported() {
    let text = "  the sea, the sea and the КОШКА 🦊  ";
    for tokenizer in [t5(), clip()] {
        let all = tokenizer.encode(text, 200).expect("failed to tokenize");
        assert_eq!(all.truncated, None);
        let fits = all
            .ids
            .iter()
            .position(|&id| id == tokenizer.end)
            .expect("no end token")
            + 1;
        assert_eq!(
            tokenizer
                .encode(text, fits)
                .expect("failed to tokenize")
                .truncated,
            None
        );
        for length in 2..fits {
            let truncated = tokenizer
                .encode(text, length)
                .expect("failed to tokenize")
                .truncated
                .expect("text was not truncated");
            assert!(
                !truncated.is_empty() && text.trim().ends_with(&truncated),
                "{length}: {truncated}"
            );
        }
    }
    let truncated = clip()
        .encode("the sea", 3)
        .expect("failed to tokenize")
        .truncated;
    assert_eq!(truncated.as_deref(), Some("sea"));
    assert_eq!(
        clip().encode("", 2).expect("failed to tokenize").truncated,
        None
    );
}

#[test]
fn a_length_too_small_for_the_special_tokens_names_the_field() {
    let field = "max_sequence_length";
    for error in [t5().encode("a", 0), clip().encode("a", 1)] {
        let error = error.expect_err("accepted a length that is too short");
        assert_eq!(*error.kind(), ErrorKind::InvalidRequest { field });
    }
}

#[test]
fn files_of_the_other_encoder_and_missing_files_are_errors() {
    for error in [
        Tokenizer::t5(&vocab_and_merges()),
        Tokenizer::t5(&TokenizerFiles::Json(file("clip.json"))),
        Tokenizer::t5(&TokenizerFiles::SentencePiece(file("merges.txt"))),
        Tokenizer::t5(&TokenizerFiles::SentencePiece(file("nothing.model"))),
        Tokenizer::clip(&TokenizerFiles::Json(file("t5.json"))),
        Tokenizer::clip(&TokenizerFiles::Json(file("vocab.json"))),
        Tokenizer::clip(&TokenizerFiles::SentencePiece(file("spiece.model"))),
    ] {
        let error = error.expect_err("accepted unsupported files");
        assert_eq!(*error.kind(), ErrorKind::Model, "{error}");
    }
}

/// The error for `tokenizer.json` with `from` replaced by `to`.
fn error_after_replacing(name: &str, from: &str, to: &str) -> String {
    let text = fs::read_to_string(file(name)).expect("failed to read the golden file");
    assert!(text.contains(from), "{from}");
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let path = folder.path().join("tokenizer.json");
    fs::write(&path, text.replacen(from, to, 1)).expect("failed to write the file");
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
fn an_invalid_tokenizer_json_is_an_error_that_names_the_problem() {
    for (name, from, to, message) in [
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
        (
            "t5.json",
            "{\"id\": 1,",
            "{\"id\": 7,",
            "does not have the id 7",
        ),
        ("clip.json", "\"!\": 0", "\"!\": 4294967295", "4294967295"),
        // The library would panic on these merges.
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
        let error = error_after_replacing(name, from, to);
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_truncated_or_altered_sentencepiece_model_never_panics() {
    let bytes = fs::read(file("spiece.model")).expect("failed to read the golden file");
    let folder = tempfile::tempdir().expect("failed to create a temporary folder");
    let path = folder.path().join("spiece.model");
    let mut opened = 0;
    for step in 0..300 {
        let at = step * bytes.len() / 300;
        let mut altered = bytes.clone();
        altered[at] ^= 0x81;
        for bytes in [&bytes[..at], &altered] {
            fs::write(&path, bytes).expect("failed to write the file");
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
    assert!(opened > 0, "a model with an altered score can be opened");
}
