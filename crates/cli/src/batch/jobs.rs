//! The jobs of a batch: one per image, checked against the provider's capabilities.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluxhop::{Provider, Registry, Request, Seed};

use super::key;
use super::lines::{self, Line};
use crate::failure::Failure;
use crate::options::{self, GenerateOptions, Target};
use crate::settings::Settings;

/// One image of the batch.
pub(super) struct Job {
    pub(super) line: usize,
    pub(super) target: Target,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) request: Request,
    /// The output that the line specifies.
    pub(super) output: Option<PathBuf>,
    pub(super) number: usize,
    pub(super) key: String,
}

/// Reads and checks all lines; a line with a `count` yields that many jobs.
pub(super) fn read(
    file: &Path,
    options: &GenerateOptions,
    registry: &Registry,
    settings: &Settings,
) -> Result<Vec<Job>, Failure> {
    let name = file.display().to_string();
    let opened = File::open(file)
        .map_err(|error| Failure::file(format!("cannot open the batch file {name}"), error))?;
    let mut providers: BTreeMap<Target, Arc<dyn Provider>> = BTreeMap::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut number = 0;
    let jobs = lines::read(BufReader::new(opened), &name, |line: Line| {
        let Line {
            number: line_number,
            mut fields,
        } = line;
        let output = fields.output.take();
        let has_size = fields.width.is_some() || fields.height.is_some();
        let target = match (&fields.provider, &fields.model) {
            (Some(provider), _) => Target::Provider(provider.clone()),
            (None, Some(model)) => Target::Model(model.clone()),
            (None, None) => options.target.clone(),
        };
        let mut request = fields.apply(&options.request)?;
        let provider = if let Some(provider) = providers.get(&target) {
            Arc::clone(provider)
        } else {
            let provider = target.provider(registry)?;
            providers.insert(target.clone(), Arc::clone(&provider));
            provider
        };
        if let Some(aspect) = options.aspect.filter(|_| !has_size) {
            options::with_aspect(&mut request, aspect, &*provider, &settings.config);
        }
        if let Some(format) = request.format {
            fluxhop::encode::writable(format)?;
        }
        let mut jobs = Vec::new();
        for (index, mut request) in single_requests(&request).enumerate() {
            if index == 0 {
                provider.info().resolve(&request.model)?;
            }
            request.resolve(&provider.info().capabilities)?;
            let key = key::key(&target, &request)?;
            let occurrence = seen
                .entry(key.clone())
                .and_modify(|seen| *seen += 1)
                .or_insert(1);
            let key = format!("{key}#{occurrence}");
            number += 1;
            request.count = 1;
            jobs.push(Job {
                line: line_number,
                target: target.clone(),
                provider: Arc::clone(&provider),
                request,
                output: output.clone(),
                number,
                key,
            });
        }
        Ok(jobs)
    })?;
    Ok(jobs.into_iter().flatten().collect())
}

/// One request per image; a fixed seed `s` becomes `s`, `s + 1`, ….
fn single_requests(request: &Request) -> impl Iterator<Item = Request> {
    (0..request.count).map(|index| {
        let mut single = request.clone();
        single.count = 1;
        if let Seed::Fixed(seed) = request.seed {
            single.seed = Seed::Fixed(seed.saturating_add(u64::from(index)));
        }
        single
    })
}
