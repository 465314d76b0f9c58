//! The output for images, parsed from `--output` and checked before a request is sent.

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
pub(crate) use write::{write_atomic, write_special, write_unique};

/// Where to write images.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Output {
    /// Stdout; only one image.
    Stdout,
    /// This file; several images get `-1`, `-2`, … before the extension.
    File(PathBuf),
    /// A pipe or device, which is written to and never replaced.
    Special(PathBuf),
    /// A name generated for each image, which never overwrites an existing file.
    Named(Named),
}

/// A folder and the template for file names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    folder: PathBuf,
    template: Template,
    extension: Option<String>,
}

/// The values for a file name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameFields<'a> {
    pub(crate) prompt: &'a str,
    pub(crate) seed: Option<u64>,
    pub(crate) model: &'a str,
    /// The 1-based number of the image in this run.
    pub(crate) number: usize,
    /// The format of the image.
    pub(crate) format: ImageFormat,
}

impl Output {
    /// Parses `--output`; `None` gives generated names in the working folder.
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
                "--output is empty; expected a file, a folder or a template",
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
            template: Template::default_name(),
            extension: None,
        })
    }

    /// The format that the extension selects, if any; fails for an unsupported image type.
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
        let unsupported = [
            "gif", "bmp", "tif", "tiff", "svg", "heic", "jxl", "jp2", "ico", "psd",
        ];
        if unsupported.contains(&extension.to_ascii_lowercase().as_str()) {
            Err(usage(&format!(
                "cannot write .{extension} files; use .png, .jpg, .webp or .avif"
            )))
        } else {
            Ok(None)
        }
    }

    /// Fails if the output cannot be written.
    pub(crate) fn check(&self, count: usize, force: bool) -> Result<(), Failure> {
        match self {
            Self::Special(_) if count > 1 => Err(usage(
                "the output accepts only one image; use a folder or a template for several",
            )),
            Self::Stdout | Self::Special(_) => Ok(()),
            Self::File(path) => {
                for number in 1..=count {
                    let path = numbered(path, number, count);
                    if !force && path.symlink_metadata().is_ok() {
                        let message = format!(
                            "{} already exists; use --force to overwrite it",
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

    /// The path for one of `count` images; for [`Named`](Self::Named), the first to try.
    pub(crate) fn path(&self, fields: NameFields<'_>, count: usize) -> PathBuf {
        match self {
            Self::Stdout => PathBuf::from("-"),
            Self::Special(path) => path.clone(),
            Self::File(path) => numbered(path, fields.number, count),
            Self::Named(named) => named.path(fields),
        }
    }
}

impl Named {
    fn parse(path: &Path) -> Result<Self, Failure> {
        let folder = parent(path).to_owned();
        if folder.to_string_lossy().contains(['{', '}']) {
            return Err(usage(
                "template fields are allowed only in the file name, not in the folder",
            ));
        }
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| usage("the template is not valid UTF-8"))?;
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

    fn path(&self, fields: NameFields<'_>) -> PathBuf {
        let stem = self.template.fill(|field| match field {
            template::Field::Slug => slug(fields.prompt),
            template::Field::Model => slug(fields.model),
            template::Field::Number => fields.number.to_string(),
            template::Field::Seed => fields.seed.map(|seed| seed.to_string()).unwrap_or_default(),
        });
        let extension = self
            .extension
            .as_deref()
            .unwrap_or(fields.format.extension());
        self.folder.join(format!("{stem}.{extension}"))
    }
}

/// `path` for one image, or with `-number` before the extension for one of several.
fn numbered(path: &Path, number: usize, count: usize) -> PathBuf {
    match count {
        0 | 1 => path.to_owned(),
        _ => write::with_number(path, number),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Checks that `folder` is writable by creating a temporary file.
///
/// Missing folders are created with the first image, so the closest existing parent is checked.
fn check_folder(folder: &Path) -> Result<(), Failure> {
    let folder = write::or_current(folder).components().as_path();
    let existing = folder
        .ancestors()
        .map(write::or_current)
        .find(|folder| folder.symlink_metadata().is_ok())
        .unwrap_or(folder);
    let writable = match fs::metadata(existing) {
        Ok(found) if !found.is_dir() => Err(io::Error::from(io::ErrorKind::NotADirectory)),
        Ok(_) => write::temporary(existing).map(drop),
        Err(error) => Err(error),
    };
    writable.map_err(|error| {
        let folder_name = folder.display();
        let message = if existing == folder {
            format!("cannot write to the output folder {folder_name}")
        } else {
            let existing = existing.display();
            format!("cannot create the output folder {folder_name} in {existing}")
        };
        Failure::file(message, error)
    })
}

fn usage(message: &str) -> Failure {
    Failure::Usage(message.to_owned())
}

#[cfg(test)]
mod tests;
