"""Addresses that break today's parsers, as users reported them, with the reading that is right.

The reports are those of cpca (DQinYuan/chinese_province_city_area_mapper), JioNLP, bitlap/geocoding, libpostal,
Nominatim and some address parsers in JavaScript, PHP and Go. Where a report hides digits as ``xx`` there are digits
here; names and phones of people are replaced by made-up ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LEVELS: Final = ("province", "city", "district", "street", "village")
UNITS: Final = {
    "road": "", "crossing": "", "segment": "段", "alley": "巷", "lane": "弄", "compound": "", "block": "坊",
    "group": "组", "number": "号", "section": "", "building": "号楼", "unit": "单元", "floor": "层", "room": "室",
    "place": "",
}  # fmt: skip
"""Parts and the word behind each."""


@dataclass(frozen=True, slots=True)
class Case:
    """One report.

    Parameters
    ----------
    text
        What was given to the parser.
    source, breaks
        Project and number of the report; what went wrong there.
    areas
        Level to name, by their names of today; an area that the text does not say may stand here.
    parts
        ``road crossing compound place section`` as names, ``segment lane alley number block group building unit floor
        room`` as values: 98-1, B1, A; in the order in which they are written.
    decoys
        Addresses that a register may hold beside the right one and that must not be taken for it.
    """

    text: str
    source: str
    breaks: str
    areas: Mapping[str, str]
    parts: Mapping[str, str] = field(default_factory=dict)
    decoys: tuple[str, ...] = ()

    @property
    def entry(self) -> str:
        """The address as a register writes it: areas from the widest, then the parts in their order."""
        return "".join([*self.areas.values(), *(value + UNITS[part] for part, value in self.parts.items())])


def _case(text: str, source: str, breaks: str, areas: str, *decoys: str, **parts: str) -> Case:
    named = dict(zip(LEVELS, areas.split(), strict=False))
    return Case(text, source, breaks, {level: name for level, name in named.items() if name != "-"}, parts, decoys)


ROADS_LIKE_PROVINCES: Final = (
    _case("上海 上海市 徐汇区 陕西南路666弄", "cpca #23", "陕西 read as the province", "- 上海市 徐汇区",
          "陕西省西安市雁塔区南路666号", "上海市徐汇区陕西北路666弄", road="陕西南路", lane="666"),
    _case("上海 上海市 普陀区 长寿路街道 陕西北路澳门路", "cpca #23", "two roads named after provinces, a crossing",
          "- 上海市 普陀区 长寿路街道", "上海市普陀区长寿路街道澳门路1号", road="陕西北路", crossing="澳门路"),
    _case("重庆 重庆市 沙坪坝区 壮志路33号四川外国语大学山下400020：", "cpca #23",
          "四川 of the university read as the province", "- 重庆市 沙坪坝区", "重庆市沙坪坝区壮志路20号",
          road="壮志路", number="33", place="四川外国语大学"),
    _case("上海 上海市 虹口区 四川北路街道 海泰时代大厦", "cpca #23", "a street named after a province",
          "- 上海市 虹口区 四川北路街道", "上海市虹口区四川北路街道四川北路1号", place="海泰时代大厦"),
    _case("上海市徐汇区桂林路369号", "cpca #41", "桂林 read as the city", "- 上海市 徐汇区",
          "广西壮族自治区桂林市象山区上海路369号", road="桂林路", number="369"),
    _case("北京市石景山区老山东里", "cpca #43", "山东 found across two words", "- 北京市 石景山区",
          "北京市石景山区老山西里", compound="老山东里"),
    _case("上海市广东路689号", "cpca #67", "read as 广东省上海市", "- 上海市 黄浦区", "上海市黄浦区广西路689号",
          road="广东路", number="689"),
    _case("上海市黄浦区广东路689号第32层第01-12室单元", "cpca #67", "第 before floor and room, 室单元 behind it",
          "- 上海市 黄浦区", "上海市黄浦区广东路689号第12层", road="广东路", number="689", floor="32", room="01-12"),
    _case("黑龙江省安达市朝阳街168号", "cpca #70", "朝阳 read as the city; a city below a city that is not said",
          "黑龙江省 绥化市 安达市", "辽宁省朝阳市朝阳街168号", road="朝阳街", number="168"),
    _case("太仓市城厢镇华源上海城5幢1203室", "cpca #92", "上海城 read as 上海市", "江苏省 苏州市 太仓市 城厢镇",
          "太仓市城厢镇华源上海城12幢503室", compound="华源上海城", building="5", room="1203"),
    _case("昆山开发区朝阳东路26号", "cpca #92", "朝阳 read as the city", "江苏省 苏州市 昆山市", "昆山市朝阳西路26号",
          road="朝阳东路", number="26"),
    _case("昆山市玉山镇朝阳西路26号", "cpca #92", "朝阳 read as the city", "江苏省 苏州市 昆山市 玉山镇",
          "昆山市玉山镇朝阳东路62号", road="朝阳西路", number="26"),
    _case("上海市山西北路188弄5号", "cpca #92", "山西 read as the province", "- 上海市 静安区",
          "上海市静安区山西北路5弄188号", "上海市静安区陕西北路188弄5号", road="山西北路", lane="188", number="5"),
    _case("姜堰区文昌丽都6号楼", "cpca #92", "文昌 read as the city in 海南", "江苏省 泰州市 姜堰区",
          "海南省文昌市丽都花园6号楼", compound="文昌丽都", building="6"),
    _case("北海市重庆路其仓11号", "JioNLP #70", "重庆路 read as 重庆市", "广西壮族自治区 北海市 -",
          "重庆市渝中区北海路11号", road="重庆路", compound="其仓", number="11"),
    _case("中国，山东省，青岛市 香港东路6号，5号楼，8号室 李先生 收", "libpostal #71",
          "号, 楼 and 室 torn from their numbers", "山东省 青岛市 崂山区", "山东省青岛市崂山区香港东路5号6号楼8室",
          "山东省青岛市市南区香港中路6号5号楼8室", road="香港东路", number="6", building="5", room="8"),
    _case("山东青岛市香港东路6号5号楼8号室", "libpostal #71", "山东青 and 岛市, since 省 is missing",
          "山东省 青岛市 崂山区", "山东省青岛市市南区香港西路6号5号楼8室", road="香港东路", number="6", building="5",
          room="8"),
    _case("廣東省東莞市虎門鎮運河北路84號行運茶餐廳", "akebe/address-parse #42",
          "河北 found in 運河北路; traditional script", "广东省 东莞市 - 虎门镇", "广东省东莞市虎门镇运河南路84号",
          road="运河北路", number="84", place="行运茶餐厅"),
)  # fmt: skip

UPPER_LEVELS: Final = (
    _case("广东省东莞市莞城区东莞大道海雅百货", "cpca #11", "城区 found in 莞城区; a city without districts",
          "广东省 东莞市 - 莞城街道", "广东省东莞市南城街道东莞大道1号", road="东莞大道", place="海雅百货"),
    _case("浙江省杭州市下城区青云街40号3楼", "cpca #11", "城区 found in 下城区, which is 拱墅区 today",
          "浙江省 杭州市 拱墅区", "浙江省杭州市上城区青云街40号", road="青云街", number="40", floor="3"),
    _case("上海市浦东新区东明路街道三林路15号", "cpca #61", "新区 and 东明路街道 not recognised",
          "- 上海市 浦东新区 东明路街道", "上海市浦东新区三林镇三林路15号", road="三林路", number="15"),
    _case("上海市浦东新区芳甸路", "cpca #36", "浦东新区 not recognised", "- 上海市 浦东新区", road="芳甸路"),
    _case("罗湖宝岗路", "cpca #36", "a district without 区", "广东省 深圳市 罗湖区", "广东省深圳市龙岗区宝岗路",
          road="宝岗路"),
    _case("贵州省贵阳市观山湖区 世纪城社区服务中心 贵阳市金阳世纪城龙泉苑29懂1单元2", "cpca #62",
          "龙泉 read as the city; prefix twice, old name 金阳; 懂 for 栋", "贵州省 贵阳市 观山湖区",
          "贵州省贵阳市观山湖区世纪城龙泉苑2号楼1单元29", compound="世纪城龙泉苑", building="29", unit="1", room="2"),
    _case("浙江省 织里镇 吴兴区织里镇织纺路731号中通快递2栋4号楼中间.", "cpca #71",
          "an exception; town before its district", "浙江省 湖州市 吴兴区 织里镇",
          "浙江省湖州市吴兴区织里镇织纺路431号", road="织纺路", number="731"),
    _case("朝阳区汉庭酒店大山子店", "cpca #78", "朝阳区 of the wrong city", "- 北京市 朝阳区",
          "吉林省长春市朝阳区汉庭酒店红旗街店", place="汉庭酒店大山子店"),
    _case("吉林通化市东昌区江南大街与江畅路交汇处", "cpca #89", "吉林 read as the city", "吉林省 通化市 东昌区",
          "吉林省吉林市昌邑区江南大街1号", road="江南大街", crossing="江畅路"),
    _case("丹徒辛丰镇黄墟冷遹路8号", "cpca #92", "no city, no 区; a rare character", "江苏省 镇江市 丹徒区 辛丰镇",
          "江苏省镇江市丹徒区辛丰镇黄墟路8号", road="冷遹路", number="8"),
    _case("广东省东莞市东城区石井支路", "cpca #112", "a city without districts; 东城区 for 东城街道",
          "广东省 东莞市 - 东城街道", road="石井支路"),
    _case("上门西湖区蒋村花园小区管局农贸市场高高兴兴", "JioNLP #29",
          "an exception; words that are no address around it", "浙江省 杭州市 西湖区", "浙江省杭州市西湖区蒋村集市",
          compound="蒋村花园小区"),
    _case("东兴市北仑大道59号", "JioNLP #70", "东兴市 read as 东兴区 of another province",
          "广西壮族自治区 防城港市 东兴市", "四川省内江市东兴区北仑大道59号", road="北仑大道", number="59"),
    _case("云南省红河哈尼族彝族自治州元阳县黄茅岭乡", "JioNLP #76", "红河 read as the county 红河县",
          "云南省 红河哈尼族彝族自治州 元阳县 黄茅岭乡", "云南省红河哈尼族彝族自治州红河县迤萨镇"),
    _case("江西南昌市新建区松湖镇江西省南昌市新建区松湖镇松湖中心小学", "JioNLP #103",
          "prefix twice, once without 省", "江西省 南昌市 新建区 松湖镇", "江西省南昌市新建区石岗镇中心小学",
          place="松湖中心小学"),
    _case("成都市新津县金华镇清云北路2号（四川新津工业园）", "JioNLP #205",
          "a county that is a district today; brackets", "四川省 成都市 新津区 金华镇",
          "四川省成都市新津区金华镇清云南路2号", road="清云北路", number="2"),
    _case("湖南永州市祁阳市梅溪镇湖南省祁阳县梅溪镇春光村十二组", "JioNLP #210",
          "prefix twice, county and city of one name", "湖南省 永州市 祁阳市 梅溪镇 春光村",
          "湖南省永州市祁阳市梅溪镇春光村2组", group="12"),
    _case("南昌市东湖区江西师范大学青山湖校区商贸楼", "JioNLP #213", "an exception: 青山湖 is a district too",
          "江西省 南昌市 东湖区", "江西省南昌市青山湖区商贸楼", place="江西师范大学青山湖校区商贸楼"),
    _case("青海西宁", "JioNLP #221", "海西 found across two words", "青海省 西宁市", "青海省海西蒙古族藏族自治州"),
    _case("广东省中山市小榄镇", "JioNLP #254", "a city without districts", "广东省 中山市 - 小榄镇",
          "广东省中山市古镇镇"),
    _case("广东省东莞市樟木头镇保和生态城一期", "JioNLP #267", "a city without districts; a phase behind the name",
          "广东省 东莞市 - 樟木头镇", "广东省东莞市樟木头镇保和生态城二期", compound="保和生态城一期"),
    _case("无为市", "JioNLP #286", "a city that was a county", "安徽省 芜湖市 无为市", "安徽省芜湖市无为路1号"),
    _case("东湖二街平南县地王国际东湖二街东2栋502", "JioNLP #287",
          "东湖 read as the district; the road before its county", "广西壮族自治区 贵港市 平南县",
          "江西省南昌市东湖区二街2栋502", compound="地王国际", building="2", room="502"),
    _case("广东省中山市石岐区街道办事处豪程北路666号", "wzc570738205/smartParsePro #17", "区街道办事处",
          "广东省 中山市 - 石岐街道", road="豪程北路", number="666"),
    _case("天津大港区大港油田花园路123号", "akebe/address-parse #36", "a district that became part of 滨海新区",
          "- 天津市 滨海新区", "天津市滨海新区大港油田花园西路123号", road="花园路", number="123"),
    _case("湖南省邵阳县长乐乡", "akebe/address-parse #48", "邵阳县 read as 邵阳市 and 县长乐乡",
          "湖南省 邵阳市 邵阳县 长乐乡"),
    _case("北京市北京市东城区北京市北京市东城区东四十条甲22号", "ldwonday/zh-address-parse #63",
          "prefixes doubled: an exception", "- 北京市 东城区", "北京市东城区东四十条22号", "北京市东城区东四条甲22号",
          road="东四十条", number="甲22"),
    _case("辽宁辽阳", "libpostal #343", "辽宁辽 read as a road", "辽宁省 辽阳市"),
)  # fmt: skip

NUMBERS: Final = (
    _case("四川省成都市武侯区晋阳路17号2-1-14-1401号", "cpca #61", "numbers with hyphens, 号 behind the room",
          "四川省 成都市 武侯区", "四川省成都市武侯区晋阳路17号1-2-14-1401", road="晋阳路", number="17", building="2",
          unit="1", floor="14", room="1401"),
    _case("深圳市南山区深南大道9028号益田假日广场B1层物管中心", "cpca #61", "a floor with a letter",
          "广东省 深圳市 南山区", "广东省深圳市南山区深南大道9030号", road="深南大道", number="9028",
          compound="益田假日广场", floor="B1"),
    _case("广东省深圳市南山区沙河新塘村三坊25号", "cpca #61", "坊 with a Chinese numeral", "广东省 深圳市 南山区",
          "广东省深圳市南山区新塘村2坊25号", compound="新塘村", block="3", number="25"),
    _case("广东省深圳市南山区蛇口山海经花园A栋C单元18C08", "cpca #61", "letters as numbers, a letter inside the room",
          "广东省 深圳市 南山区", "广东省深圳市南山区山海经花园C栋A单元18C08", compound="山海经花园", building="A",
          unit="C", room="18C08"),
    _case("江苏省宿迁市沭阳县龙庙镇龙庙村九组140号", "cpca #61", "town and village of one name; a group",
          "江苏省 宿迁市 沭阳县 龙庙镇 龙庙村", "江苏省宿迁市沭阳县龙庙镇龙庙村4组140号", group="9", number="140"),
    _case("陕西省汉中市滨江新区 桃园新城26号楼2单元", "cpca #61", "新城 torn apart; a new area that is no district",
          "陕西省 汉中市", "陕西省汉中市汉台区桃园新城2号楼26单元", compound="桃园新城", building="26", unit="2"),
    _case("黑龙江省双鸭山市尖山区一马路集星社区拐坝楼1单元602室", "cpca #61",
          "a road that begins with a numeral; a named building", "黑龙江省 双鸭山市 尖山区",
          "黑龙江省双鸭山市尖山区二马路拐坝楼2单元602室", road="一马路", compound="拐坝楼", unit="1", room="602"),
    _case("北京市密云区经济开发区西统路8号西田各庄镇政府办公楼508室-662", "cpca #64",
          "another area's name behind the number", "- 北京市 密云区", "北京市密云区西统路18号", road="西统路",
          number="8", place="西田各庄镇政府办公楼", room="508"),
    _case("福建省三明市梅列区乾龙新村416幢16层1号、2号", "cpca #64",
          "too long; a list of rooms; 梅列区 is 三元区 today", "福建省 三明市 三元区",
          "福建省三明市三元区乾龙新村16号楼", compound="乾龙新村", building="416", floor="16", room="1"),
    _case("黑龙江省富裕县富裕镇三社区五委2组", "JioNLP #7", "龙江 found in 黑龙江省富裕县",
          "黑龙江省 齐齐哈尔市 富裕县 富裕镇", "黑龙江省齐齐哈尔市龙江县三社区五委2组", compound="三社区五委",
          group="2"),
    _case("陕西省⻄安市⻓安区王曲镇光明路甲字5号", "JioNLP #249",
          "⻄ and ⻓ are radicals, not the characters; 甲字5号", "陕西省 西安市 长安区 王曲街道",
          "陕西省西安市长安区王曲街道光明路5号", road="光明路", number="甲5"),
    _case("山东省青岛市市北区马兰花园小区2栋2单元", "JioNLP #263", "no compound in the grammar",
          "山东省 青岛市 市北区", "山东省青岛市市北区马兰花园小区22号楼", compound="马兰花园小区", building="2",
          unit="2"),
    _case("江苏省南京市庐山路98-1号", "bitlap/geocoding #145", "similarity 0 to the same with its district",
          "江苏省 南京市 建邺区", "江苏省南京市建邺区庐山路98号", "江苏省南京市建邺区庐山路981号", road="庐山路",
          number="98-1"),
    _case("海南省海口市灵山镇海榆大道4号绿地城.润园海口市灵山西片去旧改项目A-32地块11#楼(栋)2(单元)2(层)203(号)",
          "bitlap/geocoding #165",
          "山西 across two words, a second prefix, unit words in brackets, A-32 taken for the building",
          "海南省 海口市 美兰区 灵山镇", "海南省海口市美兰区灵山镇海榆大道4号绿地城润园2号楼11单元203",
          road="海榆大道", number="4", compound="绿地城润园", building="11", unit="2", floor="2", room="203"),
    _case("海南省海口市灵山镇海榆大道4号绿地城.润园11#楼2单元203", "bitlap/geocoding #165",
          "the short form of the same", "海南省 海口市 美兰区 灵山镇", road="海榆大道", number="4",
          compound="绿地城润园", building="11", unit="2", room="203"),
    _case("北京市海淀区西北旺东路10号院东区323102", "bitlap/geocoding #189", "a bare number lost; 号院 and a section",
          "- 北京市 海淀区", "北京市海淀区西北旺东路10号院西区323102", road="西北旺东路", number="10", section="东区",
          room="323102"),
    _case("鹤庆路358弄81号", "Nominatim #397", "found only as 81 鹤庆路358弄", "- 上海市 闵行区",
          "上海市闵行区鹤庆路81弄358号", road="鹤庆路", lane="358", number="81"),
    _case("研究院路二段12巷14弄4號", "Nominatim #177", "found only with the number in front and without 號",
          "- 台北市 南港区", "台北市南港区研究院路1段12巷14弄4号", "台北市南港区研究院路2段14巷12弄4号",
          road="研究院路", segment="2", alley="12", lane="14", number="4"),
    _case("台中市南屯區南屯路2段870巷8-1號", "organicmaps #10027", "8-1號 and 8之1號 are one door", "- 台中市 南屯区",
          "台中市南屯区南屯路2段870巷8号", "台中市南屯区南屯路1段870巷8之1号", road="南屯路", segment="2",
          alley="870", number="8-1"),
    _case("新疆阿克苏温宿县博孜墩柯尔克孜族乡吾斯塘博村一组306号", "pupuk/addr #4", "a long name of a township; 一组",
          "新疆维吾尔自治区 阿克苏地区 温宿县 博孜墩柯尔克孜族乡 吾斯塘博村", group="1", number="306"),
)  # fmt: skip

MIXED_IN: Final = (
    _case("上海市/上海市/虹口区/虬江支路180", "pupuk/address #7", "slashes, no 号", "- 上海市 虹口区",
          "上海市虹口区虬江路180号", "上海市虹口区虬江支路18号", road="虬江支路", number="180"),
    _case("收货人: 样例甲\n手机号码: 13800000001\n所在地区: 广东省深圳市龙岗区龙岗街道\n详细地址: 格水村三巷十号三楼",
          "pupuk/address #2", "labels and lines of a form", "广东省 深圳市 龙岗区 龙岗街道",
          "广东省深圳市龙岗区龙岗街道格水村10巷3号", compound="格水村", alley="3", number="10", floor="3"),
    _case("样例乙,13800000002,浙江省 宁波市 镇海区 蛟川街道临江小区30幢306室,315200", "wzc570738205/smartParsePro #8",
          "the compound taken for the person", "浙江省 宁波市 镇海区 蛟川街道",
          "浙江省宁波市镇海区蛟川街道临江小区3幢306室", compound="临江小区", building="30", room="306"),
    _case("新疆维吾尔自治区自治区直辖县级行政区划五家渠市 新疆中部盒盛硅业有限公司西北500米水果蔬菜店", "JioNLP #163",
          "a level that has no name; a distance from a place", "新疆维吾尔自治区 - 五家渠市",
          place="新疆中部盒盛硅业有限公司"),
    _case("13800000003 上海奉贤区南桥镇程普路123号上海可通营业部 样例丙", "akebe/address-parse #36",
          "a second city in the shop's name", "- 上海市 奉贤区 南桥镇", "上海市奉贤区南桥镇程普路12号", road="程普路",
          number="123"),
)  # fmt: skip

CASES: Final = (*ROADS_LIKE_PROVINCES, *UPPER_LEVELS, *NUMBERS, *MIXED_IN)
"""All of them."""
