"""Who is named in one cell, as clerks write it."""

import pytest

from geodata.intake.cells import Unreadable
from geodata.intake.people_cells import MOST_PEOPLE, NOTHING, People, Person, read_people

A, B = "13800000001", "13800000002"


def people(names, phones=None, above=NOTHING):
    return list(read_people(names, phones, above).people)


def fault(names, phones=None):
    with pytest.raises(Unreadable) as caught:
        read_people(names, phones)
    assert caught.value.message_zh
    return caught.value.kind


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            *("张三、李四", "张三 李四", "张三\n李四", "张三，李四", "张三;李四", "张三/李四", "张三　李四"),
            *("张 三、李 四", "张 三 李四", "张三 和 李四"),
        ],
    )
    def test_several_people_of_one_cell_are_told_apart(self, text):
        assert people(text) == [Person("张三"), Person("李四")]

    @pytest.mark.parametrize("text", ["张 三", "张　三", " 张三 ", "张三、", "姓名：张三"])
    def test_a_name_with_blanks_is_one_name(self, text):
        assert people(text) == [Person("张三")]

    @pytest.mark.parametrize("text", ["欧阳 娜娜", "John Smith", "买买提·吐尔逊", "样例-0001", "W3"])
    def test_compound_surnames_foreign_names_and_codes_stay_whole(self, text):
        assert people(text) == [Person(text.replace("欧阳 ", "欧阳"))]

    def test_four_single_characters_are_not_guessed_apart(self):
        assert fault("张 三 李 四") == "unclear-name"

    def test_a_mark_of_standing_in_is_understood_and_others_are_left_out_aloud(self):
        read = read_people("张三（代）、李四(兼)、王五（组长）", None)
        assert [(one.name, one.stand_in) for one in read.people] == [("张三", True), ("李四", False), ("王五", False)]
        assert [doubt.kind for doubt in read.doubts] == ["mark-left-out"]

    def test_a_cell_of_a_whole_village_is_refused(self):
        assert fault("、".join(f"样例{n}" for n in range(MOST_PEOPLE + 1))) == "too-many-people"

    @pytest.mark.parametrize("text", ["、、", "（代）", ":"])
    def test_signs_without_a_name_are_refused(self, text):
        assert fault(text) == "unclear-name"


class TestPhones:
    def test_phones_beside_names_go_by_their_order(self):
        assert people("张三、李四", f"{A}、{B}") == [Person("张三", A), Person("李四", B)]
        assert people("张三\n李四", f"{A}\n{B}") == [Person("张三", A), Person("李四", B)]
        assert people("张三 李四", f"138-0000-0001 {B}") == [Person("张三", A), Person("李四", B)]

    @pytest.mark.parametrize(
        "text", [f"张三{A}、李四{B}", f"张三 {A} 李四 {B}", f"张三（{A}）李四（{B}）", f"张三:{A}；李四:{B}"]
    )
    def test_phones_inside_the_cell_belong_to_the_name_before_them(self, text):
        assert people(text) == [Person("张三", A), Person("李四", B)]

    def test_landlines_are_phones_too(self):
        assert people("张三", "0531-88880000") == [Person("张三", "0531-88880000")]

    def test_one_phone_for_two_people_is_the_first_ones_and_said(self):
        read = read_people("张三、李四", A)
        assert list(read.people) == [Person("张三", A), Person("李四")]
        assert [(doubt.kind, doubt.of_phone) for doubt in read.doubts] == [("phones-do-not-match", True)]

    def test_a_second_phone_is_left_out_and_said(self):
        read = read_people("张三", f"{A}/{B}")
        assert list(read.people) == [Person("张三", A)]
        assert [doubt.kind for doubt in read.doubts] == ["second-phone"]
        assert B not in read.doubts[0].message + read.doubts[0].message_zh

    @pytest.mark.parametrize("cells", [("张三", "138****0001"), ("张三138****0001", None)])
    def test_a_masked_phone_is_refused(self, cells):
        assert fault(*cells) == "masked-phone"

    @pytest.mark.parametrize("phones", ["1380000OO01", "12", A + B, "x", "1.38E+10"])
    def test_a_phone_that_is_none_is_refused(self, phones):
        assert fault("张三", phones)

    @pytest.mark.parametrize("names", ["张三138000", "张三 138 0000", "13800", "张三138000000011380000000"])
    def test_half_a_phone_beside_a_name_is_refused(self, names):
        assert fault(names) == "unclear-name"

    def test_a_phone_without_anybody_is_refused(self):
        assert fault("", A) == "phone-without-name"


class TestNobody:
    @pytest.mark.parametrize("text", ["空缺", "暂缺", "无", "（空缺）", "待定", "—", "/", "None", "空 缺", "暂无"])
    def test_a_word_for_nobody_is_a_vacancy(self, text):
        assert read_people(text, None) == People(vacant=True, stated=True)

    @pytest.mark.parametrize("cells", [("", ""), (None, None), ("  ", None), (None, "无")])
    def test_an_empty_cell_says_nothing(self, cells):
        assert read_people(*cells) == NOTHING

    @pytest.mark.parametrize("text", ["同上", "〃", '"', "同前"])
    def test_the_same_as_above_is_what_stands_above(self, text):
        assert people(text, None, read_people("张三", A)) == [Person("张三", A)]

    def test_the_same_as_an_empty_cell_is_refused(self):
        assert fault("同上") == "nothing-above"
