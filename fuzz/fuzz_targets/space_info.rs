//! `/config` and `/info`: arbitrary documents parse to an API or an error, and requests map to one value
//! per parameter.

#![no_main]

use fluxhop::providers::space::call_values;
use fluxhop::{Request, Seed};
use fluxhop_gradio::Api;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (config, info) = data.split_once('\n').unwrap_or((data, "{}"));
    let Ok(api) = Api::parse(config, info) else {
        return;
    };
    let request = Request::new("a cat")
        .with_size(640, 480)
        .with_seed(Seed::Sampled(u64::MAX / 3));
    for endpoint in &api.endpoints {
        let Ok(values) = call_values(&api, Some(&endpoint.name), &request) else {
            continue;
        };
        assert_eq!(values.len(), endpoint.parameters.len());
        assert!(values.iter().any(|value| value == "a cat"));
    }
    let _ = call_values(&api, None, &request);
});
