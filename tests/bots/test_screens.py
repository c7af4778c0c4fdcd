"""Promises of the screen maps: what is wrong is named by file, line and key; values are spelt as the screen spells them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bots import screens
from bots.driver import Shown, Target
from bots.fields import Codes, Field
from core import settings
from core.errors import ConfigError

CONFIG = Path(__file__).parents[2] / "config"
PROVINCE_B = CONFIG / "sites" / "province_b"


MARK = """from pathlib import Path
from bots.legacy import Login, connect
from core import settings
print(connect(settings.read(Path({config!r})), "http://host", Login("1001", "")).glances("account"))
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the maps, to be spoilt."""
    for name in ("screens", "systems"):
        shutil.copytree(CONFIG / name, tmp_path / name)
    for name in ("hedang.yaml", "fields.yaml", "codes.yaml"):
        shutil.copy(CONFIG / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("directory", [CONFIG, PROVINCE_B])
def test_committed_maps_are_sound(directory: Path) -> None:
    system, maps = screens.load(settings.read(directory))
    assert system.driver == "web"
    assert {name: (s.kind, s.workflow) for name, s in maps.items()} == {
        "account": ("account", False),
        "contacts": ("contacts", False),
        "customer": ("customer", True),
    }


def test_both_provinces_map_the_same_fields_and_codes() -> None:
    (one, ours), (other, theirs) = (screens.load(settings.read(d)) for d in (CONFIG, PROVINCE_B))
    assert {n: set(s.fields) for n, s in ours.items()} == {n: set(s.fields) for n, s in theirs.items()}
    assert {n: set(c.options) for n, c in one.codes.items()} == {n: set(c.options) for n, c in other.codes.items()}


def test_every_field_that_is_owned_by_a_screen_can_be_typed_there() -> None:
    config = settings.read(CONFIG)
    _, maps = screens.load(config)
    for name, node in config.load("fields.yaml")["fields"].items():
        if node.has("screen"):
            assert maps[node["screen"].text()].fields[name].entry is not None, name


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("screens/account.yaml", "widget: textarea", "widget: droplist", "fields.elec_addr.widget: no widget 'droplist'; there are: auto, calendar, captcha, "),
        ("screens/account.yaml", "  remark: {label", "  remarks: {label", "fields.remarks: no field 'remarks'; there are:"),
        ("screens/account.yaml", "codes: volt}", "codes: volts}", "fields.volt_code.codes: no code table 'volts' in systems/legacy.yaml; there are:"),
        ("screens/account.yaml", "bytes: 256", "byte: 256", "fields.elec_addr.byte: unknown key; there are:"),
        ("screens/account.yaml", "bytes: 256", "bytes: many", "fields.elec_addr.bytes: 'many' is not a number"),
        ("screens/account.yaml", "commit: direct", "commit: later", "commit: no such choice 'later'; there are: direct, workflow"),
        ("screens/account.yaml", "kind: account", "kind: person", "kind: no such choice 'person'; there are:"),
        ("screens/contacts.yaml", "  press: 保存", "  pres: 保存", "save.pres: unknown key; there are:"),
        ("screens/customer.yaml", "待审核: pending", "待审核: open", "orders.states.待审核: no such choice 'open'; there are: archived, pending, returned"),
        ("screens/account.yaml", "{label: 用户编号, name: consNo}", "{widget: text}", "search.number: no locator; there are: css, label, name, role, text, xpath"),
        ("systems/legacy.yaml", "encoding: gbk", "encoding: gkb", "encoding: there is no character set 'gkb'; usual ones are: gb18030, gbk"),
        ("systems/legacy.yaml", '"100": ["100"', '"150": ["100"', "codes.elec_type.150: no code '150' in elec_type; there are:"),
        ("systems/legacy.yaml", '["200", 城镇居民生活用电]', '["100", 城镇居民生活用电]', "codes.elec_type.200: '100' is 100 already"),
        ("systems/legacy.yaml", '["200", 城镇居民生活用电]', '["200"]', "codes.elec_type.200: here [value, label] is expected"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_file_line_and_key(site: Path, file: str, old: str, new: str, complaint: str) -> None:
    text = (site / file).read_text("utf-8")
    (site / file).write_text(text.replace(old, new, 1), "utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(ConfigError) as caught:
        screens.load(settings.read(site))
    assert str(caught.value).startswith(f"{(site / file).resolve()}:{line}: {complaint}")


CODES = Codes(options={"03": "J"}, shown={"J": "03", "居民": "03", "J 居民": "03"})


def field(**kind: object) -> Field:
    """A text field of that kind."""
    target = Target(label="格", widget="text")
    return Field(id="f", label="格", show=target, entry=target, **kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "shown", "canonical"),
    [
        ({}, Shown(count=1, value=" 花园　"), " 花园　"),
        ({"codes": CODES}, Shown(count=1, value="J", text="J 居民"), "03"),
        ({"codes": CODES}, Shown(count=1, value="居民", text="居民"), "03"),
        ({"codes": CODES}, Shown(count=1, value="Z", text="Z 其他"), "?Z 其他"),
        ({"codes": CODES}, Shown(count=1, value="", text=""), ""),
        ({"codes": CODES}, Shown(count=1, value="", text="--请选择--"), ""),
        ({"number": True}, Shown(count=1, value="8.00"), "8"),
        ({"number": True}, Shown(count=1, value="08.50"), "8.5"),
        ({"number": True}, Shown(count=1, value="100"), "100"),
        ({"number": True}, Shown(count=1, value="0.0"), "0"),
        ({"number": True}, Shown(count=1, value="8千瓦"), "8千瓦"),
        ({"date": "%Y%m%d"}, Shown(count=1, value="20260316"), "2026-03-16"),
        ({"date": "%Y/%m/%d %H:%M:%S"}, Shown(count=1, value="2026/03/16 08:00:01"), "2026-03-16 08:00:01"),
        ({"date": "%Y/%m/%d"}, Shown(count=1, value="长期"), "长期"),
    ],
)
def test_what_a_screen_shows_becomes_our_value(kind: dict[str, object], shown: Shown, canonical: str) -> None:
    assert field(**kind).canonical(shown) == canonical


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ({"bytes": 8}, "花园小区", None),
        ({"bytes": 8}, "花园小区1", "length"),
        ({}, "䶮", "charset"),
        ({}, "上\n下", "charset"),
        ({"codes": CODES}, "03", None),
        ({"codes": CODES}, "09", "code"),
        ({"codes": CODES}, "?Z 其他", "code"),
        ({"date": "%Y/%m/%d"}, "2026-03-16", None),
        ({"date": "%Y/%m/%d"}, "2026/03/16", "format"),
        ({"number": True}, "8.5", None),
        ({"number": True}, "八", "format"),
        ({"derived": True}, "x", "readonly"),
    ],
)
def test_what_the_field_cannot_hold_is_refused_with_its_reason(
    kind: dict[str, object], value: str, reason: str | None
) -> None:
    assert field(**kind).refuse(value, "gbk") == reason


def test_every_process_knows_a_map_and_what_was_proven_of_its_fetch_by_the_same_mark() -> None:
    program = MARK.format(config=str(CONFIG))
    told = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=CONFIG.parent, env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert [len(mark.strip()) for mark in told] == [64]
