//! Saves an image: converts it, embeds its parameters and writes the file.

use std::path::PathBuf;
use std::sync::Arc;

use fluxhop::{Error, ErrorKind, GeneratedImage, ImageFormat, Picture, Request, encode, metadata};

use crate::failure::Failure;
use crate::output::{self, NameFields, Output};

/// Where and how to save the images of a request.
#[derive(Clone)]
pub(crate) struct Destination {
    /// The output.
    pub(crate) output: Arc<Output>,
    /// The format to convert to; `None` keeps the format of each image.
    pub(crate) format: Option<ImageFormat>,
    /// Whether to embed the generation parameters.
    pub(crate) metadata: bool,
    /// Whether to overwrite existing files.
    pub(crate) force: bool,
    /// The 1-based number, within this run, of the request's first image.
    pub(crate) first: usize,
    /// The number of images that share this output.
    pub(crate) count: usize,
    /// Called with each saved image before it is reported.
    pub(crate) record: Option<Recorder>,
}

/// Records a saved image.
pub(crate) type Recorder = Arc<dyn Fn(&Saved) -> Result<(), Failure> + Send + Sync>;

/// A saved image and its location.
#[derive(Clone, Debug)]
pub(crate) struct Saved {
    /// The image as saved.
    pub(crate) image: GeneratedImage,
    /// Its location.
    pub(crate) location: Location,
    /// Notes for the user about how it was saved.
    pub(crate) notes: Vec<String>,
}

/// The location of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// A file.
    File(PathBuf),
    /// Stdout; the bytes are written when the image is reported.
    Stdout,
    /// A URL; nothing was downloaded.
    Url(String),
}

impl Destination {
    /// Saves image `number` (from 1) of `request` on a blocking thread.
    pub(crate) async fn save(
        &self,
        image: GeneratedImage,
        request: &Request,
        number: usize,
    ) -> Result<Saved, Failure> {
        let (destination, request) = (self.clone(), request.clone());
        let work = move || destination.save_blocking(image, &request, number);
        match tokio::task::spawn_blocking(work).await {
            Ok(saved) => saved,
            Err(error) => {
                let message = "cannot write the image";
                Err(Error::new(ErrorKind::Internal, message)
                    .with_source(error)
                    .into())
            }
        }
    }

    fn save_blocking(
        &self,
        mut image: GeneratedImage,
        request: &Request,
        number: usize,
    ) -> Result<Saved, Failure> {
        let mut notes = Vec::new();
        let location = match image.picture.take() {
            Some(picture) => {
                let picture = self.convert(picture)?;
                image.picture = Some(picture.clone());
                let picture = self.embed_parameters(picture, request, &image, &mut notes);
                let location = self.write(&picture, &image, request, number, &mut notes)?;
                image.picture = Some(picture);
                location
            }
            None => Location::Url(image.url.clone().ok_or_else(|| {
                Error::new(
                    ErrorKind::Protocol,
                    "the provider returned neither an image nor a URL",
                )
            })?),
        };
        let saved = Saved {
            image,
            location,
            notes,
        };
        if let Some(record) = &self.record {
            record(&saved)?;
        }
        Ok(saved)
    }

    fn convert(&self, picture: Picture) -> Result<Picture, Failure> {
        match self.format {
            Some(format) if format != picture.format => Ok(encode::convert(&picture, format)?),
            _ => Ok(picture),
        }
    }

    /// Embeds the parameters; on failure, returns the image unchanged and adds a note.
    fn embed_parameters(
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
                notes.push(format!("saved without metadata: {error}"));
                picture
            }
        }
    }

    fn write(
        &self,
        picture: &Picture,
        image: &GeneratedImage,
        request: &Request,
        number: usize,
        notes: &mut Vec<String>,
    ) -> Result<Location, Failure> {
        let fields = NameFields {
            prompt: &request.prompt,
            seed: image.seed,
            model: &image.model,
            number: self.first + number - 1,
            format: picture.format,
        };
        let path = self.output.path(fields, self.count);
        let written = match &*self.output {
            Output::Stdout => return Ok(Location::Stdout),
            Output::Special(_) => {
                output::write_special(&path, &picture.bytes).map(|()| path.clone())
            }
            Output::Named(_) if !self.force => output::write_unique(&path, &picture.bytes),
            Output::Named(_) | Output::File(_) => {
                match output::write_atomic(&path, &picture.bytes, self.force) {
                    Ok(()) => Ok(path.clone()),
                    // Another process created the file since the check; keep both.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                        notes.push(format!(
                            "{} was created in the meantime; saving under another name",
                            path.display()
                        ));
                        output::write_unique(&path, &picture.bytes)
                    }
                    Err(error) => Err(error),
                }
            }
        };
        written.map(Location::File).map_err(|error| {
            let message = format!("cannot write the image to {}", path.display());
            match &image.url {
                Some(url) => Failure::file(
                    format!("{message}; the image is still available at {url}"),
                    error,
                ),
                None => Failure::file(message, error),
            }
        })
    }
}
