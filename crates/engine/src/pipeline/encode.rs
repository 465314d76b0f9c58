//! Prompts into embeddings.

use super::prompts::Encoded;
use super::{Event, Job, Observer, Pipeline, TextEncoders, ensure_finite};
use crate::{ClipTextEncoder, Error, ErrorKind, MemoryPlan, Result, T5Encoder};

impl Pipeline {
    /// What the text encoders make of each drawing's prompt.
    ///
    /// A prompt longer than T5's tokens is cut, and that is told; CLIP's 77 are for the prompt as a
    /// whole and are cut in silence, as T5 reads what follows.
    pub(super) fn encode(
        &mut self,
        job: &Job,
        plan: &MemoryPlan,
        observer: &dyn Observer,
    ) -> Result<Vec<Encoded>> {
        let mut all = Vec::with_capacity(job.drawings.len());
        let mut told = false;
        for (index, drawing) in job.drawings.iter().enumerate() {
            let prompt = drawing.prompt.as_str();
            let encoded = if let Some(encoded) = self.prompts.get(prompt) {
                encoded
            } else {
                if !told {
                    observer.tell(Event::Encoding);
                    told = true;
                }
                self.make_room_for_text(plan);
                let encoded = self.encode_one(prompt, observer)?;
                self.prompts.insert(prompt, encoded.clone());
                encoded
            };
            if let Some(cut) = &encoded.cut {
                let limit = self.facts.max_tokens;
                let text = format!(
                    "the prompt is longer than the model's {limit} tokens; this was cut: {cut}"
                );
                let drawing = index;
                observer.tell(Event::Notice { drawing, text });
            }
            all.push(encoded);
        }
        if self.device.is_cpu() || !plan.keeps_all {
            self.drop_text();
        }
        Ok(all)
    }

    /// On other devices than a CPU, where weights do not give way by themselves.
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
            none => {
                let t5 = files.t5(&self.device, self.dtype)?;
                let clip = files.clip(&self.device, self.dtype)?;
                none.insert(TextEncoders {
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
        let tokens = self.tokenizers.t5.encode(prompt, self.facts.max_tokens)?;
        let text = encoders.t5.forward(&[tokens.ids], &cancel)?;
        ensure_finite(&text, "the T5 encoder", "for the prompt")?;
        let cut = tokens.truncated;
        Ok(Encoded { text, pooled, cut })
    }
}
