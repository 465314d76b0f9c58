//! Any text parses to a scene or to an error with the unknown words. The scene is within its limits,
//! can be laid out, and its captions parse without unknown words.

#![no_main]

use fluxhop_sketch::{Language, MAX_COUNT, MAX_LISTED, MAX_SUBJECTS, Rng, caption, layout, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(error.unknown.len() <= MAX_LISTED);
            return;
        }
    };
    assert_eq!(parse(text).as_ref(), Ok(&parsed));
    assert!(parsed.unknown.len() <= MAX_LISTED && parsed.ignored.len() <= MAX_LISTED);
    let scene = &parsed.scene;
    assert!(scene.subjects.len() <= MAX_SUBJECTS);
    assert!(
        scene
            .subjects
            .iter()
            .all(|subject| (1..=MAX_COUNT).contains(&subject.count))
    );

    let seed = text
        .bytes()
        .fold(0, |seed, byte| seed * 31 % 65_521 + u64::from(byte));
    for language in [Language::English, Language::Russian] {
        let text = caption(scene, language, &mut Rng::new(seed));
        // The caption of an empty scene in the default setting contains no known words.
        match parse(&text) {
            Ok(again) => assert!(again.unknown.is_empty(), "{text:?}: {:?}", again.unknown),
            Err(_) => assert!(scene.subjects.is_empty(), "{text:?}"),
        }
    }
    let full = layout(scene, seed, 64, 96);
    for placed in &full.placed {
        let bounds = placed.bounds;
        let sides = [bounds.left, bounds.top, bounds.right, bounds.bottom];
        assert!(sides.iter().all(|side| side.is_finite()), "{sides:?}");
    }
});
