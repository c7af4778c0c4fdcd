"""What may be written without a person, and what counts as passed: the site's policy as frozen values.

    policy = Policy.load(config, fields)              # config/policy.yaml
    policy.survey_suffices("building_no")             # an audited survey entry is enough (class S)
    policy.authoritative(fields["cert_no"], "population")
    policy.independent("survey", "carrier")
    policy.fresh("carrier", age_days)

Names, certificates and phones can never be listed under `survey_authority`: they need corroboration (class B).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.errors import choices
from core.fields import AUTHORITIES, GROUPS, PERSONAL, Field, Fields
from core.model import Class
from core.settings import Config, Node
from core.words import Words

SEVERITIES = ("S1", "S2", "S3", "S4")
RUNGS = ("shadow", "attended", "automatic")
"""The ladder of a stratum (rule × pair of sources): a person sees all, a person watches, nobody."""
SURVEY_EVIDENCE = ("surveyor", "auditor", "other_auditor", "item_evidence")
"""other_auditor: nobody audits himself; item_evidence: the photos and signature that the survey item asks for."""

MASKABLE = ("id", "phone", "name")
"""Kinds of fields that sources give masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a site allows."""

    survey_authority: frozenset[str]  # fields for which an audited survey entry is enough
    survey_evidence: tuple[str, ...]  # of SURVEY_EVIDENCE: what an audited entry must carry
    roles: Mapping[str, str]  # source → the authority (core.fields.AUTHORITIES) it speaks with
    copies: Mapping[str, frozenset[str]]  # source → sources that it copies: together they count as one
    tolerated_error_rate: float  # wrong automatic writes
    confidence: float  # of the bound on that rate
    start: Mapping[Class, str]  # the rung on which a stratum of a class starts
    attended_rate: float  # a stratum whose bound is at most this may write while a person watches
    lent: float  # share of its kin's labels that a stratum may count
    sampling_start: float  # share of automatic writes that is checked blindly while nothing is proven
    sampling_floor: float  # the share that always is
    prior: tuple[float, float]  # Beta counts (right, wrong) of a source of which nothing is known yet
    agreement: float  # what another source's agreement counts, against a reviewer's word
    reliability_days: int  # decisions older than this no longer tell how reliable a source is
    least_posterior: float  # a corroborated value must be at least so probable
    verdicts_settle: frozenset[str]  # fields for which a consistent verdict on the new value is authoritative
    mask_supports: Mapping[str, int]  # kind of field → characters that a masked value must show to support a full one
    severities: Mapping[str, frozenset[str]]  # group → severities that fail its pass rate
    freshness_days: Mapping[str, int]  # source → age above which its evidence is too old
    breaker: Mapping[str, float]  # share of conflicts and mismatches in a night above which filling stops
    exit_limits: Mapping[str, int]  # unknown, parked: more than this many and the night exits with 1

    @classmethod
    def load(cls, config: Config, fields: Fields) -> "Policy":
        """The site's policy. Raises ConfigError with file, line, key and the choices."""
        return cls.read(config.load("policy.yaml"), fields)

    @classmethod
    def read(cls, root: Node, fields: Fields) -> "Policy":
        """The policy of a file. Raises ConfigError with file, line, key and the choices."""
        root.only(*_KEYS)
        roles = {source: node.choice(*AUTHORITIES) for source, node in root["roles"].items()}
        gate, trust = root["error_budget"].only(*_BUDGET), root["reliability"].only(*_TRUST)
        return cls(
            survey_authority=frozenset(_suffices(node, fields) for node in root["survey_authority"].list()),
            survey_evidence=tuple(node.choice(*SURVEY_EVIDENCE) for node in root["survey_evidence"].list()),
            roles=roles,
            copies=_copies(root, roles),
            tolerated_error_rate=gate["tolerated_rate"].number(0, 0.05),
            confidence=gate["confidence"].number(0.5, 0.9999),
            start={Class(key): node.choice(*RUNGS) for key, node in _all(gate["start"], "S", "A", "B")},
            attended_rate=gate["attended_rate"].number(0, 0.2),
            lent=gate["lent"].number(0, 1),
            sampling_start=gate["sampling_start"].number(0, 1),
            sampling_floor=gate["sampling_floor"].number(0, 1),
            prior=_prior(trust["prior"]),
            agreement=trust["agreement"].number(0, 1),
            reliability_days=trust["days"].integer(1),
            least_posterior=trust["least_posterior"].number(0.5, 1),
            verdicts_settle=frozenset(fields.named(node).id for node in root["verdicts_settle"].list()),
            mask_supports={kind: node.integer(1) for kind, node in _all(root["mask_supports"], *MASKABLE)},
            severities={group: _severities(node) for group, node in _all(root["pass_rates"], *GROUPS)},
            freshness_days={
                _source(node, source, roles): node.integer(1) for source, node in root["freshness_days"].items()
            },
            breaker={key: node.number(0, 1) for key, node in _all(root["breaker"], "conflicts", "mismatches")},
            exit_limits={key: node.integer(0) for key, node in _all(root["exit_limits"], "unknown", "parked")},
        )

    def survey_suffices(self, field: str) -> bool:
        """Whether an audited survey entry is enough to write the field."""
        return field in self.survey_authority

    def authoritative(self, field: Field, source: str) -> bool:
        """Whether the source speaks with the authority that stands first for the field."""
        return bool(field.authority) and self.roles.get(source) == field.authority[0]

    def rank(self, field: Field, source: str) -> int | None:
        """The place of the source among the field's authorities, 0 for the best; None where it has no say."""
        role = self.roles.get(source)
        return field.authority.index(role) if role in field.authority else None

    def independent(self, one: str, other: str) -> bool:
        """Whether two sources count as two: different, neither copies the other, and they copy no common third, by whatever way.

        Of a source without a role nobody has said where it has its knowledge from: it is no second witness.
        """
        known = one in self.roles and other in self.roles
        return known and not self._origins(one) & self._origins(other)

    def _origins(self, source: str) -> frozenset[str]:
        """The source and all that it copies, what those copy included."""
        found, todo = {source}, [source]
        while todo:
            new = self.copies.get(todo.pop(), frozenset()) - found
            found |= new
            todo += new
        return frozenset(found)

    def fresh(self, source: str, age_days: int) -> bool:
        """Whether evidence of this age still counts; a source without a limit never grows old."""
        return age_days <= self.freshness_days.get(source, age_days)


