//! Sheets and scripts without what only their writers read. Less than others do, and nothing that needs a grammar.

/// Without comments, and without the space that says nothing.
pub fn sheet(css: &str) -> String {
    let mut small = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let (taken, after) = rest.split_at(match c {
            '"' | '\'' => quoted(rest, c),
            _ => c.len_utf8(),
        });
        rest = after;
        if !c.is_whitespace() {
            if "{};".contains(c) && small.ends_with(' ') {
                small.pop();
            }
            small.push_str(taken);
        } else if small.ends_with(|before| !" {};,".contains(before)) {
            small.push(' ');
        }
    }
    small
}

/// How long a text in quotes is, with them.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// Without indents and without lines of comment; one with a text over several lines stays as it is.
pub fn script(js: &str) -> String {
    if js.lines().any(|line| line.matches('`').count() % 2 == 1) {
        return js.to_owned();
    }
    let mut small = String::with_capacity(js.len());
    let mut comment = false;
    for line in js.lines().map(str::trim) {
        comment |= line.starts_with("/*") && (!line.contains("*/") || line.ends_with("*/"));
        if !comment && !line.is_empty() && !line.starts_with("//") {
            small.push_str(line);
            small.push('\n');
        }
        comment &= !line.ends_with("*/");
    }
    small
}

#[cfg(test)]
mod tests {
    use super::{script, sheet};

    #[test]
    fn a_sheet_keeps_what_it_says() {
        let css = "/* a */\n.a > .b ,\n  .c :hover {\n  margin: 0 4px; }\n\n@media (width > 2px) and (height > 3px) { .d::before{content:\"/* ; \\\" }\"} }\n";
        let small = ".a > .b ,.c :hover{margin: 0 4px;}@media (width > 2px) and (height > 3px){.d::before{content:\"/* ; \\\" }\"}}";
        assert_eq!(sheet(css), small);
    }

    #[test]
    fn a_script_keeps_what_it_does() {
        let js = "/**\n * a\n */\nfunction a() {\n    // b\n    return \"// c\"; // d\n}\n";
        assert_eq!(script(js), "function a() {\nreturn \"// c\"; // d\n}\n");
        let open = "const a = `\n    // b\n`;\n";
        assert_eq!(script(open), open);
    }
}
