"""The site: everything but what is said about essays, which is in comments/."""

# The same stands in pyproject.toml.
__version__ = "0.1.0"
