//! A cache of encoded prompts.

use candle_core::Tensor;

/// The maximum number of cached prompts; one takes 8 MiB with FLUX.1-dev.
const CAPACITY: usize = 16;

/// An encoded prompt.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    /// T5's embedding, `[1, tokens, features]`.
    pub(super) text: Tensor,
    /// CLIP's pooled embedding, `[1, features]`.
    pub(super) pooled: Tensor,
    /// The part of the prompt beyond T5's limit.
    pub(super) truncated: Option<String>,
}

/// The most recently used prompts.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    /// The most recently used last.
    entries: Vec<(String, Encoded)>,
}

impl Prompts {
    /// Looks up a prompt and marks it as the most recently used.
    pub(super) fn get(&mut self, prompt: &str) -> Option<Encoded> {
        let at = self.entries.iter().position(|(known, _)| known == prompt)?;
        let entry = self.entries.remove(at);
        let encoded = entry.1.clone();
        self.entries.push(entry);
        Some(encoded)
    }

    /// Adds a prompt, evicting the least recently used one if the cache is full.
    pub(super) fn insert(&mut self, prompt: &str, encoded: Encoded) {
        if self.entries.len() == CAPACITY {
            self.entries.remove(0);
        }
        self.entries.push((prompt.to_owned(), encoded));
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn encoded(number: f32) -> Encoded {
        let tensor = Tensor::new(&[number], &Device::Cpu).unwrap();
        Encoded {
            text: tensor.clone(),
            pooled: tensor,
            truncated: None,
        }
    }

    #[test]
    fn the_least_recently_used_prompt_is_evicted() {
        let mut prompts = Prompts::default();
        for index in 0..CAPACITY {
            prompts.insert(&index.to_string(), encoded(index as f32));
        }
        assert!(prompts.get("0").is_some());
        prompts.insert("new", encoded(0.5));
        assert!(prompts.get("1").is_none());
        let first = prompts.get("0").unwrap().text.to_vec1::<f32>().unwrap();
        assert_eq!(first, [0.0]);
    }
}
