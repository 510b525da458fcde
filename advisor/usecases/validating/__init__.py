"""How wrong the product is: estimator, formulas, curves, importers and rules of deciding, each against what it did not see."""
