//! A picture on its way to its file: converted, given its parameters, written whole.

use std::path::PathBuf;
use std::sync::Arc;

use fluxhop::{Error, ErrorKind, GeneratedImage, ImageFormat, Picture, Request, encode, metadata};

use crate::failure::Failure;
use crate::output::{self, NameFields, Output};

/// Where the pictures of a request go, and as what.
#[derive(Clone)]
pub(crate) struct Destination {
    /// Where they go.
    pub(crate) output: Arc<Output>,
    /// How they are encoded; absent for as they come.
    pub(crate) format: Option<ImageFormat>,
    /// Whether they carry their parameters.
    pub(crate) metadata: bool,
    /// Whether files are written over.
    pub(crate) force: bool,
    /// The number of the request's first picture in this run, from 1.
    pub(crate) first: usize,
    /// How many pictures go to this output.
    pub(crate) count: usize,
    /// Called with each picture that is kept, before anyone is told; it is told of by its line.
    pub(crate) record: Option<Recorder>,
}

/// Notes a picture that is kept.
pub(crate) type Recorder = Arc<dyn Fn(&Saved) -> Result<(), Failure> + Send + Sync>;

/// A picture and where it is now.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    /// The picture, as it was kept.
    pub(crate) image: GeneratedImage,
    /// Where it is.
    pub(crate) kept: Kept,
    /// What the user should know of how it was kept.
    pub(crate) notes: Vec<String>,
}

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In this file.
    File(PathBuf),
    /// Nowhere yet: stdout is to get its bytes.
    Stdout,
    /// At this address.
    Url(String),
}

impl Destination {
    /// Keeps picture `number` (from 1) of `request`, on a thread for blocking work.
    pub(crate) async fn save(
        &self,
        image: GeneratedImage,
        request: &Request,
        number: usize,
    ) -> Result<Saved, Failure> {
        let (destination, request) = (self.clone(), request.clone());
        let work = move || destination.save_now(image, &request, number);
        match tokio::task::spawn_blocking(work).await {
            Ok(saved) => saved,
            Err(error) => {
                let message = "the picture could not be written";
                Err(Error::new(ErrorKind::Internal, message)
                    .with_source(error)
                    .into())
            }
        }
    }

    fn save_now(
        &self,
        mut image: GeneratedImage,
        request: &Request,
        number: usize,
    ) -> Result<Saved, Failure> {
        let mut notes = Vec::new();
        let kept = match image.picture.take() {
            Some(picture) => {
                let picture = self.converted(picture)?;
                image.picture = Some(picture.clone());
                let picture = self.with_parameters(picture, request, &image, &mut notes);
                let kept = self.keep(&picture, &image, request, number, &mut notes)?;
                image.picture = Some(picture);
                kept
            }
            None => Kept::Url(image.url.clone().ok_or_else(|| {
                Error::new(
                    ErrorKind::Protocol,
                    "expected a picture or its address and got neither",
                )
            })?),
        };
        let saved = Saved { image, kept, notes };
        if let Some(record) = &self.record {
            record(&saved)?;
        }
        Ok(saved)
    }

    fn converted(&self, picture: Picture) -> Result<Picture, Failure> {
        match self.format {
            Some(format) if format != picture.format => Ok(encode::convert(&picture, format)?),
            _ => Ok(picture),
        }
    }

    /// The picture with its parameters; one that cannot take them is kept without.
    fn with_parameters(
        &self,
        picture: Picture,
        request: &Request,
        image: &GeneratedImage,
        notes: &mut Vec<String>,
    ) -> Picture {
        if !self.metadata {
            return picture;
        }
        match metadata::embed(&picture, &metadata::Parameters::new(request, image)) {
            Ok(written) => written,
            Err(error) => {
                notes.push(format!("the file is without its parameters: {error}"));
                picture
            }
        }
    }

    fn keep(
        &self,
        picture: &Picture,
        image: &GeneratedImage,
        request: &Request,
        number: usize,
        notes: &mut Vec<String>,
    ) -> Result<Kept, Failure> {
        let facts = NameFields {
            prompt: &request.prompt,
            seed: image.seed,
            model: &image.model,
            number: self.first + number - 1,
            format: picture.format,
        };
        let path = self.output.path(facts, self.count);
        let written = match &*self.output {
            Output::Stdout => return Ok(Kept::Stdout),
            Output::Special(_) => {
                output::write_special(&path, &picture.bytes).map(|()| path.clone())
            }
            Output::Named(_) if !self.force => output::place_free(&path, &picture.bytes),
            Output::Named(_) | Output::File(_) => {
                match output::place(&path, &picture.bytes, self.force) {
                    Ok(()) => Ok(path.clone()),
                    // It was not there before the drawing began, and the picture is not lost for it.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                        notes.push(format!("{} has come to be meanwhile", path.display()));
                        output::place_free(&path, &picture.bytes)
                    }
                    Err(error) => Err(error),
                }
            }
        };
        written.map(Kept::File).map_err(|error| {
            let what = format!("the picture cannot be written to {}", path.display());
            match &image.url {
                Some(url) => Failure::file(format!("{what}; it is still at {url}"), error),
                None => Failure::file(what, error),
            }
        })
    }
}
