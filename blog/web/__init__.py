"""Around every request: limits, proxies, error pages, compression, headers, inlined CSS and JS.

It knows requests and answers, never an app's models or the pages that are kept in memory.
"""
