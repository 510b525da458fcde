"""One answer value to every output format.

Knows how figures look, and how a table fits a terminal. Refuses to know how an answer came about. Pure: value in, text
out; the door is `advisor.report.render.render`.
"""
