//! Declines Russian nouns and adjectives from their dictionary form.

/// Grammatical gender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gender {
    Masculine,
    Feminine,
    Neuter,
}

/// Grammatical case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Nominative,
    Genitive,
    Dative,
    Accusative,
    Instrumental,
    Prepositional,
}

impl Case {
    pub(crate) const ALL: [Self; 6] = [
        Self::Nominative,
        Self::Genitive,
        Self::Dative,
        Self::Accusative,
        Self::Instrumental,
        Self::Prepositional,
    ];
}

/// A Russian noun: its dictionary form and what determines its other forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Noun {
    word: &'static str,
    gender: Gender,
    animate: bool,
    adjective: Option<&'static str>,
    stem: Option<&'static str>,
    plural: Option<&'static str>,
    genitive_plural: Option<&'static str>,
    plural_only: bool,
}

/// A masculine noun.
pub(crate) const fn m(word: &'static str) -> Noun {
    Noun::new(word, Gender::Masculine)
}

/// A feminine noun.
pub(crate) const fn f(word: &'static str) -> Noun {
    Noun::new(word, Gender::Feminine)
}

/// A neuter noun.
pub(crate) const fn n(word: &'static str) -> Noun {
    Noun::new(word, Gender::Neuter)
}

impl Noun {
    const fn new(word: &'static str, gender: Gender) -> Self {
        Self {
            word,
            gender,
            animate: false,
            adjective: None,
            stem: None,
            plural: None,
            genitive_plural: None,
            plural_only: false,
        }
    }

    /// Marks an animate noun, whose accusative equals its genitive in most forms.
    pub(crate) const fn alive(mut self) -> Self {
        self.animate = true;
        self
    }

    /// Sets the stem of the oblique cases and the plural: "замк" for "замок".
    pub(crate) const fn stem(mut self, stem: &'static str) -> Self {
        self.stem = Some(stem);
        self
    }

    /// Sets an irregular nominative plural: "дома".
    pub(crate) const fn pl(mut self, plural: &'static str) -> Self {
        self.plural = Some(plural);
        self
    }

    /// Sets an irregular genitive plural: "кошек".
    pub(crate) const fn gpl(mut self, genitive_plural: &'static str) -> Self {
        self.genitive_plural = Some(genitive_plural);
        self
    }

    /// Sets an adjective that is part of the name: "воздушный" in "воздушный шар".
    pub(crate) const fn with(mut self, adjective: &'static str) -> Self {
        self.adjective = Some(adjective);
        self
    }

    /// Marks a noun without a singular: "очки".
    pub(crate) const fn plural_only(mut self) -> Self {
        self.plural_only = true;
        self
    }

    pub(crate) fn gender(&self) -> Gender {
        self.gender
    }

    pub(crate) fn is_animate(&self) -> bool {
        self.animate
    }

    pub(crate) fn is_plural_only(&self) -> bool {
        self.plural_only
    }

    /// The form for a case and number.
    pub(crate) fn form(&self, case: Case, plural: bool) -> String {
        let plural = plural || self.plural_only;
        let noun = self.bare(case, plural);
        match self.adjective {
            Some(word) => format!(
                "{} {noun}",
                adjective(word, self.gender, case, plural, self.animate)
            ),
            None => noun,
        }
    }

    fn bare(&self, case: Case, plural: bool) -> String {
        let last = self.word.chars().last().unwrap_or(' ');
        let stem_len = match last {
            'а' | 'я' | 'о' | 'е' | 'ь' | 'й' | 'ы' | 'и' => {
                self.word.len() - last.len_utf8()
            }
            _ => self.word.len(),
        };
        let stem = self.stem.unwrap_or(&self.word[..stem_len]);
        if plural {
            self.plural_form(case, stem, last)
        } else {
            self.singular_form(case, stem, last)
        }
    }

