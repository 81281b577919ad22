"""Sentences about the account: WeChat's refusals, bad settings, the menu commands."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.sayings import CHINESE, told
from bot.engine.scope import china_time

_PERMISSION = (
    "The account may not use this API: it must be verified, and have this API (Permissions in the console).",
    "公众号没有这个接口的权限：要先认证，再到后台“接口权限”里看有没有开通。",
)
_TOKEN = (
    "WeChat refuses a token it has just given. Does another program fetch tokens for this account by the "
    "old interface (cgi-bin/token)? Let one only.",
    "微信不认刚发的access token。是不是还有别的程序用老接口（cgi-bin/token）给它取token？只能留一个。",
)
_BUTTON = ("WeChat refuses {what}: run `shebao check`.", "微信不接受{zh_what}：请运行`shebao check`。")


def _button(what: str, chinese: str) -> tuple[str, str]:
    return _BUTTON[0].format(what=what), _BUTTON[1].format(zh_what=chinese)


REFUSALS: Mapping[int, tuple[str, str]] = {
    -1: ("WeChat is busy: try again in a minute.", "微信系统繁忙，请过一分钟再试。"),
    40001: _TOKEN,
    40014: _TOKEN,
    42001: _TOKEN,
    40013: (
        "The app id is wrong: see SHEBAO_WECHAT_APP_ID.",
        "AppID不对，请核对SHEBAO_WECHAT_APP_ID。",
    ),
    40125: (
        "The app secret is wrong, or was reset in the console: see SHEBAO_WECHAT_APP_SECRET.",
        "AppSecret不对，或者在后台重置过，请核对SHEBAO_WECHAT_APP_SECRET。",
    ),
    40243: (
        "The app secret is frozen: unfreeze it in the console (Basic configuration).",
        "AppSecret被冻结了，请到后台“基本配置”里解冻。",
    ),
    40164: (
        "This server's address {address}is not on WeChat's IP allow-list: add it (Basic configuration).",
        "服务器的出口IP{address}不在白名单，请到后台“基本配置”里加上。",
    ),
    48001: _PERMISSION,
    48002: _PERMISSION,
    48004: (
        "WeChat has blocked this API for the account: look at the notices in the console.",
        "微信封禁了这个接口，请看后台的通知。",
    ),
    50002: ("WeChat has restricted the account: look in the console.", "公众号受限，请看后台的通知。"),
    50005: ("WeChat has restricted the account: look in the console.", "公众号受限，请看后台的通知。"),
    45009: (
        "The day's quota of this call is used up (1,000 menus; a test account 100): try again tomorrow, or "
        "reset it in WeChat's console and run `shebao quota --again`.",
        "今天的次数用完了（菜单每天1000次，测试号100次），请明天再试；"
        "或者在微信后台清零，再运行`shebao quota --again`。",
    ),
    45011: ("Too many calls in this minute: try again in the next.", "这一分钟调用太多，请过一分钟再试。"),
    40016: _button("the number of buttons", "按钮的个数"),
    40017: _button("a button's type", "按钮的类型"),
    40018: _button("the length of a button's name", "按钮名字的长度"),
    40019: _button("the length of a button's key", "按钮key的长度"),
    40020: _button("the length of a button's url", "按钮url的长度"),
    40033: _button("a character in a name", "名字里的字符"),
    40054: _button("a button's url", "按钮的url"),
    40055: _button("a button's url", "按钮的url"),
    65301: ("There is no such conditional menu.", "没有这个个性化菜单。"),
}

CALLS: Mapping[str, tuple[str, str]] = {
    "message/custom/send": (
        "customer-service messages (late results, reminders)",
        "客服消息（迟到的结果、提醒）",
    ),
    "message/template/send": ("template messages", "模板消息"),
    "message/subscribe/bizsend": ("subscription messages", "订阅通知"),
    "media/upload": ("sending pictures", "发图片"),
    "media/get": ("fetching residents' pictures", "取居民发的图片"),
    "menu/create": ("publishing the menu", "发布菜单"),
    "menu/get": ("reading the menu", "查询菜单"),
    "get_current_selfmenu_info": ("reading the menu", "查询菜单"),
    "getkflist": ("customer-service seats", "查询客服"),
    "openapi/quota/get": ("reading quotas", "查询额度"),
    "stable_token": ("access tokens", "access token"),
}
"""WeChat's interfaces, as `bot.wechat.client` names them."""

