"""Tell a column of people's names from one of titles, firms, products or places, by the words in it and not by its header."""

import re
from collections import Counter
from collections.abc import Sequence

GIVEN = frozenset(
    """
    aaron abdul adam adrian ahmed aidan alan albert alberto alejandro alex alexander alexandra alfred ali alice alicia amanda amber amir
    amy ana andre andrea andreas andrew angel angela anita ann anna anne annie anthony antonio arthur ashley barbara beatrice benjamin
    bernard beth betty bill bob bonnie brandon brenda brian bruce carl carla carlos carmen carol caroline catherine chad charles charlie
    charlotte cheryl chris christian christina christine christopher chloe claire clara claudia connie craig cynthia daisy dan daniel
    daniela david dawn deborah debra dennis diana diane dmitri donald donna dora doris dorothy douglas dylan edith eduardo edward edwin
    eileen elaine elena eli elisabeth elizabeth ellen emil emily emma enrique eric erica ernest esther ethan ethel eugene eva evan evelyn
    fatima felix fernando florence frances francesco francis francisco frank fred frederick friedrich gabriel gareth gary george gerald
    gertrude giovanni giuseppe gladys gloria grace greg gregory guillermo gustav hannah hans harold harriet harry hassan heather hector
    heinrich helen helmut henry herbert howard hugo ian ibrahim ida igor ines ingrid irene isaac isabel isabella ivan jack jackson jacob
    jacqueline jade jake james jan jane janet janice jasmine jason javier jay jean jeff jeffrey jennifer jeremy jerry jesse jessica jill
    jim joan joanne joe joel johann johannes john jonathan jorge jose joseph joshua joyce juan juana judith judy julia julian julie june
    justin karen karin karl katherine kathleen kathryn kathy katie keith kelly ken kenneth kevin kim klaus kristen kyle lachlan larry laura
    lauren lawrence leo leonard lewis liam lillian linda lisa logan lois lori louis louise lucas lucy luigi luis luke lynn madison manfred
    manuel marcel marcus margaret maria marie marilyn mario marion mark marta martha martin mary mathew matthew maurice max megan melissa
    mia michael michelle miguel mike mikhail mildred mohamed mohammed monica nancy natalia natalie nathan nicholas nicola nicole nina noah
    nora norman oliver olivia omar oscar otto pablo pamela patricia patrick paul paula pauline pedro peggy peter petra philip phillip
    phyllis pierre rachel ralph ramon raymond rebecca renate ricardo richard rita robert roberto robin roger roland ronald rosa rose
    roy ruby russell ruth ryan sally sam samantha samuel sandra sara sarah scott sean sebastian sergei shannon sharon shaun shirley
    simon sofia sonia sophia sophie stefan stephanie stephen steve steven stuart sue susan suzanne sven sylvia tammy tanya teresa terry
    theodore theresa thomas tim timothy tina todd tom tony tracy ulrich ursula valerie vera veronica victor victoria vincent viola virginia
    vladimir walter wanda wayne wendy werner wilhelm william willie wolfgang yusuf yvonne zachary zoe
    wei xin ming hui jian yan jing ying hong hao jun lei feng ping hua xiao takashi hiroshi kenji satoshi makoto yuki
    raj ravi anil sanjay vijay priya sunita deepak amit rahul arjun
    """.split()  # noqa: SIM905  (hundreds of words are read more easily as text)
)
"""Given names in many languages, the commonest ones."""

THINGS = frozenset(
    """
    the of and for at in on with a an to from by de la le les des du el los las und der die das für
    inc ltd llc co corp corporation company gmbh ag sa srl plc bank group holding holdings partners services service solutions systems
    cafe café restaurant grill bar bistro diner kitchen pizza pizzeria house inn hotel motel resort club pub tavern bakery deli steakhouse
    school college university institute academy hospital clinic center centre museum library church park stadium airport station hall
    theatre theater shop store market mall press society association foundation department ministry office agency city county lake river
    mountain island street road avenue game edition software pro set kit pack black white series season league cup championship album song
    """.split()  # noqa: SIM905  (hundreds of words are read more easily as text)
)
"""Words of titles, firms and places that hardly any person is called."""

SURNAMES = frozenset(
    "王李张刘陈杨黄吴赵周徐孙马朱胡林郭何高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱"
    "侯江尹薛阎闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文欧施洪梅柯季俞翁葛安尚温庄涂牛樊齐殷颜倪毕耿聂焦鲁申关詹岳"
)
"""The first characters of most Chinese names."""

MASKS = frozenset("*＊×")
"""What stands for a character that is hidden."""

KNOWN = 0.3
"""Share of values with a known given name, from which they are people."""
CHINESE = 0.6
"""Share of Chinese values of two to four characters that begin with a surname, from which they are people."""
THING = 0.08
"""Share of values with a word of things, from which they are none."""
AGAIN = 0.6
"""Distinct words per word, below which words are used again and again, as names of a language that is not known here are."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff]")


def people(values: Sequence[str], *, called: bool) -> bool:
    """Whether the values are people's names, as far as the words tell; `called`: whether the header says that they are names."""
    chinese = [v for v in values if _HAN.search(v)]
    if len(chinese) > 0.5 * len(values):
        shown = [v for v in map(str.strip, chinese) if v[0] not in MASKS]  # of "*小明" the surname is not seen
        return sum(v[0] in SURNAMES and len(v) <= 4 for v in shown) > CHINESE * len(shown)
    split = [_WORD.findall(v.lower()) for v in values]
    count = max(len(split), 1)
    things = sum(any(word in THINGS for word in words if len(word) > 1) for words in split) / count
    known = sum(any(word in GIVEN for word in words) for words in split) / count
    if known >= KNOWN:
        return known > 2 * things
    if not called:
        return False
    short = sum(len(words) <= 3 for words in split) / count
    words = Counter(word for each in split for word in each if len(word) > 1)
    return things < THING and short > 0.9 and len(words) < AGAIN * words.total()
