"""The newest fail-safe proof as the web shows it (`web.proof.ProofSite`)."""

from zoneinfo import ZoneInfo

from kwartier.edge.daily_proof import DAY_S, DailyProof
from kwartier.edge.views.moments import iso
from kwartier.edge.views.snapshot import words
from kwartier.safety.proof import Proof, Row
from kwartier.site.topology import Site
from kwartier.web.live import Document


class ProofFace:
    """Puts the proof into plain values."""

    def __init__(self, site: Site, proof: DailyProof) -> None:
        self._site = site
        self._proof = proof
        self._zone = ZoneInfo(site.time_zone)

    def newest(self) -> Document | None:
        """The last proof; None: none was made since the start."""
        proof, at_s = self._proof.newest, self._proof.proved_s
        return None if proof is None or at_s is None else self._describe(proof, at_s)

    async def prove(self) -> Document:
        """Make one now."""
        proof = await self._proof.prove()
        assert self._proof.proved_s is not None
        return self._describe(proof, self._proof.proved_s)

    def _describe(self, proof: Proof, at_s: float) -> Document:
        recorded = self._proof.recorded_days
        return {
            "at": iso(at_s, self._zone),
            "again_at": iso(at_s + DAY_S, self._zone),
            "ok": proof.ok,
            "circuits": [
                {
                    "id": circuit_id,
                    "name": self._site.circuit[circuit_id].name,
                    "level": len(self._site.path[circuit_id]) - 1,
                    "recorded_days": recorded.get(circuit_id),
                    "rows": [self._row(r) for r in proof.rows if r.circuit_id == circuit_id],
                }
                for circuit_id in dict.fromkeys(r.circuit_id for r in proof.rows)
            ],
            "problems": [words(p) for p in proof.problems],
            "notes": [words(n) for n in proof.notes],
        }

    @staticmethod
    def _row(row: Row) -> Document:
        return {
            "case": row.case,
            "phases": list(row.phases),
            "chargers": [{"current_a": each_a, "count": count} for each_a, count in row.chargers],
            "chargers_a": row.chargers_a,
            "base_a": row.base_a,
            "total_a": row.total_a,
            "limit_a": row.limit_a,
            "source": row.source,
            "ok": row.ok,
        }
