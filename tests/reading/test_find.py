"""What a resident may write for an answer (DOMAIN, identity input). Every number here is invented."""

import pytest
from engine.kit import MONDAY, make_id

from bot.engine.events import ImageReceived, LocationReceived, VoiceReceived
from bot.engine.flow import Slot
from bot.engine.slots import answer
from bot.reading.choices import Choice, chosen
from bot.reading.clean import Said, hear, normal
from bot.reading.find import find
from bot.reading.results import Doubtful, Invalid

CHOICES = (
    Choice("red", "大红色", 1),
    Choice("blue", "天蓝色（浅）", 2),
    Choice("green", "草绿色", 3),
    Choice("none", "都不要"),
)


def read(kind: str, text: str, **limits: object) -> object:
    """The value, in brackets if asked back; or the text that says why not ("" for the slot's own)."""
    slot = Slot("slot", kind, **limits)  # type: ignore[arg-type]
    value = find(slot, Said(text), (), "2026-11-23")
    if isinstance(value, Doubtful):
        return (value.value,) if value.likely else ""
    return value.text if isinstance(value, Invalid) else value


@pytest.mark.parametrize(
    "first17",
    [
        "11010119800101001",
        "81000019900307123",
        "82000019900307123",
        "83000019900307123",
        "91015619850615543",
        "99999919500101002",
    ],
)
def test_any_division_residence_permits_and_permanent_residents_are_taken(first17: str) -> None:
    number = make_id(first17)
    assert read("id_number", number) == number


@pytest.mark.parametrize(
    "written",
    [
        "110101 19800101 001{c}",
        "110101-1980-0101-001{c}",
        "１１０１０１１９８００１０１００１{c}",
        "我的号码是11010119800101001{c}。",
        "110101–19800101–001{c}",
        "身份证：11010119800101001{c}",
        "my ID is 11010119800101001{c}",
        "ID 110101 1980 0101 001 {c} ok?",
    ],
)
def test_an_id_number_is_read_through_spaces_hyphens_full_width_and_words(written: str) -> None:
    number = make_id("11010119800101001")
    assert read("id_number", written.format(c=number[-1])) == number


def test_a_small_x_is_the_check_character() -> None:
    number = next(n for i in range(100, 200) if (n := make_id(f"11010119800101{i}")).endswith("X"))
    assert read("id_number", number.lower()) == number
    assert read("id_number", number.replace("X", "ｘ")) == number


def test_a_wrong_check_character_is_refused() -> None:
    number = make_id("11010119800101001")
    wrong = "0" if number[-1] != "0" else "1"
    assert read("id_number", number[:-1] + wrong) == "id_wrong"


@pytest.mark.parametrize("born", ["20990101", "18991231", "19990230", "20261124"])
def test_a_birth_date_that_cannot_be_is_refused(born: str) -> None:
    assert read("id_number", make_id(f"110101{born}001")) == "id_wrong"


def test_someone_born_today_or_in_1900_is_taken() -> None:
    assert read("id_number", make_id("11010120261123001"))
    assert read("id_number", make_id("11010119000101001"))


def test_a_15_digit_number_is_refused_with_its_own_words() -> None:
    assert read("id_number", "110101800101001") == "id_15"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张三", "张三"),
        ("我叫张三。", "张三"),
        ("我姓张叫张三", "张三"),
        ("我的名字叫张三", "张三"),
        ("我就是张三", "张三"),
        ("名扬", ("名扬",)),
        ("My name is Ann Lee", "Ann Lee"),
        ("I'm Ann Lee", "Ann Lee"),
        ("Iman Ali", "Iman Ali"),
        ("张 三", "张三"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉．买买提", "阿卜杜拉·买买提"),
        ("阿卜杜拉・买买提", "阿卜杜拉·买买提"),
        ("王\U0002a6a5", "王\U0002a6a5"),
        ("\U00031350\U0002ebf1", ("\U00031350\U0002ebf1",)),
        ("李〇", "李〇"),
        ("Mary  Ann O'Neil", "Mary Ann O'Neil"),
    ],
)
def test_a_name_keeps_rare_characters_and_one_kind_of_dot(written: str, name: object) -> None:
    assert read("name", written) == name


@pytest.mark.parametrize("written", ["张", "张三1", "\U0001f600\U0001f600", "张" * 51, "", "张San"])
def test_what_is_no_name_is_refused(written: str) -> None:
    assert read("name", written) == ""


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800138123", "13800138123"),
        ("138 0013-8123", "13800138123"),
        ("＋８６13800138123", "13800138123"),
        ("008613800138123", "13800138123"),
        ("+852 5123 4567", "+85251234567"),
        ("00853 6612 3456", "+85366123456"),
        ("+886 0912 345 678", "+8860912345678"),
        ("23800138123", ""),
        ("1380013812", ""),
        ("51234567", ""),
    ],
)
def test_mobile_numbers_of_the_mainland_hong_kong_macau_and_taiwan(written: str, number: str) -> None:
    assert read("mobile", written) == number


@pytest.mark.parametrize(
    "written", ["2036年5月20日", "2036-05-20", "2036/5/20", "2036.05.20", "20360520", "２０３６年５月２０号"]
)
def test_a_date_is_read_in_every_usual_form(written: str) -> None:
    assert read("date", written) == "2036-05-20"


@pytest.mark.parametrize("written", ["2036115", "203655", "2036年2月30日", "长期"])
def test_a_date_that_could_be_two_days_or_none_is_refused(written: str) -> None:
    assert read("date", written) == ""


