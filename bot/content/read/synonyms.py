"""What operators write for a key or a value that has another name here: translated, or of another program."""

from __future__ import annotations

from collections.abc import Collection

_SAID = """
flow: 流程
enabled: 启用
start: 开始
requires: 需要 前提 先办
slots: 问题 槽位 参数
steps: 步骤
type: 类型
values: 值 选项 可选值
collect: 收集 询问 提问 ask question
confirm: 确认 核对
consent: 同意书 授权
say: 说 回复 发送 message reply send
action: 动作 操作 call
offer: 提供 推荐 可选 suggest options
next: 下一步 去 goto then
then: 那么 就 next goto
if: 如果 若 when
else: 否则 其他 其它 default otherwise
on: 按 switch case
again: 再来 重试 retry
link: 链接 转到 跳转 flow goto
with: 带 args params arguments parameters
save: 保存 存
once: 一次
set: 设置 设为
need: 要求 requires
given: 有 exists present
below: 小于 低于 max less
min: 至少 不小于 more
not: 不是 非
end: 结束 完成 finish done
stop: 停止 终止 exit
title: 标题 名称 name
words: 词 关键词 触发词 说法 keywords
texts: 文字 文本 话术
text: 文字 文本 正文 内容 content
label: 标签 简称
ask: 问 问题 提问 question
help: 帮助 说明
why: 为什么 原因
agreed: 同意 确认 agree yes
refused: 拒绝 不同意 取消 refuse no
value: 值
of: 可选 范围
source: 来源 出处 依据
checked: 核对 核对日期 检查 date
hours: 时间 开放时间 工作时间
days: 天 星期 日期 days_of_week
from: 从 开始 start begin
to: 到 至 结束 end until
name: 名称 名字 姓名 title label
buttons: 按钮 子菜单 sub_button
page: 页面
url: 网址 链接 link
address: 地址
district: 区 区县 地区
phone: 电话 电话号码 tel telephone
kind: 类型 类别 type
services: 服务 业务
aliases: 别名
lat: 纬度 latitude
lon: 经度 lng longitude
at: 坐标 位置
holidays: 节假日 假日
workdays: 调休 上班日
people: 人员
cancel: 取消
back: 返回
choice: 选择 单选 select enum
number: 数字
mobile: 手机 手机号 phone
date: 日期
image: 图片 照片 photo picture
list: 列表
record: 记录
centre: 中心 服务中心 center
bank: 银行
kiosk: 自助机 终端
report_loss: 挂失
collect_card: 领卡
reset_pin: 重置密码
yes: 是 对 有 on
no: 否 不 无 off
normal: 正常
done: 完成 成功 success ok
refused_: 失败 拒绝 failed
hotline: 热线 服务热线 咨询电话
zh-CN: 中文
safe: 安全 encrypted
"""
_MEANT: dict[str, list[str]] = {}
for _line in _SAID.strip().splitlines():
    _right, _, _wrong = _line.partition(": ")
    for _word in _wrong.split():
        _MEANT.setdefault(_word, []).append(_right.rstrip("_"))


def meant(name: str, known: Collection[str]) -> str:
    """Returns the one of the known names that this word stands for, or ''."""
    return next((right for right in _MEANT.get(name.lower(), ()) if right in known), "")
