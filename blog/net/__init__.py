"""Calls other sites, always through `fetch`; knows neither models nor protocols."""
