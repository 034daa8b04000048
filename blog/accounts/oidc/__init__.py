"""Signing in by a provider of OpenID Connect; only the hosts of the settings are called."""
