//! Encodes prompts into embeddings.

use super::prompts::Encoded;
use super::{Event, Job, Observer, Pipeline, TextEncoders, ensure_finite};
use crate::{ClipTextEncoder, Error, ErrorKind, MemoryPlan, Result, T5Encoder};

impl Pipeline {
    /// Encodes the prompt of each image.
    ///
    /// A prompt longer than T5's limit is truncated with a notice. Truncation to CLIP's 77 tokens is
    /// silent, because T5 reads the rest.
    pub(super) fn encode(
        &mut self,
        job: &Job,
        plan: &MemoryPlan,
        observer: &dyn Observer,
    ) -> Result<Vec<Encoded>> {
        let mut all = Vec::with_capacity(job.images.len());
        let mut announced = false;
        for (index, image) in job.images.iter().enumerate() {
            let prompt = image.prompt.as_str();
            let encoded = if let Some(encoded) = self.prompts.get(prompt) {
                encoded
            } else {
                if !announced {
                    observer.on_event(Event::Encoding);
                    announced = true;
                }
                self.make_room_for_text(plan);
                let encoded = self.encode_one(prompt, observer)?;
                self.prompts.insert(prompt, encoded.clone());
                encoded
            };
            if let Some(truncated) = &encoded.truncated {
                let limit = self.info.max_tokens;
                let text = format!(
                    "the prompt exceeds the model's limit of {limit} tokens; ignored: {truncated}"
                );
                observer.on_event(Event::Notice { index, text });
            }
            all.push(encoded);
        }
        if self.device.is_cpu() || !plan.keeps_all {
            self.drop_text();
        }
        Ok(all)
    }

    /// Drops other models on a GPU, where weights are not reclaimed automatically.
    fn make_room_for_text(&mut self, plan: &MemoryPlan) {
        if !self.device.is_cpu() && !plan.keeps_all {
            self.drop_transformer();
            self.resident.decoder = None;
        }
    }

    fn encode_one(&mut self, prompt: &str, observer: &dyn Observer) -> Result<Encoded> {
        let files = &self.files;
        let encoders = match &mut self.resident.text {
            Some(encoders) => encoders,
            empty => {
                let t5 = files.t5(&self.device, self.dtype)?;
                let clip = files.clip(&self.device, self.dtype)?;
                empty.insert(TextEncoders {
                    t5: T5Encoder::new(&t5, files.t5_config())?,
                    clip: ClipTextEncoder::new(&clip, files.clip_config())?,
                })
            }
        };
        let cancel = || observer.is_cancelled();
        let length = files.clip_config().max_position_embeddings;
        let tokens = self.tokenizers.clip.encode(prompt, length)?;
        let pooled = encoders.clip.pooled(&[tokens.ids])?;
        ensure_finite(&pooled, "the CLIP text encoder", "for the prompt")?;
        if cancel() {
            return Err(Error::new(
                ErrorKind::Cancelled,
                "between the text encoders",
            ));
        }
        let tokens = self.tokenizers.t5.encode(prompt, self.info.max_tokens)?;
        let text = encoders.t5.forward(&[tokens.ids], &cancel)?;
        ensure_finite(&text, "the T5 encoder", "for the prompt")?;
        let truncated = tokens.truncated;
        Ok(Encoded {
            text,
            pooled,
            truncated,
        })
    }
}