SETTINGS: Mapping[str, tuple[str, str]] = {
    "unreadable": (
        "config/settings.yaml cannot be read: {why}",
        "config/settings.yaml读不了：{why}",
    ),
    "unknown": (
        "config/settings.yaml: there is no setting “{name}”",
        "config/settings.yaml：没有“{name}”这项设置",
    ),
    "secret": (
        "config/settings.yaml: “{name}” is a secret: set {variable} instead",
        "config/settings.yaml：“{name}”是秘密，请改用环境变量{variable}",
    ),
    "shape": ("{variable}: must be one value", "{variable}：应该是一个值"),
    "number": ("{variable}: “{value}” is not a number", "{variable}：“{value}”不是数字"),
    "negative": ("{variable}: {value} is below 0", "{variable}：{value}小于0"),
    "choice": ("{variable}: must be one of {among}", "{variable}：只能是{among}"),
    "missing": ("{variable} is missing", "没有设置{variable}"),
    "bureau": (
        "{variable}: must be stub or the bureau's address (https://…)",
        "{variable}：应该是stub，或者业务系统的地址（https://…）",
    ),
    "bureau_token": (
        "SHEBAO_BUREAU_TOKEN is missing: the bureau's address is set",
        "设了业务系统的地址，却没有设置SHEBAO_BUREAU_TOKEN",
    ),
    "console_users": (
        "{variable}: write name:role:hash, as `shebao console-user NAME` prints it",
        "{variable}：请照`shebao console-user 账号`打印的写：账号:角色:…",
    ),
    "notify": (
        "{variable} is missing: SHEBAO_NOTIFY is set",
        "设了SHEBAO_NOTIFY，却没有设置{variable}",
    ),
    "notify_fields": (
        "{variable}: “{value}” is not field=words, in which {{matter}}, {{line}} and {{time}} may stand",
        "{variable}：“{value}”应写成 字段=文字，文字里可以有{{matter}}、{{line}}、{{time}}",
    ),
    "notify_form": (
        "{variable}: WeChat takes {takes} in a field like {field}, so it would refuse “{value}” (47003)",
        "{variable}：{field}这类字段只能填{zh_takes}，“{value}”微信不收（47003）",
    ),
    "callback_key": (
        "{variable} needs {length} characters or more; `shebao new-key` makes one",
        "{variable}至少要{length}个字符，可以用`shebao new-key`生成",
    ),
    "callback_keys": (
        "{variable}: part {part} is not service=key: a service of {among}, a key of {length} characters",
        "{variable}：第{part}段应写成 服务=密钥，服务是{among}，密钥至少{length}个字符",
    ),
    "callback_twice": (
        "{variable}: part {part} repeats a service or a key",
        "{variable}：第{part}段的服务或密钥重复了",
    ),
    "live_phone": (
        "{variable} is yes: whoever opens /phone may be any resident. With a real account set it to no",
        "{variable}是yes：谁打开/phone都能冒充任何居民。用真实的公众号时请设成no",
    ),
    "live_stub": (
        "{variable} is stub, which answers for people who do not exist. With a real account set the bureau's "
        "address (https://…) and SHEBAO_BUREAU_TOKEN",
        "{variable}是stub，里面的人都是编的。用真实的公众号时请设成业务系统的地址（https://…），"
        "并设SHEBAO_BUREAU_TOKEN",
    ),
    "live_http": (
        "{variable}: http:// sends names, ID numbers and secrets unencrypted. Use https://, or an address of "
        "this machine",
        "{variable}：http://会把姓名、证件号码和密钥明着发出去。请用https://，或者本机的地址",
    ),
    "live_demo": (
        "{variable} holds what `make run` made for trying things out. With a real account: keys come from "
        "`shebao new-key`; AppID, Token and EncodingAESKey are those of WeChat's console",
        "{variable}里有make run做来试用的值。用真实的公众号时：密钥用`shebao new-key`另做；"
        "AppID、Token、EncodingAESKey和微信后台一致",
    ),
    "live_token": (
        "{variable} is shorter than 12 characters and can be guessed. Choose 12 to 32 letters and digits, "
        "here and in WeChat's console",
        "{variable}不到12位，容易被猜出来。请换成12到32位的字母和数字，微信后台也一起换",
    ),
    "live_same": (
        "{variable} is in SHEBAO_SEAL_KEYS or SHEBAO_EVIDENCE_KEYS too. Make another one for those with "
        "`shebao new-key`",
        "{variable}也在SHEBAO_SEAL_KEYS或SHEBAO_EVIDENCE_KEYS里。请用`shebao new-key`另做一个，换掉那里的",
    ),
    "live_freshness": (
        "{variable} is 0: a recorded request is taken again at any time. Set it to 300",
        "{variable}是0：录下来的旧请求随时还会被接受。请设成300",
    ),
    "console_twice": ("{variable}: a name is there twice", "{variable}：有重复的账号"),
}

