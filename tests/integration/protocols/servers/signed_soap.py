"""A SOAP service with the operation Add, and a resource for OAuth 1: `python signed_soap.py PORT`."""

# ruff: noqa: E402  # gevent comes first

import gevent.monkey

gevent.monkey.patch_all()

import re
import sys
from collections.abc import Callable
from typing import Any

from gevent.pywsgi import WSGIServer
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

SECRET = "secret"
TNS = "urn:sums"
XML = [("Content-Type", "text/xml; charset=utf-8")]

WSDL = f"""<?xml version="1.0"?>
<definitions name="Sums" targetNamespace="{TNS}" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{TNS}"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <message name="AddIn"><part name="a" type="xsd:int"/><part name="b" type="xsd:int"/></message>
  <message name="AddOut"><part name="sum" type="xsd:int"/></message>
  <portType name="Port">
    <operation name="Add"><input message="tns:AddIn"/><output message="tns:AddOut"/></operation>
  </portType>
  <binding name="Binding" type="tns:Port">
    <soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Add"><soap:operation soapAction="Add"/>
      <input><soap:body use="literal" namespace="{TNS}"/></input>
      <output><soap:body use="literal" namespace="{TNS}"/></output>
    </operation>
  </binding>
  <service name="Sums"><port name="Port" binding="tns:Binding"><soap:address location="%s/soap"/></port></service>
</definitions>"""

ANSWER = f"""<?xml version="1.0"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<t:AddResponse xmlns:t="{TNS}"><sum>%d</sum></t:AddResponse></s:Body></s:Envelope>"""


def is_signed(environ: dict[str, Any]) -> bool:
    """Whether the request has the signature that the secret makes of it."""
    uri = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
    query, header = environ["QUERY_STRING"], environ.get("HTTP_AUTHORIZATION", "")
    params = signature.collect_parameters(query, headers={"Authorization": header}, exclude_oauth_signature=False)
    request = Request(f"{uri}?{query}" if query else uri, environ["REQUEST_METHOD"])
    request.signature = dict(params).get("oauth_signature", "")
    request.params = [(name, value) for name, value in params if name != "oauth_signature"]
    return bool(signature.verify_hmac_sha1(request, client_secret=SECRET))


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    path = environ["PATH_INFO"]
    if path == "/wsdl":
        start_response("200 OK", XML)
        return [(WSDL % f"http://{environ['HTTP_HOST']}").encode()]
    if path == "/soap":
        numbers = re.findall(r"<[ab]>(-?\d+)<", environ["wsgi.input"].read().decode())
        start_response("200 OK", XML)
        return [(ANSWER % sum(map(int, numbers))).encode()]
    start_response("200 OK" if is_signed(environ) else "401 Unauthorized", [("Content-Type", "text/plain")])
    return [b"hello"]


WSGIServer(("127.0.0.1", int(sys.argv[1])), answer, log=None, error_log=None).serve_forever()
