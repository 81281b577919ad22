"""The small flows that the engine's tests talk through."""

LOOK = """
    flow: look
    slots:
      what: {type: choice, values: [red, blue], only: {blue: {policy.formal_loss: online}}}
      note: {type: text, or: [none]}
      day: {type: date, to: today}
    steps:
      what: {collect: what}
      note: {collect: note}
      day: {collect: day}
      done: {say: done, next: end}
"""
LOOK_WORDS = """
    title: 看一看
    slots:
      what:
        label: 颜色
        ask: 什么颜色？
        values: {red: 大红色, blue: 天蓝色（浅）}
        again: ["请回复1或2。", "再选一次。"]
        help: 红的或蓝的。
      note: {label: 备注, ask: 有什么要说的？, values: {none: 没有}, again: ["请写几个字。", "随便写。"]}
      day: {label: 日子, ask: 哪一天？, again: ["请写年月日。", "例如2026年1月2日。"]}
    texts: {done: "记下了：{what}，{day}。"}
"""
CHANGE = """
    flow: change
    undo: look
    slots: {card: {type: text}, result: {type: record}}
    steps:
      card: {collect: card}
      check: {confirm: check, next: {agreed: submit, refused: left}}
      submit:
        action: card.enable
        with: {card: card}
        once: true
        retry: {times: 2, every: 30s}
        save: result
        next: {done: done, already: already, refused: refused}
      done: {say: done, next: end}
      already: {say: already, next: end}
      refused: {say: refused, next: card_again}
      card_again: {next: {again: card, say: once_more, times: 3, else: left}}
      left: {say: left, next: stop}
"""
CHANGE_WORDS = """
    title: 启用卡
    slots: {card: {label: 卡, ask: 哪张卡？, again: ["请写卡名。", "再写一次。"]}}
    texts:
      check: {text: "请核对：启用{card}。", agreed: 确认启用, refused: 先不办}
      done: 已启用。
      already: 早就启用了。
      left: 没有动。
      refused: 没有启用成，不是您的问题，请打12333。
      once_more: 换一张再试。
      not_sure: 还不知道成没成。
"""
MEMBER = """
    flow: member
    lasts: 30m
    slots: {id_number: {type: id_number, keep: lasting}, name: {type: name, keep: lasting}}
    steps:
      consent: {consent: consent, next: {agreed: id_number, refused: left}}
      id_number: {collect: id_number}
      name: {collect: name}
      done: {say: done, next: end}
      left: {say: left, next: stop}
"""
MEMBER_WORDS = """
    title: 登记
    slots:
      id_number: {label: 号码, ask: 您的号码？, again: ["号码不对。", "还是不对。"]}
      name: {label: 姓名, ask: 您的姓名？, again: ["姓名不对。", "还是不对。"]}
    texts:
      consent: {version: "1", text: 同意登记吗？, agreed: 同意登记, refused: 不同意登记}
      done: "{name}，登记好了。"
      left: 没有登记。
"""
FIND = """
    flow: find
    requires: [member]
    slots: {card: {type: record}}
    steps:
      find:
        action: card.find
        with: {id_number: member.id_number}
        save: card
        next: {found: shown, not_found: none}
      shown: {say: shown, offer: [look, page.about], next: end}
      none: {say: none, next: end}
"""
FIND_WORDS = """
    title: 查卡
    texts: {shown: "卡{card.state}，持卡人{card.holder}。", none: 没有卡。}
"""
CARD = {
    "id": "c1",
    "holder": "张三丰",
    "number": "1234",
    "state": "normal",
    "e_card": "none",
    "pin_locked": "no",
    "expired": "no",
    "bank": "某行",
}
