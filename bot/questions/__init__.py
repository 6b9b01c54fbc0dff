"""Questions that got no answer, or a wrong one: masked, kept for a while, gathered by meaning, learnt from."""
