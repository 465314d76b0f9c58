//! Which of a model's files are wanted.

use super::{ModelSource, bytes_for_people};
use crate::{Error, Result};

/// A file of a model, as the hub lists it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    /// Its bytes, where the hub tells.
    pub(super) size: Option<u64>,
}

/// The folders of a diffusers pipeline that a FLUX model is drawn with.
const PARTS: [&str; 7] = [
    "scheduler",
    "text_encoder",
    "text_encoder_2",
    "tokenizer",
    "tokenizer_2",
    "transformer",
    "vae",
];
/// What says that a model is a diffusers pipeline.
const PIPELINE: &str = "model_index.json";
/// How many files a message lists.
const MOST_LISTED: usize = 20;

/// The files that `source` wants, of all that the model has.
///
/// Of a diffusers pipeline these are the configurations, vocabularies and safetensors of its parts,
/// not the same weights in other forms beside them; of any other model its one file of weights, or
/// the shards of one, with the texts around it. Where there are several, one must be named.
pub(super) fn select(source: &ModelSource, listed: &[Listed]) -> Result<Vec<Listed>> {
    if !source.patterns().is_empty() {
        return by_patterns(source, listed);
    }
    let is_pipeline = listed.iter().any(|file| file.path == PIPELINE);
    let wanted = |file: &&Listed| {
        if is_pipeline {
            is_part(&file.path)
        } else {
            is_weights(&file.path) || is_text(&file.path)
        }
    };
    let files: Vec<Listed> = listed.iter().filter(wanted).cloned().collect();
    if is_pipeline
        && !files
            .iter()
            .any(|file| file.path.starts_with("transformer/"))
    {
        let message = format!(
            "{source} is a pipeline of another kind than FLUX: it has no `transformer`; name what \
             to pull all the same with --file"
        );
        return Err(Error::invalid("name", message));
    }
    let weights: Vec<&Listed> = files.iter().filter(|file| is_weights(&file.path)).collect();
    let mut names = weights.iter().map(|file| shard_of(&file.path));
    let first = names.next().flatten();
    let is_one = weights.len() == 1 || (first.is_some() && names.all(|name| name == first));
    if !is_pipeline && !is_one {
        return Err(ambiguous(source, &weights));
    }
    Ok(files)
}

fn by_patterns(source: &ModelSource, listed: &[Listed]) -> Result<Vec<Listed>> {
    let mut files: Vec<Listed> = Vec::new();
    for pattern in source.patterns() {
        let fits = |file: &&Listed| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            matches(pattern, &file.path) || (!pattern.contains('/') && matches(pattern, name))
        };
        let found: Vec<&Listed> = listed.iter().filter(fits).collect();
        if found.is_empty() {
            let weights: Vec<&Listed> = listed
                .iter()
                .filter(|file| is_weights(&file.path))
                .collect();
            let message = format!("no file of {source} matches `{pattern}`{}", list(&weights));
            return Err(Error::invalid("file", message));
        }
        for file in found {
            if !files.iter().any(|known| known.path == file.path) {
                files.push(file.clone());
            }
        }
    }
    Ok(files)
}

fn ambiguous(source: &ModelSource, weights: &[&Listed]) -> Error {
    if weights.is_empty() {
        let message = format!("{source} holds no weights (safetensors or GGUF)");
        return Error::invalid("name", message);
    }
    let message = format!(
        "{source} holds {} files of weights: name one with --file{}",
        weights.len(),
        list(weights)
    );
    Error::invalid("file", message)
}

fn list(files: &[&Listed]) -> String {
    let shown = files.iter().take(MOST_LISTED).map(|file| match file.size {
        Some(size) => format!("{} ({})", file.path, bytes_for_people(size)),
        None => file.path.clone(),
    });
    let shown: Vec<String> = shown.collect();
    let more = files.len().saturating_sub(MOST_LISTED);
    match (shown.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!("; there are {}", shown.join(", ")),
        (false, more) => format!("; there are {}, and {more} more", shown.join(", ")),
    }
}

fn is_part(path: &str) -> bool {
    if path == PIPELINE {
        return true;
    }
    let Some((folder, name)) = path.split_once('/') else {
        return false;
    };
    PARTS.contains(&folder) && (is_text(name) || (is_weights(name) && !is_variant(name)))
}

