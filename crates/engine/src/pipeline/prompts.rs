//! Prompts that were encoded lately.

use candle_core::Tensor;

/// So many prompts are remembered; one of FLUX.1-dev's takes 8 MiB.
const CAPACITY: usize = 16;

/// What the text encoders make of a prompt.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    /// T5's, `[1, tokens, features]`.
    pub(super) text: Tensor,
    /// CLIP's, `[1, features]`.
    pub(super) pooled: Tensor,
    /// What of the prompt was beyond T5's limit.
    pub(super) cut: Option<String>,
}

/// The latest prompts with what was made of them.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    /// The latest used last.
    entries: Vec<(String, Encoded)>,
}

impl Prompts {
    /// What was made of a prompt, which thereby becomes the latest used.
    pub(super) fn get(&mut self, prompt: &str) -> Option<Encoded> {
        let at = self.entries.iter().position(|(known, _)| known == prompt)?;
        let entry = self.entries.remove(at);
        let encoded = entry.1.clone();
        self.entries.push(entry);
        Some(encoded)
    }

    /// Remembers a prompt, and forgets the one that was not used for longest.
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
            cut: None,
        }
    }

    #[test]
    fn the_prompt_that_was_not_used_for_longest_is_forgotten() {
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
