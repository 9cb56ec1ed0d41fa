"""What a conversion is told beside its inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

RESOURCE_TYPES = ("xhr", "document", "other", "fetch")
"""The kinds of a recording's requests that a test repeats, unless it is told otherwise."""


@dataclass
class Options:
    """What a conversion is told beside its inputs.

    Attributes:
        resource_types: Kinds of requests of a recording that are taken.
        hosts: Patterns (`*.example.com`) of hosts that are taken beside the recording's own site.
        ignored_urls: Regular expressions of URLs that are left out.
        ignored_headers: Regular expressions of header names that are dropped.
        ignored_methods: Methods that are left out of a recording.
        variables: Values for `{{name}}` in collections and .http files.
        filter_headers: Drop the headers that browsers add.
        share_headers: State headers that all requests have once per class.
    """

    resource_types: tuple[str, ...] = RESOURCE_TYPES
    hosts: tuple[str, ...] = ()
    ignored_urls: tuple[str, ...] = ()
    ignored_headers: tuple[str, ...] = ()
    ignored_methods: tuple[str, ...] = ("OPTIONS",)
    variables: dict[str, str] = field(default_factory=dict)
    filter_headers: bool = True
    share_headers: bool = True
