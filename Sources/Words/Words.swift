// Words and numbers in them: below figures and report, because both have captions, and above nothing.
//
// May import: nothing of this package.
//
//     Prose        a sentence whose numbers are bound to where they come from (`BoundNumber`, `BoundInterval`)
//     NumberText   one way to print a number: fixed decimals, signs, thousands
//     Typesetting  quotes, slashes and lists as they are printed
//
// What a number is, and how many decimals it gets, is decided in `Report/Numbers`, which knows findings.
