"""How a page looks: on a screen, light or dark, and on paper. The colors are told apart by people who see few of them."""

STYLE = """\
:root {
  --paper: #ffffff; --ink: #1b1f24; --faint: #59636e; --line: #d0d7de; --wash: #f3f6f9;
  --mark: #0072b2; --other: #9fb8c8; --range: #1b1f24; --warn: #b04a00; --warn-wash: #fff4e8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #e6e9ec; --faint: #a3adb8; --line: #3a434d; --wash: #1d232a;
    --mark: #56b4e9; --other: #4a6274; --range: #e6e9ec; --warn: #f0a35c; --warn-wash: #2b2118;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 1.7em; line-height: 1.25; margin: 0 0 .6em; }
h2 { font-size: 1.15em; margin: 2em 0 .6em; padding-bottom: .25em; border-bottom: 1px solid var(--line); }
p { margin: .6em 0; }
a { color: var(--mark); overflow-wrap: anywhere; }
.headline { font-size: 1.12em; font-weight: 600; padding: .7em .9em; background: var(--wash); border-left: 4px solid var(--mark); }
.faint { color: var(--faint); }
.warning { padding: .5em .9em; color: var(--warn); background: var(--warn-wash); border-left: 4px solid var(--warn); }
dl { display: grid; grid-template-columns: minmax(9em, max-content) 1fr; gap: .35em 1.2em; margin: .8em 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: .6em 0; padding-left: 1.4em; }
.wide { overflow-x: auto; margin: .8em 0; }
table { border-collapse: collapse; width: 100%; font-size: .9em; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .4em .6em; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; border-bottom-width: 2px; vertical-align: bottom; }
.right { text-align: right; white-space: nowrap; }
.whole, .day { white-space: nowrap; }
td:last-child { min-width: 8em; }
tr.chosen td { font-weight: 600; background: var(--wash); }
tr.chosen td:first-child { box-shadow: inset 4px 0 var(--mark); }
tr.chosen td:first-child::before { content: "\\25B8\\00A0"; }
figure { margin: 1em 0; }
figcaption { color: var(--faint); margin-bottom: .3em; }
svg { display: block; width: 100%; max-width: 920px; height: auto; font-family: inherit; }
svg text { fill: var(--ink); font-size: 12px; }
svg text.chosen { font-weight: 700; }
svg .bar { fill: var(--other); }
svg .bar.chosen { fill: var(--mark); }
svg .whisker { stroke: var(--range); stroke-width: 1.5; fill: none; }
.banner { position: sticky; top: 0; z-index: 1; padding: .35em 1em; text-align: center; font-weight: 700; letter-spacing: .2em;
  color: var(--paper); background: var(--warn); }
@page { size: A4; margin: 16mm 14mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
@media print {
  :root {
    --paper: #ffffff; --ink: #000000; --faint: #444444; --line: #bbbbbb; --wash: #f3f3f3;
    --mark: #005a8e; --other: #b9c6cf; --range: #000000; --warn: #8a3a00; --warn-wash: #ffffff;
  }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { font-size: 9.5pt; line-height: 1.4; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; margin-top: 1.5em; }
  .wide { overflow: visible; }
  table { font-size: 8pt; }
  thead { display: table-header-group; }
  tr, dt, dd, figure, .headline, .warning { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
  section:last-of-type { break-inside: avoid; }
  p:has(+ .wide) { break-after: avoid; }
  .banner { position: fixed; top: 38%; left: 0; right: 0; padding: 0; font-size: 110pt; letter-spacing: .1em; opacity: .12;
    color: var(--warn); background: none; transform: rotate(-35deg); }
}
"""

BANNER_STYLE = """\
@page { @top-center { content: "@banner@"; font: bold 9pt sans-serif; letter-spacing: .2em; } }
"""
"""What puts the word of a banner into the top margin of each page; `@banner@` stands for the word."""
