"""How a page looks as a PDF, beyond its look on paper: what a browser does by itself when it prints is said here."""

PAPER = """\
@page {
  size: A4 portrait; margin: 20mm 13mm 17mm;
  @top-left { content: element(running); width: 78%; vertical-align: bottom; padding-bottom: 3mm; }
  @top-center { content: none; }
  @top-right { content: string(banner, first); color: #8a3a00; font: bold 9pt "DejaVu Sans", sans-serif; letter-spacing: .2em;
    vertical-align: bottom; padding-bottom: 3mm; }
  @bottom-left { content: string(title); color: #444444; font: 7.5pt "DejaVu Sans", sans-serif; width: 78%;
    vertical-align: top; padding-top: 3mm; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); font: 7.5pt "DejaVu Sans", sans-serif;
    vertical-align: top; padding-top: 3mm; }
}
body { font-family: "DejaVu Sans", sans-serif; font-size: 9pt; }
h1 { string-set: title content(); font-size: 15pt; }
.running { position: running(running); color: #444444; font-size: 7.5pt; line-height: 1.3; }
a { color: var(--mark); }
.banner { line-height: 1; text-align: center; string-set: banner content(); }
th, td { overflow-wrap: break-word; }
tr.chosen td:first-child { box-shadow: none; border-left: 4px solid var(--mark); }
section:last-of-type td { padding-top: 1.8em; }
.many { font-size: 7pt; }
.many th, .many .right { white-space: normal; }
.most { font-size: 6.5pt; }
.most .whole { white-space: normal; }
.most td:last-child { min-width: 9.5em; }
.most th, .most td { padding-left: .35em; padding-right: .35em; }
"""
"""Rules after those of the page. Only faces that come with systems are named."""
