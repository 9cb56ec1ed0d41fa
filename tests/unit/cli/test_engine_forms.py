"""What `locust-rs doctor FILE` finds in a locustfile."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from locust_rs.cli.doctor import doctor
from locust_rs.cli.engine_forms import leaving_forms
from locust_rs.http.common.leaving import Reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("self.client.post('/', data=open('x', 'rb'))", Reason.STREAMED_BODY),
        ("self.client.post('/', data=(part for part in parts))", Reason.STREAMED_BODY),
        ("self.client.post('/', headers={'Transfer-Encoding': 'chunked'})", Reason.OWN_FRAMING),
        ("self.client.get('/', proxies={'http': 'socks5://127.0.0.1'})", Reason.OTHER_PROXY),
        ("self.client.get('/', debug_stream=out)", Reason.DEBUG_STREAM),
        ("class Mine(HTTPAdapter): pass", Reason.OWN_ADAPTER),
        ("class Mine(HttpSession):\n  def send(self, request): pass", Reason.REPLACED_METHOD),
        ("class U(FastHttpUser):\n  client_pool = pool", Reason.OWN_POOL),
        ("urllib3.util.connection.HAS_IPV6 = False", Reason.PATCHED_LIBRARY),
        ("socket.getaddrinfo = mine", Reason.PATCHED_LIBRARY),
    ],
)
def test_forms_that_leave_the_engine_are_found_with_their_line(source: str, reason: Reason) -> None:
    ((line, found),) = leaving_forms(f"\n{source}\n")
    assert found == reason
    assert line == 2 + ("\n" in source)


@pytest.mark.parametrize(
    "source",
    [
        "self.client.get('/', headers={'Authorization': 'Bearer x'}, verify=False, stream=True)",
        "self.client.post('/', data=open_data, auth=Signature(), hooks={'response': look})",
        "self.client.mount('http://', HTTPAdapter(max_retries=Retry(3)))",
        "self.socket = 1",
    ],
)
def test_what_the_engine_sends_is_not_complained_of(source: str) -> None:
    assert leaving_forms(source) == []


def test_doctor_tells_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "locustfile.py"
    path.write_text("class U(HttpUser):\n    http_engine = False\n")
    output = CliRunner().invoke(doctor, [str(path)]).output
    assert f"{path}:2: http_engine is False" in output


def test_doctor_says_when_a_file_is_not_python(tmp_path: Path) -> None:
    path = tmp_path / "locustfile.py"
    path.write_text("class (")
    result = CliRunner().invoke(doctor, [str(path)])
    assert result.exit_code == 1
    assert "is not Python" in result.output
