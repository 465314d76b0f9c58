//! Compiles the examples in the READMEs as doctests.

macro_rules! readme {
    ($name:ident, $path:literal) => {
        #[doc = include_str!($path)]
        struct $name;
    };
}

readme!(Engine, "../../crates/engine/README.md");
readme!(Fluxhop, "../../crates/fluxhop/README.md");
readme!(Gradio, "../../crates/gradio/README.md");
readme!(Http, "../../crates/http/README.md");
readme!(Repository, "../../README.md");
readme!(Sketch, "../../crates/sketch/README.md");
