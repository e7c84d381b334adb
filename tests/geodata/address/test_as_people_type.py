"""Addresses as dispatchers hear and type them, by kind, each with the entry that is meant."""

import pytest

from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex

SURE = 0.95
REGISTER = (
    "青岛市市南区香港中路12号", "青岛市市南区香港中路21号", "青岛市市南区香港中路14号", "青岛市市南区香港东路12号",
    "青岛市市北区嘉善路137-2号", "青岛市市北区嘉善路137号", "青岛市市北区嘉善路306弄26号", "青岛市市北区宁夏路4号",
    "青岛市市北区宁夏路11号", "青岛市市北区镇江路18号阳光花园3号楼2单元", "青岛市市北区镇江路18号阳光花园5号楼2单元",
    "青岛市市北区辽宁路228号新科技广场A座", "青岛市市北区辽宁路228号新科技广场B座", "青岛市李沧区浮山后四小区12号楼",
    "青岛市李沧区浮山后五小区12号楼", "青岛市李沧区爱建新城11栋", "青岛市李沧区国年小区1号楼",
    "青岛市李沧区桃源新村10号楼", "青岛市李沧区御景山庄二期6号楼", "青岛市李沧区御景山庄三期6号楼",
    "青岛市李沧区紫薇里F座", "青岛市李沧区紫薇里D座", "青岛市李沧区桃李家园E座2单元", "青岛市李沧区桃李家园D座2单元",
    "青岛市李沧区丽景苑二期北区1号楼", "青岛市李沧区丽景苑二期南区1号楼", "青岛市崂山区云锦居别墅B38",
    "青岛市崂山区云锦居别墅B8", "青岛市崂山区王庄村委会", "青岛市崂山区石桥村2组84号", "青岛市崂山区石桥村3组84号",
    "青岛市崂山区前王庄东头第5家", "青岛市崂山区前王庄东头第3家", "青岛市崂山区205国道13公里处",
    "青岛市崂山区205国道31公里处", "青岛市崂山区沙河新村一街坊16号", "青岛市崂山区沙河新村二街坊16号",
    "青岛市市南区东四四条4号", "青岛市市南区东四四条4号楼",
    "武汉市江岸区车站路特12号", "武汉市江岸区车站路12号", "上海市静安区武定路327弄4支弄6号",
    "上海市静安区武定路327弄4号",
    "哈尔滨市道外区南十六道街112-3号", "哈尔滨市道外区北十六道街112-3号", "西安市碑林区东木头市172号",
    "西安市碑林区西木头市172号", "北京市东城区东四十二条22号南新仓商务大厦A座", "上海市静安区本溪路23号丁香里9号",
    "上海市静安区本溪路23号", "上海市静安区本溪路23号丁",
    "安平市桥东区解放路14号", "安平市桥东区解放路14号后院", "安平市桥东区解放路14号旁门",
    "安平市桥东区解放路沿街房14号",
    "安平市桥东区人民东路18号", "安平市桥东区人民东路南侧18号",
)  # fmt: skip
CASES = (
    ("called out", "嘉善路幺三拐-二号", "青岛市市北区嘉善路137-2号"),
    ("called out", "嘉善路三洞六弄二十六号", "青岛市市北区嘉善路306弄26号"),
    ("called out", "嘉善路幺三拐号", "青岛市市北区嘉善路137号"),
    ("a numeral in a shop's name", "宁夏路四季水果店11号", "青岛市市北区宁夏路11号"),
    ("what happened there", "香港中路14号有人打架", "青岛市市南区香港中路14号"),
    ("what happened there", "新科技广场B座着火了", "青岛市市北区辽宁路228号新科技广场B座"),
    ("without its ending", "阳光3号楼", "青岛市市北区镇江路18号阳光花园3号楼2单元"),
    ("without its ending", "镇江路阳光3号楼二单元", "青岛市市北区镇江路18号阳光花园3号楼2单元"),
    ("without its ending", "爱建11栋", "青岛市李沧区爱建新城11栋"),
    ("without its ending", "国年1号楼", "青岛市李沧区国年小区1号楼"),
    ("without its ending", "桃源10号楼", "青岛市李沧区桃源新村10号楼"),
    ("without its ending", "新科技a栋", "青岛市市北区辽宁路228号新科技广场A座"),
    ("another ending", "阳光小区3号楼", "青岛市市北区镇江路18号阳光花园3号楼2单元"),
    ("another ending", "浮山后四区12号楼", "青岛市李沧区浮山后四小区12号楼"),
    ("building as a storey", "阳光花园3楼2单元", "青岛市市北区镇江路18号阳光花园3号楼2单元"),
    ("Roman", "御景山庄II期6号楼", "青岛市李沧区御景山庄二期6号楼"),
    ("Roman", "御景山庄Ⅲ期6号楼", "青岛市李沧区御景山庄三期6号楼"),
    ("Roman", "御景山庄iii期6栋", "青岛市李沧区御景山庄三期6号楼"),
    ("letters", "紫薇里 F", "青岛市李沧区紫薇里F座"),
    ("letters", "桃李家园E—2—502", "青岛市李沧区桃李家园E座2单元"),
    ("letters", "桃李家园 e-2-502", "青岛市李沧区桃李家园E座2单元"),
    ("letters", "云锦居别墅B三八", "青岛市崂山区云锦居别墅B38"),
    ("a quarter of a phase", "丽景苑二期北区1号楼", "青岛市李沧区丽景苑二期北区1号楼"),
    ("a quarter of a phase", "丽景苑2期南区1#楼", "青岛市李沧区丽景苑二期南区1号楼"),
    ("a village itself", "王庄村委会", "青岛市崂山区王庄村委会"),
    ("groups", "石桥村第二村民小组84号", "青岛市崂山区石桥村2组84号"),
    ("groups", "石桥三组84户", "青岛市崂山区石桥村3组84号"),
    ("families", "前王庄东头第五家", "青岛市崂山区前王庄东头第5家"),
    ("kilometre stones", "205国道13公里", "青岛市崂山区205国道13公里处"),
    ("kilometre stones", "二零五国道三十一公里处", "青岛市崂山区205国道31公里处"),
    ("neighbourhoods", "沙河新村2街坊16号", "青岛市崂山区沙河新村二街坊16号"),
    ("a sign for 号", "香港中路12#", "青岛市市南区香港中路12号"),
    ("a sign for 号", "东四四条4＃", "青岛市市南区东四四条4号"),
    ("special numbers", "车站路12号特", "武汉市江岸区车站路特12号"),
    ("special numbers", "车站路特十二号", "武汉市江岸区车站路特12号"),
    ("special numbers", "车站路12号特产店", "武汉市江岸区车站路12号"),
    ("lanes of lanes", "武定路三二七弄四支弄六号", "上海市静安区武定路327弄4支弄6号"),
    ("digits in a name", "南16道街112-3", "哈尔滨市道外区南十六道街112-3号"),
    ("digits in a name", "东四12条22号", "北京市东城区东四十二条22号南新仓商务大厦A座"),
    ("a road like a city", "东木头市172", "西安市碑林区东木头市172号"),
    ("a road like a city", "西木头172号", "西安市碑林区西木头市172号"),
    ("without its ending", "南新仓A座", "北京市东城区东四十二条22号南新仓商务大厦A座"),
    ("a name like 丁", "本溪路23号顶香里9号", "上海市静安区本溪路23号丁香里9号"),
    ("a name like 丁", "本溪路丁23号", "上海市静安区本溪路23号丁"),
    ("counted things", "武定路327弄4号有3个人打架", "上海市静安区武定路327弄4号"),
    ("counted things", "车站路12号昨晚8点跳闸", "武汉市江岸区车站路12号"),
    ("words beside the number", "解放路14号", "安平市桥东区解放路14号"),
    ("words beside the number", "解放路14号后院", "安平市桥东区解放路14号后院"),
    ("words beside the number", "桥东区解放路十四号旁门", "安平市桥东区解放路14号旁门"),
    ("words beside the number", "解放路沿街房14号", "安平市桥东区解放路沿街房14号"),
    ("words beside the number", "人民东路南侧18号", "安平市桥东区人民东路南侧18号"),
    ("pinyin apart", "xianggang zhong lu 12 hao", "青岛市市南区香港中路12号"),
    ("pinyin apart", "tao li jia yuan E zuo 2 dan yuan", "青岛市李沧区桃李家园E座2单元"),
    ("pinyin apart", "yu jing shan zhuang san qi 6 hao lou", "青岛市李沧区御景山庄三期6号楼"),
    ("pinyin with a letter", "taolijiayuanEzuo2danyuan", "青岛市李沧区桃李家园E座2单元"),
    ("initials with a letter", "zwlF座", "青岛市李沧区紫薇里F座"),
    ("half pinyin with a letter", "桃lijiayuanE座2单元", "青岛市李沧区桃李家园E座2单元"),
)  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> AddressIndex:
    folder = tmp_path_factory.mktemp("typed")
    entries = [Entry(text, "address", text, 120.0 + place * 0.01, 36.0) for place, text in enumerate(REGISTER)]
    compile_entries(entries, folder)
    return AddressIndex(folder)


@pytest.mark.parametrize(("kind", "typed", "meant"), CASES, ids=[f"{kind} {typed}" for kind, typed, _ in CASES])
def test_what_people_type_is_found(index: AddressIndex, kind: str, typed: str, meant: str) -> None:
    candidate = index.find(typed).candidates[0]

    assert candidate.code == meant, kind
    assert candidate.score >= SURE, kind


@pytest.mark.parametrize("typed", ["香港中路幺拐号", "阳光8号楼", "御景山庄一期6号楼", "205国道99公里", "宁夏路12号"])
def test_other_numbers_are_never_taken_for_these(index: AddressIndex, typed: str) -> None:
    exact = [one for one in index.find(typed).candidates if one.exact and one.score >= SURE]

    assert not exact
