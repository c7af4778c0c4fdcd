"""Promises of maps that stand alone: ten lines suffice, and what is wrong is named by file, line and key."""

import re
from pathlib import Path

import pytest

from bots import maps
from bots.driver import Target
from bots.targets import LOCATORS
from bots.walk import STEPS
from core.errors import ConfigError
from core.model import Kind

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("docs/examples/*/*.yaml"))
GUIDE = ROOT / "docs" / "screens.md"
WHOLE = """schema: 1
target: http://127.0.0.1/
login: {user: 用户, password: 口令, press: 登录, as: clerk, secret: CRM}
key: 户号
record:
  - type: {name: q, mode: enter}
  - row: {column: 户号, press: 修改}
none: 没有记录
create: /new
fields:
  户号: 户号
  户名: {name: owner, length: 10}
  相别: {codes: {单相: "1", 三相: [3, 三相四线]}}
save: {press: 保存, success: 保存成功}
"""


def read(tmp_path: Path, text: str) -> maps.Map:
    path = tmp_path / "meter.yaml"
    path.write_text(text, "utf-8")
    return maps.read(path)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.parent.name)
def test_every_example_is_a_sound_map(path: Path) -> None:
    assert maps.read(path).screen.fields


def test_every_map_of_the_guide_is_sound(tmp_path: Path) -> None:
    texts = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert len([read(tmp_path, text) for text in texts]) >= 3


def test_the_guide_begins_with_a_map_that_works(tmp_path: Path) -> None:
    found = read(tmp_path, re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)[0])
    assert (found.user, found.secret, found.screen.key.id) == ("clerk", "CRM", "Email")


@pytest.mark.parametrize("key", [*maps.KEYS, *maps.FIELD, *LOCATORS, *STEPS])
def test_the_guide_tells_every_key(key: str) -> None:
    assert f"`{key}`" in GUIDE.read_text("utf-8") or f"`{key}:" in GUIDE.read_text("utf-8")


