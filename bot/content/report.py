"""Prints findings: for people in Chinese or English, for programs, for GitHub's annotations."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.content.load import Loaded
from bot.content.messages import Messages, phrase
from bot.content.read.source import Finding
from bot.engine.content import Content
from bot.engine.scope import today


def lines(findings: Sequence[Finding], how: str, language: str) -> list[str]:
    """Returns lines. `how`: text (file:line:col: …), json (one array), github (one annotation a line)."""
    if how == "json":
        return [json.dumps([_object(f, language) for f in findings], ensure_ascii=False, indent=1)]
    if how == "github":
        return [_annotation(f, language) for f in findings]
    return [f.line_in(language) for f in findings]


def summary(loaded: Loaded, language: str) -> str:
    """Returns the last line: what is there, or how many errors."""
    errors = sum(f.severity == "error" for f in loaded.findings)
    warnings = len(loaded.findings) - errors
    say = Messages("commands", language)
    if loaded.content is None:
        return say("broken", errors=errors, warnings=warnings)
    flows, pages = loaded.content.flows, loaded.content.pages
    steps = sum(len(f.steps) for f in flows.values())
    size = {"flows": len(flows), "steps": steps, "pages": len(pages)}
    code, revision = "sound_but" if warnings else "sound", loaded.content.revision
    return say(code, **size, revision=revision, warnings=warnings)


def policy(content: Content, now: int, language: str) -> list[str]:
    """Returns each value that holds now, and below it what comes, with its day. `now`: epoch seconds."""
    found = []
    for name, value in content.at(now).policy.items():
        found.append(f"{name}: {value['value']}")
        last = value
        for period in content.periods:
            if period.starts > now and period.policy[name] != last:
                last = period.policy[name]
                since = phrase("since", day=today(period.starts))(language)
                found.append(f"  {since}{last['value']}")
    return found


def _object(finding: Finding, language: str) -> dict[str, str | int]:
    parts = ("file", "line", "col", "severity", "code")
    return {**{part: getattr(finding, part) for part in parts}, "sentence": finding.sentence_in(language)}


def _annotation(finding: Finding, language: str) -> str:
    """Returns a workflow command; `%`, line ends, `:` and `,` are escaped there."""
    text = finding.sentence_in(language).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    file = finding.file.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    place = f"file={file},line={finding.line},col={finding.col},title={finding.code}"
    return f"::{finding.severity} {place}::{text}"
