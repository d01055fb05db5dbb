//! Who a dossier is, so that nobody else's document gets into its books.
//!
//! `<code>/company.txt`, optional, says it beside the dossier's name, one `name …` or `number …` a line: numbers are
//! VAT or company numbers, in any spelling. A number decides where both sides have one; else names do, compared without
//! accents and punctuation, and without a legal form that only one of them has, because a dossier is rarely called exactly
//! as its suppliers write it. Two forms are two companies: *Janssens BV* and *Janssens NV* are sisters.

use super::document::{Document, Party};
use super::dossier::Dossier;
use super::{Failure, Work, journal};

pub(super) const COMPANY_FILE: &str = "company.txt";
/// The document is for somebody else. A person may know better: confirmed, it is booked, and its buyer is ours from then on.
pub(super) const BUYER_DIFFERS: &str = "buyer_differs";
/// The document is the dossier's own sale, a self-billed one say.
const DOSSIER_IS_SUPPLIER: &str = "dossier_is_supplier";

/// Legal forms, which one writes and another leaves out. Those of a line are one form, in several languages and times.
const FORMS: [&[&str]; 30] = [
    &["nv", "sa"],
    &["bv", "bvba", "srl", "sprl"],
    &["cv", "cvba", "sc", "scrl"],
    &["vof", "snc"],
    &["vzw", "asbl"],
    &["sas", "sasu"],
    &["sarl", "eurl"],
    &["spa"],
    &["as"],
    &["asa"],
    &["ans"],
    &["da"],
    &["ab"],
    &["aps"],
    &["is"],
    &["ivs"],
    &["amba"],
    &["gmbh"],
    &["ag"],
    &["kg"],
    &["ohg"],
    &["ug"],
    &["ev"],
    &["ltd", "limited"],
    &["plc"],
    &["llp"],
    &["llc"],
    &["inc", "incorporated", "corp", "corporation"],
    &["oy", "oyj"],
    &["sl"],
];

/// Names and numbers by which a dossier is known.
pub(super) struct Own {
    names: Vec<String>,
    numbers: Vec<String>,
    file: String,
}

impl Own {
    /// Reads `company.txt`; the dossier's name counts as well.
    pub fn read(dossier: &Dossier, name: &str) -> Result<Self, Failure> {
        let file = dossier.read_optional(COMPANY_FILE)?.unwrap_or_default();
        let (mut names, mut numbers) = (vec![name.to_owned()], vec![]);
        for line in file.lines().map(str::trim) {
            match line.split_once(char::is_whitespace) {
                _ if line.is_empty() || line.starts_with('#') => {}
                Some(("name", name)) => names.push(name.to_owned()),
                Some(("number", number)) => numbers.push(number.to_owned()),
                // an unreadable line could be the very one that says whose books these are
                _ => {
                    return Err(Failure::database(format!(
                        "{COMPANY_FILE} has a line that is neither a name nor a number: {line:?}."
                    )));
                }
            }
        }
        Ok(Self { names, numbers, file })
    }

    /// Whether a party of a document has a number of the dossier.
    fn has_number_of(&self, party: &Party) -> bool {
        let known = |n: &String| self.numbers.iter().any(|own| same(own, n));
        party.numbers.iter().any(known)
    }

    /// Whether a party of a document is the dossier.
    fn is(&self, party: &Party) -> bool {
        if self.has_number_of(party) {
            return true;
        }
        // another number of the same kind is another company, whatever it is called
        let alike = |n: &String| self.numbers.iter().any(|own| are_alike(own, n));
        if party.numbers.iter().any(alike) {
            return false;
        }
        let called = |name: &String| self.names.iter().any(|own| Name::of(own).is(&Name::of(name)));
        party.names.iter().any(called)
    }

    /// Whether a party is called as the dossier is, legal form included.
    fn is_exactly(&self, party: &Party) -> bool {
        let called = |name: &String| self.names.iter().any(|own| Name::of(own) == Name::of(name));
        party.names.iter().any(called)
    }
}

