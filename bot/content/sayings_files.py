"""Sentences about files as such: reading them, YAML, keys and their forms, config/."""

from __future__ import annotations

SAYINGS: dict[str, tuple[str, str]] = {
    # reading
    "unreadable": ("The file cannot be read: {why}.", "文件读不了：{why}。"),
    "too-large": (
        "The file is larger than {most} bytes, so it is not read. Split it, or see whether it belongs here.",
        "文件超过{most}字节，没有读。请拆成几个，或者看看是不是放错了地方。",
    ),
    "encoding": (
        "Not UTF-8. Save the file as UTF-8 (not GBK).",
        "不是UTF-8编码。请另存为UTF-8（不要GBK）。",
    ),
    "file-name": (
        "Only files that end in .yaml are read. Rename it to “{name}”.",
        "只读.yaml结尾的文件。请改名为“{name}”。",
    ),
    "empty": ("The file is empty.", "文件是空的。"),
    # YAML
    "syntax": (
        "Not YAML: {why}. See the quotation marks, colons and blanks of this line.",
        "不合YAML格式（{why}），请看这一行的引号、冒号和空格。",
    ),
    "two-documents": (
        "A line “---” in the middle begins another document. Delete it.",
        "中间的“---”会把文件分成两份，请删掉。",
    ),
    "character": (
        "A control character, which YAML does not allow. Delete it.",
        "这里有一个看不见的控制字符，请删掉。",
    ),
    "indent": ("Indented with {what}; use spaces.", "缩进用了{what}，请改成空格。"),
    "indentation": (
        "The indentation does not fit the lines above. Keys of one level begin in the same column.",
        "缩进和上面几行对不齐。同一级的键要从同一列开始。",
    ),
    "tab": ("A tab. Use spaces.", "这里有制表符（Tab），请改成空格。"),
    "full-width": ("A full-width “{sign}”. Write “{use}” here.", "这里是全角的“{sign}”，请改成“{use}”。"),
    "colon-space": (
        "After the colon comes a space: “key: value”.",
        "冒号后面要有一个空格，写成“key: value”。",
    ),
    "colon": (
        'A colon and a space inside a sentence. Put the whole sentence in quotation marks ("…").',
        '句子里有冒号加空格。请给整句加上英文引号（"…"）。',
    ),
    "no-colon": (
        "A key without its colon, or a sentence whose quotation mark is missing.",
        "这一行缺冒号，或者句子缺引号。键要写成“key: value”。",
    ),
    "quote": (
        'A sentence may not begin with this sign. Put the whole sentence in quotation marks ("…").',
        '句子不能用这个符号开头。请给整句加上英文引号（"…"）。',
    ),
    "quote-brace": (
        'A sentence that begins with “{{” needs quotation marks: "{{slot}}…".',
        '用“{{”开头的句子要加英文引号，写成"{{slot}}…"。',
    ),
    "quote-open": (
        "A quotation mark that is never closed. Close it at the end of the sentence.",
        "这个引号没有关上，请在句子末尾补上。",
    ),
    "bracket-open": (
        "A bracket that is not closed, or something in it that needs quotation marks.",
        "这个括号没有关上，或者里面有要加引号的内容。",
    ),
    "hash": (
        "Everything from “ #” on is a comment; only “{kept}” is left. Put the sentence in quotation marks.",
        "“ #”后面的都成了注释，只剩下“{kept}”。请给整句加上英文引号。",
    ),
    "two-lines": (
        "Two lines of a sentence are joined by a space. Write “|-” after the colon to keep them apart.",
        "两行会合成一句，中间多出空格。要分行，请在冒号后面写“|-”再换行。",
    ),
    "comma": (
        "This comma splits the sentence: “{part}” stands alone. Write one sentence a line with “- ”, "
        "or quote it.",
        "这个英文逗号把句子拆开了，“{part}”成了另一句。请一句一行，用“- ”开头，或者加引号。",
    ),
    "leading-zero": (
        '“{name}” without quotation marks: other programs read it as a number. Write "{name}".',
        '“{name}”没有加引号，别的程序会当成数字。请写成"{name}"。',
    ),
    "yes-no-word": (
        '“{name}” without quotation marks: other programs read it as a switch. Write "{name}".',
        '“{name}”没有加引号，别的程序会当成开关。请写成"{name}"。',
    ),
    "duplicate-key": (
        "“{key_name}” stands here twice (first on line {line}). Remove one.",
        "“{key_name}”写了两次（第一次在第{line}行），请删掉一个。",
    ),
    "anchor": (
        "An anchor (&name) is not used here: write each place out. Put a sentence that begins with & in "
        'quotation marks ("…").',
        '这里不能用锚点（&name），每处都请写全。以“&”开头的句子请加英文引号（"…"）。',
    ),
    "alias": ("Aliases (*name) are not used here. Write it out.", "这里不能用别名（*name），请写全。"),
    "tag": (
        "A tag (!name) is not used here: delete it. Put a sentence that begins with ! in quotation marks "
        '("…").',
        '这里不能用标签（!name），请删掉。以“!”开头的句子请加英文引号（"…"）。',
    ),
    "directive": ("A line that begins with % is not used here. Delete it.", "这里不能用%开头的行，请删掉。"),
    "nested": ("Nested too deep.", "嵌套太深。"),
    # keys and forms
    "key": ("A key must be a plain word.", "键必须是一个简单的词。"),
    "unknown-key": (
        "“{name}” is not a key that belongs here: see its spelling and how far it is indented.",
        "这里没有“{name}”这个键，请看拼写和前面的空格。",
    ),
    "missing-key": ("“{name}” is missing here.", "这里缺“{name}”。"),
    "empty-value": (
        "Nothing is written here. If the lines below belong to it, indent them two spaces more.",
        "这里什么都没写。下面几行如果是它的内容，请多空两格。",
    ),
    "shape": ("Here belongs {wanted}.", "这里应该写{wanted}。"),
    "name": (
        "“{name}” cannot be a name: small letters, digits and _, a letter first, at most 40.",
        "“{name}”不能做名字：只用小写字母、数字和_，字母开头，最多40个。",
    ),
    "unknown-value": ("“{name}” is none of: {among}.", "“{name}”不在可选的值里：{among}。"),
    "duration": (
        "“{name}” is not a time. Write 30s, 10m, 2h or 7d.",
        "“{name}”不是时长。请写30s、10m、2h或7d。",
    ),
    "number": ("“{name}” is not a whole number from 1.", "“{name}”不是大于0的整数。"),
    "quantity": ("“{name}” is not a number from 0.", "“{name}”不是数字，或者小于0。"),
    "yes-no": ("“{name}” is neither yes nor no.", "“{name}”既不是yes也不是no。"),
    "date": ("“{name}” is not a date. Write 2026-03-12.", "“{name}”不是日期。请写成2026-03-12。"),
    # policy.yaml
    "unknown-policy": ("config/policy.yaml has no value “{name}”.", "config/policy.yaml里没有“{name}”。"),
    "policy-name": (
        "Nothing asks for “{name}”, and “{wanted}” is asked for and not there: one of the two is misspelt.",
        "没有地方用到“{name}”，要用的“{wanted}”又没有：其中一个写错了。",
    ),
    "policy-value": ("“{name}” is none of its `of`: {among}.", "“{name}”不在of列出的值里：{among}。"),
    "policy-empty": ("“{name}” has no value.", "“{name}”没有值。"),
    "policy-source": (
        "“{name}” names no source. Say which rule or notice it comes from.",
        "“{name}”没有写来源。请写明出自哪个文件或通知。",
    ),
    "policy-old": (
        "“{name}” was checked {days} days ago (at most {most}). Check it, then change `checked`.",
        "“{name}”已经{days}天没有核对（最多{most}天）。请核对后改checked。",
    ),
    "policy-ahead": (
        "“{name}” was checked on {day}, which is still to come.",
        "“{name}”的核对日期{day}还没有到。",
    ),
    "hours": (
        'Opening hours are a list: - {{days: 1-5, from: "9:00", to: "17:00"}}.',
        '上班时间是列表：- {{days: 1-5, from: "9:00", to: "17:00"}}。',
    ),
    "calendar-year": (
        "“{name}” is no year. Write four digits, like 2026.",
        "“{name}”不是年份。请写四位数字，例如2026。",
    ),
    "calendar-other-year": (
        "{name} does not belong to {year}. Each date stands under the year whose notice names it.",
        "{name}不属于{year}年。日期写在公布它的那一年下面。",
    ),
    "calendar-order": (
        "The holiday ends before it begins, or lasts longer than {most} days.",
        "结束早于开始，或者超过{most}天。",
    ),
    "calendar-fixed": (
        "{name} is a public holiday every year, and it is not in the list.",
        "{name}每年都放假，这里没有写。",
    ),
    "calendar-weekday": (
        "{name} is a weekday and worked anyway. Only Saturdays and Sundays that are worked stand here.",
        "{name}本来就是工作日。这里只写要上班的周六、周日。",
    ),
    "calendar-both": (
        "{name} is a holiday above and a workday here. Keep one of the two.",
        "{name}上面写了放假，这里又写上班，只能留一样。",
    ),
    "calendar-twice": ("{name} is there already.", "{name}已经写过了。"),
    "calendar-missing": (
        "The public holidays of {name} are not known, so nobody is told when something is closed for them. "
        "Run `shebao calendar {name}`, or write them in by hand from the State Council's notice.",
        "还没有{name}年的节假日，放假时的开放时间说不准。"
        "请运行shebao calendar {name}，或照国务院办公厅的通知手工填写。",
    ),
    "hours-days": (
        "“{name}” are no days. Write 1-5 or 6 (1 is Monday, 7 is Sunday), and holidays for public holidays.",
        "“{name}”不是星期。请写1-5或6（1是周一，7是周日），公共假日写holidays。",
    ),
    "hours-clock": ('“{name}” is no time of day. Write "9:00".', '“{name}”不是钟点。请写"9:00"。'),
    "hours-order": ("It closes before it opens.", "结束时间早于开始时间。"),
    # menu.yaml
    "menu-empty": ("The menu has no button. Give it at least one.", "菜单没有按钮，至少要一个。"),
    "menu-too_many": (
        "{size} buttons here, WeChat takes {limit}. Take some out or put them below another.",
        "这里有{size}个按钮，微信最多{limit}个。请删掉或移到别的按钮下面。",
    ),
    "menu-no_name": ("A button has no name. Give it one.", "按钮没有名字。"),
    "menu-long_name": (
        "Button “{name}” has {size} bytes, WeChat takes {limit} here. Shorten the name.",
        "按钮“{name}”有{size}字节，微信在这里最多{limit}字节（一个汉字3字节）。请缩短。",
    ),
    "menu-too_deep": (
        "“{name}” is in a list and has one itself. WeChat takes two levels.",
        "“{name}”已经是二级，下面不能再有按钮。",
    ),
    "menu-action_and_list": (
        "“{name}” has both an action and a list below. Keep one of the two.",
        "“{name}”又有动作又有下级按钮，只能留一样。",
    ),
    "menu-no_action": (
        "“{name}” does nothing. Give it a flow, a page or a url.",
        "“{name}”点了没有反应。请写flow、page或url。",
    ),
    "menu-two_actions": ("“{name}” does two things. Keep one of them.", "“{name}”有两个动作，只能留一个。"),
    "menu-mini_program": (
        "“{name}” opens a mini program: it needs appid, pagepath and a url for old phones.",
        "“{name}”打开小程序，要有appid、pagepath，还要给旧手机用的url。",
    ),
    "menu-long_key": (
        "“{name}” has a key of {size} bytes, WeChat takes {limit}.",
        "“{name}”的key有{size}字节，微信最多{limit}字节。",
    ),
    "menu-long_url": (
        "“{name}” has a url of {size} bytes, WeChat takes {limit}.",
        "“{name}”的url有{size}字节，微信最多{limit}字节。",
    ),
    "menu-odd_url": (
        "“{name}” has a url that begins neither with https:// nor with http://.",
        "“{name}”的url要用https://或http://开头。",
    ),
    "menu-button": (
        "“{name}” must have exactly one of flow, page, url or a mini program.",
        "“{name}”要有flow、page、url或小程序中的一样，只能一样。",
    ),
    "button-twice": ("Another button already leads to “{name}”.", "已经有按钮通到“{name}”了。"),
    "start-twice": ("“{name}” already leads to “{other}”.", "“{name}”已经通到“{other}”了。"),
    "key-blank": ("A key has no blanks: “{name}”.", "key里不能有空格：“{name}”。"),
    # the other files of config/
    "secret-here": (
        "“{name}” is a secret. Take it out of the file and set {variable}.",
        "“{name}”是秘密，不能写在文件里。请用环境变量{variable}。",
    ),
    "coordinates": ("“{name}” is no coordinate in China.", "“{name}”不是中国境内的坐标。"),
    "stub-id": (
        "Not an id_number: 17 digits with a date of birth and a digit or X, in quotation marks.",
        "不是id_number：要17位数字（含出生日期）加一位数字或X，带引号。",
    ),
    "stub-check": ("This id_number should end in {last}.", "这个id_number的末位应该是{last}。"),
    "stub-twice": ("Somebody above has this id_number.", "前面已经有人用了这个id_number。"),
    "stub-guardian": ("Nobody in this file has this id_number.", "文件里没有这个id_number的人。"),
    "stub-card": (
        'Not the last four digits of a card, in quotation marks: "1234".',
        '不是卡号末四位，要带引号："1234"。',
    ),
    "stub-until": (
        "`until` (days from today) belongs to the state temporary_loss, and only to it.",
        "until（还有几天）只能、也必须和temporary_loss一起写。",
    ),
    "stub-number": ("“{name}” is not a number from 0 to 9999.", "“{name}”不是0到9999的数。"),
}
