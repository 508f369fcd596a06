"""Pictures of claims: a part of the evidence drawn as a graph whose cells are boxes."""

from vesiflux.report.claims.picture import draw_claims, write_claims_picture

__all__ = ["draw_claims", "write_claims_picture"]
