//! Models: who draws them, and by which of their names.

use std::collections::BTreeMap;

use crate::config::ModelConfig;
use crate::{Capabilities, ProviderInfo, Result, catalogue, names};

/// The model that stands for the best source that answers.
pub(super) const AUTO: &str = "auto";

/// The provider of local weights that exists without any settings.
pub(super) const LOCAL: &str = "local";

/// The provider of last resort; in a chain it comes after all others.
const SKETCH: &str = "sketch";

/// A model and who draws it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelEntry {
    /// The name by which it is asked for.
    pub name: String,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// The names of its providers, in the order in which they are tried.
    pub providers: Vec<String>,
    /// The name for people.
    pub label: String,
}

impl ModelEntry {
    fn new(name: &str, providers: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            aliases: Vec::new(),
            providers,
            label: name.to_owned(),
        }
    }

    /// Adds a provider on this machine: after those elsewhere, before what only sketches.
    fn add_local(&mut self, local: &str) {
        let is_sketch = |name: &String| name == SKETCH;
        let place = self.providers.iter().position(is_sketch);
        let place = place.unwrap_or(self.providers.len());
        self.providers.insert(place, local.to_owned());
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name]
            .into_iter()
            .chain(&self.aliases)
            .map(String::as_str)
    }

    fn is_called(&self, name: &str) -> bool {
        self.names().any(|own| names::same(own, name))
    }

    /// The name by which a provider knows it; its default where it knows none.
    pub(super) fn known_to(&self, provider: &ProviderInfo) -> String {
        let mut known = self.names().filter_map(|name| provider.resolve(name).ok());
        known.next().unwrap_or(&provider.default_model).to_owned()
    }

    /// What its chain of providers says of itself: the capabilities are those of the first.
    pub(super) fn info(&self, first: Option<&ProviderInfo>) -> ProviderInfo {
        let mut info = ProviderInfo::new(&self.name, &self.name);
        info.label.clone_from(&self.label);
        let alias = |alias: &String| (alias.clone(), self.name.clone());
        info.model_aliases = self.aliases.iter().map(alias).collect();
        info.capabilities =
            first.map_or_else(Capabilities::default, |first| first.capabilities.clone());
        info
    }
}

/// The catalogue's models, then those of the configuration and of its providers; `locals` are the
/// names of providers on this machine.
pub(super) fn all(
    config: &BTreeMap<String, ModelConfig>,
    providers: &[&ProviderInfo],
    locals: &[String],
) -> Result<Vec<ModelEntry>> {
    let mut entries: Vec<ModelEntry> = catalogue::MODELS.iter().map(from_catalogue).collect();
    for local in locals {
        let info = providers.iter().find(|info| info.name == *local);
        let models = info.map_or(&[][..], |info| info.image_models());
        for entry in &mut entries {
            // `auto` takes the one that is always there; who adds others sets the chain too.
            let is_auto = entry.name == AUTO && names::same(local, LOCAL);
            if is_auto || models.iter().any(|model| entry.is_called(model)) {
                entry.add_local(local);
            }
        }
    }
    for provider in providers {
        for model in provider.image_models() {
            if !entries.iter().any(|entry| entry.is_called(model)) {
                entries.push(ModelEntry::new(model, vec![provider.name.clone()]));
            }
        }
    }
    for (name, model) in config {
        let chain = chain(name, model, providers)?;
        match entries.iter_mut().find(|entry| entry.is_called(name)) {
            Some(entry) => entry.providers = chain,
            None => entries.push(ModelEntry::new(name, chain)),
        }
    }
    Ok(entries)
}

fn from_catalogue(model: &catalogue::KnownModel) -> ModelEntry {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    ModelEntry {
        name: model.name.to_owned(),
        aliases: texts(model.aliases),
        providers: texts(model.providers),
        label: model.label.to_owned(),
    }
}

/// The providers that the configuration names for a model, each checked to be there.
fn chain(name: &str, model: &ModelConfig, providers: &[&ProviderInfo]) -> Result<Vec<String>> {
    let known = || providers.iter().map(|provider| provider.name.as_str());
    if model.providers.is_empty() {
        let message = format!("`[models.{name}]` names no providers");
        return Err(crate::Error::config(message));
    }
    let chain = model.providers.iter().map(|asked| {
        let found = known().find(|known| names::same(known, asked));
        found.map(str::to_owned).ok_or_else(|| {
            let suggestion = names::suggestion(asked, known());
            let message = format!("`[models.{name}]` names the provider `{asked}`; {suggestion}");
            crate::Error::config(message)
        })
    });
    chain.collect()
}

/// The entry for a name; a name that single providers alone know makes one of these.
pub(super) fn find(
    entries: &[ModelEntry],
    providers: &[&ProviderInfo],
    name: &str,
) -> Result<ModelEntry> {
    if let Some(entry) = entries.iter().find(|entry| entry.is_called(name)) {
        return Ok(entry.clone());
    }
    let knowing: Vec<_> = providers
        .iter()
        .filter(|info| info.resolve(name).is_ok())
        .collect();
    if knowing.is_empty() {
        let known = entries.iter().flat_map(ModelEntry::names);
        return Err(names::unknown_model(name, known));
    }
    let chain = knowing.into_iter().map(|info| info.name.clone()).collect();
    Ok(ModelEntry::new(name, chain))
}
