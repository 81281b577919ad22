"""Which role may do what: the one table for every page and form of the console."""

from __future__ import annotations

LOOK, RESIDENTS, MEND, EDIT, PUBLISH = "look", "residents", "mend", "edit", "publish"

ROLES = {
    "look": {LOOK},
    "edit": {LOOK, EDIT},
    "duty": {LOOK, RESIDENTS, MEND},
    "publish": {LOOK, RESIDENTS, MEND, EDIT, PUBLISH},
    "read": {LOOK, RESIDENTS},  # as lines of SHEBAO_CONSOLE_USERS from before the others say it
}
"""Role -> what it may do. Those of bot.settings.CONSOLE_ROLES."""
CHANGES = frozenset({MEND, EDIT, PUBLISH})
"""What needs a second factor, where that is asked for."""

PAGES = {
    LOOK: (
        *("slash", "overview", "jobs", "flows", "funnels", "questions", "findings", "maintenance"),
        *("drafts", "draft", "phrase", "export_files"),
        *("revisions", "compare", "menu", "audit", "sign_out", "sign_out_everywhere"),
    ),
    RESIDENTS: ("resident", "duty", "outcomes", "satisfaction"),
    MEND: ("retry", "drop", "call_again", "switch_off", "switch_on"),
    EDIT: (
        *("edit", "new_flow", "entry", "save_entry", "try_entry"),
        *("add_phrase", "drop_draft", "review_draft", "replay_draft"),
        *("trial", "begin_trial", "end_trial", "import_files"),
        *("file", "try_file", "save_file", "complete"),
    ),
    PUBLISH: ("publish", "rollback", "publish_menu"),
}
"""Endpoints behind the door. One that is not named here is nobody's."""
NEEDED = {f"console.{page}": right for right, pages in PAGES.items() for page in pages}
