"""What an author can do with an essay at the desk: the `act` of its form's buttons."""

from enum import StrEnum


class Act(StrEnum):
    """Each button of the bar. Those that ask first save, and show the question in the bar."""

    # Of a form without a button, such as one sent by a program: the date says what it becomes.
    BY_DATE = ""
    SAVE = "save"
    ASK_PUBLISH = "ask-publish"
    PUBLISH = "publish"
    ASK_SCHEDULE = "ask-schedule"
    SCHEDULE = "schedule"
    TO_DRAFT = "to-draft"
    ASK_WITHDRAW = "ask-withdraw"
    WITHDRAW = "withdraw"
    BRING_BACK = "bring-back"
    PUBLISH_CHANGES = "publish-changes"
    ASK_DROP = "ask-drop"
    DROP = "drop"
    ASK_SCHEDULE_CHANGES = "ask-schedule-changes"
    SCHEDULE_CHANGES = "schedule-changes"
    UNSCHEDULE_CHANGES = "unschedule-changes"
    ASK_THROW_AWAY = "ask-throw-away"
    THROW_AWAY = "throw-away"
    TAKE_OUT = "take-out"
    # Make a link that follows the draft, or one that stays at this version; revoke it.
    SHARE = "share"
    SHARE_VERSION = "share-version"
    STOP_SHARING = "stop-sharing"
    # The answers to a collision (collision.py).
    TOGETHER = "together"
    MINE = "mine"
    THEIRS = "theirs"

    @property
    def question(self):
        """What the bar asks after it, or "" where it asks nothing."""
        if self in (Act.SHARE, Act.SHARE_VERSION):
            return "share"  # answered by the link
        return self.value.removeprefix("ask-") if self.value.startswith("ask-") else ""


ACTS = {act.value: act for act in Act}

# After these, readers have the text as it is in the form.
PUBLISHING = {Act.BY_DATE, Act.PUBLISH, Act.BRING_BACK, Act.PUBLISH_CHANGES}
