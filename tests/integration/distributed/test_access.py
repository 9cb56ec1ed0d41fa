"""Which workers may join, by keys and addresses, with real nodes on both sides."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from locust_rs.rpc.keys import make_keys
from polling import until

# A worker that is refused must not try for minutes.
IMPATIENT = {"CONNECT_TIMEOUT": 0.3, "CONNECT_RETRY_COUNT": 4}

LOCUSTFILE = """
from locust import FastHttpUser, constant, task


class Anyone(FastHttpUser):
    wait_time = constant(0.02)

    @task
    def work(self):
        self.client.get("/fast")
"""


@pytest.fixture
def keys(tmp_path):
    """The key files of a master and of its workers, made with the command."""
    command = [str(Path(sys.executable).with_name("locust-rs")), "keys", str(tmp_path / "keys")]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    master, worker = (Path(re.search(rf"{who}.*--curve-key (.*)", made.stdout)[1]) for who in ("Master", "Workers"))
    return str(master), str(worker)


def _counts_exactly(cluster, master, workers):
    """Runs a test with the given workers."""
    master.until(lambda state: set(state["workers"]) == {worker.id for worker in workers})
    master.do("start", users=9, rate=9)
    state = master.until(lambda state: state["users"] == 9 and state["requests"] > 50)
    assert set(state["workers"]) == {worker.id for worker in workers}
    before = cluster.target.served()
    assert before > 0
    return master.do("stop")["requests"] == cluster.target.served()


def test_the_commands_that_are_printed_run_an_encrypted_test(cluster, keys, tmp_path, free_port):
    """With the locustfile sent over the encrypted connection."""
    (tmp_path / "given.py").write_text(LOCUSTFILE)
    run = ["--headless", "--expect-workers", "2", "-u", "4", "-r", "4", "-t", "3s", "--only-summary"]
    access = ["--curve-key", keys[0], "--master-allow", "127.0.0.1", "10.0.0.0/8"]
    where = ["--master-bind-port", str(free_port), "--host", cluster.target.url, "-f", "given.py"]
    worker = ["--worker", "--master-port", str(free_port), "-f", "-", "--curve-key", keys[1]]
    outputs = cluster.run(tmp_path, ["--master", *run, *access, *where], worker, worker)
    assert _reported(outputs[0]) == cluster.target.served() > 50
    secrets = [json.loads(Path(path).read_text())["secret"] for path in keys]
    assert not any(secret in output for secret in secrets for output in outputs)


def test_forked_workers_use_the_key_file_of_their_master(cluster, keys, tmp_path, free_port):
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE)
    run = ["--processes", "2", "--headless", "-u", "4", "-r", "4", "-t", "2s", "--only-summary"]
    where = ["--master-bind-port", str(free_port), "--host", cluster.target.url, "--curve-key", keys[0]]
    assert _reported(cluster.run(tmp_path, [*run, *where])[0]) == cluster.target.served() > 50


def _reported(output):
    """The requests of the final table, the one before the percentiles."""
    return int(re.findall(r"Aggregated +(\d+)", output)[-2])


@pytest.mark.stock
def test_a_master_with_keys_keeps_working_and_refuses_workers_without_them(cluster, keys, tmp_path):
    master = cluster.master(options={"curve_key": keys[0]})
    stranger_file = make_keys(tmp_path / "other")[1]
    stranger = json.loads(stranger_file.read_text())
    wrong_master = str(stranger_file.with_name("wrong-master.key"))
    Path(wrong_master).write_text(json.dumps(stranger))
    stranger["master"] = json.loads(Path(keys[1]).read_text())["master"]
    stranger_file.write_text(json.dumps(stranger))
    plain = cluster.worker(master.port, tunables=IMPATIENT)
    unknown = cluster.worker(master.port, options={"curve_key": str(stranger_file)}, tunables=IMPATIENT)
    misled = cluster.worker(master.port, options={"curve_key": wrong_master}, tunables=IMPATIENT)
    stock = cluster.worker(master.port, "stock", tunables=IMPATIENT)
    workers = cluster.workers(master.port, 2, options={"curve_key": keys[1]})
    assert _counts_exactly(cluster, master, workers)
    refused = {
        plain: "it encrypts: give this worker its key file with --curve-key",
        unknown: "or it does not know the key",
        misled: "perhaps its key is not the one in this worker's key file",
    }
    for worker, reason in refused.items():
        assert worker.wait(60) != 0
        assert worker.logged(f"Can't connect to the master at 127.0.0.1:{master.port}: ")
        assert worker.logged(reason), "".join(worker.log)
    assert until(lambda: master.logged("Refused a connection from 127.0.0.1: its key is unknown"))
    assert stock.wait(60) != 0
    assert set(master.state()["workers"]) == {worker.id for worker in workers}


def test_a_worker_with_keys_is_told_that_its_master_has_none(cluster, keys):
    master = cluster.master()
    worker = cluster.worker(master.port, options={"curve_key": keys[1]}, tunables=IMPATIENT)
    assert worker.wait(60) != 0
    assert worker.logged("it does not encrypt: start it with --curve-key, or this worker without")
    assert master.state()["workers"] == {}


@pytest.mark.stock
def test_the_allow_list_admits_workers_of_any_kind_by_address(cluster):
    master = cluster.master(options={"master_allow": ["127.0.0.2", "10.0.0.0/8"]}, stop_timeout=5)
    listed = cluster.wire(master.port, source="127.0.0.2")
    refused = [cluster.worker(master.port, kind, tunables=IMPATIENT) for kind in ("ours", "stock")]
    workers = [cluster.worker(listed.port, kind) for kind in ("ours", "stock")]
    assert _counts_exactly(cluster, master, workers)
    assert all(worker.wait(60) != 0 for worker in refused)
    assert refused[0].logged("its --master-allow lacks this address")
    refusal = "Refused a connection from 127.0.0.1: its address is not in --master-allow"
    assert until(lambda: master.logged(refusal))
    assert set(master.state()["workers"]) == {worker.id for worker in workers}


def test_a_worker_that_was_refused_is_taken_by_a_master_that_admits_it(cluster):
    first = cluster.master(options={"master_allow": ["127.0.0.2"]})
    worker = cluster.worker(first.port, tunables={"CONNECT_TIMEOUT": 0.4})
    assert until(lambda: worker.logged("lacks this address"))
    first.signal(signal.SIGKILL)
    first.wait()
    second = cluster.master(port=first.port)
    assert second.until(lambda state: set(state["workers"]) == {worker.id})
