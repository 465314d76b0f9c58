//! The responses of a fault server by route; by default those of a working Space.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::{Value, json};

use super::{MockResponse, messages};

/// The event id of every call.
pub const EVENT_ID: &str = "0123456789abcdef0123456789abcdef";
/// The path of the image on the Space.
pub const FILE: &str = "/tmp/gradio/ab/image.png";

/// Responses by `METHOD /path`; a trailing `*` matches every path with that prefix.
#[derive(Clone, Debug, Default)]
pub struct Script {
    routes: BTreeMap<String, Vec<MockResponse>>,
}

impl Script {
    /// Responds to every request with 404, as Gradio does for unknown routes.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A Space like FLUX.1-schnell's on Gradio 6 that returns an image immediately.
    pub fn gradio() -> Self {
        Self::gradio_at("/gradio_api")
    }

    /// Like [`gradio`](Self::gradio), with the API under `prefix`; Gradio 4 has an empty prefix.
    pub fn gradio_at(prefix: &str) -> Self {
        let events = [
            messages::queued(0),
            messages::started(),
            messages::completed(&messages::result()),
        ];
        let route = |method: &str, path: &str| format!("{method} {prefix}{path}");
        Self::empty()
            .on("GET /config", MockResponse::json(200, &config(prefix)))
            .on(
                &route("GET", "/info"),
                MockResponse::json(200, &info("/infer")),
            )
            .on(
                &route("POST", "/call/infer"),
                MockResponse::json(200, &json!({ "event_id": EVENT_ID })),
            )
            .on(&route("GET", "/queue/data"), MockResponse::events(events))
            .on(&route("GET", "/file=*"), MockResponse::png(&png()))
            .on(
                &route("POST", "/cancel"),
                MockResponse::json(200, &json!({"success": true})),
            )
    }

    /// Sends `response` for every request to `route`.
    #[must_use]
    pub fn on(self, route: &str, response: MockResponse) -> Self {
        self.on_each(route, vec![response])
    }

    /// Sends one response per request to `route`, in order, and repeats the last one.
    #[must_use]
    pub fn on_each(mut self, route: &str, responses: Vec<MockResponse>) -> Self {
        self.routes.insert(route.to_owned(), responses);
        self
    }

    /// Removes a route, so that it responds with 404.
    #[must_use]
    pub fn without(mut self, route: &str) -> Self {
        self.routes.remove(route);
        self
    }

    /// Sends these events on `/gradio_api/queue/data`.
    #[must_use]
    pub fn queue<T: AsRef<[u8]>>(self, events: impl IntoIterator<Item = T>) -> Self {
        self.on("GET /gradio_api/queue/data", MockResponse::events(events))
    }

    pub(super) fn find(&self, line: &str) -> Option<(&str, &[MockResponse])> {
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(prefix) => line.starts_with(prefix),
            None => line == pattern,
        };
        let mut found = self.routes.iter().filter(|(pattern, _)| matches(pattern));
        // Among matching patterns, the one with the longest prefix sorts last.
        found
            .next_back()
            .map(|(pattern, responses)| (pattern.as_str(), responses.as_slice()))
    }
}

/// The default Space's `/config`.
pub fn config(prefix: &str) -> Value {
    let slider = |id: u32, label: &str, minimum: u32, maximum: u32, value: u32| {
        json!({"id": id, "type": "slider", "props": {
            "label": label, "minimum": minimum, "maximum": maximum, "step": 8, "value": value,
        }})
    };
    let mut config = json!({
        "version": "6.31.0", "title": "Gradio",
        "components": [
            {"id": 1, "type": "textbox", "props": {"label": "Prompt"}},
            {"id": 2, "type": "slider", "props": {
                "label": "Seed", "minimum": 0, "maximum": 2_147_483_647, "step": 1, "value": 0,
            }},
            {"id": 3, "type": "checkbox", "props": {"label": "Randomize seed", "value": true}},
            slider(4, "Width", 32, 2048, 768),
            slider(5, "Height", 32, 2048, 768),
            slider(6, "Number of inference steps", 1, 50, 2),
            {"id": 7, "type": "image", "props": {"label": "Result"}},
        ],
        "dependencies": [
            {"id": 0, "api_name": false, "inputs": [], "outputs": []},
            {"id": 3, "api_name": "infer", "inputs": [1, 2, 3, 4, 5, 6], "outputs": [7, 2]},
        ],
    });
    if prefix.is_empty() {
        config["version"] = json!("4.44.1");
    } else {
        config["api_prefix"] = json!(prefix);
    }
    config
}

/// The default Space's `/info`, with its only endpoint named `endpoint`.
pub fn info(endpoint: &str) -> Value {
    let parameter = |name: &str, label: &str, component: &str, default: Value| {
        json!({
            "label": label, "parameter_name": name, "parameter_has_default": !default.is_null(),
            "parameter_default": default, "python_type": {"type": "str"}, "component": component,
        })
    };
    json!({"named_endpoints": { endpoint: {
        "parameters": [
            parameter("prompt", "Prompt", "Textbox", Value::Null),
            parameter("seed", "Seed", "Slider", json!(0)),
            parameter("randomize_seed", "Randomize seed", "Checkbox", json!(true)),
            parameter("width", "Width", "Slider", json!(768)),
            parameter("height", "Height", "Slider", json!(768)),
            parameter("num_inference_steps", "Number of inference steps", "Slider", json!(2)),
        ],
        "returns": [
            {"label": "Result", "component": "Image"},
            {"label": "Seed", "component": "Slider"},
        ],
    }}, "unnamed_endpoints": {}})
}

/// An 8x8 PNG image.
///
/// # Panics
///
/// Never: encoding to memory does not fail.
pub fn png() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(8, 8, image::Rgb([200, 30, 30]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .expect("a PNG image");
    bytes.into_inner()
}
