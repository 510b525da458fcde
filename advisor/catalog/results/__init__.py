"""Results of other load generators, and plain CSV: what their files say, in our words, without judging it.

One module per format. Knows what each tool means by its figures, and what it cannot see. Refuses to know models and GPUs: what a
file calls them is left as it says it.
"""

from advisor.catalog.results.formats import FORMATS, read_results, recognized
from advisor.catalog.results.stated import stated_figures
from advisor.catalog.results.told import Requests, Told, ToldCanvas, ToldRun

__all__ = ["FORMATS", "Requests", "Told", "ToldCanvas", "ToldRun", "read_results", "recognized", "stated_figures"]
