"""What a screen answers that cannot be read or typed into as asked: its codes in words."""

from core.words import Words

REFUSALS = {
    "no_such_object": Words("系统里没有这条记录", "there is no such record"),
    "ambiguous": Words("系统里有不止一条这样的记录", "there is more than one such record"),
    "readonly": Words("该字段在界面上只读", "the screen only shows this field"),
    "code": Words("选项不在界面的列表中", "the option is not in the screen's list"),
    "crossed": Words(
        "这一选项的文字或值也是另一选项的，分不清选哪个",
        "the words or the value of this choice are another choice's as well: which is meant cannot be told",
    ),
    "ambiguous_code": Words(
        "该编码既是我方编码又是系统的另一编码，请改写选项文字",
        "the code is one of ours and another one of the system's; write the option's words",
    ),
    "format": Words("格式不对（日期须为 YYYY-MM-DD，数字只含数字、小数点、负号，且在框允许的范围内）", "wrong format (a date is YYYY-MM-DD; a number has digits, a point, a sign, within the box's bounds)"),
    "tick": Words("勾选框请写 是 或 否", "write yes or no for a box"),
    "day": Words("没有这一天", "there is no such day"),
    "charset": Words("含有系统存不下的字符", "it has characters that the system cannot hold"),
    "length": Words("超过字段长度", "longer than the field"),
    "empty": Words("变更单不能把字段改为空", "a change order cannot ask for emptiness"),
    "unlisted": Words(
        "列表里没有它，却有别的记录，可能在另一页：没有新建",
        "the list shows others and not this one, which may stand on another page: nothing was made",
    ),
    "goes_on": Words(
        "列表很长，看过的页数已到上限（映射里的 pages），不能断定只有一行：请先查询缩小",
        "the list goes on after as many pages as the map allows, and another row may stand there: narrow the search",
    ),
    "pager": Words(
        "这一页列表里没有它，也没有见到翻页的按钮（映射里的 next）：说不清是只有一页还是 next 写错了；请核对 next，并写上 none",
        "this page of the list has not got it, and what turns the pages (`next` of the map) is not there: one page only, or a wrong `next`; check it, and write `none`",
    ),
    "key": Words("主键含有定位不了的字符", "the key has characters that a locator cannot hold"),
    "locked": Words("控件不可录入", "the control takes no input"),
    "option": Words("选项不在界面的列表中", "the option is not in the screen's list"),
    "circuit": Words("系统连续无应答，未再读取这一行", "the system failed row after row; this one was not read"),
    "closed": Words("连不上系统", "the system cannot be reached"),
    "http": Words("系统返回错误页", "an error page came instead"),
    "session": Words("会话已失效", "the session has ended"),
    "popup": Words("有未知弹窗遮住界面", "something unknown covers the screen"),
    "wrong_record": Words("打开的不是所要的记录", "another record is open than was asked for"),
    "absent": Words("界面上找不到控件", "a control is not there"),
    "sealed": Words("控件画在 canvas 或封闭的 shadow root 里，读不到", "it is a canvas or a closed shadow root, which nobody can look into"),
    "captcha": Words("要看图输入，而没有人在", "it asks for what a picture says, and no person is there"),
    "timeout": Words("系统没有应答，或没有出现所等的页面", "the system did not answer, or not with the page that was waited for"),
}  # fmt: skip
"""The codes of the ports' errors; `flows.fill.REASONS` has those of work items."""