fn is_weights(path: &str) -> bool {
    [".safetensors", ".gguf"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// The name before the numbers of a shard, `NAME-00001-of-00003.safetensors`.
fn shard_of(path: &str) -> Option<&str> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let mut parts = stem.rsplitn(4, '-');
    let (count, of, number, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    (of == "of" && is_number(count) && is_number(number)).then_some(name)
}

/// Configurations, vocabularies and merges, but not those of a variant's shards.
fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let end = name.rsplit_once('.').map(|(_, end)| end);
    let is_index_of_variant =
        name.contains(".index.") && !name.ends_with(".safetensors.index.json");
    matches!(end, Some("json" | "txt" | "model")) && !is_index_of_variant
}

/// Whether it is the same weights in another form, such as `model.fp16.safetensors`.
fn is_variant(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.contains('.')
}

/// Whether `text` fits a pattern of `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stands, and how much of the text it has swallowed.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    (p, t) = (at + 1, swallowed + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(paths: &[&str]) -> Vec<Listed> {
        let file = |path: &&str| Listed {
            path: (*path).to_owned(),
            size: Some(1_500_000_000),
        };
        paths.iter().map(file).collect()
    }

    fn selected(patterns: &[&str], paths: &[&str]) -> Result<Vec<String>> {
        let source = ModelSource::parse("a/b").expect("a name");
        let source = source.with_files(patterns.iter().map(|&p| p.to_owned()).collect());
        let files = select(&source, &listed(paths))?;
        Ok(files.into_iter().map(|file| file.path).collect())
    }

    #[test]
    fn of_a_pipeline_come_the_parts_that_flux_is_drawn_with() {
        let wanted = [
            "model_index.json",
            "scheduler/scheduler_config.json",
            "text_encoder/config.json",
            "text_encoder/model.safetensors",
            "text_encoder_2/model-00001-of-00002.safetensors",
            "text_encoder_2/model-00002-of-00002.safetensors",
            "text_encoder_2/model.safetensors.index.json",
            "tokenizer/merges.txt",
            "tokenizer/vocab.json",
            "tokenizer_2/spiece.model",
            "tokenizer_2/tokenizer.json",
            "transformer/diffusion_pytorch_model-00001-of-00001.safetensors",
            "vae/diffusion_pytorch_model.safetensors",
        ];
        let unwanted = [
            ".gitattributes",
            "README.md",
            "ae.safetensors",
            "flux1-schnell.safetensors",
            "schnell_grid.jpeg",
            "text_encoder/flax_model.msgpack",
            "text_encoder/model.fp16.safetensors",
            "text_encoder_2/model.safetensors.index.fp16.json",
            "transformer/diffusion_pytorch_model.fp16-00001-of-00002.safetensors",
            "unet/diffusion_pytorch_model.safetensors",
            "vae/diffusion_pytorch_model.bin",
        ];
        let all: Vec<&str> = unwanted.into_iter().chain(wanted).collect();
        assert_eq!(selected(&[], &all).expect("a FLUX pipeline"), wanted);
    }

    #[test]
    fn a_pipeline_of_another_kind_is_refused_before_a_byte_comes() {
        let error = selected(
            &[],
            &[
                "model_index.json",
                "unet/m.safetensors",
                "vae/m.safetensors",
            ],
        );
        let error = error.expect_err("no transformer");
        assert!(
            error.message().contains("another kind than FLUX"),
            "{error}"
        );
    }

    #[test]
    fn one_file_of_weights_or_the_shards_of_one_need_no_choice() {
        let single = ["README.md", "config.json", "flux.gguf"];
        assert_eq!(selected(&[], &single).expect("one"), single[1..]);
        let shards = [
            "m-00001-of-00002.safetensors",
            "m-00002-of-00002.safetensors",
        ];
        assert_eq!(selected(&[], &shards).expect("shards"), shards);
    }

    #[test]
    fn several_files_of_weights_are_listed_with_their_sizes() {
        let error = selected(&[], &["f-Q4_0.gguf", "f-Q8_0.gguf"]).expect_err("two");
        assert_eq!(
            error.message(),
            "a/b holds 2 files of weights: name one with --file; there are f-Q4_0.gguf (1.5 GB), \
             f-Q8_0.gguf (1.5 GB)"
        );
        assert!(selected(&[], &["README.md"]).is_err());
        let mixed = [
            "a-00001-of-00001.safetensors",
            "b-00001-of-00001.safetensors",
        ];
        assert!(selected(&[], &mixed).is_err());
    }

    #[test]
    fn patterns_choose_files_and_one_that_fits_none_is_an_error() {
        let all = ["f-Q4_0.gguf", "f-Q8_0.gguf", "sub/f-Q4_0.gguf"];
        assert_eq!(selected(&["*Q8*"], &all).expect("one"), [all[1]]);
        assert_eq!(
            selected(&["f-Q4_?.gguf"], &all).expect("two"),
            [all[0], all[2]]
        );
        assert_eq!(selected(&["sub/*"], &all).expect("one"), [all[2]]);
        assert_eq!(selected(&["*", "*"], &all).expect("all").len(), 3);
        let error = selected(&["*Q5*"], &all).expect_err("none");
        assert!(
            error
                .message()
                .contains("no file of a/b matches `*Q5*`; there are f-Q4_0"),
            "{error}"
        );
    }

    #[test]
    fn stars_take_as_much_as_they_must() {
        for (pattern, text, fits) in [
            ("", "", true),
            ("*", "", true),
            ("a*b*c", "axxbxxbxc", true),
            ("a*b*c", "axxbxxbx", false),
            ("?", "é", true),
            ("*a", "bbbba", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
