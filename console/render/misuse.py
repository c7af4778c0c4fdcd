"""Say in Chinese what was typed wrongly: the library that reads the command line knows English only."""

import re

SAYINGS = (
    (r"No such command '(.*)'", "没有命令 {0}"),
    (r"No such option: (\S+) \(Possible options: (.*)\)", "没有选项 {0}；相近的有 {1}"),
    (r"No such option: (\S+)", "没有选项 {0}"),
    (r"Missing argument '?([^'.]*)", "缺少参数 {0}"),
    (r"Missing option '?([^'.]*)", "缺少选项 {0}"),
    (r"Missing command", "缺少子命令"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", "多余的参数：{0}"),
    (r"Option '(.*)' requires an argument", "选项 {0} 须带一个值"),
    (r"Option '(.*)' does not take a value", "选项 {0} 不带值"),
    (r"Invalid value for '(.*?)': .*valid (?:integer|number)", "{0} 的值不对：应为整数"),
    (r"Invalid value for '(.*?)': .*greater than or equal to (\S+)", "{0} 的值不对：应不小于 {1}"),
    (r"Invalid value for '(.*?)': .*less than or equal to (\S+)", "{0} 的值不对：应不大于 {1}"),
    (r"Invalid value for '(.*?)': (.*)", "{0} 的值不对：{1}"),
)
"""What the library says → what a person reads; the first that fits counts."""


def sentence(message: str) -> str:
    """The library's message in Chinese; of one that is not known, that the command was used wrongly."""
    for shape, said in SAYINGS:
        found = re.match(shape, message)
        if found is not None:
            return said.format(*found.groups())
    return "用法有误"
