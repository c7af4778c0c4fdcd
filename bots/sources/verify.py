"""Ask a verification service, and put its answers into the canonical verdicts: config/sources/<name>.yaml says how.

The service's pace is kept here, per process. A call that failed is repeated under the same idempotency key, so it is paid once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from bots.sources.cells import iso_date
from bots.sources.web import Reply, Sleep, Web
from core.errors import ApplicationError, choices
from core.model import Verdict, VerdictEvidence
from core.ports import Answer
from core.settings import Node
from core.site import Connection, Site

UNMAPPED = "unmapped"
"""The subcode of an answer that the profile does not know; it counts neither for nor against the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One kind of question."""

    path: str
    price_cents: int
    body: Mapping[str, str]  # the service's key → name of the value
    fields: tuple[str, ...]  # what the verdict is about
    answers: Mapping[str, tuple[Verdict, str]]  # the service's code → verdict and subcode


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierProfile:
    """A service as a site describes it."""

    name: str
    connection: str
    rate: float  # calls a second
    fee_cents: Decimal  # of one unit of the answer's fee
    questions: Mapping[str, Question]
    purpose: str
    legal_basis: str
    retention_days: int


class Service:
    """A `core.ports.Verifier` over HTTP."""

    def __init__(self, profile: VerifierProfile, connection: Connection, site: Site, sleep: Sleep) -> None:
        self.name, self.profile = profile.name, profile
        self._connection = connection
        self._web = Web(profile.name, connection, site.retry, sleep, rate=profile.rate)

    def price(self, question: str) -> int:
        """Fee of one call in cents."""
        return self._question(question).price_cents

    def ask(self, question: str, values: Mapping[str, str], key: str, subject: str) -> Answer:
        """The verdict on the values. Raises ApplicationError when there is none after the retries, or a value is missing."""
        asked = self._question(question)
        missing = [name for name in asked.body.values() if name not in values]
        if missing:
            raise ApplicationError(f"{self.name}: {question}: needs {choices(missing)}", code="missing_value")
        headers = {"X-App": self._connection.user, "X-Secret": self._connection.secret, "Idempotency-Key": key}
        body = {theirs: values[name] for theirs, name in asked.body.items()}
        reply = self._web.ask("POST", asked.path, body=body, headers=headers, again=lambda one: self._again(one, asked))
        verdict, subcode = self._meaning(reply, asked)
        evidence = VerdictEvidence(
            fields=asked.fields,
            subject=subject,
            verdict=verdict,
            subcode=subcode,
            source=self.name,
            as_of=_day(reply.body.get("asOf")),
        )
        return Answer(evidence=evidence, fee_cents=self._fee(reply, asked))

    def _question(self, name: str) -> Question:
        if name not in self.profile.questions:
            raise ApplicationError(f"{self.name}: no question '{name}'; there are: {choices(self.profile.questions)}")
        return self.profile.questions[name]

    def _meaning(self, reply: Reply, asked: Question) -> tuple[Verdict, str]:
        code = str(reply.body.get("code", ""))
        if reply.status >= 400 and code not in asked.answers:
            raise ApplicationError(f"{self.name}: {asked.path}: HTTP {reply.status}", code=f"http_{reply.status}")
        return asked.answers.get(code, (Verdict.ERROR_FINAL, UNMAPPED))

    def _again(self, reply: Reply, asked: Question) -> bool:
        verdict, _ = asked.answers.get(str(reply.body.get("code", "")), (None, ""))
        return verdict is Verdict.ERROR_RETRY

    def _fee(self, reply: Reply, asked: Question) -> int:
        """What the service says it cost, else the price."""
        try:
            return int((Decimal(str(reply.body["fee"])) * self.profile.fee_cents).to_integral_value())
        except (KeyError, InvalidOperation, ValueError, OverflowError):
            return asked.price_cents


def _day(given: object) -> date | None:
    iso = iso_date(str(given or ""))
    return date.fromisoformat(iso) if iso else None


_KEYS = (
    "schema",
    "kind",
    "reader",
    "connection",
    "purpose",
    "legal_basis",
    "retention_days",
    "rate",
    "fee_cents",
    "questions",
)


def profile(name: str, root: Node) -> VerifierProfile:
    """The profile in a file's root. Raises ConfigError with file, line, key and the choices."""
    root.only(*_KEYS)
    return VerifierProfile(
        name=name,
        connection=root["connection"].text(),
        rate=root["rate"].number(0.1, 10_000),
        fee_cents=Decimal(str(root["fee_cents"].number(0))),
        questions={key: _described(node) for key, node in root["questions"].items()},
        purpose=root["purpose"].text(),
        legal_basis=root["legal_basis"].text(),
        retention_days=root["retention_days"].integer(1),
    )


def _described(node: Node) -> Question:
    node.only("path", "price_cents", "body", "fields", "answers")
    return Question(
        path=node["path"].text(),
        price_cents=node["price_cents"].integer(0),
        body={key: name.text() for key, name in node["body"].items()},
        fields=node["fields"].texts(),
        answers={code: _verdict(one) for code, one in node["answers"].items()},
    )


def _verdict(node: Node) -> tuple[Verdict, str]:
    node.only("verdict", "subcode")
    return Verdict(node["verdict"].choice(*Verdict)), node["subcode"].text() if node.has("subcode") else ""
