//! Somebody reading the codex: what is searched, which page is open, and the way back. Pure: no screen, no keys.

use super::Codex;

/// What a reader does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Types a letter to search for.
    Type(char),
    /// Takes it back; with nothing typed, goes back to the page before.
    Erase,
    /// The next page of the list, or so many on.
    On(usize),
    /// The page before, or so many back.
    Back(usize),
    /// The first page of the list.
    First,
    /// The last one.
    Last,
    /// The page at this place of the list.
    Pick(usize),
    /// The next link of the open page.
    NextLink,
    /// Follows the marked link, or the first.
    Follow,
    /// Follows the link at this place.
    Link(usize),
    /// Stops searching, or goes back, or closes.
    Leave,
}

/// Longest search, in letters.
const LONGEST: usize = 24;

/// A reader of the codex.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reader {
    /// What is searched.
    query: String,
    /// The list of pages, best first; those that were named where the reader came from stand before all.
    list: Vec<usize>,
    /// How many of the list were named there.
    named: usize,
    /// What was named, while something else is searched.
    context: Vec<usize>,
    /// The place in the list.
    at: usize,
    /// The page that is open, if the list has one.
    open: Option<usize>,
    /// The pages that led here.
    trail: Vec<usize>,
    /// The link that is marked.
    link: Option<usize>,
}

impl Reader {
    /// Opens the codex; what these lines name comes first.
    pub fn open<S: AsRef<str>>(codex: &Codex, lines: &[S]) -> Self {
        let mut reader = Self {
            context: codex.named_in(lines),
            ..Self::default()
        };
        reader.seek(codex);
        reader
    }

    /// What is searched.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The list of pages.
    pub fn list(&self) -> &[usize] {
        &self.list
    }

    /// How many pages at the head of the list were named where the reader came from.
    pub fn named(&self) -> usize {
        self.named
    }

    /// The place in the list.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The page that is open.
    pub fn page(&self) -> Option<usize> {
        self.open
    }

    /// The link that is marked.
    pub fn link(&self) -> Option<usize> {
        self.link
    }

    /// The part of the list that is shown in so many rows: the first place, with the marked one in sight.
    pub fn window(&self, rows: usize) -> usize {
        let most = self.list.len().saturating_sub(rows);
        self.at.saturating_sub(rows / 2).min(most)
    }

    /// Does it; false if the codex is to be closed.
    pub fn take(&mut self, codex: &Codex, stroke: Stroke) -> bool {
        match stroke {
            Stroke::Type(c) => {
                if self.query.chars().count() < LONGEST && !c.is_control() {
                    self.query.extend(c.to_lowercase());
                    self.seek(codex);
                }
            }
            Stroke::Erase if self.query.is_empty() => self.go_back(),
            Stroke::Erase => {
                self.query.pop();
                self.seek(codex);
            }
            Stroke::On(by) => self.pick((self.at + by).min(self.list.len().saturating_sub(1))),
            Stroke::Back(by) => self.pick(self.at.saturating_sub(by)),
            Stroke::First => self.pick(0),
            Stroke::Last => self.pick(self.list.len().saturating_sub(1)),
            Stroke::Pick(at) => self.pick(at),
            Stroke::NextLink => {
                let count = self.links(codex).len();
                if count > 0 {
                    self.link = Some(self.link.map_or(0, |at| (at + 1) % count));
                }
            }
            Stroke::Follow => self.follow(codex, self.link.unwrap_or(0)),
            Stroke::Link(at) => self.follow(codex, at),
            Stroke::Leave if !self.query.is_empty() => {
                self.query.clear();
                let open = self.open;
                self.seek(codex);
                self.show(open);
            }
            Stroke::Leave => return false,
        }
        true
    }

    fn links<'a>(&self, codex: &'a Codex) -> &'a [usize] {
        let page = self.open.and_then(|at| codex.pages().get(at));
        page.map_or(&[], |page| &page.see)
    }

    /// Makes the list anew, its first page open.
    fn seek(&mut self, codex: &Codex) {
        let found = codex.search(&self.query);
        if self.query.is_empty() {
            self.named = self.context.len();
            self.list.clone_from(&self.context);
            let rest = found.into_iter().filter(|at| !self.context.contains(at));
            self.list.extend(rest);
        } else {
            self.named = 0;
            self.list = found;
        }
        self.pick(0);
    }

    fn pick(&mut self, at: usize) {
        self.link = None;
        if let Some(&page) = self.list.get(at) {
            self.at = at;
            self.open = Some(page);
        } else if self.list.is_empty() {
            self.at = 0;
            self.open = None;
        }
    }

    /// Shows a page, and where it stands in the list.
    fn show(&mut self, page: Option<usize>) {
        let Some(page) = page else { return };
        self.link = None;
        self.open = Some(page);
        if let Some(at) = self.list.iter().position(|&other| other == page) {
            self.at = at;
        }
    }

    fn follow(&mut self, codex: &Codex, link: usize) {
        let Some(&to) = self.links(codex).get(link) else {
            return;
        };
        self.trail.extend(self.open);
        if !self.list.contains(&to) {
            // What was searched does not hold it.
            self.query.clear();
            self.seek(codex);
        }
        self.show(Some(to));
    }

    fn go_back(&mut self) {
        let before = self.trail.pop();
        self.show(before);
    }
}
