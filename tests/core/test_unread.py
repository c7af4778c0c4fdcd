"""Promise of files that cannot be read: the reason is told in the reader's language."""

from pathlib import Path

import pytest

from core.errors import unread


def test_a_file_that_is_not_there_is_told_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "rows.csv").read_bytes()
    with pytest.raises(IsADirectoryError) as folder:
        tmp_path.read_bytes()
    said = unread("rows.csv", missing.value)
    assert (said.zh, said.en) == (
        "rows.csv：读不了：没有这个文件",
        "rows.csv: cannot be read: No such file or directory",
    )
    assert unread("rows", folder.value).zh == "rows：读不了：这是文件夹"
