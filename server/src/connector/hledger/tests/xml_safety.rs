use super::*;

#[track_caller]
fn refused(document: &str, reason: &str) {
    let failure = crate::connector::hledger::ubl::read(document).expect_err("refused");
    assert_eq!(
        (failure.code.as_str(), &failure.params["reason"]),
        ("document_invalid", &json!(reason)),
        "{failure:?}"
    );
}

#[test]
fn a_document_with_a_dtd_is_refused() {
    refused(&sample("invoice-entity-bomb.xml"), "dtd");
    refused(
        &changed(
            "<Invoice",
            "<!DOCTYPE Invoice SYSTEM \"file:///etc/hostname\"><Invoice",
        ),
        "dtd",
    );
    refused(&changed("volgens", "&unknown;"), "not_xml");
}

#[test]
fn what_is_not_xml_is_refused() {
    for document in [
        "",
        " ",
        "%PDF-1.7",
        "<Invoice>",
        "<a></b>",
        "<a/><b/>",
        "<a/>text",
        "{}",
        "<a b=1/>",
        "<a b='1' b='2'/>",
        "<x:a/>",
        "<a>\u{1}</a>",
        "<a>&#1;</a>",
        "<a",
    ] {
        refused(document, "not_xml");
    }
    refused("<a/>", "wrong_root");
    refused("<Invoice/>", "wrong_root");
    refused(&changed("xsd:Invoice-2", "xsd:Order-2"), "wrong_root");
    refused(
        &changed("encoding=\"UTF-8\"", "encoding=\"Shift_JIS\""),
        "encoding",
    );
    // what came as characters has been read by whoever sent it
    for known in ["ISO-8859-1", "us-ascii", "utf-16", "windows-1252"] {
        let document = changed("encoding=\"UTF-8\"", &format!("encoding=\"{known}\""));
        crate::connector::hledger::ubl::read(&document).expect(known);
    }
}

#[test]
fn depth_and_size_are_limited() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    refused(&nested(64), "wrong_root");
    refused(&nested(65), "too_deep");
    refused(&nested(200_000), "too_deep");
    refused(&format!("<a>{}</a>", "<b/>".repeat(500_000)), "too_many_elements");
    let large = changed("volgens", &"x".repeat(25 * 1024 * 1024));
    refused(&large, "too_large");
    let failure = crate::connector::hledger::ubl::read(&large).expect_err("refused");
    assert_eq!(failure.params["limit"], 25 * 1024 * 1024);
}

#[test]
fn cdata_comments_references_and_a_byte_order_mark_are_understood() {
    let document = changed("ZB-2026-0417", "<![CDATA[ZB]]><!-- - -->&#45;&amp;<?p i?>17");
    let document = crate::connector::hledger::ubl::read(&format!("\u{feff}{document}")).expect("read");
    assert_eq!(document.number, "ZB-&17");
}

#[test]
fn a_document_with_megabytes_of_attachment_is_read() {
    let pdf = "JVBERi0x".repeat(2 * 1024 * 1024);
    let attached = format!(
        "<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode=\"application/pdf\">{pdf}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference><cac:AccountingSupplierParty>"
    );
    let document = sample("invoice-two-rates.xml").replacen("<cac:AccountingSupplierParty>", &attached, 1);
    assert!(document.len() > 16 * 1024 * 1024);
    let read = crate::connector::hledger::ubl::read(&document).expect("read");
    assert_eq!(read.number, "ZB-2026-0417");
    // what is not kept must be well-formed all the same
    refused(
        &document.replace("</cac:Attachment>", "</cac:Attachments>"),
        "not_xml",
    );
}
