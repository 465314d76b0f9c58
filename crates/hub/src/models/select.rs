//! Selects the files of a model to download.

use crate::ModelSource;
use crate::{Error, Result, format_bytes};

/// A file in the hub's list.
#[derive(Clone, Debug)]
pub(super) struct ListedFile {
    pub(super) path: String,
    /// The size in bytes, if the hub reports it.
    pub(super) size: Option<u64>,
}

/// The file that marks a diffusers pipeline.
const PIPELINE: &str = "model_index.json";
/// The maximum number of files listed in an error message.
const MAX_LISTED: usize = 20;

/// Selects the files that `source` describes.
///
/// Without patterns, these are the configurations, vocabularies and weights of a diffusers
/// pipeline's components, without variants of the same weights. For any other model they are the
/// text files and the only weight file, or its shards; several weight files are an error.
pub(super) fn select(source: &ModelSource, available: &[ListedFile]) -> Result<Vec<ListedFile>> {
    if !source.patterns().is_empty() {
        return by_patterns(source, available);
    }
    let is_pipeline = available.iter().any(|file| file.path == PIPELINE);
    let is_selected = |file: &&ListedFile| {
        if is_pipeline {
            is_component(source, &file.path)
        } else {
            is_weights(&file.path) || is_text(&file.path)
        }
    };
    let files: Vec<ListedFile> = available.iter().filter(is_selected).cloned().collect();
    if is_pipeline {
        let is_in = |folder: &str, file: &ListedFile| folder_of(&file.path) == Some(folder);
        return match source.components() {
            Some(components) if !files.iter().any(|file| is_in(components.required, file)) => {
                let folder = components.required;
                let message = format!("the diffusers pipeline {source} has no `{folder}` folder");
                Err(Error::invalid("name", message))
            }
            _ => Ok(files),
        };
    }
    let weights: Vec<&ListedFile> = files.iter().filter(|file| is_weights(&file.path)).collect();
    let mut names = weights.iter().map(|file| shard_of(&file.path));
    let first = names.next().flatten();
    if weights.len() == 1 || (first.is_some() && names.all(|name| name == first)) {
        return Ok(files);
    }
    Err(ambiguous(source, &weights))
}

