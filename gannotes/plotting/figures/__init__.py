"""Figures of single notebooks, a module for each; what two share moves to `gannotes.plotting`."""
