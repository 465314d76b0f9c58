//! Any text is a scene or names what is not known; its scene keeps to the world's limits, can be
//! placed, and has captions in words that are known.

#![no_main]

use fluxhop_sketch::{
    Language, MAX_COUNT, MAX_LISTED, MAX_SUBJECTS, Rng, caption, layout, parse,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let understood = match parse(text) {
        Ok(understood) => understood,
        Err(nothing) => {
            assert!(nothing.unknown.len() <= MAX_LISTED);
            return;
        }
    };
    assert_eq!(parse(text).as_ref(), Ok(&understood));
    assert!(understood.unknown.len() <= MAX_LISTED && understood.left_out.len() <= MAX_LISTED);
    let scene = &understood.scene;
    assert!(scene.subjects.len() <= MAX_SUBJECTS);
    assert!(scene.subjects.iter().all(|subject| (1..=MAX_COUNT).contains(&subject.count)));

    let seed = text.bytes().fold(0, |seed, byte| seed * 31 % 65_521 + u64::from(byte));
    for language in [Language::English, Language::Russian] {
        let told = caption(scene, language, &mut Rng::new(seed));
        // A plain day with nothing in it has nothing to tell.
        match parse(&told) {
            Ok(again) => assert!(again.unknown.is_empty(), "{told:?}: {:?}", again.unknown),
            Err(_) => assert!(scene.subjects.is_empty(), "{told:?}"),
        }
    }
    let full = layout(scene, seed, 64, 96);
    for placed in &full.placed {
        let bounds = placed.bounds;
        let sides = [bounds.left, bounds.top, bounds.right, bounds.bottom];
        assert!(sides.iter().all(|side| side.is_finite()), "{sides:?}");
    }
});
