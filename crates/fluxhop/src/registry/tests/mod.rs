//! Tests of the registry with mock providers.

#[cfg(all(feature = "local", feature = "sketch"))]
mod local;
mod lookup;
mod policies;
mod secrets;
mod settings;

use std::sync::Mutex;

use super::*;
use crate::providers::space::SpaceOptions;
use crate::testing::{MockProvider, Step};
use crate::{ProviderExt, Request};

/// A registry of mock providers, and the settings that they were constructed from.
struct TestRegistry {
    registry: Registry,
    kinds: Arc<Mutex<Vec<Kind>>>,
}

fn test_registry(
    config: &str,
    secrets: Secrets,
    mock: impl Fn(&str) -> MockProvider + Send + Sync + 'static,
) -> Result<TestRegistry> {
    let kinds: Arc<Mutex<Vec<Kind>>> = Arc::default();
    let constructed = Arc::clone(&kinds);
    let construct = move |_: &Client, kind: &Kind| {
        constructed.lock().expect("not poisoned").push(kind.clone());
        let info = kind.info();
        let mock = mock(&info.name).with_info(|mock_info| *mock_info = info);
        Ok(Arc::new(mock) as Arc<dyn Provider>)
    };
    let config = Config::parse(config, "fluxhop.toml")?;
    let registry = Registry::with_constructor(config, secrets, Box::new(construct))?;
    Ok(TestRegistry { registry, kinds })
}

fn registry(config: &str) -> Registry {
    test_registry(config, Secrets::default(), |name| MockProvider::new(name))
        .expect("a registry")
        .registry
}

fn error_message(config: &str) -> String {
    let test = test_registry(config, Secrets::default(), |name| MockProvider::new(name));
    test.err().expect("an error").message().to_owned()
}

impl TestRegistry {
    fn kind(&self, name: &str) -> Kind {
        let kinds = self.kinds.lock().expect("not poisoned");
        let kind = kinds.iter().find(|kind| kind.name() == name);
        kind.expect("constructed").clone()
    }

    fn space(&self, name: &str) -> SpaceOptions {
        match self.kind(name) {
            Kind::Space(options) => *options,
            #[cfg(any(feature = "local", feature = "sketch"))]
            other => panic!("{other:?}"),
        }
    }
}

fn failing(name: &str) -> MockProvider {
    MockProvider::new(name).then([Step::Fail(Error::new(ErrorKind::Unauthorized, "no token"))])
}

fn request() -> Request {
    Request::new("a cat").with_size(512, 512)
}

async fn used_provider(registry: &Registry, model: &str) -> String {
    let images = registry.model(model).expect(model).draw(request()).await;
    images.expect("images")[0].provider.clone()
}