def test_a_day_without_its_year_is_asked_back_unless_only_one_year_fits() -> None:
    assert read("date", "5月20日") == ("2027-05-20",)
    assert read("date", "5月20日", not_before="today", not_after="2027-06-30") == "2027-05-20"
    assert read("date", "5月20日", not_after="today") == "2026-05-20"
    assert read("date", "1号", not_before="today", not_after="2027-01-31") == "2026-12-01"


def test_today_is_chinas_and_within_both_limits() -> None:
    assert read("date", "2026-11-23", not_before="today", not_after="today") == "2026-11-23"
    assert read("date", "2026-11-22", not_before="today") == ""
    assert read("date", "2026-11-24", not_after="today") == ""


def test_an_address_needs_a_number_in_it() -> None:
    assert read("address", "虚构区样例路77号9单元") == "虚构区样例路77号9单元"
    assert read("address", "虚构区样例路七十七号院") != ""
    assert read("address", "虚构区样例路的房子里") == ""
    assert read("address", "77号") == ""


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1", "red"),
        ("２", "blue"),
        ("②", "blue"),
        ("二", "blue"),
        ("第二个", "blue"),
        ("选3", "green"),
        ("2.", "blue"),
        ("我选第三项", "green"),
        ("天蓝色", "blue"),
        ("草绿", "green"),
        ("都不要", "none"),
        ("都不要了吧", "none"),
        ("天蓝的。", "blue"),
    ],
)
def test_a_choice_is_meant_by_number_or_words_or_a_part_that_no_other_has(said: str, value: str) -> None:
    found = chosen(Said(said), CHOICES)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize("said", ["0", "00", "4", "色", "绿", "", "？", "12"])
def test_what_fits_two_or_none_is_no_choice_and_0_is_never_the_unnumbered_one(said: str) -> None:
    assert chosen(Said(said), CHOICES) is None


FOR_WHOM = (
    Choice("child", "A child under 16", 1),
    Choice("parent", "My parents", 2),
    Choice("you", "7天", 3),
)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("hi", ""),
        ("my", ""),
        ("ren", ""),
        ("under 1", ""),
        ("Child!", "child"),
        ("a child", "child"),
        ("under 16", "child"),
        ("PARENTS", "parent"),
        ("7天", "you"),
    ],
)
def test_a_part_of_words_is_whole_words_where_a_script_has_them(said: str, value: str) -> None:
    found = chosen(Said(said), FOR_WHOM)
    assert (found.value if found else "") == value


@pytest.mark.parametrize("text", ["\U0001f600", "？？", "。。。", "[微笑]", "[捂脸][捂脸]", ""])
def test_emoji_and_marks_are_no_words(text: str) -> None:
    assert not normal(text)
    assert normal(text + "卡")


def test_voice_counts_where_wechat_recognised_it() -> None:
    slot = Slot("c", "choice", values=("red",))
    assert answer(slot, VoiceReceived(MONDAY), Said("第一个。"), CHOICES) == "red"
    assert isinstance(answer(slot, VoiceReceived(MONDAY), Said(""), CHOICES), Invalid)


def test_a_picture_is_an_answer_only_where_one_is_asked_for() -> None:
    picture = ImageReceived(MONDAY, media_id="m1")
    assert answer(Slot("i", "image"), picture, Said(""), ()) == "m1"
    assert isinstance(answer(Slot("t", "text"), picture, Said(""), ()), Invalid)


def test_a_place_is_a_location_or_a_typed_district() -> None:
    slot = Slot("p", "place")
    assert answer(slot, LocationReceived(MONDAY, lat=30.25, lon=120.5, label="某路"), Said(""), ()) == {
        "lat": "30.250000",
        "lon": "120.500000",
        "text": "某路",
    }
    assert find(slot, Said(" 平安区 "), (), "2026-11-23") == {"text": "平安区"}


def test_phrases_are_compared_without_case_width_spaces_and_marks() -> None:
    assert normal("Ｍy  DATA！") == normal("my data") == "mydata"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/:rose", ""),
        ("/::)", ""),
        ("/:8-)", ""),
        ("/:ok", ""),
        ("/:,@-D/:@x/:handclap", ""),
        ("[OK]", ""),
        ("好的/:rose", "好的"),
        ("[1]", "1"),
        ("1\ufe0f\u20e3", "1"),
        ("❷", "2"),
        ("⓾", "10"),
        ("\U0001f51f", "10"),
        ("\u200b帮\u2060助\ufeff", "帮助"),
        ("\u202e帮助\u202c", "帮助"),
        ("帮助\u3164", "帮助"),
        ("幫助", "帮助"),
        ("⾼⻢", "高马"),
        ("「张三：卡丢了」\n- - - - - - - - - - - - - - -\n帮助", "帮助"),
        ("「帮助」", "帮助"),
    ],
)
def test_what_the_phone_adds_is_neither_word_nor_number(written: str, read: str) -> None:
    assert normal(written) == read


def test_a_character_of_a_name_that_only_looks_right_is_put_right_and_no_other_changes() -> None:
    assert read("name", "刘\ue863") == "刘䶮"
    assert read("name", "⻢三") == "马三"
    assert read("name", "張後") == "張後"
    assert read("name", "葛\U000e0100三") == "葛三"


@pytest.mark.parametrize(
    "text", ["【收到不支持的消息类型，暂无法显示】", "[收到一条不支持的消息]", "[Unsupported message]"]
)
def test_what_the_platform_says_in_place_of_a_sticker_is_no_word_of_the_resident(text: str) -> None:
    assert hear(text).raw == ""
    assert hear(text + "卡丢了").raw
