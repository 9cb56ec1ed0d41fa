"""What Helm makes of the chart, for six sets of values: valid for Kubernetes, and consistent in itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from helm_chart import CHART, VALUE_SETS, Release, try_to_render

each_value_set = pytest.mark.parametrize("values", VALUE_SETS, ids=lambda path: path.stem)

# Resources of the Prometheus operator, which Kubernetes' schemas lack.
FOREIGN = {"ServiceMonitor"}


@each_value_set
@pytest.mark.parametrize("version", ["1.27.0", "1.37.0"])
def test_every_resource_is_valid_for_kubernetes(values: Path, version: str) -> None:
    release = Release("--values", str(values))
    checked = [resource for resource in release.resources if resource["kind"] not in FOREIGN]
    assert len(checked) >= 4
    for resource in checked:
        kubernetes_validate.validate(resource, version, strict=True)


@each_value_set
def test_what_resources_name_is_there(values: Path) -> None:
    release = Release("--values", str(values))
    templates = release.pod_templates()
    labels = [template["metadata"]["labels"] for template in templates.values()]
    ports = {
        port["name"]
        for template in templates.values()
        for container in template["spec"]["containers"]
        for port in container.get("ports", [])
    }
    for selector in _selectors(release.resources):
        assert any(selector.items() <= of_pod.items() for of_pod in labels), selector
    for service in release.of_kind("Service"):
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
        assert f"--master-host={service['metadata']['name']}" in release.container("worker")["args"]
    for monitor in release.of_kind("ServiceMonitor"):
        of_service = {port["name"] for service in release.of_kind("Service") for port in service["spec"]["ports"]}
        assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= of_service
    for template in templates.values():
        spec = template["spec"]
        volumes = {volume["name"] for volume in spec.get("volumes", [])}
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert {mount["name"] for mount in container.get("volumeMounts", [])} <= volumes
            assert container["securityContext"]["readOnlyRootFilesystem"]
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                checks = container.get(probe, {})
                assert {c["port"] for c in (checks.get("httpGet"), checks.get("tcpSocket")) if c} <= ports


def _selectors(resources: list[dict[str, Any]]) -> list[dict[str, str]]:
    found = []
    for resource in resources:
        spec = resource.get("spec", {})
        candidates = [spec.get("selector"), spec.get("podSelector")]
        candidates += [spread["labelSelector"] for spread in _spreads(spec)]
        found += [selector.get("matchLabels", selector) for selector in candidates if selector]
    return found


def _spreads(spec: dict[str, Any]) -> list[dict[str, Any]]:
    spreads: list[dict[str, Any]] = spec.get("template", {}).get("spec", {}).get("topologySpreadConstraints", [])
    return spreads


def test_the_grace_period_of_a_worker_covers_its_drain() -> None:
    release = Release("--values", str(CHART / "ci/production.yaml"))
    template = release.pod_templates()["shop-locust-rs-worker"]
    drain_s = int(release.environment("worker")["LOCUST_DRAIN_TIMEOUT"])
    assert drain_s == 120
    assert template["spec"]["terminationGracePeriodSeconds"] >= drain_s + 10


def test_autoscaling_leaves_the_number_of_workers_to_kubernetes() -> None:
    release = Release("--values", str(CHART / "ci/production.yaml"))
    (scaler,) = release.of_kind("HorizontalPodAutoscaler")
    target = scaler["spec"]["scaleTargetRef"]
    (workers,) = [r for r in release.of_kind(target["kind"]) if r["metadata"]["name"] == target["name"]]
    assert "replicas" not in workers["spec"]


A_FILE = ["--set", "locustfiles.url=https://files.example/shop.py"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "no locustfile: give locustfiles.files"),
        ([*A_FILE, "--set", "wrokers=4"], "wrokers"),
        ([*A_FILE, "--set", "worker.replicas=0"], "worker"),
        ([*A_FILE, "--set", "worker.kind=Job", "--set", "autoscaling.enabled=true"], "autoscaling needs worker.kind"),
        ([*A_FILE, "--set", "curve.masterKey=k"], "curve.workerKey"),
    ],
    ids=["nothing to run", "unknown value", "no workers", "autoscaled Job", "half a pair of keys"],
)
def test_wrong_values_are_refused_with_their_name(options: list[str], message: str) -> None:
    done = try_to_render(*options)
    assert done.returncode != 0
    assert message in done.stderr


def _leaves(values: dict[str, Any], schema: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Every value that the schema describes, with its default."""
    found: dict[str, Any] = {}
    for key, default in values.items():
        described = schema["properties"][key]
        inner = described.get("properties")
        found.update(_leaves(default, described, f"{above}{key}.") if inner else {f"{above}{key}": default})
    return found


def test_every_value_is_in_the_schema_and_in_the_table() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = json.loads((CHART / "values.schema.json").read_text())
    table = re.findall(r"^\| `([\w.]+)` \| `(.*?)` \| \S", (CHART / "README.md").read_text(), re.MULTILINE)
    assert {key: json.loads(default) for key, default in table} == _leaves(values, schema)
