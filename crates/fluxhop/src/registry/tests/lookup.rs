//! Lookup of models, providers and Spaces by name or address.

use super::*;
use crate::catalogue;

#[tokio::test(start_paused = true)]
async fn models_are_found_by_name_and_alias_ignoring_case() {
    let registry = registry("");
    for (model, provider) in [
        ("", "voodoohop"),
        ("auto", "voodoohop"),
        ("FLUX", "voodoohop"),
        ("flux.1-schnell", "voodoohop"),
        ("voodoohop-flux-1-schnell", "voodoohop"),
        ("flux-dev", "bfl-dev"),
        (" sd-3.5 ", "stability-large"),
    ] {
        assert_eq!(used_provider(&registry, model).await, provider, "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_model_in_the_request_must_match_the_provider() {
    let provider = registry("").model("flux").expect("known");
    for name in ["", "flux", "Flux-Schnell"] {
        provider
            .draw(request().with_model(name))
            .await
            .expect("the same model");
    }
    let error = provider
        .draw(request().with_model("sd-3.5"))
        .await
        .expect_err("another model");
    assert_eq!(error.kind(), &ErrorKind::ModelNotFound);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_an_error_with_a_suggestion_and_the_known_names() {
    let registry = registry("");
    let error = registry.model("flux-schnel").err().expect("unknown");
    assert_eq!(error.kind(), &ErrorKind::ModelNotFound);
    assert!(
        error
            .message()
            .contains("did you mean `flux-schnell`? Known: auto, "),
        "{error}"
    );
    let error = registry.provider("vodoohop").err().expect("unknown");
    assert_eq!(
        error.kind(),
        &ErrorKind::InvalidRequest { field: "provider" }
    );
    assert!(
        error.message().contains("did you mean `voodoohop`?"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_configuration_adds_providers_and_models() {
    let registry = registry(
        "[providers.mine]\nurl = \"me/mine\"\nmodels = [\"ink\", \"oil\"]\n\
         [models.watercolour]\nproviders = [\"MINE\", \"voodoohop\"]\n\
         [models.flux]\nproviders = [\"bfl-schnell\"]",
    );
    for (model, provider) in [
        ("ink", "mine"),
        ("oil", "mine"),
        ("watercolour", "mine"),
        ("flux-schnell", "bfl-schnell"),
    ] {
        assert_eq!(used_provider(&registry, model).await, provider, "{model}");
    }
    let names: Vec<String> = registry
        .models()
        .into_iter()
        .map(|model| model.name)
        .collect();
    assert_eq!(names[0], "auto");
    assert!(
        ["ink", "oil", "watercolour"]
            .iter()
            .all(|name| names.contains(&(*name).to_owned()))
    );
    let other_providers =
        1 + usize::from(cfg!(feature = "local")) + usize::from(cfg!(feature = "sketch"));
    assert_eq!(
        registry.providers().len(),
        catalogue::SPACES.len() + other_providers
    );
}

#[test]
fn a_space_can_be_given_by_its_address() {
    let test =
        test_registry("", Secrets::default(), |name| MockProvider::new(name)).expect("a registry");
    for target in [
        "me/mine",
        "https://example.com/app/",
        "http://127.0.0.1:7860",
    ] {
        test.registry.space(target, Some("/infer")).expect(target);
        let settings = test.space(target);
        assert_eq!(
            (settings.target.as_str(), settings.api_name.as_deref()),
            (target, Some("/infer"))
        );
    }
    for target in [
        "",
        "mine",
        "a/b/c",
        "me/mi ne",
        "ftp://host",
        "https://",
        "http://me:hunter2@host",
    ] {
        let error = test.registry.space(target, None).err().expect(target);
        assert_eq!(
            error.kind(),
            &ErrorKind::InvalidRequest { field: "space" },
            "{target}"
        );
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
