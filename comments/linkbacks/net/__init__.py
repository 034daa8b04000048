"""Fetches pages of other sites, always through `fetch`; knows neither models nor protocols."""
