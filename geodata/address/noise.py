"""What stands beside an address and is none: phones, people, couriers' words, words of speech, postcodes.

Each finder reads a folded text and gives what it sets apart. They are careful: what is set apart wrongly loses an
address, what is left is forgiven by the matcher. No pattern tries a text in more ways than one (possessive repeats,
bounded lengths), so that hostile text costs no more than any other.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

UNITS = "号弄巷栋幢座单室楼层段组期区院门户排队"
STOPS = r"\s,;.。!?:、()\[\]【】<>/|+*\"'"


@dataclass(frozen=True, slots=True)
class Aside:
    """A stretch of text that is no part of the address.

    Attributes
    ----------
    kind
        ``phone``, ``person``, ``courier``, ``speech`` (words of the caller around the address), ``relation``,
        ``coordinates``, ``bracket``, ``postcode``, ``identity``, or ``rest`` (sentences behind the address).
    text
        As folded.
    start, end
        Its place, half-open: in the text that a finder was given, in what `normalize` was given for its callers.
    facts
        What it says: see `relations.find_relations` and `coordinates.find_coordinates`; otherwise nothing.
    """

    kind: str
    text: str
    start: int
    end: int
    facts: Mapping[str, Any] = field(default_factory=dict)


def aside(kind: str, match: re.Match[str], facts: Mapping[str, Any] | None = None) -> Aside:
    """All that a pattern matched, as one aside."""
    return Aside(kind, match[0], match.start(), match.end(), facts or {})


# --- numbers that are no doors ---

_HAS_LONG_NUMBER = re.compile(r"[\d*][\d* ()-]{5}|[零〇一二三四五六七八九幺]{11}")
_IDENTITY = re.compile(
    r"(?:身份证号?码?[:是为 ]?)?"
    r"(?<!\d)[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx](?![\da-z])"
)
_PHONE_LABEL = (
    r"(?:(?:联系|手机|固定|家庭|办公|我的?)?(?:电话号?码?|手机号?码?|座机|联系方式|tel|phone|mobile)[.:是为 ]{0,2}+)?"
)
_PHONE = re.compile(
    rf"{_PHONE_LABEL}(?<![\d*])(?:"
    r"(?:(?:\+|00)?86[ -]?)?1[3-9][\d*][ -]?[\d*]{4}[ -]?[\d*]{4}"  # a mobile, some digits masked
    r"|1[3-9][\d*]{2}[ -][\d*]{3}[ -][\d*]{4}"
    r"|(?:\+?886[ -]?|0)9\d\d[ -]?\d{3}[ -]?\d{3}"  # a mobile of Taiwan
    r"|\(?0\d{2,3}\)?[ -]?[2-9]\d{3}[ -]?\d{3,4}(?:(?:转|-|ext)\d{1,5})?"
    r"|\(?0[2-8]\)?[ -]?\d{4}[ -]?\d{4}"
    r"|[48]00[ -]?\d{3}[ -]?\d{4}|[48]00[ -]?\d{4}[ -]?\d{3}"
    rf")(?![\d*])(?![{UNITS}]|-\d)"
)
_LOCAL_PHONE = re.compile(rf"{_PHONE_LABEL}(?<![\d#*a-z-])[2-9]\d{{6,7}}(?![\d#*a-z.-]|[{UNITS}])")
_SPOKEN_PHONE = re.compile(
    rf"{_PHONE_LABEL}[幺一][三四五六七八九][零〇一二三四五六七八九幺]{{9}}(?![零〇一二三四五六七八九幺])"
)
_TAIWAN = "台北|新北|桃园|台中|台南|高雄|基隆|新竹|嘉义|苗栗|彰化|南投|云林|屏东|宜兰|花莲|台东|澎湖|金门|连江"
_POSTCODE = re.compile(
    r"(?:邮编|邮政编码|邮递区号|邮码|〒)[:是为 ]?\d{3,6}(?!\d)"
    rf"|^ *[0-8]\d{{5}}(?!\d)(?= ?[一-鿿])(?! ?[{UNITS}])"
    rf"|^ *\d{{3}}(?:\d{{2,3}})?(?= ?(?:{_TAIWAN})[市县])"
    r"|(?<=[,;。 ])[0-8]\d{5}(?= *$)"
)


def find_numbers(text: str) -> Iterator[Aside]:
    """Identity numbers, phones and postcodes; a number before a unit word is left: 13812345678号."""
    if _HAS_LONG_NUMBER.search(text):
        yield from (aside("identity", match) for match in _IDENTITY.finditer(text))
        for pattern in (_PHONE, _LOCAL_PHONE, _SPOKEN_PHONE):
            yield from (aside("phone", match) for match in pattern.finditer(text))
    if _HAS_POSTCODE.search(text):
        yield from (aside("postcode", match) for match in _POSTCODE.finditer(text))


_HAS_POSTCODE = re.compile(r"\d{6}|^ *\d{3}|邮|〒")

# --- people ---

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任"
    "袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于傅皮卞齐康伍余元卜顾孟黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧戴谈宋茅庞熊"
    "纪舒屈项祝董梁杜阮蓝闵席季麻强贾江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经裘解应宗丁宣邓郁杭包诸左"
    "石崔吉龚程邢裴陆荣翁荀羊惠甄曲封储靳段富巫焦谷车侯全班仲宫宁仇甘祖武符刘景詹束龙叶司黎薄印白蒲邰从索赖卓屠蒙池乔"
    "胥苍闻党翟谭劳申冉桑桂牛寿尚温柴瞿阎连艾向古易廖居衡步都耿满匡国文寇聂晁敖冷辛那简饶曾关沙丰查游权盖益肖涂闫付代"
    "仝岳晏尧邸蔺隋"
)
_DOUBLE = "欧阳|上官|司马|诸葛|皇甫|东方|尉迟|公孙|令狐|慕容|司徒|端木|夏侯|长孙|宇文|呼延|南宫|独孤"
_SURNAME = f"(?:{_DOUBLE}|[{_SURNAMES}])"
_TITLE = (
    "(?:先生|女士|小姐姐?|师傅|阿姨|大爷|大妈|大叔|大姐|大哥|大娘|老师|经理|主任|书记|医生|同志|老板娘?"
    "|太太|奶奶|爷爷|叔叔|姐|哥)"
)
_AFTER_PERSON = rf"(?=$|[{STOPS}]|\d|幺|说|称|报|反映|来电|投诉|举报|电话|手机|的|在|住|你好|您好|收)"
_AT_START = rf"(?:^|(?<=[{STOPS}])|(?<=\d))"
_BESIDE_DOOR = rf"(?:^|(?<=[{STOPS}])|(?<=[\d号室楼栋元户层院座幢门弄巷]))"
_HAS_PERSON = re.compile(
    "先生|女士|师傅|阿姨|大[爷妈叔娘]|老师|经理|主任|书记|医生|同志|老板|太太|奶奶|爷爷|叔叔|[人主户名姓叫收姐哥]"
)
_PEOPLE = (
    re.compile(rf"{_BESIDE_DOOR}{_SURNAME}[一-鿿]{{0,2}}?{_TITLE}(?:本人)?(?:家里?(?=$|[{STOPS}]))?收?{_AFTER_PERSON}"),
    re.compile(
        rf"{_AT_START}(?:联系人|收件人|收货人|寄件人|发件人|报案人|报警人|来电人|反映人|户主|业主|姓名)[:是为 ]{{0,2}}+"
        rf"{_SURNAME}[一-鿿]{{1,3}}(?=$|[{STOPS}]|\d|电话|手机|联系)"
    ),
    re.compile(rf"{_AT_START}(?:我叫|我是)?{_SURNAME}[一-鿿]{{1,2}}(?:亲启|收)(?=$|[{STOPS}]|\d)"),
    re.compile(rf"{_AT_START}(?:我姓|免贵姓|我免贵姓){_SURNAME}(?=$|[{STOPS}]|\d)"),
    re.compile(rf"{_AT_START}我叫{_SURNAME}[一-鿿]{{1,2}}(?=$|[{STOPS}])"),
)


def find_people(text: str) -> Iterator[Aside]:
    """People by surname and title, or after a word that announces a name; never a bare surname: 王府井, 孙先生路."""
    if _HAS_PERSON.search(text):
        for pattern in _PEOPLE:
            yield from (aside("person", match) for match in pattern.finditer(text))


# --- courier's words ---

_LABEL = re.compile(
    rf"(?:^|(?<=[{STOPS}]))(?:"
    r"(?:收货|收件|详细|送货|家庭|具体|联系|事发|案发|居住|户籍|寄件|发货|快递|单位|公司|办公|我的?|现|完整)?"
    r"(?:地址|住址|地点|位置|所在地区?)(?:是在|就是|是|为|在)?+(?=[: ]|[一-鿿])[: ]{0,2}+"
    r"|(?:请?(?:帮忙)?(?:寄|送|发|派送|配送)(?:到|往|至))[: ]?(?=[一-鿿]))"
)
_COURIER_WORDS = (  # longer ones before those that they begin with
    "轻拿轻放|送货上门|电话联系|快递员|快递柜|自提柜|保安室|打电话|家门口|传达室|收发室|工作日|快递|外卖|包裹|"
    "货物|邮件|门口|门卫|门岗|保安|驿站|菜鸟|丰巢|柜子|物业|前台|楼下|电话|联系|提前|到了|给我|轻放|小心|易碎|"
    "谢谢|感谢|就行|即可|可以|就好|签收|本人|代收|有人|没人|在家|加急|急件|到付|顺丰|圆通|中通|韵达|申通|京东|"
    "邮政|极兔|麻烦|辛苦|帮忙|不要|务必|一定|必须|尽快|快点|派送|配送|寄到|送到|送货|上门|自提|白天|晚上|周末|"
    "下班|之前|以后|收货|收件|多谢|ems|请|别|勿|放|送|寄|给|我|您|你|先|再|前|后|到|在|了|哈|吧|的|收|急|件|"
    "货|柜|要|或|者|和"
)
_COURIER_STRONG = re.compile(
    "放.*[口柜巢站业卫台安室下]|送货|送到|上门|派送|配送|收$|收件|收货|电话|联系|谢|轻放|麻烦|到付|签收|代收|自提|辛苦|尽快|急"
)
_CLAUSE = re.compile(
    rf"(?:^|(?<=[{STOPS}])|(?<=[\d号室楼栋元户层])(?=请|麻烦|快递|放|送货|谢|尽快|电话联系|到了|不要))"
    rf"(?>{_COURIER_WORDS})++(?=$|[{STOPS}])"
)


def find_courier(text: str) -> Iterator[Aside]:
    """Labels before an address (收货地址：) and clauses of nothing but courier's words (快递放门口, 谢谢)."""
    yield from (aside("courier", match) for match in _LABEL.finditer(text))
    for match in _CLAUSE.finditer(text):
        if _COURIER_STRONG.search(match[0]):
            yield aside("courier", match)


