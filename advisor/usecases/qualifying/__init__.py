"""Quality beside cost: pass rates, cost per success, and a cascade of both models."""
