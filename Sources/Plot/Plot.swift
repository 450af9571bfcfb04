// Figures as data, scales and marks. It draws what it is given and knows no study, no run and no metric.
//
// May import: Cairo (nobody else does), Words for captions, Codecs. Not Analysis, not RunFile.
//
//     Grammar/   `Figure` = title, caption, alternative text, its numbers as a `DataTable`, and panels; a `Panel` = axes and
//                `Mark`s (line, points, interval, band, bar, rule, words); `Scale`; layout
//     Drawing/   `Pen` writes into a `DrawList`; `Theme` has the colours, fonts and sizes, `Points` the lengths
//     Output/    one drawing as SVG, PDF or PNG: the same bytes each time
//
// A study's own figures lie beside their sections in Report. Start with `Grammar/Figure.swift` and `Grammar/Mark.swift`.
