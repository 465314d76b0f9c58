//! Parsing prompts into scenes, and captions of scenes.

use fluxhop_sketch::{
    Accessory, Backdrop, Color, Language, MAX_LISTED, MAX_SUBJECTS, Mood, Paint, ParsedPrompt,
    Place, Rng, Scene, Shade, Size, Time, Weather, caption, parse, random_scene, vocabulary,
};

fn parse_prompt(text: &str) -> ParsedPrompt {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn scene(text: &str) -> Scene {
    let parsed = parse_prompt(text);
    assert_eq!(parsed.unknown, Vec::<String>::new(), "{text}");
    assert_eq!(parsed.ignored, Vec::<String>::new(), "{text}");
    parsed.scene
}

/// The relations of a scene, with kinds instead of indices.
fn relations(scene: &Scene) -> Vec<(&str, Place, &str)> {
    let id = |i: usize| scene.subjects[i].kind.id();
    scene
        .relations
        .iter()
        .map(|r| (id(r.subject), r.place, id(r.object)))
        .collect()
}

#[test]
fn a_cat_in_a_hat_is_the_same_in_both_languages() {
    let english = scene("a black cat wearing a red hat");
    for text in [
        "чёрный кот в красной шляпе",
        "A BLACK KITTEN in a scarlet hat!",
        "the cat is black and wears a red cap",
        "у чёрной кошки красная шляпа",
        "чёрная кошка с красной шляпой",
        "нарисуй, пожалуйста, чёрного котёнка в алой шапке",
    ] {
        assert_eq!(scene(text), english, "{text}");
    }
    let cat = &english.subjects[0];
    assert_eq!((cat.kind.id(), cat.count), ("cat", 1));
    assert_eq!(cat.paint, Some(Paint::new(Color::Black)));
    assert_eq!(cat.worn[0].item, Accessory::Hat);
    assert_eq!(cat.worn[0].paint, Some(Paint::new(Color::Red)));
}

#[test]
fn counts_sizes_colours_relations_and_settings_are_parsed_together() {
    let all = scene("two small yellow birds above a blue house at night in the snow");
    let birds = &all.subjects[0];
    assert_eq!(
        (birds.kind.id(), birds.count, birds.size),
        ("bird", 2, Size::Small)
    );
    assert_eq!(birds.paint, Some(Paint::new(Color::Yellow)));
    assert_eq!(relations(&all), [("bird", Place::Above, "house")]);
    assert_eq!(
        (all.setting.backdrop, all.setting.time),
        (Backdrop::Snow, Time::Night)
    );
    assert_eq!(
        scene("две маленькие жёлтые птицы над синим домом ночью в снегу"),
        all
    );
}

#[test]
fn a_place_may_come_before_its_subject() {
    let plain = scene("a cat to the left of a house");
    for text in [
        "to the left of a house is a cat",
        "слева от дома кошка",
        "слева от дома стоит кошка",
        "A house. To the left of the house, a cat.",
        "a house and to its left a cat",
    ] {
        assert_eq!(relations(&scene(text)), relations(&plain), "{text}");
    }
}

#[test]
fn pronouns_and_definite_nouns_refer_to_earlier_subjects() {
    assert_eq!(
        relations(&scene("a house with a cat on it")),
        [("cat", Place::On, "house")]
    );
    assert_eq!(
        relations(&scene("A dog. The dog is next to a tree")),
        [("dog", Place::NextTo, "tree")]
    );
    assert_eq!(scene("A dog. The dog is next to a tree").subjects.len(), 2);
}

#[test]
fn in_introduces_accessories_containers_and_backdrops() {
    let worn = scene("a fox in a blue scarf in a box in the forest in the rain");
    assert_eq!(worn.subjects[0].worn[0].item, Accessory::Scarf);
    assert_eq!(relations(&worn), [("fox", Place::In, "box")]);
    assert_eq!(worn.setting.backdrop, Backdrop::Forest);
    assert_eq!(worn.setting.weather, Weather::Rain);
}

#[test]
fn each_accessory_may_have_its_own_preposition() {
    let both = scene("девочка в очках и в короне с зонтом рядом с тигром");
    let items: Vec<Accessory> = both.subjects[0].worn.iter().map(|w| w.item).collect();
    assert_eq!(
        items,
        [Accessory::Crown, Accessory::Glasses, Accessory::Umbrella]
    );
    assert_eq!(relations(&both), [("girl", Place::NextTo, "tiger")]);
    assert_eq!(
        scene("a girl in glasses and in a crown with an umbrella beside a tiger"),
        both
    );
}

#[test]
fn between_splits_a_subject_with_two_things() {
    let all = scene("медведь между двумя ёлками");
    assert_eq!(all.relations.len(), 1);
    let relation = all.relations[0];
    assert_eq!(relation.place, Place::Between);
    let other = relation.other.expect("`between` needs two objects");
    assert_eq!(all.subjects[relation.object].kind, all.subjects[other].kind);
    assert_eq!(
        all.subjects[relation.object].count + all.subjects[other].count,
        2
    );
}

#[test]
fn shades_and_moods_are_parsed() {
    let all = scene("грустный светло-зелёный слон и dark blue frog");
    assert_eq!(all.subjects[0].mood, Mood::Sad);
    assert_eq!(
        all.subjects[0].paint,
        Some(Paint::shaded(Color::Green, Shade::Light))
    );
    assert_eq!(
        all.subjects[1].paint,
        Some(Paint::shaded(Color::Blue, Shade::Dark))
    );
}

#[test]
fn unknown_words_are_reported_and_the_rest_is_drawn() {
    let all = parse_prompt("a red astronaut next to a cat with a quasar, photorealistic");
    assert_eq!(all.unknown, ["astronaut", "quasar", "photorealistic"]);
    assert_eq!(all.scene.subjects.len(), 1);
    // "red" described the astronaut.
    assert_eq!(all.scene.subjects[0].paint, None);
    let error = parse("космонавт читает газету").expect_err("prompt has no known words");
    assert_eq!(error.unknown, ["космонавт", "читает", "газету"]);
    assert!(parse("").is_err());
}

#[test]
fn unusable_words_are_reported_as_ignored() {
    assert_eq!(parse_prompt("a house with glasses").ignored, ["glasses"]);
    assert_eq!(
        parse_prompt("a cat in a hat and a crown").ignored,
        ["crown"]
    );
    assert_eq!(parse_prompt("seven cats").ignored, ["seven"]);
    let many = parse_prompt("cat, dog, fox, bear, owl, rabbit, bird, fish");
    assert_eq!(many.scene.subjects.len(), MAX_SUBJECTS);
    assert_eq!(many.ignored, ["bird", "fish"]);
}

#[test]
fn a_setting_alone_is_a_scene() {
    assert_eq!(scene("ночной лес").setting.backdrop, Backdrop::Forest);
    assert_eq!(scene("sunset at sea").setting.time, Time::Sunset);
}

#[test]
fn ten_thousand_random_captions_round_trip_in_both_languages() {
    for seed in 0..10_000 {
        let mut rng = Rng::new(seed);
        let scene = random_scene(&mut rng);
        for language in [Language::English, Language::Russian] {
            let text = caption(&scene, language, &mut rng);
            let back = parse_prompt(&text);
            assert_eq!(back.scene, scene, "{text}");
            assert!(
                back.unknown.is_empty() && back.ignored.is_empty(),
                "{text}: {back:?}"
            );
        }
    }
}

#[test]
fn captions_vary() {
    let scene = scene("a small red cat in a hat to the left of a house at night");
    for language in [Language::English, Language::Russian] {
        let texts: std::collections::HashSet<String> = (0..200)
            .map(|seed| caption(&scene, language, &mut Rng::new(seed)))
            .collect();
        assert!(texts.len() > 150, "{} of 200 differ", texts.len());
    }
}

#[test]
fn scenes_round_trip_through_json() {
    for seed in 0..500 {
        let scene = random_scene(&mut Rng::new(seed));
        let json = serde_json::to_string(&scene).expect("failed to serialize the scene");
        let back: Scene = serde_json::from_str(&json).expect("failed to deserialize the scene");
        assert_eq!(back, scene);
    }
    let wrong = r#"{"subjects":[{"kind":"astronaut","count":1}]}"#;
    let error = serde_json::from_str::<Scene>(wrong).expect_err("unknown kind");
    assert!(error.to_string().contains("astronaut"));
}

#[test]
fn every_word_of_the_vocabulary_is_parsed() {
    let all = vocabulary();
    assert!(all.things.len() >= 40);
    for entry in &all.things {
        for word in entry.english.iter().chain(&entry.russian) {
            let parsed = parse_prompt(word);
            assert_eq!(parsed.scene.subjects[0].kind.id(), entry.id, "{word}");
            assert!(parsed.unknown.is_empty(), "{word}");
        }
    }
    let modifiers = [&all.colors, &all.sizes, &all.moods, &all.counts];
    for word in modifiers
        .into_iter()
        .flatten()
        .flat_map(|e| e.english.iter().chain(&e.russian))
    {
        assert!(
            parse_prompt(&format!("{word} cat")).unknown.is_empty(),
            "{word}"
        );
    }
    let phrases = [&all.backdrops, &all.times, &all.weathers];
    for words in phrases
        .into_iter()
        .flatten()
        .flat_map(|e| e.english.iter().chain(&e.russian))
    {
        assert!(
            parse_prompt(&format!("cat {words}")).unknown.is_empty(),
            "{words}"
        );
    }
}

/// Returns random text: known words, punctuation and arbitrary characters.
fn noise(rng: &mut Rng, words: &[String]) -> String {
    let mut text = String::new();
    for _ in 0..rng.below(30) {
        match rng.below(6) {
            0 => {
                text.extend((0..rng.below(6)).filter_map(|_| {
                    char::from_u32(u32::try_from(rng.below(0x11_0000)).unwrap_or(0))
                }));
            }
            1 => text.push_str(rng.pick(&[
                ",", ".", ";", "\n", "—", "-", "\u{0}", "🐈", "ё́", "İ", "ß", "﷽",
            ])),
            2 => text.push_str(rng.pick(&[
                "and",
                "with",
                "in",
                "between",
                "it",
                "the",
                "у",
                "на",
                "между",
                "и",
                "her",
            ])),
            _ => text.push_str(&words[rng.below(words.len())]),
        }
        text.push(' ');
    }
    text
}

#[test]
fn arbitrary_text_does_not_panic() {
    let all = vocabulary();
    let lists = [
        &all.things,
        &all.colors,
        &all.counts,
        &all.relations,
        &all.accessories,
        &all.backdrops,
        &all.moods,
    ];
    let words: Vec<String> = lists
        .into_iter()
        .flatten()
        .flat_map(|e| e.english.iter().chain(&e.russian))
        .cloned()
        .collect();
    for seed in 0..20_000 {
        let mut rng = Rng::new(seed);
        let text = noise(&mut rng, &words);
        if let Ok(parsed) = parse(&text) {
            assert!(parsed.scene.subjects.len() <= MAX_SUBJECTS);
            assert!(parsed.unknown.len() <= MAX_LISTED);
            let layout = fluxhop_sketch::layout(&parsed.scene, seed, 64, 64);
            let things: usize = parsed
                .scene
                .subjects
                .iter()
                .map(|s| usize::from(s.count))
                .sum();
            assert_eq!(layout.placed.len(), things, "{text}");
            caption(&parsed.scene, Language::Russian, &mut rng);
            if seed % 20 == 0 {
                fluxhop_sketch::draw(&layout);
            }
        }
    }
}

#[test]
fn ten_megabytes_are_parsed_in_linear_time() {
    let time = |text: &str| {
        let start = std::time::Instant::now();
        let _ = parse(text);
        start.elapsed()
    };
    let words = "a red cat between two unknowable houses and on it ";
    let small = time(&words.repeat(20_000));
    let large = time(&words.repeat(200_000));
    // Quadratic time would grow a hundredfold for ten times the text.
    assert!(
        large < small * 40 + std::time::Duration::from_millis(500),
        "{small:?} for 1 MB, {large:?} for 10 MB"
    );
    let one_word = "к".repeat(5_000_000);
    assert_eq!(parse(&one_word).expect_err("unknown word").unknown.len(), 1);
}

#[test]
fn the_contact_sheet_shows_every_relation_setting_and_accessory_in_both_languages() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sketch.txt");
    let prompts = std::fs::read_to_string(path).expect("failed to read the prompts");
    let prompts: Vec<&str> = prompts.lines().collect();
    assert_eq!(prompts.len(), 48);
    let russian = prompts
        .iter()
        .filter(|p| p.chars().any(|c| ('а'..='я').contains(&c)))
        .count();
    assert!(russian > 12 && russian < 36);
    let scenes: Vec<Scene> = prompts.iter().map(|prompt| scene(prompt)).collect();
    let shows = |test: &dyn Fn(&Scene) -> bool| scenes.iter().any(test);
    for place in Place::ALL {
        assert!(
            shows(&|s| s.relations.iter().any(|r| r.place == *place)),
            "{place:?}"
        );
    }
    for item in Accessory::ALL {
        let worn = |s: &Scene| {
            s.subjects
                .iter()
                .any(|w| w.worn.iter().any(|w| w.item == *item))
        };
        assert!(shows(&worn), "{item:?}");
    }
    for backdrop in Backdrop::ALL {
        assert!(shows(&|s| s.setting.backdrop == *backdrop), "{backdrop:?}");
    }
    for time in Time::ALL {
        assert!(shows(&|s| s.setting.time == *time), "{time:?}");
    }
    for weather in Weather::ALL {
        assert!(shows(&|s| s.setting.weather == *weather), "{weather:?}");
    }
}