/// Fails unless the dossier is the buyer, or a person has said that it is; what they said is kept.
pub(super) fn require_ours(dossier: &Dossier, work: &Work, document: &Document) -> Result<(), Failure> {
    let own = Own::read(dossier, work.dossier_name)?;
    let (buys, sells) = (own.is(&document.buyer), own.is(&document.supplier.party));
    let exactly = own.is_exactly(&document.buyer) && !own.is_exactly(&document.supplier.party);
    if own.has_number_of(&document.buyer) || (buys && (exactly || !sells)) {
        return Ok(());
    }
    let (buyer, supplier) = (document.buyer.name(), document.supplier.name.as_str());
    // of two that are called alike a person says which is meant
    if sells && !buys {
        let detail =
            format!("{supplier}, the supplier of the document, is the dossier itself; its buyer is {buyer}.");
        return Err(of(document, DOSSIER_IS_SUPPLIER, detail));
    }
    if work.confirms(BUYER_DIFFERS) {
        return learn(dossier, &own, &document.buyer);
    }
    let detail = if buys {
        format!(
            "{buyer}, the buyer of the document, and {supplier}, its supplier, are both called as the dossier is."
        )
    } else {
        format!("The document is for {buyer}, not for {}.", work.dossier_name)
    };
    Err(of(document, BUYER_DIFFERS, detail))
}

fn of(document: &Document, code: &str, detail: String) -> Failure {
    let failure = Failure::new(code, detail)
        .with("buyer", document.buyer.name())
        .with("supplier", document.supplier.name.as_str())
        .with("document_no", document.number.as_str());
    match document.buyer.numbers.first() {
        Some(number) => failure.with("buyer_number", number.as_str()),
        None => failure,
    }
}

/// Keeps a buyer as one of the dossier's own names: the next document needs nobody.
fn learn(dossier: &Dossier, own: &Own, buyer: &Party) -> Result<(), Failure> {
    let mut file = own.file.clone();
    if !file.is_empty() && !file.ends_with('\n') {
        file.push('\n');
    }
    for name in buyer.names.iter().filter(|name| !own.names.contains(name)) {
        file.push_str(&format!("name {name}\n"));
    }
    for number in buyer
        .numbers
        .iter()
        .filter(|number| !own.numbers.contains(number))
    {
        file.push_str(&format!("number {number}\n"));
    }
    journal::replace(&dossier.folder.join(COMPANY_FILE), &file)
}

/// The lines for a dossier whose number is known at its activation.
pub(super) fn company_file(name: &str, number: &str) -> String {
    format!(
        "name {}\nnumber {}\n",
        super::text::one_line(name),
        super::text::one_line(number)
    )
}

/// Whether two numbers are one, however they are written. What is too short without its letters is compared with them.
fn same(a: &str, b: &str) -> bool {
    let (bare_a, bare_b) = (core(a), core(b));
    if let (Some(a), Some(b)) = (country(a), country(b))
        && a != b
    {
        return false;
    }
    if bare_a.len() < 5 || bare_b.len() < 5 {
        a == b
    } else {
        bare_a == bare_b
    }
}

/// Whether two numbers are of one country, or, where one names none, of one length.
fn are_alike(a: &str, b: &str) -> bool {
    match (country(a), country(b)) {
        (Some(a), Some(b)) => a == b,
        _ => core(a).len() == core(b).len(),
    }
}

/// A number without the letters that some write before and behind it: `BE0711222333` and `0711.222.333` are one.
fn core(number: &str) -> String {
    let tidy: String = number
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_uppercase();
    let tidy = tidy.strip_suffix("MVA").unwrap_or(&tidy);
    tidy.trim_start_matches(|c: char| c.is_ascii_uppercase())
        .to_owned()
}

/// Letters that a VAT number begins with.
const COUNTRIES: [&str; 34] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GB", "GR", "HR", "HU",
    "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// The country that a VAT number names: `BE0711222333`, and no `CVR 12345678`. Greece and Northern Ireland have two names.
fn country(number: &str) -> Option<&str> {
    let number = number.trim();
    let (letters, rest) = number.split_at_checked(2)?;
    let known = COUNTRIES.iter().find(|c| c.eq_ignore_ascii_case(letters))?;
    // ATU, CHE, and letters of a check; a word of letters is none
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    let begins = rest
        .trim_start_matches([' ', '.', '-'])
        .chars()
        .take(3)
        .any(|c| c.is_ascii_digit())
        || rest.starts_with("HE");
    (digits >= 5 && begins).then_some(match *known {
        "GR" => "EL",
        "XI" => "GB",
        other => other,
    })
}

/// A name as it is compared.
#[derive(PartialEq, Eq)]
struct Name {
    /// Without legal forms, unless there is nothing else.
    bare: String,
    /// Lines of [`FORMS`].
    forms: Vec<usize>,
}

impl Name {
    fn of(name: &str) -> Self {
        let folded = folded(name);
        let form = |word: &str| FORMS.iter().position(|forms| forms.contains(&word));
        let words: Vec<&str> = folded.split_whitespace().filter(|w| !SMALL.contains(w)).collect();
        let bare: Vec<&str> = words.iter().filter(|w| form(w).is_none()).copied().collect();
        Self {
            forms: words.iter().filter_map(|w| form(w)).collect(),
            bare: if bare.is_empty() { &words } else { &bare }.join(" "),
        }
    }

