"""Locust's options, their sources, and how locustfiles add their own. Public module `locust.argument_parser`."""

from locust_rs._reexports import provide_reexports
from locust_rs._version import __version__ as version
from locust_rs.argument_parser.config_files import (
    DEFAULT_CONFIG_FILES,
    LocustConfigParser,
    LocustTomlConfigParser,
)
from locust_rs.argument_parser.locustfile_download import (
    download_locustfile_from_master,
    download_locustfile_from_url,
    exit_handler,
)
from locust_rs.argument_parser.locustfile_paths import (
    _parse_locustfile_path,
    get_locustfiles_locally,
    parse_locustfile_paths,
    parse_locustfiles_from_master,
    retrieve_locustfiles_from_master,
)
from locust_rs.argument_parser.parser import (
    LocustArgumentParser,
    get_empty_argument_parser,
    get_parser,
    parse_locustfile_option,
    parse_options,
    setup_parser_arguments,
)
from locust_rs.argument_parser.ui_args import UIExtraArgOptions, default_args_dict, ui_extra_args_dict
from locust_rs.argument_parser.value_types import (
    gt_zero,
    json_user_config,
    positive_integer,
    raise_argument_type_error,
    timespan,
)

__all__ = [
    "DEFAULT_CONFIG_FILES",
    "LocustArgumentParser",
    "LocustConfigParser",
    "LocustTomlConfigParser",
    "UIExtraArgOptions",
    "_parse_locustfile_path",
    "default_args_dict",
    "download_locustfile_from_master",
    "download_locustfile_from_url",
    "exit_handler",
    "get_empty_argument_parser",
    "get_locustfiles_locally",
    "get_parser",
    "gt_zero",
    "json_user_config",
    "parse_locustfile_option",
    "parse_locustfile_paths",
    "parse_locustfiles_from_master",
    "parse_options",
    "positive_integer",
    "raise_argument_type_error",
    "retrieve_locustfiles_from_master",
    "setup_parser_arguments",
    "timespan",
    "ui_extra_args_dict",
    "version",
]

provide_reexports(__name__)
