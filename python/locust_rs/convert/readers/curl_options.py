"""The options of curl: which ones take a value, and which ones make no difference to a request."""

from __future__ import annotations

SHORT = {
    "X": "request",
    "H": "header",
    "d": "data",
    "F": "form",
    "G": "get",
    "I": "head",
    "u": "user",
    "b": "cookie",
    "c": "cookie-jar",
    "A": "user-agent",
    "e": "referer",
    "L": "location",
    "k": "insecure",
    "x": "proxy",
    "m": "max-time",
    "E": "cert",
    "T": "upload-file",
    "o": "output",
    "O": "remote-name",
    "J": "remote-header-name",
    "s": "silent",
    "S": "show-error",
    "v": "verbose",
    "i": "include",
    "f": "fail",
    "g": "globoff",
    "w": "write-out",
    "#": "progress-bar",
    "N": "no-buffer",
    "D": "dump-header",
    "K": "config",
    "n": "netrc",
    "q": "disable",
    "r": "range",
    "R": "remote-time",
    "Z": "parallel",
    "0": "http1.0",
    "1": "tlsv1",
    "2": "sslv2",
    "3": "sslv3",
    "4": "ipv4",
    "6": "ipv6",
    "a": "append",
    "C": "continue-at",
    "U": "proxy-user",
    "y": "speed-time",
    "Y": "speed-limit",
    "z": "time-cond",
    "j": "junk-session-cookies",
    "p": "proxytunnel",
    ":": "next",
}

WITH_VALUE = {
    *("request", "header", "data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json", "form"),
    *("form-string", "user", "oauth2-bearer", "cookie", "cookie-jar", "user-agent", "referer", "proxy", "url"),
    *("url-query", "max-time", "connect-timeout", "resolve", "cert", "key", "cacert", "upload-file", "output"),
    *("write-out", "dump-header", "config", "range", "continue-at", "proxy-user", "speed-time", "speed-limit"),
    *("time-cond", "retry", "retry-delay", "retry-max-time", "limit-rate", "max-redirs", "interface", "ciphers"),
    *("tls-max", "cert-type", "key-type", "pass", "capath", "connect-to", "noproxy", "dns-servers", "keepalive-time"),
    *("max-filesize", "output-dir", "parallel-max", "rate", "stderr", "trace", "trace-ascii", "tls13-ciphers"),
    *("unix-socket", "doh-url", "curves", "aws-sigv4", "expect100-timeout", "proto", "proto-default", "proto-redir"),
    *("variable", "expand-url", "expand-data", "expand-header", "happy-eyeballs-timeout-ms", "local-port"),
}

FLAGS = {
    *("get", "head", "location", "location-trusted", "insecure", "remote-name", "remote-header-name", "silent"),
    *("show-error", "verbose", "include", "show-headers", "fail", "fail-with-body", "fail-early", "globoff"),
    *("progress-bar", "no-progress-meter", "no-buffer", "netrc", "disable", "remote-time", "parallel", "http1.0"),
    *("http1.1", "http2", "http2-prior-knowledge", "http3", "http0.9", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2"),
    *("tlsv1.3", "sslv2", "sslv3", "ipv4", "ipv6", "append", "junk-session-cookies", "proxytunnel", "next"),
    *("compressed", "basic", "digest", "ntlm", "negotiate", "anyauth", "no-keepalive", "tcp-nodelay", "create-dirs"),
    *("path-as-is", "post301", "post302", "post303", "raw", "retry-all-errors", "retry-connrefused", "styled-output"),
    *("tcp-fastopen", "trace-time", "ssl", "ssl-reqd", "ssl-no-revoke", "cert-status", "no-alpn", "no-sessionid"),
    *("disallow-username-in-url", "remove-on-error", "false-start", "haproxy-protocol", "xattr"),
}

NOTED = {"digest", "ntlm", "negotiate", "anyauth", "proxy", "resolve", "connect-to", "unix-socket", "netrc", "range"}
"""Options that make a difference and have no counterpart in the locustfile: a comment names them."""

REFUSED = {"config", "aws-sigv4", "variable", "expand-url", "expand-data", "expand-header"}
"""Options without which the request would be another one."""