def test_what_is_not_said_is_what_one_expects(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    screen = found.screen
    assert (screen.kind, screen.workflow, found.system.encoding) == (Kind.RECORD, False, "utf-8")
    assert [step.do for step in screen.way.steps] == ["open", "type", "press", "row"]
    assert screen.numbers == (Target(label="户号", widget="auto"),)
    assert screen.fields["相别"].show == Target(label="相别", widget="auto")
    assert screen.fields["相别"].codes is not None
    assert screen.fields["相别"].codes.options == {"单相": "1", "三相": "3"}
    assert screen.create is not None


def test_the_same_map_on_two_hosts_keeps_its_records_apart(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    here, there = (maps.at(found, f"http://{host}/").scope for host in ("a:1", "b:1"))
    assert here != there


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("none:", "nonne:", "nonne: unknown key; there are:"),
        ("secret: CRM", "secret: Sesame1", "login.secret: the name of a secret is expected"),
        ("press: 登录,", "", "login: the key 'press' is missing"),
        ("{name: owner, length: 10}", "{name: owner, length: ten}", "fields.户名.length: 'ten' is not a number"),
        ("{name: owner, length: 10}", "{id: owner}", "fields.户名.id: unknown key; there are:"),
        ("{name: owner, length: 10}", "{name: owner, widget: drum}", "fields.户名.widget: no widget 'drum'; there are:"),
        ("  - type: {name: q, mode: enter}", "  - go: {name: q}", "record.0.go: unknown key; there are:"),
        ("  - type: {name: q, mode: enter}", "  - {open: /a, press: b}", "record.0: a step does one thing; there are:"),
        ("  - type: {name: q, mode: enter}", "  - press: 首页\n  - open: /x", "record.0: this step needs `wait`"),
        ("{name: q, mode: enter}", "{name: q}", "record: nothing is pressed after a `type` step"),
        ("三相: [3, 三相四线]", '三相: ["1", 三相四线]', "fields.相别.codes.三相: '1' is 单相 already"),
        ("key: 户号", "key: {label: 户号}", "key: the key 'id' is missing"),
        ("save: {press: 保存, success: 保存成功}", "save: {success: 好}", "save: the key 'press' is missing"),
        ("save: {press: 保存, success: 保存成功}", "save: {press: {widget: text}}", "save.press: no locator; there are:"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_file_line_and_key(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in WHOLE
    text = WHOLE.replace(old, new, 1)
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    where, _, said = str(caught.value).removeprefix(f"{tmp_path / 'meter.yaml'}:").partition(": ")
    assert said.startswith(complaint)
    assert where.isdigit()


@pytest.mark.parametrize(
    ("login", "used"), [("{user: 用户, password: 口令, press: 登录}", True), ("{handed: true, ready: 欢迎}", False)]
)
def test_a_session_that_no_other_could_check_is_never_read_back_by_a_fetch(
    tmp_path: Path, login: str, used: bool
) -> None:
    text = WHOLE.replace("{user: 用户, password: 口令, press: 登录, as: clerk, secret: CRM}", login)
    text = text.replace(
        "fields:\n", 'fetch: {open: "/{key}", stamp: 时间}\nfields:\n  时间: {label: 时间, derived: true}\n'
    )
    assert (read(tmp_path, text).screen.fetch is not None) == used


def test_a_way_that_names_no_record_is_refused(tmp_path: Path) -> None:
    text = WHOLE.replace("  - type: {name: q, mode: enter}\n  - row: {column: 户号, press: 修改}", "  - open: /first")
    with pytest.raises(ConfigError, match="no step says which record"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("key", "record", "sound"),
    [
        ("编号", "[{type: 查找}, {press: 查询}]", False),
        ("编号", '[{open: "/find?q={key}"}, {press: 打开}]', False),
        ("编号", "/people/{key}", True),
        ("编号", "[{type: 查找}, {press: 查询}, {row: {column: 编号, press: 修改}}]", True),
        ("户号", "[{type: 查找}, {press: 查询}]", True),
        ("{id: 编号, shown: [编号]}", "[{type: 查找}, {press: 查询}]", True),
    ],
)
def test_something_must_prove_which_record_is_open(tmp_path: Path, key: str, record: str, sound: bool) -> None:
    head, _, fields = WHOLE.partition("key: 户号\n")
    text = f"{head}key: {key}\nrecord: {record}\nfields:{fields.partition('fields:')[2]}"
    if sound:
        assert read(tmp_path, text).screen.fields
        return
    with pytest.raises(ConfigError, match="key: nothing proves which record is open"):
        read(tmp_path, text)


def test_making_records_needs_a_sign_that_there_is_none(tmp_path: Path) -> None:
    text = WHOLE.replace("none: 没有记录\n", "")
    with pytest.raises(ConfigError, match="whether a record is absent must show"):
        read(tmp_path, text)


def test_a_record_is_not_made_whose_key_nobody_types(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="found again by its key"):
        read(tmp_path, WHOLE.replace("  户号: 户号\n", ""))


@pytest.mark.parametrize(
    ("fetch", "place", "complaint"),
    [
        ('{open: "/m/{key}", stamp: 户名}', "", "the stamp has to be a field that every save moves"),
        ("{open: /m, stamp: 时间}", "", r"the address needs \{key\}"),
        ('{open: "/m/{key}", stamp: 时间}', ", place: other", "field 户名 does not stand in the fetched page"),
        ('{open: "/m/{key}"}', "", "stamp"),
    ],
)
def test_a_fetch_that_could_prove_nothing_is_refused(tmp_path: Path, fetch: str, place: str, complaint: str) -> None:
    stamp = "  时间: {label: 时间, widget: readonly, derived: true}\n"
    text = WHOLE.replace("length: 10}\n", f"length: 10{place}}}\n{stamp}") + f"fetch: {fetch}\n"
    with pytest.raises(ConfigError, match=complaint):
        read(tmp_path, text)


def test_a_fetch_needs_the_records_own_number_in_its_page(tmp_path: Path) -> None:
    text = WHOLE.replace("  户号: 户号\n", "  时间: {label: 时间, derived: true}\n").replace("create: /new\n", "")
    with pytest.raises(ConfigError, match="has to show the record's own number"):
        read(tmp_path, text + 'fetch: {open: "/m/{key}", stamp: 时间}\n')
