"""Keys and certificates as servers have them that OpenSSL serves and other TLS libraries may not."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import trustme

_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_certificates(folder: Path) -> None:
    """Writes `NAME.pem` (the certificate) and `NAME.key` for each kind, and `ca.pem` and `client.pem`."""
    subject = ["-nodes", "-days", "30", "-subj", "/CN=localhost"]
    for name, *algorithm in (["rsa", "rsa:2048"], ["p521", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"]):
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
        openssl(folder, "req", "-x509", "-newkey", *algorithm, *subject, *files, "-addext", _NAMES)
    openssl(folder, "req", "-new", "-key", "rsa.key", "-out", "v1.csr", "-subj", "/CN=localhost")
    openssl(folder, "x509", "-req", "-in", "v1.csr", "-signkey", "rsa.key", "-days", "30", "-out", "v1.pem")
    (folder / "v1.key").write_bytes((folder / "rsa.key").read_bytes())
    openssl(folder, "dhparam", "-dsaparam", "-out", "dh.pem", "2048")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    client = authority.issue_cert("client@example.com")
    client.private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
    password = ["-aes256", "-passout", "pass:secret"]
    openssl(folder, "pkey", "-in", "client.pem", *password, "-out", "encrypted.key")
    for name, host, end in (
        ("signed", "localhost", None),
        ("expired", "localhost", datetime(2020, 1, 1, tzinfo=UTC)),
        ("elsewhere", "example.com", None),
    ):
        begin = datetime(2019, 1, 1, tzinfo=UTC)
        made = authority.issue_cert(host, not_before=begin, not_after=end)
        made.private_key_pem.write_to_path(folder / f"{name}.key")
        made.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
