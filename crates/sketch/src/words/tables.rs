//! The words for colours, sizes, moods, counts, accessories, places and settings. `world` has those
//! for things.
//!
//! Captions use all of these words. The parser accepts more (see `extra`).

use crate::grammar::russian::{Case, Noun, f, m};
use crate::scene::{Accessory, Backdrop, Color, Mood, Paint, Place, Shade, Size, Time, Weather};

/// A meaning with its words: English, and Russian adjectives in their dictionary form.
pub(crate) struct Named<T: 'static> {
    pub(crate) means: T,
    pub(crate) en: &'static [&'static str],
    pub(crate) ru: &'static [&'static str],
}

const fn named<T>(means: T, en: &'static [&'static str], ru: &'static [&'static str]) -> Named<T> {
    Named { means, en, ru }
}

use Shade::{Dark, Light, Plain};

const fn paint(color: Color, shade: Shade) -> Paint {
    Paint::shaded(color, shade)
}

pub(crate) static COLORS: &[Named<Paint>] = &[
    named(
        paint(Color::Red, Plain),
        &["red", "scarlet", "ruby"],
        &["красный", "алый"],
    ),
    named(
        paint(Color::Red, Light),
        &["light red", "coral"],
        &["светло-красный", "коралловый"],
    ),
    named(
        paint(Color::Red, Dark),
        &["dark red", "crimson", "burgundy", "maroon"],
        &["тёмно-красный", "бордовый", "багровый"],
    ),
    named(
        paint(Color::Orange, Plain),
        &["orange", "ginger"],
        &["оранжевый", "рыжий"],
    ),
    named(
        paint(Color::Orange, Light),
        &["light orange", "peach", "apricot"],
        &["светло-оранжевый", "персиковый"],
    ),
    named(
        paint(Color::Orange, Dark),
        &["dark orange", "rust"],
        &["тёмно-оранжевый", "терракотовый"],
    ),
    named(
        paint(Color::Yellow, Plain),
        &["yellow", "golden", "lemon"],
        &["жёлтый", "золотой", "лимонный"],
    ),
    named(
        paint(Color::Yellow, Light),
        &["light yellow", "cream"],
        &["светло-жёлтый", "кремовый"],
    ),
    named(
        paint(Color::Yellow, Dark),
        &["dark yellow", "mustard"],
        &["тёмно-жёлтый", "горчичный"],
    ),
    named(
        paint(Color::Green, Plain),
        &["green", "emerald"],
        &["зелёный", "изумрудный"],
    ),
    named(
        paint(Color::Green, Light),
        &["light green", "lime", "mint"],
        &["светло-зелёный", "салатовый", "мятный"],
    ),
    named(
        paint(Color::Green, Dark),
        &["dark green", "olive"],
        &["тёмно-зелёный", "оливковый"],
    ),
    named(
        paint(Color::Turquoise, Plain),
        &["turquoise", "teal", "cyan", "aqua"],
        &["бирюзовый"],
    ),
    named(
        paint(Color::Turquoise, Light),
        &["light turquoise"],
        &["светло-бирюзовый"],
    ),
    named(
        paint(Color::Turquoise, Dark),
        &["dark turquoise"],
        &["тёмно-бирюзовый"],
    ),
    named(
        paint(Color::Blue, Plain),
        &["blue", "azure", "sapphire"],
        &["синий"],
    ),
    named(
        paint(Color::Blue, Light),
        &["light blue", "sky blue"],
        &["голубой", "светло-синий"],
    ),
    named(
        paint(Color::Blue, Dark),
        &["dark blue", "navy", "navy blue"],
        &["тёмно-синий"],
    ),
    named(
        paint(Color::Purple, Plain),
        &["purple", "violet"],
        &["фиолетовый", "пурпурный"],
    ),
    named(
        paint(Color::Purple, Light),
        &["light purple", "lilac", "lavender"],
        &["сиреневый", "лиловый", "светло-фиолетовый"],
    ),
    named(
        paint(Color::Purple, Dark),
        &["dark purple", "plum"],
        &["тёмно-фиолетовый", "сливовый"],
    ),
    named(paint(Color::Pink, Plain), &["pink", "rosy"], &["розовый"]),
    named(
        paint(Color::Pink, Light),
        &["light pink", "pale pink"],
        &["светло-розовый"],
    ),
    named(
        paint(Color::Pink, Dark),
        &["dark pink", "hot pink", "magenta", "fuchsia"],
        &["тёмно-розовый", "малиновый"],
    ),
    named(
        paint(Color::Brown, Plain),
        &["brown", "chestnut"],
        &["коричневый", "бурый"],
    ),
    named(
        paint(Color::Brown, Light),
        &["light brown", "beige", "tan"],
        &["светло-коричневый", "бежевый"],
    ),
    named(
        paint(Color::Brown, Dark),
        &["dark brown", "chocolate"],
        &["тёмно-коричневый", "шоколадный"],
    ),
    named(paint(Color::Black, Plain), &["black"], &["чёрный"]),
    named(
        paint(Color::White, Plain),
        &["white", "snow white"],
        &["белый", "белоснежный"],
    ),
    named(paint(Color::Grey, Plain), &["grey", "gray"], &["серый"]),
    named(
        paint(Color::Grey, Light),
        &["light grey", "light gray", "silver"],
        &["светло-серый", "серебряный"],
    ),
    named(
        paint(Color::Grey, Dark),
        &["dark grey", "dark gray", "charcoal"],
        &["тёмно-серый"],
    ),
];

