"""Texts to neighbours: encoder, immutable index generations, dense and lexical search. Knows nothing of questions."""
