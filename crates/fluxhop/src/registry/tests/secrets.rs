//! Tokens and logins.

use super::*;

#[test]
fn the_hub_token_is_only_sent_to_hugging_face() {
    let secrets = Secrets {
        hub_token: Some(Secret::from("hf_token")),
        ..Secrets::default()
    };
    let config = "[providers.other]\nurl = \"https://example.com\"\n\
                  [providers.plain]\nurl = \"http://me-mine.hf.space\"\n\
                  [providers.fake]\nurl = \"https://evilhf.space\"\n\
                  [providers.own]\nurl = \"me/mine\"\ntoken = \"own\"";
    let test = test_registry(config, secrets, |name| MockProvider::new(name)).expect("a registry");
    let token = |name| {
        test.space(name)
            .token
            .map(|token| token.expose().to_owned())
    };
    assert_eq!(token("voodoohop").as_deref(), Some("hf_token"));
    assert_eq!(token("bfl-schnell").as_deref(), Some("hf_token"));
    assert_eq!(token("own").as_deref(), Some("own"));
    for name in ["other", "plain", "fake"] {
        assert_eq!(token(name), None, "{name}");
    }
}

#[test]
fn spaces_are_resolved_by_the_configured_hub_whose_token_stays_there() {
    let secrets = Secrets {
        hub_token: Some(Secret::from("hf_token")),
        ..Secrets::default()
    };
    let config = "[hub]\nendpoint = \"https://hub.example.org\"\n\
                  [providers.named]\nurl = \"someone/space\"\n\
                  [providers.own]\nurl = \"https://hub.example.org/app\"\n\
                  [providers.public]\nurl = \"https://someone-space.hf.space\"";
    let test = test_registry(config, secrets, |name| MockProvider::new(name)).expect("a registry");
    for (name, has_token) in [
        ("named", true),
        ("own", true),
        ("public", false),
        ("voodoohop", false),
    ] {
        let space = test.space(name);
        let hub = space.hub.map(String::from);
        assert_eq!(hub.as_deref(), Some("https://hub.example.org/"), "{name}");
        assert_eq!(space.token.is_some(), has_token, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_variable_only_fails_its_own_provider() {
    let config = "[providers.a]\nurl = \"me/a\"\ntoken_env = \"A_TOKEN\"\n\
                  [providers.b]\nurl = \"me/b\"\nusername = \"me\"\npassword_env = \"B_PASSWORD\"\n\
                  [models.m]\nproviders = [\"a\", \"b\"]";
    let mut secrets = Secrets::default();
    secrets
        .variables
        .insert("B_PASSWORD".to_owned(), Secret::from("hunter2"));
    let test = test_registry(config, secrets, |name| MockProvider::new(name)).expect("a registry");
    assert_eq!(
        test.space("b").login.map(|login| login.0).as_deref(),
        Some("me")
    );
    let error = test
        .registry
        .provider("a")
        .expect("known")
        .draw(request())
        .await;
    let error = error.expect_err("no token");
    assert_eq!(error.kind(), &ErrorKind::Unauthorized);
    assert_eq!(
        error.message(),
        "the environment variable `A_TOKEN` is not set"
    );
    assert_eq!(used_provider(&test.registry, "m").await, "b");
}