pub(crate) static SIZES: &[Named<Size>] = &[
    named(
        Size::Small,
        &["small", "little", "tiny"],
        &["маленький", "крошечный", "небольшой"],
    ),
    named(Size::Medium, &["medium", "medium sized"], &["средний"]),
    named(
        Size::Big,
        &["big", "large", "huge", "giant"],
        &["большой", "огромный", "гигантский"],
    ),
];

pub(crate) static MOODS: &[Named<Mood>] = &[
    named(
        Mood::Happy,
        &["happy", "smiling", "cheerful", "joyful"],
        &["весёлый", "радостный", "счастливый"],
    ),
    named(
        Mood::Sad,
        &["sad", "crying", "unhappy"],
        &["грустный", "печальный"],
    ),
    named(
        Mood::Surprised,
        &["surprised", "amazed"],
        &["удивлённый", "изумлённый"],
    ),
    named(Mood::Sleepy, &["sleepy", "sleeping"], &["сонный", "спящий"]),
    named(Mood::Angry, &["angry", "grumpy"], &["злой", "сердитый"]),
];

/// An accessory with its English and Russian names.
pub(crate) struct AccessoryWords {
    pub(crate) means: Accessory,
    pub(crate) en: &'static [&'static str],
    pub(crate) ru: &'static [Noun],
}

pub(crate) static ACCESSORIES: &[AccessoryWords] = &[
    AccessoryWords {
        means: Accessory::Hat,
        en: &["hat", "cap"],
        ru: &[
            f("шляпа"),
            f("шапка").gpl("шапок"),
            f("шляпка").gpl("шляпок"),
        ],
    },
    AccessoryWords {
        means: Accessory::Crown,
        en: &["crown"],
        ru: &[f("корона")],
    },
    AccessoryWords {
        means: Accessory::Scarf,
        en: &["scarf/scarves"],
        ru: &[m("шарф"), m("шарфик")],
    },
    AccessoryWords {
        means: Accessory::Glasses,
        en: &["glasses/glasses", "spectacles/spectacles"],
        ru: &[m("очки").stem("очк").plural_only()],
    },
    AccessoryWords {
        means: Accessory::Balloon,
        en: &["balloon"],
        ru: &[
            m("шарик"),
            m("шар").with("воздушный"),
            m("шарик").with("воздушный"),
        ],
    },
    AccessoryWords {
        means: Accessory::Umbrella,
        en: &["umbrella", "parasol"],
        ru: &[m("зонт"), m("зонтик")],
    },
];

/// A place with its English words, and its Russian words with the case that each takes.
pub(crate) struct PlaceWords {
    pub(crate) place: Place,
    pub(crate) en: &'static [&'static str],
    pub(crate) ru: &'static [(&'static str, Case)],
}

use Case::{Genitive, Instrumental, Prepositional};

