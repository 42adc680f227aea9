"""Answers to questions, put together from what a search finds: no language model has a part in them."""
