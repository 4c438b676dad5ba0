//! `labyrinth catalogue`: what each seed of a zone begins with.

use std::io::{self, Write as _};

use super::args::CatalogueArgs;
use super::{CliError, sources};
use crate::catalogue::Catalogue;
use crate::storage::Target;

/// Prints the catalogue, or writes it to a file.
pub(super) fn run(args: &CatalogueArgs) -> Result<(), CliError> {
    let rules = sources::rules()?;
    let mut kept = args.out.as_deref().map(Target::open).transpose()?;
    let mut catalogue = Catalogue::new(rules.clone(), &args.zone);
    for seed in args.seeds.0..=args.seeds.1 {
        catalogue
            .add(seed)
            .map_err(|error| sources::cannot_begin(&rules, &error))?;
    }
    let text = catalogue.finish();
    match &mut kept {
        Some(file) => file.save(&text)?,
        None => io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(())
}
