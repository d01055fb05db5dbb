//! Finds the code somebody probably meant.

/// The code nearest to `entered`, when at most two letters are different, missing, too
/// many or swapped. Of equally near ones the first in the alphabet.
pub(super) fn nearest<'a>(entered: &str, codes: &'a [String]) -> Option<&'a str> {
    codes
        .iter()
        .map(|code| {
            (
                distance(&entered.to_lowercase(), &code.to_lowercase()),
                code.as_str(),
            )
        })
        .filter(|(distance, code)| *distance <= 2 && *distance < code.chars().count())
        .min()
        .map(|(_, code)| code)
}

/// Number of insertions, removals, replacements and swaps of neighbours between two texts.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(a != b))
                .min(rows[i][j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_code_is_found_only_when_it_is_near() {
        let codes = ["ACME01", "ACME02", "ZUID-7", "A"].map(String::from);
        assert_eq!(nearest("ACEM01", &codes), Some("ACME01"));
        assert_eq!(nearest("acme2", &codes), Some("ACME02"));
        assert_eq!(nearest("ZUID7", &codes), Some("ZUID-7"));
        assert_eq!(nearest("NOORD", &codes), None);
        assert_eq!(nearest("B", &codes), None);
        assert_eq!(distance("abcd", "badc"), 2);
    }
}
