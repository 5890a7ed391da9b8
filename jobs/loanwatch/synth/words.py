"""The words that the invented people, places and institutions are made of.

Nobody is meant: phone numbers start with prefixes that no operator has been given, identity numbers carry
the code of a city itself, which is not one of the counties that issue them.
"""

from typing import NamedTuple


class City(NamedTuple):
    """A region of the price index: its name there, its Chinese name, id prefix, what a square metre costs, where its middle is."""

    region: str
    chinese: str
    id_prefix: int
    square_metre_minor: int
    latitude: float
    longitude: float


CITIES = (
    City("chengdu", "成都市", 510100, 1_550_000, 30.66, 104.07),
    City("hangzhou", "杭州市", 330100, 2_900_000, 30.27, 120.16),
    City("wuhan", "武汉市", 420100, 1_500_000, 30.59, 114.3),
    City("xian", "西安市", 610100, 1_450_000, 34.27, 108.94),
    City("nanjing", "南京市", 320100, 2_600_000, 32.06, 118.8),
    City("changsha", "长沙市", 430100, 1_050_000, 28.23, 112.94),
    City("zhengzhou", "郑州市", 410100, 1_150_000, 34.75, 113.63),
    City("suzhou", "苏州市", 320500, 2_200_000, 31.3, 120.59),
)
REGIONS = tuple(city.region for city in CITIES)
PHONE_PREFIXES = (154, 160, 161, 163, 164, 168, 169)
SURNAMES = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余")
GIVEN_NAMES = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "涛", "超", "明", "秀英", "建国",
    "志强", "晓东", "海燕", "文博", "雨桐", "子涵", "浩然", "欣怡", "梓轩", "思远", "佳琪", "俊杰", "国栋", "春梅",
    "玉兰", "德华", "立新", "小红", "宇航", "婷婷", "永康", "凤英", "家豪", "美玲", "振华", "雪梅", "天佑", "诗涵",
)  # fmt: skip
NAMES = tuple(surname + given for surname in SURNAMES for given in GIVEN_NAMES)
DISTRICTS = ("东城区", "西湖区", "高新区", "江北区", "新城区", "城南区")
ROADS = ("人民路", "解放路", "中山路", "建设路", "和平街", "文化路", "滨江大道", "锦绣路", "学府路", "光明街")
STREETS = tuple(city.chinese + district + road for city in CITIES for district in DISTRICTS for road in ROADS)
STREETS_PER_CITY = len(DISTRICTS) * len(ROADS)
PARTNER_NAMES = (
    "蓉信小额贷款有限公司", "钱塘数科助贷有限公司", "楚天消费金融服务有限公司", "长安普惠小额贷款有限公司",
    "金陵车融服务有限公司", "湘江助贷科技有限公司", "中原小微金融服务有限公司", "姑苏融资担保有限公司",
)  # fmt: skip
