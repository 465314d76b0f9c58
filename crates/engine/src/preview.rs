//! Previews of a latent without running the decoder: one image pixel per latent pixel.

use candle_core::{Device, Tensor};

use crate::{Decoder, Error, ErrorKind, Picture, Result};

/// The side of the latent to which the map is fitted, in latent pixels. With flat cells of `CELL` ×
/// `CELL` pixels, there are 100 samples for `channels + 1` unknowns per colour.
const SIDE: usize = 20;
/// The side of a flat cell, in latent pixels.
const CELL: usize = 2;

/// The linear map from a latent's channels to red, green and blue that best approximates a decoder on
/// flat patches.
///
/// It is fitted by least squares to a small random latent and its decoded image, so it works for any
/// autoencoder without a table of coefficients.
#[derive(Clone, Debug)]
pub(crate) struct PreviewMap {
    /// The coefficients of each channel, followed by the constant term.
    rows: Vec<[f32; 3]>,
}

impl PreviewMap {
    /// Fits the map to a decoder by decoding one image of 160 × 160 pixels.
    pub(crate) fn fit(decoder: &Decoder, cancel: &dyn Fn() -> bool) -> Result<Self> {
        let channels = decoder.config().latent_channels;
        let factor = decoder.config().side_factor();
        let cells = SIDE / CELL;
        let colours = crate::noise(0, channels * cells * cells, crate::NoiseType::F32);
        let mut latent = Vec::with_capacity(channels * SIDE * SIDE);
        for channel in 0..channels {
            for pixel in 0..SIDE * SIDE {
                let cell = pixel / SIDE / CELL * cells + pixel % SIDE / CELL;
                latent.push(colours[channel * cells * cells + cell]);
            }
        }
        let latent = Tensor::from_vec(latent, (1, channels, SIDE, SIDE), &Device::Cpu)?;
        let image = decoder.decode(&latent, SIDE, cancel)?;
        let means = image.avg_pool2d(factor * CELL)?.flatten_all()?;
        let means = means.to_vec1::<f32>()?;
        let samples: Vec<Sample> = (0..cells * cells)
            .map(|cell| Sample {
                channels: (0..channels)
                    .map(|channel| f64::from(colours[channel * cells * cells + cell]))
                    .collect(),
                colour: [0, 1, 2].map(|plane| f64::from(means[plane * cells * cells + cell])),
            })
            .collect();
        Ok(Self {
            rows: least_squares(&samples)?,
        })
    }

    /// Maps a latent `[channels, height, width]` to an image of the same height and width.
    pub(crate) fn apply(&self, latent: &Tensor) -> Result<Picture> {
        let (channels, height, width) = latent.dims3()?;
        let planes = latent.flatten_all()?.to_vec1::<f32>()?;
        let pixels = height * width;
        let mut rgb = Vec::with_capacity(pixels * 3);
        for pixel in 0..pixels {
            let mut colour = self.rows[channels];
            for (channel, row) in self.rows[..channels].iter().enumerate() {
                let value = planes[channel * pixels + pixel];
                for (sum, weight) in colour.iter_mut().zip(row) {
                    *sum += value * weight;
                }
            }
            rgb.extend(colour.map(crate::picture::to_byte));
        }
        Ok(Picture {
            width: width as u32,
            height: height as u32,
            rgb,
        })
    }
}

/// The channels of a flat patch, and the mean colour of its decoded pixels.
struct Sample {
    channels: Vec<f64>,
    colour: [f64; 3],
}

/// The rows that minimise the squared error of `channels · rows + last row` against the colours.
///
/// Solves the normal equations by Gaussian elimination with pivoting. 0.001 per sample is added to
/// the diagonal, so that there is always a solution.
fn least_squares(samples: &[Sample]) -> Result<Vec<[f32; 3]>> {
    let channels = samples.first().map_or(0, |sample| sample.channels.len());
    let unknowns = channels + 1;
    let at = |sample: &Sample, index: usize| sample.channels.get(index).copied().unwrap_or(1.0);
    let mut system = vec![vec![0.0; unknowns + 3]; unknowns];
    for (i, row) in system.iter_mut().enumerate() {
        for sample in samples {
            for (j, cell) in row[..unknowns].iter_mut().enumerate() {
                *cell += at(sample, i) * at(sample, j);
            }
            for (cell, colour) in row[unknowns..].iter_mut().zip(sample.colour) {
                *cell += at(sample, i) * colour;
            }
        }
        row[i] += 1e-3 * samples.len() as f64;
    }
    for column in 0..unknowns {
        let size = |row: &usize| system[*row][column].abs();
        let pivot = (column..unknowns).max_by(|a, b| size(a).total_cmp(&size(b)));
        system.swap(column, pivot.unwrap_or(column));
        let scale = system[column][column];
        if !scale.is_normal() {
            let message = "cannot fit previews: the decoder's output is not finite";
            return Err(Error::new(ErrorKind::Model, message));
        }
        for cell in &mut system[column] {
            *cell /= scale;
        }
        let solved = system[column].clone();
        for (index, row) in system.iter_mut().enumerate() {
            let factor = row[column];
            if index != column && factor != 0.0 {
                for (cell, solved) in row.iter_mut().zip(&solved) {
                    *cell -= factor * solved;
                }
            }
        }
    }
    let solution = |row: &Vec<f64>| [0, 1, 2].map(|plane| row[unknowns + plane] as f32);
    Ok(system.iter().map(solution).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_map_is_recovered_from_its_samples() {
        let map = [[0.5, -0.25, 0.0], [0.125, 0.5, 1.0], [0.1, 0.2, 0.3]];
        let numbers = crate::noise(3, 400, crate::NoiseType::F32);
        let samples: Vec<Sample> = numbers
            .chunks_exact(2)
            .map(|pair| {
                let channels = vec![f64::from(pair[0]), f64::from(pair[1])];
                let plane =
                    |p: usize| channels[0] * map[0][p] + channels[1] * map[1][p] + map[2][p];
                let colour = [0, 1, 2].map(plane);
                Sample { channels, colour }
            })
            .collect();
        let fitted = least_squares(&samples).unwrap();
        for (fitted, row) in fitted.iter().zip(map) {
            for (fitted, value) in fitted.iter().zip(row) {
                assert!(
                    (f64::from(*fitted) - value).abs() < 5e-3,
                    "{fitted} {value}"
                );
            }
        }
    }

    #[test]
    fn samples_that_are_not_finite_are_rejected() {
        let sample = Sample {
            channels: vec![f64::NAN],
            colour: [0.0; 3],
        };
        assert_eq!(
            *least_squares(&[sample]).unwrap_err().kind(),
            ErrorKind::Model
        );
    }
}