# --- words of speech ---

_BEGIN = re.compile(
    rf"(?:^|(?<=[{STOPS}]))(?>(?>"
    r"喂|啊|额(?![尔济敏穆仁勒吉布])|你好|您好|请问|我想问(?:一下|下)?|问(?:一下|下)|(?:帮我|请|麻烦)?(?:查|看|找)(?:一下|下|查)|查询"
    r"|麻烦(?:你们?|您)?(?:来|过来|派人来|派人)?(?:一下|下)?"
    r"|我?(?:要|想)?(?:反映|投诉|举报|报警|报修|咨询|求助)(?=一下|下|[:, ]|$)(?:一下|下)?"
    r"|我(?:们)?(?:家|现在|这边|这里|这儿|这|人|公司|单位)?(?:就是|就在|是在|住在|在|住|是)(?=[一-鿿\d a-z,])"
    r"|(?:这里|这边|这儿|这)(?:就)?是|家住在?|家在|住在|位于|坐落(?:在|于)|地处|就在|人在|车在|发生在"
    r"|在(?=[一-鿿]{2})(?!.[县市区])"
    r")[,:!。 ]{0,2}+)++"
)
_MIDDLE = re.compile("(?:就是|好像|应该|大概|可能|大约)(?:是在|就是|是|在)|那个|这个|就是|[嗯呃啊]")
_TAIL = rf"(?=$|[{STOPS}]|的|有|没|被|发生|停|乱|正|又|也|着|老是|总是|一直|经常)"
_HERE = re.compile(rf"(?:(?:这|那)(?:一)?(?:边|里|儿|块|片|头)(?:儿)?|这附近){_TAIL}")
_LED = re.compile(
    rf"(?:^|(?<=[{STOPS}]))[一-鿿]{{1,10}}?(?:停|放|堆|倒|掉|躺|坐|堵|摔|聚集|发生|出现|摆)(?:放|摊)?在(?=[一-鿿]{{2}})"
)
_EVENT = re.compile(
    r"(?<=[一-鿿\d ]{2})(?<!有人)(?:里面?|内|外面?|前面?|门前|门口|旁)?"
    r"(?:有(?:个|位|一个|一位|几个)?(?:人|男的|女的|老人|小孩|孩子|住户|邻居|居民|车|狗|辆车|一辆车)[一-鿿]{1,8}+"
    r"|(?:又|已经|突然)?(?:着火|起火|失火|冒烟|漏水|漏气|停水|停电|停气|断电|跳闸|积水|打架|吵架|被盗|被偷|扰民|塌方|坍塌|爆炸)"
    r"了?)(?=$|[?。!;,])"
)
_QUESTION = re.compile(
    r"(?:(?>(?:它|他)?(?:现在)?(?:是|属于|归属于|归属|归|由|在)?(?:哪(?:个|一个|位|些|里|儿)?|什么|谁|几)"
    r"(?:网格|社区|街道|片区|派出所|村|居委会?|单位|部门|地方)?(?:的|来)?(?:管辖?|管理|负责|联系)?"
    r"(?:网格员|的)?[啊呀呢吗]?"
    r"|(?:的)?网格(?:员|长)(?:的)?(?:电话|手机)?(?:号码)?(?:是)?(?:谁|多少|什么)?|怎么走)[?。! ]*+)++$"
)
_END = re.compile(r"(?<![的呢啊呀哦嘛啦])(?:[的呢啊呀哦嘛啦]|(?<=[号楼室里边儿区])吧)++(?=[?。!, ]*+$)")
_HAS_SPEECH = re.compile(
    "[喂好问查看找反投举报我这那家住位坐地就人车在麻嗯呃额有火烟漏停断跳水架盗偷扰塌爆]|好像|应该|大概|可能|哪|什|谁|几|网格|怎|[的呢啊呀哦嘛啦吧]"
)


def find_speech(text: str) -> Iterator[Aside]:
    """Words of a caller around the address: 喂你好我在…, …这边的, …有人晕倒, …归谁管."""
    if _HAS_SPEECH.search(text):
        for pattern in (_BEGIN, _LED, _MIDDLE, _HERE, _EVENT, _QUESTION, _END):
            yield from (aside("speech", match) for match in pattern.finditer(text))
