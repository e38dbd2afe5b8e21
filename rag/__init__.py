"""Answers from your articles, every sentence with a quote that can be checked."""
