//! The events of a job, and the images that it produces.

use fluxhop_engine::{DeviceKind, Event, Options, Pipeline};

use super::{Recorder, guided, job, model, options};

#[test]
fn info_describes_the_model() {
    let plain = Pipeline::open(&model(), Options::default()).unwrap();
    let info = plain.info();
    assert_eq!((info.side_multiple, info.default_steps), (16, 4));
    assert_eq!((info.takes_guidance, info.default_guidance), (false, None));
    assert_eq!(info.max_tokens, 256);
    let guided = Pipeline::open(&guided(), Options::default()).unwrap();
    let info = guided.info();
    assert_eq!((info.default_steps, info.max_tokens), (28, 512));
    assert_eq!(info.default_guidance, Some(3.5));
    assert_eq!(Options::default().device, DeviceKind::Cpu);
}

#[test]
fn events_are_emitted_in_order_and_prompts_are_cached() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let mut job = job(&[("a cat", 1), ("a dog", 2)]);
    job.previews = true;
    let observer = Recorder::default();
    pipeline.draw(&job, &observer).unwrap();
    let names = |observer: Recorder| -> Vec<String> {
        let name = |event: Event| match event {
            Event::Encoding => "encoding".to_owned(),
            Event::Step { step, of } => format!("step {step} of {of}"),
            Event::Preview { index, picture } => {
                assert_eq!((picture.width, picture.height), (6, 4));
                assert_eq!(picture.rgb.len(), 6 * 4 * 3);
                format!("preview {index}")
            }
            Event::Decoding { index, of } => format!("decoding {index} of {of}"),
            other => format!("{other:?}"),
        };
        observer.events().into_iter().map(name).collect()
    };
    let after_encoding = [
        "step 1 of 2",
        "preview 0",
        "preview 1",
        "step 2 of 2",
        "decoding 0 of 2",
        "decoding 1 of 2",
    ];
    let events = names(observer);
    assert_eq!(events[0], "encoding");
    assert_eq!(events[1..], after_encoding);

    let observer = Recorder::default();
    pipeline.draw(&job, &observer).unwrap();
    assert_eq!(names(observer), after_encoding, "prompts were not cached");

    pipeline.unload();
    let observer = Recorder::default();
    pipeline.draw(&job, &observer).unwrap();
    assert_eq!(
        names(observer)[0],
        "encoding",
        "`unload` kept the cached prompts"
    );
}

#[test]
fn a_batch_gives_the_same_images_as_single_jobs() {
    let mut pipeline = Pipeline::open(&guided(), options()).unwrap();
    let pairs = [("a cat", 1), ("a dog", 2), ("a cat", 3)];
    let batch = pipeline.draw(&job(&pairs), &()).unwrap();
    for (pair, batched) in pairs.iter().zip(&batch) {
        let single = pipeline.draw(&job(&[*pair]), &()).unwrap();
        let pixels = single[0].rgb.iter().zip(&batched.rgb);
        // The order of summation may depend on the number of rows in a product.
        let largest = pixels.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(largest <= 1, "{pair:?}: {largest}");
    }
    assert_ne!(batch[0], batch[2], "the seed has no effect");
}

#[test]
fn a_schedule_may_exceed_the_limit_of_precomputed_conditions() {
    let mut pipeline = Pipeline::open(&guided(), options()).unwrap();
    let mut job = job(&[("a cat", 1)]);
    job.steps = Some(70);
    let observer = Recorder::default();
    let images = pipeline.draw(&job, &observer).unwrap();
    let events = observer.events().into_iter();
    let steps = events.filter(|event| matches!(event, Event::Step { .. }));
    assert_eq!(steps.count(), 70);
    job.guidance = Some(1.0);
    assert_ne!(
        pipeline.draw(&job, &()).unwrap(),
        images,
        "the guidance scale has no effect"
    );
}

#[test]
fn a_truncated_prompt_is_reported_for_each_image() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let long = "a lighthouse above the sea, ".repeat(30);
    let observer = Recorder::default();
    pipeline
        .draw(&job(&[(&long, 1), (&long, 2)]), &observer)
        .unwrap();
    let notices: Vec<String> = observer
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Notice { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    let [first, second] = notices.as_slice() else {
        panic!("{notices:?}");
    };
    assert_eq!(first, second);
    assert!(
        first.contains("32 tokens") && first.contains("sea"),
        "{first}"
    );
}

#[test]
fn guidance_is_ignored_with_a_notice_if_the_model_does_not_take_it() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let plain = pipeline.draw(&job(&[("a cat", 1)]), &()).unwrap();
    let mut guided = job(&[("a cat", 1)]);
    guided.guidance = Some(7.0);
    let observer = Recorder::default();
    assert_eq!(pipeline.draw(&guided, &observer).unwrap(), plain);
    let is_notice =
        |event: &Event| matches!(event, Event::Notice { text, .. } if text.contains("guidance"));
    let events = observer.events();
    assert_eq!(events.iter().filter(|event| is_notice(event)).count(), 1);
}
