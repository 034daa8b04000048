"""The settings of a provider at which people may sign in: OpenID Connect (blog/accounts/oidc/)."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from blog.lib import env


def parse_issuer(text: str) -> str:
    """Return the address that a provider of OpenID Connect calls itself by, as it stands.

    It is spoken to by https; by http on this machine alone.
    """
    parts = urlsplit(text)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    extra = parts.query or parts.fragment or "@" in parts.netloc or not text.isascii()
    if not parts.hostname or extra or any(c.isspace() for c in text) or len(text) > 500:
        raise ValueError(text)
    if parts.port == 0 or (parts.scheme != "https" and not (here and parts.scheme == "http")):
        raise ValueError(text)
    return text


def parse_scopes(text: str) -> str:
    """Return scopes with one space between them, openid among them."""
    words = text.split()
    return " ".join(words if "openid" in words else ["openid", *words])


def parse_hosts(text: str) -> list[str]:
    """Return hosts, each with or without a port."""
    hosts = env.split_list(text)
    for host in hosts:
        parts = urlsplit(f"https://{host}")
        if parts.netloc != host or not parts.hostname or "@" in host or parts.port == 0:
            raise ValueError(host)
    return hosts


def parse_claims(text: str) -> list[tuple[str, str]]:
    """Return claims with their values, written `amr=mfa, acr=gold`."""
    pairs = [part.partition("=") for part in env.split_list(text)]
    if not all(name.strip() and value.strip() for name, _, value in pairs):
        raise ValueError(text)
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def parse_roles(text: str) -> list[tuple[str, str, str]]:
    """Return which groups claims give, written `Owners: groups=admins | Authors: groups=writers`.

    A claim's value may hold all but a `|`, its name all but that and a `=`.
    """
    roles = []
    for part in text.split("|"):
        group, _, rule = part.partition(":")
        claim, _, value = rule.partition("=")
        found = group.strip(), claim.strip(), value.strip()
        if not all(found):
            raise ValueError(part)
        roles.append(found)
    return roles


def read() -> dict[str, Any]:
    """Return the settings by name; raises ImproperlyConfigured for those that cannot be used."""
    issuer = env.read(
        "OIDC_ISSUER",
        "",
        parse_issuer,
        "an https address such as https://login.example.org/realms/staff, as the provider has it",
    )
    client = env.text("OIDC_CLIENT_ID").strip()
    if issuer:
        env.needs("joserfc", "joserfc", "OIDC_ISSUER")
    if issuer and not client:
        raise ImproperlyConfigured("With OIDC_ISSUER, OIDC_CLIENT_ID must be set too.")
    return {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": client,
        "OIDC_CLIENT_SECRET": env.text("OIDC_CLIENT_SECRET").strip(),
        "OIDC_NAME": env.text("OIDC_NAME").strip() or urlsplit(issuer).hostname or "",
        "OIDC_HOSTS": env.read(
            "OIDC_HOSTS", [], parse_hosts, "host names with commas between them"
        ),
        "OIDC_SCOPES": env.read(
            "OIDC_SCOPES", "openid email profile", parse_scopes, "words such as openid email groups"
        ),
        "OIDC_ROLES": env.read(
            "OIDC_ROLES",
            [],
            parse_roles,
            "groups with claims such as Owners: groups=admins | Authors: groups=writers",
        ),
        "OIDC_SECOND_STEP_BY": env.read(
            "OIDC_SECOND_STEP_BY", [], parse_claims, "claims such as amr=mfa, acr=gold"
        ),
        "OIDC_PASSWORDS": env.read(
            "OIDC_PASSWORDS", "everyone", env.one_of("everyone", "owners"), "everyone or owners"
        ),
    }
