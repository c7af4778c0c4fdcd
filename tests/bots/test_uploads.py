"""Promises about forms with files: contents go back into the parts that bear their names, and into no other."""

from pathlib import Path

from bots.uploads import whole

HEAD = b'------X\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
EMPTY = b'------X\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\nContent-Type: text/plain\r\n\r\n%b\r\n'
END = b"------X--\r\n"


def test_each_file_goes_into_the_part_that_bears_its_name_in_either_charset(tmp_path: Path) -> None:
    one, other = tmp_path / "附件.txt", tmp_path / "b.bin"
    one.write_bytes(b"1\r\n--")
    other.write_bytes(b"\\1\x00")
    names = [one.name.encode("gbk"), b"b.bin", one.name.encode(), b"foreign"]
    body = HEAD + b"text\r\n" + b"".join(EMPTY % (name, b"") for name in names) + END
    contents = [b"1\r\n--", b"\\1\x00", b"1\r\n--", b""]
    filled = b"".join(EMPTY % pair for pair in zip(names, contents, strict=True))
    assert whole(body, [one, other]) == HEAD + b"text\r\n" + filled + END


def test_a_body_without_files_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"x")
    assert whole(None, [file]) is None
    assert whole(b"a=1", [file]) == b"a=1"
    assert whole(EMPTY % (b"a.txt", b""), []) == EMPTY % (b"a.txt", b"")