pub(crate) static PLACES: &[PlaceWords] = &[
    PlaceWords {
        place: Place::LeftOf,
        en: &[
            "to the left of",
            "left of",
            "on the left of",
            "on the left side of",
        ],
        ru: &[("слева от", Genitive), ("левее", Genitive)],
    },
    PlaceWords {
        place: Place::RightOf,
        en: &[
            "to the right of",
            "right of",
            "on the right of",
            "on the right side of",
        ],
        ru: &[("справа от", Genitive), ("правее", Genitive)],
    },
    PlaceWords {
        place: Place::Above,
        en: &["above", "over", "high above"],
        ru: &[
            ("над", Instrumental),
            ("выше", Genitive),
            ("высоко над", Instrumental),
        ],
    },
    PlaceWords {
        place: Place::Below,
        en: &["below", "under", "beneath", "underneath"],
        ru: &[("под", Instrumental), ("ниже", Genitive)],
    },
    PlaceWords {
        place: Place::On,
        en: &["on", "on top of", "upon"],
        ru: &[("на", Prepositional), ("сверху на", Prepositional)],
    },
    PlaceWords {
        place: Place::In,
        en: &["in", "inside"],
        ru: &[("в", Prepositional), ("внутри", Genitive)],
    },
    PlaceWords {
        place: Place::InFrontOf,
        en: &["in front of"],
        ru: &[("перед", Instrumental), ("спереди от", Genitive)],
    },
    PlaceWords {
        place: Place::NextTo,
        en: &["next to", "beside", "near", "by"],
        ru: &[
            ("рядом с", Instrumental),
            ("возле", Genitive),
            ("около", Genitive),
        ],
    },
    PlaceWords {
        place: Place::Between,
        en: &["between", "in between"],
        ru: &[("между", Instrumental)],
    },
];

/// Backdrops with the phrases for them.
pub(crate) static BACKDROPS: &[Named<Backdrop>] = &[
    named(
        Backdrop::Plain,
        &["on a plain background", "on a plain backdrop"],
        &["на простом фоне", "на однотонном фоне"],
    ),
    named(
        Backdrop::Sky,
        &["in the sky", "up in the sky"],
        &["в небе", "высоко в небе"],
    ),
    named(
        Backdrop::Meadow,
        &["in a meadow", "in a field", "on the grass"],
        &["на лугу", "на поляне", "в поле", "на траве"],
    ),
    named(
        Backdrop::Snow,
        &["in the snow", "on the snow"],
        &["в снегу", "на снегу"],
    ),
    named(
        Backdrop::Beach,
        &["on the beach", "at the beach", "on the shore"],
        &["на пляже", "на берегу"],
    ),
    named(
        Backdrop::Sea,
        &["at sea", "on the sea", "in the ocean"],
        &["в море", "в океане"],
    ),
    named(
        Backdrop::Forest,
        &["in the forest", "in the woods"],
        &["в лесу"],
    ),
    named(
        Backdrop::City,
        &["in the city", "on a street", "in a town"],
        &["в городе", "на улице"],
    ),
    named(
        Backdrop::Desert,
        &["in the desert", "in a desert"],
        &["в пустыне"],
    ),
    named(
        Backdrop::Space,
        &["in space", "in outer space"],
        &["в космосе", "в открытом космосе"],
    ),
];

pub(crate) static TIMES: &[Named<Time>] = &[
    named(Time::Day, &["by day", "in the daytime"], &["днём"]),
    named(
        Time::Sunset,
        &["at sunset", "at dusk", "at dawn"],
        &["на закате", "вечером", "на рассвете"],
    ),
    named(
        Time::Night,
        &["at night", "at midnight"],
        &["ночью", "в полночь"],
    ),
];

pub(crate) static WEATHERS: &[Named<Weather>] = &[
    named(Weather::Clear, &["in clear weather"], &["в ясную погоду"]),
    named(
        Weather::Rain,
        &["in the rain", "in rainy weather"],
        &["под дождём", "в дождь"],
    ),
    named(
        Weather::Snow,
        &["in falling snow", "during a snowfall"],
        &["в снегопад", "под падающим снегом"],
    ),
    named(
        Weather::Fog,
        &["in the fog", "in the mist"],
        &["в тумане", "в туманную погоду"],
    ),
];

/// The numbers one to five, in English, and in Russian in the cases of [`Case::ALL`].
pub(crate) static COUNTS: [(&str, [&str; 6]); 5] = [
    (
        "one",
        ["один", "одного", "одному", "один", "одним", "одном"],
    ),
    ("two", ["два", "двух", "двум", "два", "двумя", "двух"]),
    ("three", ["три", "трёх", "трём", "три", "тремя", "трёх"]),
    (
        "four",
        [
            "четыре",
            "четырёх",
            "четырём",
            "четыре",
            "четырьмя",
            "четырёх",
        ],
    ),
    ("five", ["пять", "пяти", "пяти", "пять", "пятью", "пяти"]),
];