    fn is(&self, other: &Self) -> bool {
        let leaves_out = |a: &Self, b: &Self| a.forms.iter().all(|form| b.forms.contains(form));
        self.bare == other.bare && (leaves_out(self, other) || leaves_out(other, self))
    }
}

/// Words that say nothing of who it is.
const SMALL: [&str; 2] = ["the", "pty"];

/// In small letters without accents, its words apart.
fn folded(name: &str) -> String {
    let mut folded = String::new();
    for letter in name.to_lowercase().chars() {
        match letter {
            // B.V., A/S and O'Neill are one word each
            '.' | '/' | '\'' | '’' | '\u{300}'..='\u{36f}' => {}
            'à'..='å' => folded.push('a'),
            'æ' => folded.push_str("ae"),
            'ç' => folded.push('c'),
            'è'..='ë' => folded.push('e'),
            'ì'..='ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò'..='ö' | 'ø' => folded.push('o'),
            'ù'..='ü' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ß' => folded.push_str("ss"),
            c if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(names: &[&str], numbers: &[&str]) -> Own {
        let owned = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        Own {
            names: owned(names),
            numbers: owned(numbers),
            file: String::new(),
        }
    }

    fn party(name: &str, vat: Option<&str>) -> Party {
        Party {
            names: vec![name.into()],
            vat_number: vat.map(ToOwned::to_owned),
            numbers: vat.into_iter().map(ToOwned::to_owned).collect(),
        }
    }

    #[test]
    fn a_name_is_compared_without_what_people_write_differently() {
        for (a, b) in [
            ("Bakkerij Korenwolf", "BAKKERIJ KORENWOLF B.V."),
            ("The Buyer", "Buyer NV"),
            ("Åse & Søn A/S", "Ase Son AS"),
            ("Müller GmbH", "Mu\u{308}ller"),
            ("Boulangerie Dupont SPRL", "Boulangerie Dupont BV"),
            ("Example Limited", "Example Pty Ltd"),
        ] {
            assert!(own(&[a], &[]).is(&party(b, None)), "{a} {b}");
        }
        for (a, b) in [
            ("De Vries", "De Vries Transport"),
            ("Klant Een NV", "Klant Twee NV"),
            ("NV", "BV"),
            ("Son", "Søren"),
            ("Janssens BV", "Janssens NV"),
            ("Klant Een S.A.", "Klant Een SPRL"),
            ("Da Mario BV", "Da Mario NV"),
        ] {
            assert!(!own(&[a], &[]).is(&party(b, None)), "{a} {b}");
        }
    }

    #[test]
    fn of_two_that_may_be_it_the_one_that_is_called_exactly_so_is() {
        let sisters = [party("Janssens BV", None), party("Janssens NV", None)];
        let learned = own(&["Janssens", "Janssens BV"], &[]);
        for known in [&own(&["Janssens"], &[]), &learned] {
            assert!(sisters.iter().all(|party| known.is(party)));
        }
        assert!(!own(&["Janssens"], &[]).is_exactly(&sisters[0]));
        assert_eq!(sisters.map(|party| learned.is_exactly(&party)), [true, false]);
    }

    #[test]
    fn a_number_decides_where_both_have_one() {
        let known = own(
            &["Korenwolf"],
            &["0711.222.333", "BE0711222333", "NO 987 654 325 MVA"],
        );
        assert!(known.is(&party("Anything", Some("BE0711222333"))));
        assert!(known.is(&party("Anything", Some("NO987654325MVA"))));
        assert!(known.is(&party("Anything", Some("987654325"))));
        assert!(!known.is(&party("Anything", Some("HRAEINTRAG"))));
        assert!(!own(&["A"], &["HRB"]).is(&party("B", Some("HRA"))));
        assert!(
            !known.is(&party("Korenwolf BV", Some("BE0888888822"))),
            "its namesake"
        );
        assert!(
            !known.is(&party("Korenwolf BV", Some("0888.888.822"))),
            "without its country"
        );
        let abroad = own(&["Korenwolf"], &["BE0711222333"]);
        assert!(
            !abroad.is(&party("Anything", Some("FI0711222333"))),
            "the same digits elsewhere"
        );
        let danish = own(&["Korenwolf"], &["CVR 12345678"]);
        assert!(
            danish.is(&party("Anything", Some("DK12345678"))),
            "by another name of the number"
        );
        assert!(
            known.is(&party("Korenwolf BV", Some("NL123456789B01"))),
            "its registration abroad"
        );
        assert!(known.is(&party("Korenwolf BV", None)));
    }
}
