"""The Helm chart, rendered by Helm itself, which `make references` builds where there is Go."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm/locust-rs"
HELM = ROOT / "target/helm/helm"
VALUE_SETS = sorted((CHART / "ci").glob("*.yaml"))
# Without it, Helm takes itself for one that knows an old Kubernetes.
KUBERNETES = "1.31.0"


def try_to_render(*options: str) -> subprocess.CompletedProcess[str]:
    """What `helm template` says about a release called "shop"."""
    if not HELM.exists():
        pytest.skip("needs Helm: install Go, and run `make references`")
    command = [str(HELM), "template", "shop", str(CHART), "--kube-version", KUBERNETES, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


class Release:
    """The resources of one release."""

    def __init__(self, *options: str) -> None:
        done = try_to_render(*options)
        assert done.returncode == 0, done.stderr
        self.resources: list[dict[str, Any]] = [found for found in yaml.safe_load_all(done.stdout) if found]

    def of_kind(self, *kinds: str) -> list[dict[str, Any]]:
        return [resource for resource in self.resources if resource["kind"] in kinds]

    def pod_templates(self) -> dict[str, dict[str, Any]]:
        """`metadata` and `spec` of the pods, by the name of what makes them."""
        made = {r["metadata"]["name"]: r["spec"]["template"] for r in self.of_kind("Deployment", "Job")}
        return made | {pod["metadata"]["name"]: pod for pod in self.of_kind("Pod")}

    def container(self, name: str) -> dict[str, Any]:
        """The container called "master", "worker" or "test"."""
        return next(
            container
            for template in self.pod_templates().values()
            for container in template["spec"]["containers"]
            if container["name"] == name
        )

    def environment(self, name: str) -> dict[str, str]:
        return {variable["name"]: variable["value"] for variable in self.container(name)["env"]}
