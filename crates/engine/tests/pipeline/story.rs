//! What a pipeline tells, and what it draws.

use fluxhop_engine::{DeviceKind, Event, Options, Pipeline};

use super::{Recorder, guided, job, model, options};

#[test]
fn a_model_says_what_it_is_like() {
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
fn a_job_is_told_from_its_prompts_to_its_pictures() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let mut job = job(&[("a cat", 1), ("a dog", 2)]);
    job.previews = true;
    let told = Recorder::default();
    pipeline.draw(&job, &told).unwrap();
    let names = |told: Recorder| -> Vec<String> {
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
        told.events().into_iter().map(name).collect()
    };
    let after_the_prompts = [
        "step 1 of 2",
        "preview 0",
        "preview 1",
        "step 2 of 2",
        "decoding 0 of 2",
        "decoding 1 of 2",
    ];
    let told = names(told);
    assert_eq!(told[0], "encoding");
    assert_eq!(told[1..], after_the_prompts);

    let told = Recorder::default();
    pipeline.draw(&job, &told).unwrap();
    assert_eq!(names(told), after_the_prompts, "the prompts are remembered");

    pipeline.unload();
    let told = Recorder::default();
    pipeline.draw(&job, &told).unwrap();
    assert_eq!(names(told)[0], "encoding", "the prompts are forgotten");
}

#[test]
fn pictures_drawn_together_are_those_drawn_alone() {
    let mut pipeline = Pipeline::open(&guided(), options()).unwrap();
    let pairs = [("a cat", 1), ("a dog", 2), ("a cat", 3)];
    let together = pipeline.draw(&job(&pairs), &()).unwrap();
    for (pair, together) in pairs.iter().zip(&together) {
        let alone = pipeline.draw(&job(&[*pair]), &()).unwrap();
        let pixels = alone[0].rgb.iter().zip(&together.rgb);
        // Sums may be added in another order where more rows are multiplied at once.
        let largest = pixels.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(largest <= 1, "{pair:?}: {largest}");
    }
    assert_ne!(together[0], together[2], "another seed is another picture");
}

#[test]
fn a_long_schedule_has_its_conditions_made_in_parts() {
    let mut pipeline = Pipeline::open(&guided(), options()).unwrap();
    let mut job = job(&[("a cat", 1)]);
    job.steps = Some(70);
    let told = Recorder::default();
    let pictures = pipeline.draw(&job, &told).unwrap();
    let steps = told.events().into_iter();
    assert_eq!(
        steps
            .filter(|event| matches!(event, Event::Step { .. }))
            .count(),
        70
    );
    job.guidance = Some(1.0);
    assert_ne!(
        pipeline.draw(&job, &()).unwrap(),
        pictures,
        "guidance matters"
    );
}

#[test]
fn a_prompt_beyond_the_limit_is_cut_and_told_for_each_drawing() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let long = "a lighthouse above the sea, ".repeat(30);
    let told = Recorder::default();
    pipeline
        .draw(&job(&[(&long, 1), (&long, 2)]), &told)
        .unwrap();
    let notices: Vec<String> = told
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Notice { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    let [notice, again] = notices.as_slice() else {
        panic!("{notices:?}");
    };
    assert_eq!(notice, again);
    assert!(
        notice.contains("32 tokens") && notice.contains("sea"),
        "{notice}"
    );
}

#[test]
fn guidance_for_a_model_without_it_is_left_out_and_told() {
    let mut pipeline = Pipeline::open(&model(), options()).unwrap();
    let plain = pipeline.draw(&job(&[("a cat", 1)]), &()).unwrap();
    let mut guided = job(&[("a cat", 1)]);
    guided.guidance = Some(7.0);
    let told = Recorder::default();
    assert_eq!(pipeline.draw(&guided, &told).unwrap(), plain);
    let is_notice =
        |event: &Event| matches!(event, Event::Notice { text, .. } if text.contains("guidance"));
    assert_eq!(
        told.events()
            .iter()
            .filter(|event| is_notice(event))
            .count(),
        1
    );
}
