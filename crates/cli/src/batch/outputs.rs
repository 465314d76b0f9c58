//! The outputs of a batch, checked before anything is generated.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use super::jobs::Job;
use crate::failure::Failure;
use crate::output::Output;

/// Parses and checks the outputs that lines specify, and checks the shared output of the others.
pub(super) fn outputs(
    jobs: &[Job],
    shared: &Output,
    force: bool,
) -> Result<HashMap<PathBuf, Arc<Output>>, Failure> {
    let mut outputs = HashMap::new();
    let mut files = BTreeSet::new();
    for job in jobs {
        let Some(path) = &job.output else { continue };
        let usage = |message: &str| Failure::Usage(format!("line {}: {message}", job.line));
        let output = Output::parse(Some(path))?;
        match &output {
            Output::Stdout => return Err(usage("a batch cannot write images to stdout")),
            Output::File(file) if !files.insert(file.clone()) => {
                return Err(usage(&format!(
                    "{} is already the output of another line",
                    file.display()
                )));
            }
            _ => output.check(1, force)?,
        }
        outputs.insert(path.clone(), Arc::new(output));
    }
    let sharing = jobs.iter().filter(|job| job.output.is_none()).count();
    match shared {
        Output::Stdout | Output::File(_) | Output::Special(_) if sharing > 1 => {
            let message =
                "the batch has more than one image; use --output with a folder or a template";
            return Err(Failure::Usage(message.to_owned()));
        }
        Output::Stdout if sharing > 0 => {
            let message = "a batch cannot write images to stdout; use --output FOLDER/";
            return Err(Failure::Usage(message.to_owned()));
        }
        _ if sharing > 0 => shared.check(1, force)?,
        _ => {}
    }
    Ok(outputs)
}
