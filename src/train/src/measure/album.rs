//! The pictures of a validation, drawn and written beside those that are there.

use std::path::{Path, PathBuf};
use std::{fs, io};

use ndarray::Array2;

use super::plan::{Drawing, Kind};
use super::seen::Seen;
use super::validation::{Drawn, Error, array};
use super::{chart, sheet};
use crate::data::Picture;
use crate::fresh;
use crate::lam::Model;

/// Returns the pictures that an earlier process wrote of a step; those that cannot be read are left out.
#[must_use]
pub fn drawn(place: &Path, step: u64) -> Vec<Drawn> {
    let entries = fs::read_dir(folder(place, step)).into_iter().flatten();
    let mut drawn: Vec<Drawn> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_stem()?.to_str()?;
            let is_picture =
                path.extension().is_some_and(|of| of == "png") && !name.starts_with('.');
            is_picture.then_some(())?;
            let png = fs::read(&path).ok()?;
            let picture = Picture::from_png(&png, Picture::sides_of(&png)?).ok()?;
            Some(Drawn {
                name: format!("val/{name}"),
                picture,
                path,
            })
        })
        .collect();
    drawn.sort_by(|one, other| one.name.cmp(&other.name));
    drawn
}

/// Returns where the pictures of a step lie.
pub(super) fn folder(place: &Path, step: u64) -> PathBuf {
    place.join(format!("step_{step:07}"))
}

/// What pictures are drawn of.
pub(super) struct Album<'a> {
    pub(super) model: &'a Model,
    pub(super) held: &'a Seen,
    pub(super) train: Option<&'a Seen>,
    pub(super) place: PathBuf,
}

impl Album<'_> {
    pub(super) fn draw(&self, drawing: &Drawing, drawn: &mut Vec<Drawn>) -> Result<(), Error> {
        self.keep(
            drawing.kind.name(),
            self.picture(drawing, self.held)?,
            drawn,
        )?;
        if let Some(train) = self.train.filter(|_| drawing.shows_train) {
            let name = format!("{}_train", drawing.kind.name());
            self.keep(&name, self.picture(drawing, train)?, drawn)?;
        }
        Ok(())
    }

    fn picture(&self, drawing: &Drawing, seen: &Seen) -> Result<Option<Picture>, Error> {
        let codes = || array(&seen.codes);
        Ok(match drawing.kind {
            Kind::Reconstructions => {
                sheet::reconstructions(self.model, &seen.first, drawing.samples)?
            }
            Kind::Transfer => sheet::transfer(self.model, &seen.first, drawing.samples)?,
            Kind::Codebook => Some(self.codebook(&codes())),
            Kind::Sequences => Some(sequences(&codes(), drawing.samples)),
            Kind::Displacement => chart::scatter(
                "How the state moves under the most frequent sequences of codes",
                seen.moved.view(),
                codes().view(),
                drawing.samples,
            ),
        })
    }

    fn codebook(&self, codes: &Array2<i64>) -> Picture {
        let entries = usize::try_from(self.model.config().codebook_size).unwrap_or(0);
        let mut counts = vec![0_u64; entries];
        for &code in codes {
            if let Some(count) = usize::try_from(code).ok().and_then(|at| counts.get_mut(at)) {
                *count += 1;
            }
        }
        let used = counts.iter().filter(|&&count| count > 0).count();
        let title = format!(
            "{used} of {entries} entries chosen in {} pairs of {} codes",
            codes.nrows(),
            codes.ncols()
        );
        chart::bars(&title, "entry of the codebook", &counts)
    }

    fn keep(
        &self,
        name: &str,
        picture: Option<Picture>,
        drawn: &mut Vec<Drawn>,
    ) -> Result<(), Error> {
        let Some(picture) = picture else {
            return Ok(());
        };
        let path = fresh::vacant(&self.place.join(format!("{name}.png")));
        let write = || {
            let png = picture.to_png().map_err(io::Error::other)?;
            fs::create_dir_all(&self.place)?;
            fresh::create(&path, |part| fs::write(part, png))
        };
        write().map_err(|source: io::Error| Error::Write {
            path: path.clone(),
            source,
        })?;
        drawn.push(Drawn {
            name: format!("val/{name}"),
            path,
            picture,
        });
        Ok(())
    }
}

fn sequences(codes: &Array2<i64>, shown: usize) -> Picture {
    let found = chart::frequent(codes.view());
    let counts: Vec<u64> = found
        .iter()
        .take(shown)
        .map(|(_, of)| of.len() as u64)
        .collect();
    let title = format!(
        "{} different sequences in {} pairs; the {} most frequent",
        found.len(),
        codes.nrows(),
        counts.len()
    );
    chart::bars(&title, "sequence, by how often it is chosen", &counts)
}
