"""The site: everything but what is said about essays, which is in comments/."""

# pyproject.toml reads it here.
__version__ = "0.1.0"