_KEYS = (
    "schema",
    "survey_authority",
    "survey_evidence",
    "roles",
    "copies",
    "error_budget",
    "reliability",
    "verdicts_settle",
    "mask_supports",
    "pass_rates",
    "freshness_days",
    "breaker",
    "exit_limits",
)
_BUDGET = (
    "tolerated_rate",
    "confidence",
    "attended_rate",
    "lent",
    "sampling_start",
    "sampling_floor",
    "start",
)
_TRUST = ("prior", "agreement", "days", "least_posterior")


def _all(node: Node, *keys: str) -> list[tuple[str, Node]]:
    """Exactly these entries, none missing and none beside them."""
    return [(key, node.only(*keys)[key]) for key in keys]


def _prior(node: Node) -> tuple[float, float]:
    right, wrong = (count.number(0.1, 1000) for _, count in _all(node, "right", "wrong"))
    return right, wrong


def _suffices(node: Node, fields: Fields) -> str:
    field = fields.named(node)
    if field.kind in PERSONAL:
        raise node.wrong(
            Words(
                f"{field.kind} 类字段须有佐证，只凭普查从不写入",
                f"a field of kind {field.kind} needs corroboration; a survey entry alone never writes it",
            )
        )
    if field.ceiling is Class.N:
        raise node.wrong(Words(f"{field.id} 从不写入", f"{field.id} is never written"))
    return field.id


def _copies(root: Node, roles: Collection[str]) -> dict[str, frozenset[str]]:
    found = root["copies"].items() if root.has("copies") else ()
    return {
        _source(node, source, roles): frozenset(_source(node, one, roles) for one in node.texts())
        for source, node in found
    }


def _source(node: Node, name: str, roles: Collection[str]) -> str:
    """A source that has a role; a misspelled one would make two witnesses of one, and its word would never grow old."""
    if name not in roles:
        there = choices(roles)
        raise node.wrong(
            Words(
                f"roles 中没有数据源 '{name}'；现有：{there}", f"no such source '{name}' in roles; there are: {there}"
            )
        )
    return name


def _severities(node: Node) -> frozenset[str]:
    found = frozenset(one.choice(*SEVERITIES) for one in node.list())
    if not found:
        raise node.wrong(
            Words(
                f"至少要有一个级别；可选：{choices(SEVERITIES)}",
                f"at least one severity is needed; there are: {choices(SEVERITIES)}",
            )
        )
    return found
