//! The fuzzer's arguments.

/// What `--help` prints.
pub const HELP: &str = "\
Does random operations to the page allocator and to a plain model of it, and compares them after each.

  fuzz [--seconds N | --iterations N] [--seed N] [--corpus FOLDER] [--grow]
  fuzz FILE...       shows stored inputs as lists of operations, and what comes of them

  --seconds N        how long (default 30)
  --iterations N     how many runs instead: the same seed and corpus do the same
  --seed N           where the random numbers start (default 1)
  --corpus FOLDER    inputs to begin with (default corpus)
  --grow             keep inputs that show something new in that folder
";

/// What is to be done, and how.
#[derive(Debug)]
pub struct Args {
    pub task: Task,
    pub seconds: u64,
    pub iterations: Option<u64>,
    pub seed: u64,
    pub corpus: String,
}

/// What is to be done.
#[derive(Debug)]
pub enum Task {
    Help,
    Replay(Vec<String>),
    Fuzz { grow: bool },
}

impl Args {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// One line that says which argument is wrong and what was expected.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self {
            task: Task::Fuzz { grow: false },
            seconds: 30,
            iterations: None,
            seed: 1,
            corpus: "corpus".into(),
        };
        let mut files = Vec::new();
        let mut grow = false;
        while let Some(word) = words.next() {
            let mut value = || {
                let value = words.next();
                value.ok_or_else(|| format!("{word} needs a value: see --help"))
            };
            let number = |value: String| {
                let number = value.parse::<u64>();
                number.map_err(|_| format!("{word} {value:?}: expected a number"))
            };
            match word.as_str() {
                "--help" | "-h" => args.task = Task::Help,
                "--seconds" => args.seconds = number(value()?)?,
                "--iterations" => args.iterations = Some(number(value()?)?),
                "--seed" => args.seed = number(value()?)?,
                "--corpus" => args.corpus = value()?,
                "--grow" => grow = true,
                option if option.starts_with('-') => {
                    return Err(format!("{option:?} is no option: see --help"));
                }
                _ => files.push(word),
            }
        }
        if !matches!(args.task, Task::Help) {
            args.task = if files.is_empty() {
                Task::Fuzz { grow }
            } else {
                Task::Replay(files)
            };
        }
        Ok(args)
    }
}
