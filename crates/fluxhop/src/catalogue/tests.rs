//! The catalogue's data and its consistency.

use super::*;
#[cfg(feature = "sketch")]
use crate::Provider;
#[cfg(feature = "sketch")]
use crate::providers::sketch;

#[test]
fn voodoohop_matches_the_provider_of_gpt4free() {
    let info = VOODOOHOP_FLUX_1_SCHNELL.info();
    assert_eq!(info.name, "voodoohop");
    assert_eq!(info.label, "Voodoohop Flux-1-Schnell");
    assert_eq!(info.url, "https://voodoohop-flux-1-schnell.hf.space");
    assert!(info.working);
    assert_eq!(info.default_model, "voodoohop-flux-1-schnell");
    assert_eq!(info.default_image_model(), "voodoohop-flux-1-schnell");
    assert_eq!(info.models, ["flux-schnell", "flux"]);
    assert_eq!(info.image_models(), info.models);
    for name in ["", "flux", "flux-schnell", "voodoohop-flux-1-schnell"] {
        assert_eq!(
            info.resolve(name).expect("known"),
            "voodoohop-flux-1-schnell"
        );
    }
    let size = info.capabilities.size.expect("sizes");
    for (requested, expected) in [(None, 768), (Some(767), 760), (Some(-5), 32), (Some(0), 32)] {
        assert_eq!(size.fit("width", requested).expect("a size"), expected);
    }
    assert_eq!(info.capabilities.steps.expect("steps").default, 2);
    assert_eq!(info.capabilities.seed, Some(SeedRange::new(2_147_483_647)));
}

#[test]
fn names_are_unique_and_every_provider_of_a_model_exists() {
    let mut names: Vec<&str> = MODELS
        .iter()
        .flat_map(|model| [&[model.name], model.aliases].concat())
        .collect();
    names.extend(SPACES.iter().map(|space| space.name));
    let mut lowercase: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    lowercase.sort();
    lowercase.dedup();
    assert_eq!(lowercase.len(), names.len(), "{names:?}");
    for provider in MODELS.iter().flat_map(|model| model.providers) {
        assert!(info_of(provider).is_some(), "{provider}");
    }
}

/// The info of a catalogue provider or of the built-in renderer.
fn info_of(provider: &str) -> Option<ProviderInfo> {
    #[cfg(feature = "sketch")]
    if provider == sketch::NAME {
        return Some(sketch::Sketch::new().info().clone());
    }
    let space = SPACES.iter().find(|space| space.name == provider);
    space.map(SpaceEntry::info)
}

#[test]
fn every_provider_resolves_a_name_of_each_of_its_models() {
    for model in MODELS.iter().filter(|model| model.name != "auto") {
        for provider in model.providers {
            let info = info_of(provider).expect("known");
            let mut names = [&[model.name], model.aliases].concat().into_iter();
            assert!(names.any(|name| info.resolve(name).is_ok()), "{provider}");
        }
    }
}

#[test]
fn labels_are_display_names() {
    let spaces = SPACES.iter().map(|space| (space.name, space.label));
    let models = MODELS.iter().map(|model| (model.name, model.label));
    for (name, label) in spaces.chain(models) {
        assert!(label.starts_with(char::is_uppercase), "{name}: {label}");
        assert!(label.contains(' '), "{name}: {label}");
    }
    let labels: Vec<_> = SPACES.iter().map(|space| space.label).collect();
    assert_eq!(
        labels,
        [
            "Voodoohop Flux-1-Schnell",
            "FLUX.1 [schnell] by Black Forest Labs",
            "FLUX.1 [dev] by Black Forest Labs",
            "FLUX.1 Krea [dev] by Black Forest Labs",
            "Stable Diffusion 3.5 Large by Stability AI",
        ]
    );
}

#[test]
fn default_sizes_and_steps_are_within_their_limits() {
    for space in SPACES {
        let SizeRule {
            multiple,
            min,
            max,
            default,
        } = space.size;
        assert!(min <= default && default <= max, "{}", space.name);
        assert_eq!(
            (min % multiple, default % multiple, max % multiple),
            (0, 0, 0),
            "{}",
            space.name
        );
        assert!(space.steps.check(None).is_ok(), "{}", space.name);
    }
}
