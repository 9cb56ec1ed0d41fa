"""Assertions of the corpus show their values."""

import pytest

pytest.register_assert_rewrite("convert_case.cases", "convert_case.running")
