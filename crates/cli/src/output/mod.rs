//! Where pictures go: what `--output` says, checked before anything is drawn.

mod slug;
mod template;
mod write;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fluxhop::ImageFormat;

use crate::failure::Failure;
use slug::slug;
use template::Template;
pub(crate) use write::{place, place_free, write_special};

/// Where pictures go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// The bytes of the one picture, to stdout.
    Stdout,
    /// This file; with more than one picture, `-1`, `-2`, … stand before the extension.
    File(PathBuf),
    /// A pipe or a device, which is written to and never replaced.
    Special(PathBuf),
    /// Names made for each picture, which never hit a file that is there.
    Named(Named),
}

/// A folder and how the files in it are named.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    folder: PathBuf,
    template: Template,
    extension: Option<String>,
}

/// What a file is named after.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameFields<'a> {
    pub(crate) prompt: &'a str,
    pub(crate) seed: Option<u64>,
    pub(crate) model: &'a str,
    /// Counts the pictures of this run, from 1.
    pub(crate) number: usize,
    /// How the picture is encoded.
    pub(crate) format: ImageFormat,
}

impl Output {
    /// Reads what `--output` says; nothing is names in the working folder.
    pub(crate) fn parse(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::in_folder(PathBuf::new()));
        };
        if path == "-" {
            return Ok(Self::Stdout);
        }
        let text = path.to_string_lossy();
        if path.as_os_str().is_empty() {
            return Err(usage(
                "the output is empty: name a file, a folder or a template",
            ));
        }
        if text.ends_with(std::path::is_separator) || path.is_dir() {
            return Ok(Self::in_folder(path.to_owned()));
        }
        if text.contains(['{', '}']) {
            return Named::parse(path).map(Self::Named);
        }
        Ok(match fs::metadata(path) {
            Ok(found) if !found.is_file() => Self::Special(path.to_owned()),
            _ => Self::File(path.to_owned()),
        })
    }

    fn in_folder(folder: PathBuf) -> Self {
        Self::Named(Named {
            folder,
            template: Template::usual(),
            extension: None,
        })
    }

    /// The format that the name says, where it says one; another type of picture is an error.
    pub(crate) fn format(&self) -> Result<Option<ImageFormat>, Failure> {
        let extension = match self {
            Self::Stdout | Self::Special(_) => None,
            Self::File(path) => path.extension().and_then(|extension| extension.to_str()),
            Self::Named(named) => named.extension.as_deref(),
        };
        let Some(extension) = extension else {
            return Ok(None);
        };
        if let Ok(format) = extension.parse() {
            return Ok(Some(format));
        }
        let other = [
            "gif", "bmp", "tif", "tiff", "svg", "heic", "jxl", "jp2", "ico", "psd",
        ];
        if other.contains(&extension.to_ascii_lowercase().as_str()) {
            Err(usage(&format!(
                "the output's name ends in .{extension}, which is not written: take .png, .jpg, \
             .webp or .avif"
            )))
        } else {
            Ok(None)
        }
    }

    /// Refuses, before anything is drawn, what could not be written afterwards.
    pub(crate) fn check(&self, count: usize, force: bool) -> Result<(), Failure> {
        match self {
            Self::Special(_) if count > 1 => Err(usage(
                "the output takes one picture: name a folder or a template for more",
            )),
            Self::Stdout | Self::Special(_) => Ok(()),
            Self::File(path) => {
                for number in 1..=count {
                    let path = numbered(path, number, count);
                    if !force && path.symlink_metadata().is_ok() {
                        let message = format!(
                            "{} is there already: give another --output, or --force to write over \
                             it",
                            path.display()
                        );
                        return Err(usage(&message));
                    }
                }
                check_folder(parent(path))
            }
            Self::Named(named) => check_folder(&named.folder),
        }
    }

    /// The path for picture `number` of `count` (from 1); for [`Named`](Self::Named) the first to try.
    pub(crate) fn path(&self, facts: NameFields<'_>, count: usize) -> PathBuf {
        match self {
            Self::Stdout => PathBuf::from("-"),
            Self::Special(path) => path.clone(),
            Self::File(path) => numbered(path, facts.number, count),
            Self::Named(named) => named.path(facts),
        }
    }
}

impl Named {
    fn parse(path: &Path) -> Result<Self, Failure> {
        let folder = parent(path).to_owned();
        if folder.to_string_lossy().contains(['{', '}']) {
            return Err(usage(
                "a template's {…} belong in the file's name, not in the folder's",
            ));
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| usage("a template is written in UTF-8"))?;
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && !extension.contains(['{', '}']) => {
                (stem, Some(extension.to_owned()))
            }
            _ => (name, None),
        };
        let template = Template::parse(stem).map_err(|message| usage(&message))?;
        Ok(Self {
            folder,
            template,
            extension,
        })
    }

    fn path(&self, facts: NameFields<'_>) -> PathBuf {
        let stem = self.template.fill(|field| match field {
            template::Field::Slug => slug(facts.prompt),
            template::Field::Model => slug(facts.model),
            template::Field::Number => facts.number.to_string(),
            template::Field::Seed => facts.seed.map(|seed| seed.to_string()).unwrap_or_default(),
        });
        let extension = self
            .extension
            .as_deref()
            .unwrap_or(facts.format.extension());
        self.folder.join(format!("{stem}.{extension}"))
    }
}

/// `path` for one picture, or with `-number` before the extension for one of several.
fn numbered(path: &Path, number: usize, count: usize) -> PathBuf {
    match count {
        0 | 1 => path.to_owned(),
        _ => write::with_number(path, number),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Whether a file can be made in `folder`, by making one.
///
/// Folders that are missing come with the first picture: the one that they will stand in is tried.
fn check_folder(folder: &Path) -> Result<(), Failure> {
    let folder = write::or_here(folder).components().as_path();
    let there = folder
        .ancestors()
        .map(write::or_here)
        .find(|folder| folder.symlink_metadata().is_ok())
        .unwrap_or(folder);
    let tried = match fs::metadata(there) {
        Ok(found) if !found.is_dir() => Err(io::Error::from(io::ErrorKind::NotADirectory)),
        Ok(_) => write::temporary(there).map(drop),
        Err(error) => Err(error),
    };
    tried.map_err(|error| {
        let wanted = folder.display();
        let what = if there == folder {
            format!("the output folder {wanted} cannot be written to")
        } else {
            let there = there.display();
            format!("the output folder {wanted} cannot be made in {there}")
        };
        Failure::file(what, error)
    })
}

fn usage(message: &str) -> Failure {
    Failure::Usage(message.to_owned())
}

#[cfg(test)]
mod tests;