BEGIN = (
    "More: shebao doctor. To try things out, `make run` here sets everything by itself.",
    "详情请看shebao doctor --lang zh-CN。只想试用，在这里运行make run，什么都不用设。",
)
AWAY = (
    "Redis does not answer ({why}); see SHEBAO_REDIS_URL",
    "Redis没有应答（{why}），请看它开着没有、SHEBAO_REDIS_URL对不对",
)

MENU: Mapping[str, tuple[str, str]] = {
    "revision": (
        "The menu of revision {revision}, which is served:",
        "版本{revision}的菜单（居民正在用的）：",
    ),
    "directory": (
        "Nothing was published yet: this is the menu of this directory.",
        "还没有发布过内容：用的是这个目录里的菜单。",
    ),
    "unpublished": (
        "config/menu.yaml here is another one. Publish it with the content first (`shebao publish`): its "
        "buttons may name what is not served yet.",
        "这里的config/menu.yaml不一样，要先和内容一起发布（`shebao publish`）："
        "它的按钮可能指着还没有发布的事项。",
    ),
    "unset": (
        "Note: what is published cannot be looked up ({why}); this is the menu of this directory.",
        "注意：查不到已发布的内容（{why}），这是目录里的菜单。",
    ),
    "conditional": (
        "{size} conditional menus stand before it for the residents they match, and are not changed by this:",
        "另有{size}份个性化菜单，符合条件的居民看到的是它们，这里不会改：",
    ),
    "none": ("The account has no menu.", "公众号没有菜单。"),
    "off": ("The menu is switched off.", "菜单是关闭的。"),
    "same": ("Nothing would change.", "没有要改的。"),
    "nothing": ("Nothing to change.", "没有要改的。"),
    "ask": ("Publish this menu?", "发布这份菜单吗？"),
    "other": (
        "WeChat shows another menu than was sent: see `shebao menu diff`",
        "微信上的菜单和发布的不一样，请看`shebao menu diff`",
    ),
    "done": (
        "Published. Phones show it within five minutes, or at once after following again.",
        "已发布。手机上五分钟内更新；取消关注再关注，马上就能看到。",
    ),
    "errors": (
        "The content has errors: see `shebao check`",
        "内容有错误，请看`shebao check`",
    ),
    "account": (
        "No account: set SHEBAO_WECHAT_APP_ID and SHEBAO_WECHAT_APP_SECRET",
        "没有公众号：请设置SHEBAO_WECHAT_APP_ID和SHEBAO_WECHAT_APP_SECRET",
    ),
    "silent": (
        "WeChat could not be asked: {why}. See `shebao doctor`",
        "没能问到微信：{why}。请运行`shebao doctor`",
    ),
    "wrong": ("{bad} of {all} are wrong", "看了{all}项，{bad}项不对"),
    "good": (
        "Good: {all} looked at, {warnings} to think about",
        "看了{all}项，没有不对的；{warnings}项请留意",
    ),
}


def spent(calls: Mapping[str, int], language: str) -> str:
    """Calls whose quota of the day is spent, in words, each with WeChat's name for it."""
    chinese = language == CHINESE
    left, right, comma = ("（", "）", "、") if chinese else (" (", ")", ", ")
    return comma.join(
        f"{told(CALLS[call], language)}{left}{call}{right}" if call in CALLS else call for call in calls
    )


def midnight(until: int) -> str:
    """When quotas begin anew, in China: 2026-11-23 00:00."""
    return f"{china_time(until):%Y-%m-%d %H:%M}"


def refusal(code: int, language: str, address: str = "") -> str:
    """What to do about WeChat's errcode. `address`: the one WeChat saw, where it says so (40164)."""
    unknown = (f"WeChat refused with errcode {code}.", f"微信拒绝了，errcode {code}。")
    shown = {"address": f"{address} " if address else "", "zh_address": address}
    return told(REFUSALS.get(code, unknown), language, shown)
