"""What `shebao doctor` says: subject.finding -> what was found and what to do, in English, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping

SUBJECTS: Mapping[str, tuple[str, str]] = {
    "settings": ("settings", "设置"),
    "content": ("content", "内容"),
    "seal": ("seal key", "加密密钥"),
    "tag": ("tag key", "标识密钥"),
    "token": ("token", "令牌Token"),
    "mode": ("mode", "加密方式"),
    "aes": ("AES key", "EncodingAESKey"),
    "app": ("app id", "AppID"),
    "secret": ("app secret", "AppSecret"),
    "freshness": ("freshness", "时间戳"),
    "phone": ("phone", "调试手机"),
    "stub": ("bureau", "业务系统"),
    "proxies": ("proxies", "代理"),
    "redis": ("Redis", "Redis"),
    "eviction": ("eviction", "淘汰策略"),
    "persistence": ("persistence", "持久化"),
    "guard": ("copies", "副本"),
    "revision": ("revision", "版本"),
    "api": ("WeChat's API", "微信接口"),
    "access": ("access token", "access token"),
    "quota": ("WeChat's quotas", "微信调用次数"),
    "clock": ("clock", "时钟"),
    "menu": ("menu", "菜单"),
    "seats": ("customer service", "客服"),
    "address": ("public address", "公网地址"),
    "sessions": ("sessions", "会话"),
    "health": ("health", "健康检查"),
    "look": ("doctor", "检查"),
}

_NEW_KEY = ("Run `shebao new-key` and set it.", "请运行`shebao new-key`，把结果设上。")
_REFUSED = ("errcode {code}", "{remedy}", "errcode {code}", "{zh_remedy}")
_PUBLISH = "Look with `shebao menu diff`, then `shebao menu publish`."
_ZH_PUBLISH = "先看`shebao menu diff`，再`shebao menu publish`。"


def _fine(english: str, chinese: str = "") -> tuple[str, str, str, str]:
    """Nothing to do. `chinese`: the same, where it is left out."""
    return english, "", chinese or english, ""


SIGNS: Mapping[str, tuple[str, str, str, str]] = {
    "settings.wrong": (
        "{sentence}",
        "The service does not start before.",
        "{zh_sentence}",
        "改好以前服务起不来。",
    ),
    "content.errors": ("{errors} errors", "See `shebao check`.", "有{errors}个错误", "请看`shebao check`。"),
    "content.good": _fine("no errors", "没有错误"),
    "seal.missing": ("SHEBAO_SEAL_KEYS is not set", _NEW_KEY[0], "没有设置SHEBAO_SEAL_KEYS", _NEW_KEY[1]),
    "seal.still": (
        "the old key {key} still seals: {behind} processes lack the new one, or have only just got it",
        "Start them again with the new SHEBAO_SEAL_KEYS; a minute after the last one, the new key seals.",
        "还在用旧密钥{key}加密：有{behind}个进程没有新密钥，或者刚刚才有",
        "请用新的SHEBAO_SEAL_KEYS重启这些进程；最后一个重启一分钟后，改用新密钥。",
    ),
    "seal.remains": (
        "{count} values are still sealed with the old key {key}: {kinds}",
        "Keep the key. They end by themselves, sessions after 30 days; the kinds: docs/architecture.md.",
        "还有{count}个值是用旧密钥{key}加密的：{zh_kinds}",
        "密钥先留着。这些值会自己到期，会话最长30天；各是什么见docs/architecture.md。",
    ),
    "seal.evidence": (
        "only evidence is still sealed with the old key {key}: {count} values",
        "Move the key to the end of SHEBAO_EVIDENCE_KEYS (write the others there first, if it is not set).",
        "用旧密钥{key}加密的只剩证据：{count}个值",
        "请把它移到SHEBAO_EVIDENCE_KEYS的最后（没设过的，先把现在的密钥写进去）。",
    ),
    "seal.may_go": (
        "nothing is sealed with the old key {key} any more",
        "Take it out of SHEBAO_SEAL_KEYS and SHEBAO_EVIDENCE_KEYS.",
        "已经没有用旧密钥{key}加密的值",
        "可以从SHEBAO_SEAL_KEYS和SHEBAO_EVIDENCE_KEYS里去掉。",
    ),
    "seal.form": (
        "SHEBAO_SEAL_KEYS holds something that is not base64 of 32 bytes",
        "Copy the key again, as `shebao new-key` printed it; several are separated by commas.",
        "SHEBAO_SEAL_KEYS里有的不是32字节的base64",
        "请照`shebao new-key`打印的原样再抄一遍；几个密钥用英文逗号隔开。",
    ),
    "seal.good": _fine("{size} set", "有{size}个"),
    "tag.missing": ("SHEBAO_TAG_KEY is not set", _NEW_KEY[0], "没有设置SHEBAO_TAG_KEY", _NEW_KEY[1]),
    "tag.form": (
        "SHEBAO_TAG_KEY is not base64 of 32 bytes",
        "Copy it again. Never make a new one where residents are already served.",
        "SHEBAO_TAG_KEY不是32字节的base64",
        "请再抄一遍。已经有居民在用时，千万不要换新的。",
    ),
    "tag.good": _fine("set", "已设置"),
    "token.missing": (
        "SHEBAO_WECHAT_TOKEN is not set",
        "Copy the Token of the console's server configuration.",
        "没有设置SHEBAO_WECHAT_TOKEN",
        "请从后台“服务器配置”里抄Token。",
    ),
    "token.form": (
        "not 3 to 32 letters and digits",
        "A blank or a quotation mark copied along makes every signature fail: copy it again.",
        "不是3到32位的字母和数字",
        "多抄了空格或引号，签名就全错：请再抄一遍。",
    ),
    "token.good": _fine(
        "has the right form (signature failures then mean another token in the console)",
        "格式对（签名还错，就是和后台填的不是同一个）",
    ),
    "mode.plain": (
        "plain: no message is under a signature, so one line of an access log lets anybody write as any "
        "resident for five minutes; and what residents write travels unencrypted",
        "Choose safe mode in the console and set wechat_mode: safe.",
        "明文：签名不管消息的内容，谁看到一行访问日志，五分钟内就能冒充任何居民发消息；居民写的内容也没有加密",
        "请在后台选“安全模式”，并设wechat_mode: safe。",
    ),
    "mode.compatible": (
        "compatible: what residents write travels unencrypted too, beside what is encrypted",
        "When encrypted messages are answered, choose safe mode in the console and set wechat_mode: safe.",
        "兼容模式：加密的旁边，居民写的内容还有一份没有加密",
        "加密的消息能正常答复以后，请在后台选“安全模式”，并设wechat_mode: safe。",
    ),
    "aes.missing": (
        "mode is {mode} but SHEBAO_WECHAT_AES_KEYS is not set",
        "Copy the EncodingAESKey of the console.",
        "加密方式是{mode}，却没有设置SHEBAO_WECHAT_AES_KEYS",
        "请从后台抄EncodingAESKey。",
    ),
    "aes.form": (
        "not 43 letters and digits",
        "Copy the EncodingAESKey again, without `=` at its end.",
        "不是43位的字母和数字",
        "请再抄一遍EncodingAESKey，末尾不要加`=`。",
    ),
    "aes.good": _fine(
        "{size} of the right form, mode {mode} (the console must have the same mode)",
        "有{size}个，格式对，加密方式{mode}（后台要选同一种）",
    ),
    "app.missing": (
        "encrypted messages name it, but SHEBAO_WECHAT_APP_ID is not set",
        "Set it: messages of another account are refused.",
        "加密的消息里带着它，却没有设置SHEBAO_WECHAT_APP_ID",
        "请设上：别的公众号的消息一律不收。",
    ),
    "app.form": (
        "not wx and 16 hexadecimal digits",
        "Copy the AppID, not the gh_ id; that of `make run` serves only for trying things out.",
        "不是wx加16位十六进制数",
        "请抄AppID，不是gh_开头的原始ID；`make run`做的那个只能试用。",
    ),
    "app.good": _fine("has the right form", "格式对"),
    "secret.missing": (
        "not set: no pushes, no menu, no pictures",
        "Set SHEBAO_WECHAT_APP_SECRET; replies work without it.",
        "没有设置：不能推送、改菜单、收发图片",
        "请设SHEBAO_WECHAT_APP_SECRET；不设也能回复。",
    ),
    "secret.good": _fine("set", "已设置"),
    "freshness.off": (
        "0: a recorded request is taken again at any time",
        "Set freshness: 300.",
        "是0：录下来的旧请求随时还会被接受",
        "请设freshness: 300。",
    ),
    "phone.on": (
        "`phone` is yes: whoever opens /phone may be any resident",
        "Only for development: set it to no where residents are served.",
        "phone是yes：谁打开/phone都能冒充任何居民",
        "只能调试用，正式服务请设成no。",
    ),
    "stub.on": (
        "{which}: the built-in stub answers for people who do not exist",
        "Before residents are served, set the bureau's address.",
        "{which}：现在是内置的假系统，人都是编的",
        "正式服务前请设成业务系统的地址。",
    ),
    "proxies.none": (
        "`proxies` is 0, and `public_url` is https: behind a proxy all operators share one address",
        "One who mistypes a password then locks the others out too: set `proxies` to the number of proxies "
        "in front, if each appends to X-Forwarded-For and nobody can go around them.",
        "proxies是0，public_url又是https：走代理时，所有管理员在这里是同一个地址",
        "一个人输错密码，别人也会被锁：请把proxies设成前面代理的层数；每一层都要在X-Forwarded-For后面加上地址，"
        "而且不能绕过代理直接访问。",
    ),
    "proxies.good": (
        "{size} in front: the address in X-Forwarded-For is believed (nobody may go around them)",
        "",
        "前面有{size}层：以X-Forwarded-For里的地址为准（不能让人绕过代理）",
        "",
    ),
    "redis.url": (
        "SHEBAO_REDIS_URL cannot be read",
        "Write it as redis://host:6379/0; the README lists the other forms.",
        "SHEBAO_REDIS_URL写得不对",
        "请写成redis://主机:6379/0，其他写法见README。",
    ),
    "redis.away": (
        "does not answer at {why}",
        "Is it running? Is SHEBAO_REDIS_URL right, with its password? Nobody is answered without it.",
        "没有应答：{why}",
        "请看它开着没有，SHEBAO_REDIS_URL和密码对不对。没有它谁也得不到答复。",
    ),
    "redis.old": (
        "{name} {version}",
        "At least 6.2 is needed (SET … GET, WAIT).",
        "{name} {version}",
        "至少要6.2版（SET … GET、WAIT）。",
    ),
    "redis.good": _fine("{name} {version}"),
    "eviction.wrong": (
        "maxmemory-policy is {policy}",
        "Set it to noeviction: sessions and open jobs must never be dropped.",
        "maxmemory-policy是{policy}",
        "请设成noeviction：会话和没办完的事不能丢。",
    ),
    "eviction.good": _fine("noeviction"),
    "persistence.off": (
        "appendonly is off: a restart loses what was not saved",
        "Set appendonly yes, appendfsync everysec (or always).",
        "appendonly没有开：一重启，没存的就丢了",
        "请设appendonly yes、appendfsync everysec（或always）。",
    ),
    "persistence.good": _fine("append-only file{fsync}", "AOF已开{fsync}"),
    "guard.off": (
        "a primary without replicas goes on taking writes, which a failover then loses",
        "Set min-replicas-to-write 1 and min-replicas-max-lag 3 on every server; see docs/durability.md.",
        "主库没有了副本还照样写入，一切换就丢",
        "请在每台服务器上设min-replicas-to-write 1、min-replicas-max-lag 3，见docs/durability.md。",
    ),
    "guard.hidden": (
        "the server does not show min-replicas-to-write",
        "Make sure that it is 1, with min-replicas-max-lag 3.",
        "服务器不让看min-replicas-to-write",
        "请确认设成1，min-replicas-max-lag设成3。",
    ),
    "guard.good": _fine("no writes without {size} replica(s)", "没有{size}个副本就不写入"),
    "revision.torn": (
        "{size} revisions are pointed at",
        "A publish was cut off: run `shebao publish` again.",
        "同时指着{size}个版本",
        "上次发布没做完：请再运行一次`shebao publish`。",
    ),
    "revision.good": _fine("{revision}"),
    "revision.none": _fine("none published yet", "还没有发布过"),
    "revision.silent": _fine("cannot be read while Redis does not answer", "Redis没有应答，看不到"),
    "api.none": (
        "not set up: app id or secret is missing",
        "Without it nothing is pushed; replies still work.",
        "没有设置：缺AppID或AppSecret",
        "没有它不能推送，回复照常。",
    ),
    "api.silent": (
        "could not be asked: {why}",
        "This server must reach the API (api.weixin.qq.com, port 443): look at DNS, firewall and proxy.",
        "没能问到：{why}",
        "服务器要能访问api.weixin.qq.com的443端口，请看DNS、防火墙和代理。",
    ),
    "access.refused": _REFUSED,
    "access.good": _fine(
        "granted: app id, secret and IP allow-list are right", "取到了：AppID、AppSecret、IP白名单都对"
    ),
    "quota.spent": (
        "spent for today: {calls}; not called before {until} (China time)",
        "What waits is sent after that, or told when the resident writes. To go on today, reset the quota in "
        "WeChat's console (interface permissions; 10 times a month), then run `shebao quota --again`.",
        "今天的次数用完了：{zh_calls}；北京时间{until}以前不再调用",
        "等着的结果到时再发，或者居民来时再说。今天还要用：到微信后台“接口权限”里清零（每月10次），"
        "再运行`shebao quota --again`。",
    ),
    "quota.good": ("none is spent today", "", "今天没有用完的", ""),
    "clock.off": (
        "{off:+d} s from WeChat's",
        "Switch time synchronisation on: old timestamps are refused as replays.",
        "和微信差{off:+d}秒",
        "请打开时间同步：时间戳太旧会被当成重放拒收。",
    ),
    "clock.good": _fine("{off:+d} s from WeChat's", "和微信差{off:+d}秒"),
    "menu.refused": _REFUSED,
    "menu.none": (
        "the account has none",
        "Switching server mode on removes the console's menu: run `shebao menu publish`.",
        "公众号没有菜单",
        "启用服务器配置后，后台做的菜单会失效：请运行`shebao menu publish`。",
    ),
    "menu.off": (
        "switched off",
        "Run `shebao menu publish`, then look at the console's menu switch.",
        "是关闭的",
        "请运行`shebao menu publish`，再看后台的菜单开关。",
    ),
    "menu.differs": (
        "differs from that of the content being served",
        _PUBLISH,
        "和正在用的内容里的不一样",
        _ZH_PUBLISH,
    ),
    "menu.good": _fine("is that of the content being served", "和正在用的内容里的一样"),
    "menu.conditional": (
        "{size} conditional menus stand before it for the residents they match ({rules})",
        "Their buttons may name what nothing answers. Remove them in WeChat's console (custom menu), or "
        "where they were made (menu/delconditional).",
        "有{size}份个性化菜单，符合条件的居民看到的是它们（{rules}）",
        "它们的按钮可能没有人应答。请在后台“自定义菜单”里删掉，或者用做它们的程序删（menu/delconditional）。",
    ),
    "seats.refused": _REFUSED,
    "seats.none": (
        "no seats: who asks for a person reaches nobody",
        "Add seats in the console (customer service), or set `agents` in config/policy.yaml to none.",
        "一个客服也没有：找人工的居民没人接",
        "请到后台“客服”里添加，或者把config/policy.yaml的agents设成none。",
    ),
    "seats.good": _fine("{size} seats", "有{size}个客服"),
    "address.none": (
        "not looked at: `public_url` is not set",
        "Set it to https://<your host>/wechat, and it is called as WeChat does.",
        "没有看：没设public_url",
        "设成https://您的域名/wechat，就能像微信那样试一次。",
    ),
    "address.form": (
        "is not https://<your host>/wechat",
        "WeChat calls ports 80 and 443 only, and this service answers at /wechat.",
        "不是https://您的域名/wechat",
        "微信只访问80和443端口；服务在/wechat应答。",
    ),
    "address.silent": (
        "does not answer ({why})",
        "WeChat reaches ports 80 and 443 only: look at DNS, firewall and proxy. If only this server cannot "
        "reach it, try from outside.",
        "没有应答（{why}）",
        "微信只访问80和443端口，请看DNS、防火墙和代理。如果只是这台服务器访问不了，请换台机器试。",
    ),
    "address.certificate": (
        "its certificate is not trusted",
        "Serve the whole chain of a public authority, for this host name, not expired.",
        "证书不受信任",
        "请用公共机构签发、域名相符、没有过期的证书，证书链要配全。",
    ),
    "address.open": (
        "takes a request with a wrong signature",
        "Something else answers there: the proxy must hand /wechat to this service.",
        "签名是错的也收",
        "那里应答的不是本服务：代理要把/wechat转给本服务。",
    ),
    "address.status": (
        "answers {status} to a wrong signature, not 403",
        "The proxy must hand /wechat to this service, with its query, and not redirect.",
        "签名错时应答{status}，不是403",
        "代理要把/wechat连同参数转给本服务，不要跳转。",
    ),
    "address.token": (
        "refuses a right signature ({status})",
        "The running service has another SHEBAO_WECHAT_TOKEN than set here, or its clock is off: restart it.",
        "签名对也拒收（{status}）",
        "正在跑的服务用的不是这里的SHEBAO_WECHAT_TOKEN，或者时钟不准：请重启服务。",
    ),
    "address.echo": (
        "does not give back what WeChat sends",
        "A proxy or a firewall page changes the answer: pass /wechat on untouched.",
        "没有原样返回微信发来的内容",
        "中间的代理或防火墙改了应答：/wechat请原样转发。",
    ),
    "address.good": _fine(
        "answers as WeChat wants: 403 to a wrong signature, the echo to a right one",
        "应答正确：签名错403，签名对原样返回",
    ),
    "sessions.unread": (
        "{unread} of {size} sessions cannot be read here: a newer release, or another key, wrote them",
        "Start that release again, or put the key back: until then these residents get little more than "
        "help, a person and deletion.",
        "{size}个会话中有{unread}个在这里读不出来：是更新的版本或别的密钥写的",
        "请重新启动那个版本，或把密钥放回去：在此之前，这些居民只能用帮助、人工和删除信息等。",
    ),
    "sessions.good": _fine("all of {size} sessions can be read", "{size}个会话都读得出来"),
    "health.away": (
        "the service answers, but its Redis does not",
        "Look at the Redis of the running service.",
        "服务在，它的Redis不在",
        "请看正在跑的服务连的Redis。",
    ),
    "health.good": _fine("/healthz answers 200", "/healthz应答200"),
    "look.failed": (
        "“{part}” could not be looked at ({why})",
        "That is a bug of this program: please report this line.",
        "“{zh_part}”没能看成（{why}）",
        "这是程序的错，请把这一行报给我们。",
    ),
}
