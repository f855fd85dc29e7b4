//! Running text while it is read: words with their marks and links, and the pictures and formulas between them.

use super::trim::{BLANK, trim, trim_breaks};
use crate::document::{Block, Inline, Marks, plain_text, push};

/// Running text, or a block that stood in the middle of it.
pub(super) enum Part {
    Words(Vec<Inline>),
    Block(Block),
}

/// Running text in the making.
#[derive(Default)]
pub(super) struct Line {
    parts: Vec<Part>,
    words: Vec<Inline>,
    bold: usize,
    italic: usize,
    strike: usize,
    /// How many pictures are around.
    images: usize,
    targets: Vec<Target>,
}

/// A link or a picture that is being read.
struct Target {
    url: String,
    title: String,
    is_image: bool,
    /// What its words say.
    said: String,
    /// The words before a picture.
    before: Vec<Inline>,
}

#[derive(Clone, Copy)]
pub(super) enum Mark {
    Bold,
    Italic,
    Strike,
}

impl Line {
    pub(super) fn mark(&mut self, mark: Mark, is_start: bool) {
        let count = match mark {
            Mark::Bold => &mut self.bold,
            Mark::Italic => &mut self.italic,
            Mark::Strike => &mut self.strike,
        };
        *count = if is_start { *count + 1 } else { count.saturating_sub(1) };
    }

    fn marks(&self, code: bool) -> Marks {
        Marks { bold: self.bold > 0, italic: self.italic > 0, strike: self.strike > 0, code }
    }

    pub(super) fn text(&mut self, text: &str, code: bool) {
        let marks = self.marks(code);
        let mut link = None;
        if let Some(target) = self.targets.last_mut() {
            target.said.push_str(text);
            link = (!target.is_image && is_linkable(&target.url)).then(|| target.url.clone());
        }
        push(&mut self.words, Inline::Text { text: text.to_owned(), marks, link });
    }

    /// A line break of the source that means none.
    pub(super) fn soft_break(&mut self) {
        if !matches!(self.words.last(), Some(Inline::Break) | None) {
            self.text(" ", false);
        }
    }

    pub(super) fn hard_break(&mut self) {
        self.words.push(Inline::Break);
    }

    pub(super) fn equation(&mut self, expression: &str) {
        let marks = self.marks(false);
        match expression.trim_matches(BLANK) {
            "" => self.text(&format!("${expression}$"), false),
            trimmed => {
                let expression = trimmed.replace('\n', " ");
                self.words.push(Inline::Equation { expression, marks });
            }
        }
    }

    /// A formula that stands by itself, unless it is part of a caption.
    pub(super) fn display_equation(&mut self, expression: &str) {
        match expression.trim_matches(BLANK) {
            "" => self.text(&format!("$${expression}$$"), false),
            _ if self.images > 0 => self.equation(expression),
            trimmed => {
                let lines: Vec<&str> =
                    trimmed.split('\n').map(|line| line.trim_start_matches(BLANK)).collect();
                self.interrupt(Block::Equation(lines.join("\n")));
            }
        }
    }

    fn interrupt(&mut self, block: Block) {
        let words = std::mem::take(&mut self.words);
        self.parts.extend([Part::Words(words), Part::Block(block)]);
    }

    pub(super) fn open(&mut self, url: &str, title: &str, is_image: bool) {
        // A picture within a caption is words.
        let is_outermost = is_image && self.images == 0;
        let before = if is_outermost { std::mem::take(&mut self.words) } else { Vec::new() };
        self.images += usize::from(is_image);
        let (url, title) = (visible(url), visible(title));
        self.targets.push(Target { url, title, is_image, said: String::new(), before });
    }

