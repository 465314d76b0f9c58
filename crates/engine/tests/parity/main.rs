//! The engine beside diffusers: every number on the way from a prompt to a picture, for pipelines
//! with random weights that `tests/parity/generate.py` made.
//!
//! The committed set lies in `tests/parity/golden`; `FLUXHOP_PARITY` names the folder of another,
//! such as the full set, whose table is then printed. Tolerances are relative L2 (the norm of the
//! difference by the norm of what diffusers has) unless said; those of a case are in its
//! `case.json`, where they are 1e-5 in f32 and 2e-2 in bf16.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod case;
mod chain;
mod measure;
mod numbers;

use std::path::PathBuf;

use case::Case;
use measure::Table;

/// The set to hold ours against.
fn root() -> PathBuf {
    match std::env::var_os("FLUXHOP_PARITY") {
        Some(folder) => folder.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/golden"),
    }
}

#[test]
fn every_case_is_drawn_as_diffusers_draws_it() {
    let root = root();
    let names = case::names(&root);
    assert!(!names.is_empty(), "no cases in {}", root.display());
    let mut table = Table::default();
    for name in &names {
        let case = Case::read(&root, name);
        chain::check(&case, &mut table);
    }
    println!("{table}");
    table.assert_all_within();
}

#[test]
fn noise_is_that_of_torch() {
    numbers::check_noise(&root());
}

#[test]
fn schedules_are_those_of_diffusers() {
    numbers::check_schedules(&root());
}

#[test]
fn products_with_quantised_rows_are_near_those_of_their_meaning() {
    numbers::check_products(&root());
}
