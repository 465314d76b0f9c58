//! The stages of a Space.

/// The stage of a Space, as the hub reports it (`runtime.stage`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// It is serving requests.
    Running,
    /// It is being built or started and will run by itself.
    Starting(String),
    /// It is asleep; a visit wakes it.
    Asleep(String),
    /// It will not run until its owner does something, e.g. `PAUSED` or `BUILD_ERROR`.
    Down(String),
}

impl Stage {
    /// Reads the name of a stage; an unknown one is [`Down`](Self::Down).
    pub fn parse(stage: &str) -> Self {
        let name = stage.to_owned();
        match stage {
            "RUNNING" | "RUNNING_BUILDING" | "RUNNING_APP_STARTING" => Self::Running,
            "BUILDING" | "APP_STARTING" => Self::Starting(name),
            "SLEEPING" | "STOPPED" => Self::Asleep(name),
            _ => Self::Down(name),
        }
    }

    /// The hub's name for the stage.
    pub fn name(&self) -> &str {
        match self {
            Self::Running => "RUNNING",
            Self::Starting(name) | Self::Asleep(name) | Self::Down(name) => name,
        }
    }

    /// The stage as the predicate of a sentence, e.g. `is asleep (SLEEPING)`.
    pub fn explanation(&self) -> String {
        let explanation = match self {
            Self::Running => return "is running".to_owned(),
            Self::Starting(_) => "is starting",
            Self::Asleep(_) => "is asleep",
            Self::Down(stage) => match stage.as_str() {
                "PAUSED" => "is paused and can only be restarted by its owner",
                "BUILD_ERROR" => "failed to build and must be fixed by its owner",
                "RUNTIME_ERROR" => "has crashed and must be fixed by its owner",
                "CONFIG_ERROR" => "is misconfigured and must be fixed by its owner",
                "NO_APP_FILE" => "contains no app",
                "DELETING" => "is being deleted",
                _ => "is not running",
            },
        };
        format!("{explanation} ({})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_classified_by_name() {
        assert_eq!(Stage::parse("RUNNING_BUILDING"), Stage::Running);
        assert!(matches!(Stage::parse("APP_STARTING"), Stage::Starting(_)));
        assert!(matches!(Stage::parse("SLEEPING"), Stage::Asleep(_)));
        for stage in [
            "PAUSED",
            "BUILD_ERROR",
            "RUNTIME_ERROR",
            "NO_APP_FILE",
            "SOMETHING_NEW",
        ] {
            assert!(matches!(Stage::parse(stage), Stage::Down(_)), "{stage}");
            assert!(Stage::parse(stage).explanation().contains(stage));
        }
    }
}