    /// The end of a link. The address of one without words, or that may not be followed, is written out.
    pub(super) fn close_link(&mut self) {
        let Some(target) = self.targets.last_mut() else { return };
        let (url, title) = (target.url.clone(), std::mem::take(&mut target.title));
        if target.said.is_empty() && !url.is_empty() {
            self.text(&url, false);
            self.targets.pop();
        } else if let Some(Target { url, said, .. }) = self.targets.pop()
            && !is_linkable(&url)
            && !url.is_empty()
            && said != url
        {
            self.text(&format!(" ({url})"), false);
        }
        if !title.is_empty() {
            self.text(&format!(" ({title})"), false);
        }
    }

    /// The end of a picture. One that cannot be shown is its caption and its address.
    pub(super) fn close_image(&mut self) {
        let Some(Target { url, title, said, before, .. }) = self.targets.pop() else { return };
        self.images = self.images.saturating_sub(1);
        if !title.is_empty() && title != said {
            let text = if said.is_empty() { title } else { format!(" ({title})") };
            push(&mut self.words, Inline::plain(text));
        }
        if self.images == 0 {
            let mut caption = std::mem::replace(&mut self.words, before);
            trim_breaks(&mut caption);
            if is_web(&url) {
                return self.interrupt(Block::Image { url, caption });
            }
            add(&mut self.words, caption);
        }
        if said != url && !url.is_empty() {
            let text = if said.is_empty() { url.clone() } else { format!(" ({url})") };
            let (marks, link) = (self.marks(false), is_web(&url).then_some(url));
            push(&mut self.words, Inline::Text { text, marks, link });
        }
    }

    /// The text that was read, with the blocks between it.
    pub(super) fn finish(self) -> Vec<Part> {
        let Self { mut parts, words, .. } = self;
        let was_interrupted = !parts.is_empty();
        parts.push(Part::Words(words));
        for part in &mut parts {
            if let Part::Words(words) = part {
                trim_breaks(words);
                if was_interrupted {
                    trim(words);
                }
            }
        }
        parts.retain(|part| !matches!(part, Part::Words(words) if words.is_empty()));
        parts
    }

    /// The text of a place that holds no blocks, and the blocks that stood in it.
    pub(super) fn finish_words(self) -> (Vec<Inline>, Vec<Block>) {
        let (mut words, mut blocks) = (Vec::new(), Vec::new());
        for part in self.finish() {
            match part {
                Part::Words(part) => {
                    if !words.is_empty() {
                        push(&mut words, Inline::plain(" "));
                    }
                    add(&mut words, part);
                }
                Part::Block(block) => blocks.push(block),
            }
        }
        (words, blocks)
    }

    /// The text of a cell: a picture is a link to it.
    pub(super) fn finish_cell(self) -> Vec<Inline> {
        let mut words = Vec::new();
        for part in self.finish() {
            if !words.is_empty() {
                push(&mut words, Inline::plain(" "));
            }
            let part = match part {
                Part::Words(part) => part,
                Part::Block(Block::Image { url, caption }) => linked(&url, &caption),
                Part::Block(Block::Equation(expression)) => {
                    let expression = expression.replace('\n', " ");
                    vec![Inline::Equation { expression, marks: Marks::default() }]
                }
                Part::Block(_) => Vec::new(),
            };
            add(&mut words, part);
        }
        words
    }
}

fn add(words: &mut Vec<Inline>, more: Vec<Inline>) {
    for part in more {
        push(words, part);
    }
}

/// A picture as words that lead to it.
fn linked(url: &str, caption: &[Inline]) -> Vec<Inline> {
    let said = plain_text(caption).replace('\n', " ");
    let text = if said.is_empty() { url.to_owned() } else { said };
    vec![Inline::Text { text, marks: Marks::default(), link: Some(url.to_owned()) }]
}

fn visible(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { ' ' } else { c }).filter(|c| !c.is_control()).collect()
}

fn has_scheme(url: &str, schemes: &[&str]) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

fn is_web(url: &str) -> bool {
    has_scheme(url, &["http", "https"])
}

fn is_linkable(url: &str) -> bool {
    has_scheme(url, &["http", "https", "mailto"])
}