fn by_patterns(source: &ModelSource, available: &[ListedFile]) -> Result<Vec<ListedFile>> {
    let mut files: Vec<ListedFile> = Vec::new();
    for pattern in source.patterns() {
        let is_match = |file: &&ListedFile| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            matches(pattern, &file.path) || (!pattern.contains('/') && matches(pattern, name))
        };
        let found: Vec<&ListedFile> = available.iter().filter(is_match).collect();
        if found.is_empty() {
            let weights: Vec<&ListedFile> = available
                .iter()
                .filter(|file| is_weights(&file.path))
                .collect();
            let weights = list(&weights);
            let message = if weights.is_empty() {
                format!("no file of {source} matches `{pattern}`")
            } else {
                format!("no file of {source} matches `{pattern}`; available: {weights}")
            };
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

fn ambiguous(source: &ModelSource, weights: &[&ListedFile]) -> Error {
    if weights.is_empty() {
        let message = format!("{source} has no weight files (safetensors or GGUF)");
        return Error::invalid("name", message);
    }
    let count = weights.len();
    let message = format!("{source} has {count} weight files: {}", list(weights));
    Error::invalid("file", message)
}

fn list(files: &[&ListedFile]) -> String {
    let shown = files.iter().take(MAX_LISTED).map(|file| match file.size {
        Some(size) => format!("{} ({})", file.path, format_bytes(size)),
        None => file.path.clone(),
    });
    let shown: Vec<String> = shown.collect();
    match files.len().saturating_sub(MAX_LISTED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn folder_of(path: &str) -> Option<&str> {
    path.split_once('/').map(|(folder, _)| folder)
}

fn is_component(source: &ModelSource, path: &str) -> bool {
    if path == PIPELINE {
        return true;
    }
    let Some((folder, name)) = path.split_once('/') else {
        return false;
    };
    let folders = source.components().map(|components| components.folders);
    folders.is_none_or(|folders| folders.contains(&folder))
        && (is_text(name) || (is_weights(name) && !is_variant(name)))
}

fn is_weights(path: &str) -> bool {
    [".safetensors", ".gguf"]
        .iter()
        .any(|suffix| path.ends_with(suffix))
}

/// The `NAME` of a shard `NAME-00001-of-00003.safetensors`.
fn shard_of(path: &str) -> Option<&str> {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let mut parts = stem.rsplitn(4, '-');
    let (count, of, number, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    (of == "of" && is_number(count) && is_number(number)).then_some(name)
}

/// Whether this is a configuration, vocabulary or merges file, but not the index of a variant.
fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is_index_of_variant =
        name.contains(".index.") && !name.ends_with(".safetensors.index.json");
    matches!(extension, Some("json" | "txt" | "model")) && !is_index_of_variant
}

/// Whether this is a variant of the weights, such as `model.fp16.safetensors`.
fn is_variant(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.contains('.')
}

/// Whether `text` matches a pattern with `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // The position of the last `*`, and the end of the text that it matches.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, end)) => {
                    star = Some((at, end + 1));
                    (p, t) = (at + 1, end + 1);
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

    const COMPONENTS: [&str; 7] = [
        "scheduler",
        "text_encoder",
        "text_encoder_2",
        "tokenizer",
        "tokenizer_2",
        "transformer",
        "vae",
    ];

    fn files(paths: &[&str]) -> Vec<ListedFile> {
        let file = |path: &&str| ListedFile {
            path: (*path).to_owned(),
            size: Some(1_500_000_000),
        };
        paths.iter().map(file).collect()
    }

    fn selected(patterns: &[&str], paths: &[&str]) -> Result<Vec<String>> {
        let source = ModelSource::parse("a/b").expect("a valid name");
        let source = source.with_components(&COMPONENTS, "transformer");
        let source = source.with_files(patterns.iter().map(|&p| p.to_owned()).collect());
        let files = select(&source, &files(paths))?;
        Ok(files.into_iter().map(|file| file.path).collect())
    }

    #[test]
    fn only_the_components_of_a_pipeline_are_selected() {
        let expected = [
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
        let others = [
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
        let all: Vec<&str> = others.into_iter().chain(expected).collect();
        assert_eq!(selected(&[], &all).expect("a pipeline"), expected);
    }

    #[test]
    fn a_pipeline_without_the_required_component_is_rejected() {
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
            error.message().contains("has no `transformer` folder"),
            "{error}"
        );
    }

    #[test]
    fn a_single_weight_file_or_its_shards_are_selected() {
        let single = ["README.md", "config.json", "flux.gguf"];
        assert_eq!(selected(&[], &single).expect("one"), single[1..]);
        let shards = [
            "m-00001-of-00002.safetensors",
            "m-00002-of-00002.safetensors",
        ];
        assert_eq!(selected(&[], &shards).expect("shards"), shards);
    }

    #[test]
    fn several_weight_files_are_listed_with_their_sizes() {
        let error = selected(&[], &["f-Q4_0.gguf", "f-Q8_0.gguf"]).expect_err("two");
        assert_eq!(
            error.message(),
            "a/b has 2 weight files: f-Q4_0.gguf (1.5 GB), f-Q8_0.gguf (1.5 GB)"
        );
        assert!(selected(&[], &["README.md"]).is_err());
        let mixed = [
            "a-00001-of-00001.safetensors",
            "b-00001-of-00001.safetensors",
        ];
        assert!(selected(&[], &mixed).is_err());
    }

    #[test]
    fn a_pattern_without_a_match_is_an_error() {
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
                .contains("no file of a/b matches `*Q5*`; available: f-Q4_0"),
            "{error}"
        );
    }

    #[test]
    fn stars_backtrack() {
        for (pattern, text, is_match) in [
            ("", "", true),
            ("*", "", true),
            ("a*b*c", "axxbxxbxc", true),
            ("a*b*c", "axxbxxbx", false),
            ("?", "é", true),
            ("*a", "bbbba", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), is_match, "{pattern} {text}");
        }
    }
}
