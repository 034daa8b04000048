"""Fetching pages of other sites: `fetch` is the only door; knows neither models nor protocols."""
