"""Options of masters and workers, and of the protection of their connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.argument_parser.value_types import ErrorRaisingAction, port_number, positive_integer, timespan

if TYPE_CHECKING:
    from argparse import _ArgumentGroup

    from locust_rs.argument_parser.parser import LocustArgumentParser

from argparse import SUPPRESS


def add_master_options(parser: LocustArgumentParser) -> None:
    """Adds the group `Master options`."""
    group = parser.add_argument_group(
        "Master options",
        "Options for running a Locust Master node when running Locust distributed. "
        "A Master node need Worker nodes that connect to it before it can run load tests.",
    )
    add_master_switch(group)
    group.add_argument(
        "--master-bind-host",
        default="*",
        metavar="<ip>",
        env_var="LOCUST_MASTER_BIND_HOST",
        help="IP address for the master to listen on, e.g '192.168.1.1'. Defaults to * (all available interfaces).",
    )
    group.add_argument(
        "--master-bind-port",
        type=port_number,
        default=5557,
        metavar="<port number>",
        env_var="LOCUST_MASTER_BIND_PORT",
        help="Port for the master to listen on. Defaults to 5557.",
    )
    group.add_argument(
        "--expect-workers",
        type=positive_integer,
        default=1,
        metavar="<int>",
        env_var="LOCUST_EXPECT_WORKERS",
        help="Delay starting the test until this number of workers have connected (only used in combination "
        "with --headless/--autostart).",
    )
    group.add_argument(
        "--expect-workers-max-wait",
        type=int,
        default=0,
        metavar="<int>",
        env_var="LOCUST_EXPECT_WORKERS_MAX_WAIT",
        help="How long should the master wait for workers to connect before giving up. Defaults to wait forever",
    )
    group.add_argument(
        "--enable-rebalancing",
        action="store_true",
        default=False,
        help="Re-distribute users if new workers are added or removed during a test run. Experimental.",
    )
    group.add_argument(
        "--expect-slaves",
        nargs=0,
        action=ErrorRaisingAction,
        message="The --expect-slaves parameter has been renamed --expect-workers",
        help=SUPPRESS,
    )
    group.add_argument(
        "--journal",
        metavar="<folder>",
        env_var="LOCUST_JOURNAL",
        help="Folder in which the master keeps the run that is under way. A master that died and is started again with "
        "the same command goes on with it.",
    )
    group.add_argument(
        "--master-allow",
        metavar="<address or network>",
        nargs="*",
        env_var="LOCUST_MASTER_ALLOW",
        help="Addresses or networks (192.168.1.7, 10.0.0.0/8) from which the master accepts workers. Works "
        "with any kind of worker. Defaults to all.",
    )


def add_worker_options(parser: LocustArgumentParser) -> None:
    """Adds the groups `Worker options` and `Encryption between nodes`."""
    group = parser.add_argument_group(
        "Worker options",
        "Options for running a Locust Worker node when running Locust distributed.\n"
        "Typically ONLY these options (and --locustfile) need to be specified on workers, since other "
        "options (-u, -r, -t, ...) are controlled by the master node.",
    )
    add_worker_switch(group)
    group.add_argument(
        "--processes",
        type=int,
        metavar="<int>",
        env_var="LOCUST_PROCESSES",
        help="Number of times to fork the locust process, to enable using system. Combine with --worker flag "
        "or let it automatically set --worker and --master flags for an all-in-one-solution. Not available "
        "on Windows. Experimental.",
    )
    group.add_argument(
        "--slave",
        nargs=0,
        action=ErrorRaisingAction,
        message="The --slave parameter has been renamed --worker",
        help=SUPPRESS,
    )
    group.add_argument(
        "--drain-timeout",
        type=timespan,
        metavar="<number>",
        env_var="LOCUST_DRAIN_TIMEOUT",
        help="Seconds that the users of a worker have to complete their executing tasks after SIGTERM, which hands "
        "them over to the other workers. Defaults to the stop timeout of the test.",
    )
    add_master_address(group)
    add_encryption_options(
        parser.add_argument_group(
            "Encryption between nodes",
            "Encrypts and authenticates the connections between master and workers. `locust-rs keys` makes one "
            "key file for the master and one for its workers.",
        )
    )


def add_master_switch(group: _ArgumentGroup) -> None:
    """Adds `--master`, which is also needed before the locustfile is imported."""
    group.add_argument(
        "--master",
        action="store_true",
        env_var="LOCUST_MODE_MASTER",
        help="Launch locust as a master node, to which worker nodes connect.",
    )


def add_worker_switch(group: _ArgumentGroup) -> None:
    """Adds `--worker`, which is also needed before the locustfile is imported."""
    group.add_argument(
        "--worker",
        action="store_true",
        env_var="LOCUST_MODE_WORKER",
        help="Set locust to run in distributed mode with this process as worker. Can be combined with "
        "setting --locustfile to '-' to download it from master.",
    )


def add_master_address(group: _ArgumentGroup) -> None:
    """Adds the address at which a worker finds its master and, with `-f -`, its locustfile."""
    group.add_argument(
        "--master-host",
        default="127.0.0.1",
        metavar="<hostname>",
        env_var="LOCUST_MASTER_NODE_HOST",
        help="Hostname of locust master node to connect to. Defaults to 127.0.0.1.",
    )
    group.add_argument(
        "--master-port",
        type=port_number,
        default=5557,
        metavar="<port number>",
        env_var="LOCUST_MASTER_NODE_PORT",
        help="Port to connect to on master node. Defaults to 5557.",
    )


def add_encryption_options(group: _ArgumentGroup) -> None:
    """Adds the key file of this node, which a worker needs before the locustfile is imported, for `-f -`."""
    group.add_argument(
        "--curve-key",
        metavar="<filename>",
        env_var="LOCUST_CURVE_KEY",
        help="Key file of this node. The master's refuses all workers without the matching one.",
    )
