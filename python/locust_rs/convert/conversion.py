"""From the texts of the inputs to the text of a locustfile."""

from __future__ import annotations

import re
from dataclasses import dataclass

from locust_rs.convert.errors import SourceError
from locust_rs.convert.formats import read_source
from locust_rs.convert.model import Journey
from locust_rs.convert.options import Options
from locust_rs.convert.passes.cookies import settle_cookies
from locust_rs.convert.passes.correlation import correlate
from locust_rs.convert.passes.credentials import take_credentials
from locust_rs.convert.passes.headers import filter_headers, share_headers
from locust_rs.convert.passes.hosts import factor_hosts
from locust_rs.convert.passes.names import group_urls
from locust_rs.convert.passes.redirects import fold_redirects
from locust_rs.convert.passes.secrets import hide_secrets
from locust_rs.convert.passes.steps import make_steps
from locust_rs.convert.values import Values
from locust_rs.convert.writer.locustfile import write_locustfile


@dataclass
class Source:
    """An input.

    Attributes:
        name: What it is called in messages and in the locustfile; a file's name without its folder.
        text: Its content.
        format: One of `formats.FORMATS`; None: found out.
    """

    name: str
    text: str
    format: str | None = None


@dataclass
class Conversion:
    """Journeys that are ready to be written, and what their placeholders stand for."""

    journeys: list[Journey]
    values: Values
    sources: list[str]

    def locustfile(self) -> str:
        """The text of the locustfile."""
        return write_locustfile(self.journeys, self.values, self.sources)


def convert(sources: list[Source], options: Options | None = None) -> Conversion:
    """Reads all inputs and makes tests of their journeys.

    Raises:
        SourceError: An input is malformed, with its name and the position.
    """
    options = options or Options()
    values = Values()
    journeys = [journey for source in sources for journey in _read(source, options, values)]
    return Conversion(journeys, values, [source.name for source in sources])


def _read(source: Source, options: Options, values: Values) -> list[Journey]:
    try:
        journeys = read_source(source.text, source.name, source.format, options, values)
        for journey in journeys:
            _prepare(journey, options, values)
    except UnicodeEncodeError as error:
        lone = error.object[error.start]
        raise SourceError(
            f"the surrogate {lone!a} stands alone, so no request can carry it", "", source.name
        ) from error
    except SourceError as error:
        error.source = source.name
        raise
    return journeys


def _prepare(journey: Journey, options: Options, values: Values) -> None:
    """The passes, in the order in which they need each other."""
    fold_redirects(journey)
    take_credentials(journey)
    settle_cookies(journey)
    filter_headers(journey, by_name=options.filter_headers)
    for request in journey.requests:
        request.headers = [
            header for header in request.headers if not any(re.search(p, header[0]) for p in options.ignored_headers)
        ]
    correlate(journey, values)
    hide_secrets(journey, values)
    factor_hosts(journey, values)
    group_urls(journey.requests, values)
    if options.share_headers:
        share_headers(journey)
    make_steps(journey)