    fn singular_form(&self, case: Case, stem: &str, last: char) -> String {
        use Case::{Accusative, Dative, Genitive, Instrumental, Nominative, Prepositional};
        let hushing = ends_in(stem, "жшщчц");
        let ending = match (last, self.gender) {
            ('а', _) => match case {
                Nominative => "а",
                Genitive if ends_in(stem, "кгхжшщч") => "и",
                Genitive => "ы",
                Dative | Prepositional => "е",
                Accusative => "у",
                Instrumental if hushing => "ей",
                Instrumental => "ой",
            },
            ('я', _) => match case {
                Nominative => "я",
                Genitive => "и",
                Dative | Prepositional if stem.ends_with('и') => "и",
                Dative | Prepositional => "е",
                Accusative => "ю",
                Instrumental => "ей",
            },
            ('ь', Gender::Feminine) => match case {
                Nominative | Accusative => return self.word.to_owned(),
                Genitive | Dative | Prepositional => "и",
                Instrumental => "ью",
            },
            ('о' | 'е', _) => match case {
                Nominative | Accusative => return self.word.to_owned(),
                Genitive => "а",
                Dative => "у",
                Instrumental if last == 'е' => "ем",
                Instrumental => "ом",
                Prepositional => "е",
            },
            ('ь' | 'й', _) => match case {
                Nominative => return self.word.to_owned(),
                Accusative if !self.animate => return self.word.to_owned(),
                Genitive | Accusative => "я",
                Dative => "ю",
                Instrumental => "ем",
                Prepositional => "е",
            },
            _ => match case {
                Nominative => return self.word.to_owned(),
                Accusative if !self.animate => return self.word.to_owned(),
                Genitive | Accusative => "а",
                Dative => "у",
                Instrumental if stem.ends_with('ц') => "ем",
                Instrumental => "ом",
                Prepositional => "е",
            },
        };
        format!("{stem}{ending}")
    }

    fn plural_form(&self, case: Case, stem: &str, last: char) -> String {
        use Case::{Accusative, Dative, Genitive, Instrumental, Nominative, Prepositional};
        let soft = matches!(last, 'ь' | 'й' | 'я') && !ends_in(stem, "жшщч");
        match case {
            Nominative => self.plural.map_or_else(
                || {
                    let ending = match last {
                        'о' | 'е' => "а",
                        _ if soft || ends_in(stem, "кгхжшщч") => "и",
                        _ => "ы",
                    };
                    format!("{stem}{ending}")
                },
                str::to_owned,
            ),
            Genitive => self.genitive_plural.map_or_else(
                || {
                    let ending = match (last, self.gender) {
                        ('а' | 'о' | 'е', _) => "",
                        ('ь', _) => "ей",
                        ('й', _) => "ев",
                        ('я', _) => "ь",
                        _ if stem.ends_with('ц') => "ев",
                        _ if ends_in(stem, "жшщч") => "ей",
                        _ => "ов",
                    };
                    format!("{stem}{ending}")
                },
                str::to_owned,
            ),
            Accusative if self.animate => self.plural_form(Genitive, stem, last),
            Accusative => self.plural_form(Nominative, stem, last),
            Dative | Instrumental | Prepositional => {
                // An irregular plural also has its own stem: "листья", "листьям".
                let (stem, soft) = match self
                    .plural
                    .and_then(|p| p.char_indices().last().map(|(i, c)| (&p[..i], c)))
                {
                    Some((stem, 'я')) => (stem, true),
                    Some((stem, _)) => (stem, soft),
                    None => (stem, soft),
                };
                let vowel = if soft { 'я' } else { 'а' };
                let tail = match case {
                    Dative => "м",
                    Instrumental => "ми",
                    _ => "х",
                };
                format!("{stem}{vowel}{tail}")
            }
        }
    }

    /// The form after two, three and four: the noun in the genitive singular with its adjective in the
    /// genitive plural.
    pub(crate) fn few(&self) -> String {
        let bare = self.bare(Case::Genitive, self.plural_only);
        match self.adjective {
            Some(word) => format!(
                "{} {bare}",
                adjective(word, self.gender, Case::Genitive, true, self.animate)
            ),
            None => bare,
        }
    }

    /// All forms, singular and plural, without repeats.
    pub(crate) fn forms(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for plural in [false, true] {
            for case in Case::ALL {
                let form = self.form(case, plural);
                if !all.contains(&form) {
                    all.push(form);
                }
            }
        }
        let few = self.few();
        if !all.contains(&few) {
            all.push(few);
        }
        all
    }
}

fn ends_in(stem: &str, letters: &str) -> bool {
    stem.chars().last().is_some_and(|c| letters.contains(c))
}

