"""What failed requests and their responses looked like, `environment.evidence`. See docs/evidence.md."""

from __future__ import annotations

from locust_rs.evidence.collection import Evidence
from locust_rs.evidence.model import Piece

__all__ = ["Evidence", "Piece"]
