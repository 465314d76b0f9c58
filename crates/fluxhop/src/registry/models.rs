//! Models, their names and their providers.

use std::collections::BTreeMap;

use crate::config::ModelConfig;
use crate::{Capabilities, ProviderInfo, Result, catalogue, names};

/// The model that uses the first provider that works.
pub(super) const AUTO: &str = "auto";

/// The provider of local weights that exists even without configuration.
pub(super) const LOCAL: &str = "local";

/// The fallback provider, the last in every chain.
const SKETCH: &str = "sketch";

/// A model and its providers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelEntry {
    /// The name used to select it.
    pub name: String,
    /// Other accepted names.
    pub aliases: Vec<String>,
    /// The names of its providers, in the order in which they are tried.
    pub providers: Vec<String>,
    /// The display name.
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

    /// Adds a local provider, after the remote ones and before `sketch`.
    fn add_local(&mut self, local: &str) {
        let is_sketch = |name: &String| name == SKETCH;
        let index = self.providers.iter().position(is_sketch);
        let index = index.unwrap_or(self.providers.len());
        self.providers.insert(index, local.to_owned());
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        [&self.name]
            .into_iter()
            .chain(&self.aliases)
            .map(String::as_str)
    }

    fn has_name(&self, name: &str) -> bool {
        self.names().any(|known| names::same(known, name))
    }

    /// The provider's name for this model, or the provider's default model if it has none.
    pub(super) fn name_for(&self, provider: &ProviderInfo) -> String {
        let mut resolved = self.names().filter_map(|name| provider.resolve(name).ok());
        resolved
            .next()
            .unwrap_or(&provider.default_model)
            .to_owned()
    }

    /// The info of the model's chain of providers, with the capabilities of the first.
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

/// All models: those of the catalogue, of the providers, and of the configuration, in this order.
///
/// `locals` are the names of the providers of local weights.
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
            // Other local providers join `auto` only if the configuration lists them there.
            let is_auto = entry.name == AUTO && names::same(local, LOCAL);
            if is_auto || models.iter().any(|model| entry.has_name(model)) {
                entry.add_local(local);
            }
        }
    }
    for provider in providers {
        for model in provider.image_models() {
            if !entries.iter().any(|entry| entry.has_name(model)) {
                entries.push(ModelEntry::new(model, vec![provider.name.clone()]));
            }
        }
    }
    for (name, model) in config {
        let chain = chain(name, model, providers)?;
        match entries.iter_mut().find(|entry| entry.has_name(name)) {
            Some(entry) => entry.providers = chain,
            None => entries.push(ModelEntry::new(name, chain)),
        }
    }
    Ok(entries)
}

fn from_catalogue(model: &catalogue::KnownModel) -> ModelEntry {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ModelEntry {
        name: model.name.to_owned(),
        aliases: owned(model.aliases),
        providers: owned(model.providers),
        label: model.label.to_owned(),
    }
}

/// The providers that the configuration lists for a model; fails if one of them is unknown.
fn chain(name: &str, model: &ModelConfig, providers: &[&ProviderInfo]) -> Result<Vec<String>> {
    let known = || providers.iter().map(|provider| provider.name.as_str());
    if model.providers.is_empty() {
        let message = format!("`[models.{name}]`: no providers given");
        return Err(crate::Error::config(message));
    }
    let chain = model.providers.iter().map(|requested| {
        let found = known().find(|known| names::same(known, requested));
        found.map(str::to_owned).ok_or_else(|| {
            let suggestion = names::suggestion(requested, known());
            let message =
                format!("`[models.{name}]`: unknown provider `{requested}`; {suggestion}");
            crate::Error::config(message)
        })
    });
    chain.collect()
}

/// Finds a model by name. If there is no entry, the providers that accept the name become one.
pub(super) fn find(
    entries: &[ModelEntry],
    providers: &[&ProviderInfo],
    name: &str,
) -> Result<ModelEntry> {
    if let Some(entry) = entries.iter().find(|entry| entry.has_name(name)) {
        return Ok(entry.clone());
    }
    let chain: Vec<String> = providers
        .iter()
        .filter(|info| info.resolve(name).is_ok())
        .map(|info| info.name.clone())
        .collect();
    if chain.is_empty() {
        let known = entries.iter().flat_map(ModelEntry::names);
        return Err(names::unknown_model(name, known));
    }
    Ok(ModelEntry::new(name, chain))
}