/// The form of an adjective given in its dictionary form: "красный", "синий", "большой".
///
/// A word with any other ending is indeclinable: "беж".
pub(crate) fn adjective(
    word: &str,
    gender: Gender,
    case: Case,
    plural: bool,
    animate: bool,
) -> String {
    use Case::{Accusative, Dative, Genitive, Instrumental, Nominative, Prepositional};
    let Some((stem, ending)) = ["ый", "ий", "ой"]
        .iter()
        .find_map(|e| word.strip_suffix(e).map(|stem| (stem, *e)))
    else {
        return word.to_owned();
    };
    let stressed = ending == "ой";
    let soft = ending == "ий" && !ends_in(stem, "кгхжшщч");
    let hushing = ends_in(stem, "жшщч") && !stressed;
    // The first vowel of "-ый": "и" after soft stems and after consonants that "ы" cannot follow.
    let i = if soft || ends_in(stem, "кгхжшщч") {
        "и"
    } else {
        "ы"
    };
    let o = if soft || hushing { "е" } else { "о" };
    let case = match case {
        Accusative if plural || gender == Gender::Masculine => {
            if animate {
                Genitive
            } else {
                Nominative
            }
        }
        other => other,
    };
    let end = if plural {
        match case {
            Nominative | Accusative => format!("{i}е"),
            Genitive | Prepositional => format!("{i}х"),
            Dative => format!("{i}м"),
            Instrumental => format!("{i}ми"),
        }
    } else if gender == Gender::Feminine {
        match case {
            Nominative => (if soft { "яя" } else { "ая" }).to_owned(),
            Accusative => (if soft { "юю" } else { "ую" }).to_owned(),
            _ => format!("{o}й"),
        }
    } else {
        match case {
            Nominative if gender == Gender::Masculine => ending.to_owned(),
            Nominative | Accusative => format!("{o}е"),
            Genitive => format!("{o}го"),
            Dative => format!("{o}му"),
            Instrumental => format!("{i}м"),
            Prepositional => format!("{o}м"),
        }
    };
    format!("{stem}{end}")
}

/// All forms of an adjective, without repeats.
pub(crate) fn adjective_forms(word: &str) -> Vec<String> {
    let mut all = Vec::new();
    for plural in [false, true] {
        for gender in [Gender::Masculine, Gender::Feminine, Gender::Neuter] {
            for case in Case::ALL {
                for animate in [false, true] {
                    let form = adjective(word, gender, case, plural, animate);
                    if !all.contains(&form) {
                        all.push(form);
                    }
                }
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(noun: &Noun, plural: bool) -> String {
        Case::ALL.map(|case| noun.form(case, plural)).join(" ")
    }

    #[test]
    fn nouns_are_declined() {
        let cat = f("кошка").gpl("кошек").alive();
        assert_eq!(line(&cat, false), "кошка кошки кошке кошку кошкой кошке");
        assert_eq!(line(&cat, true), "кошки кошек кошкам кошек кошками кошках");
        let castle = m("замок").stem("замк");
        assert_eq!(line(&castle, false), "замок замка замку замок замком замке");
        assert_eq!(
            line(&castle, true),
            "замки замков замкам замки замками замках"
        );
        let bear = m("медведь").alive();
        assert_eq!(
            line(&bear, false),
            "медведь медведя медведю медведя медведем медведе"
        );
        assert_eq!(
            line(&bear, true),
            "медведи медведей медведям медведей медведями медведях"
        );
        let mouse = f("мышь").alive();
        assert_eq!(line(&mouse, false), "мышь мыши мыши мышь мышью мыши");
        assert_eq!(line(&mouse, true), "мыши мышей мышам мышей мышами мышах");
        let tree = n("дерево").pl("деревья").gpl("деревьев");
        assert_eq!(
            line(&tree, true),
            "деревья деревьев деревьям деревья деревьями деревьях"
        );
        let glasses = m("очки").stem("очк").plural_only();
        assert_eq!(line(&glasses, false), "очки очков очкам очки очками очках");
        let balloon = m("шар").with("воздушный");
        assert_eq!(balloon.form(Case::Instrumental, false), "воздушным шаром");
    }

    #[test]
    fn adjectives_agree_with_case_gender_and_number() {
        let form = |word, gender, case| adjective(word, gender, case, false, true);
        assert_eq!(
            form("красный", Gender::Feminine, Case::Prepositional),
            "красной"
        );
        assert_eq!(form("синий", Gender::Feminine, Case::Accusative), "синюю");
        assert_eq!(form("рыжий", Gender::Masculine, Case::Accusative), "рыжего");
        assert_eq!(form("большой", Gender::Neuter, Case::Nominative), "большое");
        assert_eq!(
            adjective("маленький", Gender::Feminine, Case::Nominative, true, true),
            "маленькие"
        );
    }
}
