//! Reads XML from strangers into a small tree, and refuses whatever is unsafe.

use quick_xml::NsReader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

use engine::tasks::document::text as encoding;

use super::Failure;

/// Of the text; a document of two bytes a character has half as many.
pub(super) const SIZE_LIMIT: usize = domain::document::MOST_DOCUMENT;
const DEPTH_LIMIT: usize = 64;
/// An invoice of fifteen thousand lines has half a million elements.
const ELEMENT_LIMIT: usize = 500_000;
/// What is in these is checked like everything, and not kept: megabytes of a PDF say nothing of a booking.
const NOT_KEPT: [&str; 4] = [
    "AdditionalDocumentReference",
    "UBLExtensions",
    "Signature",
    "EmbeddedDocumentBinaryObject",
];

/// The UBL namespace of an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Space {
    Invoice,
    CreditNote,
    Aggregate,
    Basic,
    Other,
}

/// One element with its trimmed text and its `currencyID` attribute.
#[derive(Debug)]
pub(super) struct Element {
    pub space: Space,
    pub name: String,
    pub currency: Option<String>,
    pub text: String,
    pub children: Vec<Element>,
}

/// Reads a document.
///
/// # Errors
///
/// `document_invalid` with the reason `too_large`, `not_xml`, `encoding`, `dtd`,
/// `too_deep` or `too_many_elements`.
pub(super) fn parse(document: &str) -> Result<Element, Failure> {
    if document.len() > SIZE_LIMIT {
        let detail = format!(
            "The document has {} bytes; the limit is {SIZE_LIMIT}.",
            document.len()
        );
        return Err(Failure::document("too_large", detail).with("limit", SIZE_LIMIT));
    }
    let document = document.strip_prefix('\u{feff}').unwrap_or(document);
    // it has come as characters: what they were in is no matter any more, as long as whoever read them knew it
    encoding::require_known(document).map_err(|why| Failure::unreadable(&why))?;
    if document.chars().any(is_forbidden) {
        return Err(not_xml("it has a control character"));
    }
    let mut reader = NsReader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut tree = Tree::default();
    loop {
        let (space, event) = reader.read_resolved_event().map_err(not_xml)?;
        match event {
            Event::Start(start) => tree.open(element(&space, &start)?)?,
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.add(&text.xml10_content())?,
            Event::CData(text) => tree.add(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.add(&resolved(&reference)?)?,
            Event::Decl(_) => {}
            Event::DocType(_) => {
                return Err(Failure::document(
                    "dtd",
                    "The document has a DOCTYPE; documents with one are refused.",
                ));
            }
            Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    /// From which depth on nothing is kept.
    aside: Option<usize>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, element: Element) -> Result<(), Failure> {
        if self.root.is_some() {
            return Err(not_xml("it has more than one root element"));
        }
        if self.open.len() == DEPTH_LIMIT {
            return Err(Failure::document(
                "too_deep",
                format!("The document is deeper than {DEPTH_LIMIT} elements."),
            )
            .with("limit", DEPTH_LIMIT));
        }
        self.count += 1;
        if self.count > ELEMENT_LIMIT {
            let detail = format!("The document has more than {ELEMENT_LIMIT} elements.");
            return Err(Failure::document("too_many_elements", detail).with("limit", ELEMENT_LIMIT));
        }
        if self.aside.is_none() && NOT_KEPT.contains(&element.name.as_str()) {
            self.aside = Some(self.open.len());
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Failure> {
        let mut element = self
            .open
            .pop()
            .ok_or_else(|| not_xml("an element ends that never began"))?;
        match self.aside {
            Some(depth) if depth < self.open.len() => return Ok(()),
            Some(_) => self.aside = None,
            None => element.text = element.text.trim().to_owned(),
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), Failure> {
        match self.open.last_mut() {
            Some(_) if self.aside.is_some() => {}
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(not_xml("it has text outside of the root element")),
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, Failure> {
        if !self.open.is_empty() {
            return Err(not_xml("it ends in the middle of an element"));
        }
        self.root.ok_or_else(|| not_xml("it has no root element"))
    }
}

fn element(space: &ResolveResult, start: &BytesStart) -> Result<Element, Failure> {
    let mut currency = None;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(not_xml)?;
        if attribute.key.0 == "currencyID" {
            currency = Some(attribute.value.trim().to_owned());
        }
    }
    let space = match space {
        ResolveResult::Bound(Namespace(uri)) => space_of(uri),
        ResolveResult::Unbound => Space::Other,
        ResolveResult::Unknown(prefix) => {
            return Err(not_xml(format!(
                "the namespace prefix {prefix:?} is not declared"
            )));
        }
    };
    let name = start.local_name().as_ref().to_owned();
    Ok(Element {
        space,
        name,
        currency,
        text: String::new(),
        children: Vec::new(),
    })
}

fn space_of(uri: &str) -> Space {
    match uri.strip_prefix("urn:oasis:names:specification:ubl:schema:xsd:") {
        Some("Invoice-2") => Space::Invoice,
        Some("CreditNote-2") => Space::CreditNote,
        Some("CommonAggregateComponents-2") => Space::Aggregate,
        Some("CommonBasicComponents-2") => Space::Basic,
        _ => Space::Other,
    }
}

/// Only the five entities of XML itself and character references exist without a DTD.
fn resolved(reference: &BytesRef) -> Result<String, Failure> {
    if let Some(letter) = reference.resolve_char_ref().map_err(not_xml)? {
        if is_forbidden(letter) {
            return Err(not_xml("it has a control character"));
        }
        return Ok(letter.to_string());
    }
    let name = reference.xml10_content();
    resolve_xml_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| not_xml("it uses an entity that does not exist"))
}

/// Control characters that XML 1.0 does not allow, not even as a reference.
fn is_forbidden(letter: char) -> bool {
    (letter < ' ' && !matches!(letter, '\t' | '\n' | '\r')) || matches!(letter, '\u{fffe}' | '\u{ffff}')
}

fn not_xml(why: impl std::fmt::Display) -> Failure {
    Failure::document("not_xml", format!("The document is not well-formed XML: {why}."))
}

impl Element {
    /// The aggregates (`cac:`) of this name directly below.
    pub fn parts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.named(Space::Aggregate, name)
    }

    /// The one aggregate of this name, if any; refused when there are several.
    pub fn part<'a>(&'a self, name: &'a str) -> Result<Option<&'a Element>, Failure> {
        single(self.parts(name), name)
    }

    /// The one basic element (`cbc:`) of this name, if any and not empty.
    pub fn basic<'a>(&'a self, name: &'a str) -> Result<Option<&'a Element>, Failure> {
        Ok(single(self.named(Space::Basic, name), name)?.filter(|found| !found.text.is_empty()))
    }

    fn named<'a>(&'a self, space: Space, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children
            .iter()
            .filter(move |child| child.space == space && child.name == name)
    }
}

fn single<'a>(
    mut found: impl Iterator<Item = &'a Element>,
    name: &str,
) -> Result<Option<&'a Element>, Failure> {
    let first = found.next();
    if found.next().is_some() {
        let detail = format!("The element {name} stands more than once where only one is allowed.");
        return Err(Failure::document("field_twice", detail).with("field", name));
    }
    Ok(first)
}
