"""The arguments that a locustfile adds, as the web UI shows them."""

from __future__ import annotations

from typing import Any, NamedTuple


class UIExtraArgOptions(NamedTuple):
    """How the start form shows one custom argument."""

    default_value: str
    is_secret: bool
    is_required: bool
    help_text: str | None
    is_multiple: bool
    choices: list[str] | None = None


def default_args_dict() -> dict[str, Any]:
    """Locust's own options with their defaults, by destination name."""
    from locust_rs.argument_parser.options.evidence import add_evidence_options
    from locust_rs.argument_parser.options.history import add_history_options
    from locust_rs.argument_parser.options.limits import add_limit_options
    from locust_rs.argument_parser.parser import get_empty_argument_parser, setup_parser_arguments

    # Without configuration files and environment variables the values are the defaults.
    parser = get_empty_argument_parser(default_config_files=())
    setup_parser_arguments(parser)
    add_limit_options(parser)
    add_history_options(parser)
    add_evidence_options(parser)
    defaults: dict[str, Any] = vars(parser.parse_args([], env_vars={}))
    return defaults


def ui_extra_args_dict(args: list[str] | None = None) -> dict[str, dict[str, Any]]:
    """The custom arguments that the web UI shows, by destination name.

    Args:
        args: Command line with the current values; None: that of the process.

    Returns:
        `UIExtraArgOptions` as dictionaries. They contain the values of secret arguments, with which a page fills its
        fields.
    """
    from locust_rs.argument_parser.parser import get_parser

    own = default_args_dict()
    parser = get_parser()
    values = vars(parser.parse_args(args))
    shown = parser.args_included_in_web_ui
    return {
        name: UIExtraArgOptions(
            default_value=value,
            is_secret=name in parser.secret_args_included_in_web_ui,
            is_required=name in parser.required_args_included_in_web_ui,
            help_text=shown[name].help,
            is_multiple=name in parser.multiple_args_included_in_web_ui,
            choices=list(shown[name].choices or ()) or None,
        )._asdict()
        for name, value in values.items()
        if name not in own and name in shown
    }
