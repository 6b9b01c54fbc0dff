"""Every event an OA can send, and what it is to us. Names differ between sources: all are listed."""

from __future__ import annotations

from enum import Enum, auto

from bot.messages import Kind


class Sort(Enum):
    """What an event means for the house."""

    WORDS = auto()  # a person wrote, tapped or sent something
    GROUP_WORDS = auto()  # the same in a group of the OA
    SIGN = auto()  # a person did something that opens the 7-day window, without words
    FOLLOW = auto()
    UNFOLLOW = auto()
    RECEIPT = auto()  # our message arrived
    RATING = auto()
    WITHDRAWN = auto()  # a person took back consent
    GROUP_MADE = auto()
    GROUP_GONE = auto()
    ALARM = auto()  # the operator must know
    NOTICE = auto()  # worth a line in the log
    ECHO = auto()  # the OA's own words come back
    IGNORED = auto()


# What comes with an event "user_send_<name>" or "user_send_group_<name>".
KINDS = {
    "text": Kind.TEXT,
    "link": Kind.TEXT,  # the text of the message is the address
    "image": Kind.PHOTO,
    "gif": Kind.STICKER,
    "sticker": Kind.STICKER,
    "audio": Kind.VOICE,
    "video": Kind.OTHER,
    "file": Kind.FILE,
    "location": Kind.LOCATION,
    "business_card": Kind.CONTACT,
}
_SORTS = {
    "follow": Sort.FOLLOW,
    "unfollow": Sort.UNFOLLOW,
    "user_click_chatnow": Sort.SIGN,
    "user_submit_info": Sort.SIGN,  # name and phone are in it: we asked for neither and keep neither
    "user_call_oa": Sort.SIGN,
    "user_reacted_message": Sort.IGNORED,
    "user_seen_message": Sort.IGNORED,
    "user_received_message": Sort.RECEIPT,
    "user_feedback": Sort.RATING,
    "user_click_response_button": Sort.IGNORED,
    "user_withdraw": Sort.WITHDRAWN,
    "permission_revoked": Sort.ALARM,
    "oa_send_consent": Sort.IGNORED,
    "change_template_status": Sort.NOTICE,
    "change_template_quality": Sort.NOTICE,
    "change_oa_daily_quota": Sort.NOTICE,
    "create_group": Sort.GROUP_MADE,
    "delete_group": Sort.GROUP_GONE,
    "disperse_group": Sort.GROUP_GONE,
}
_STARTS = (
    ("user_send_group_", Sort.GROUP_WORDS),
    ("user_send_", Sort.WORDS),
    ("oa_send_", Sort.ECHO),
    ("change_", Sort.NOTICE),
)
# Listed so that nothing of this kind is reported as unknown: web visitors (no user id to answer to),
# CRM changes, calls, membership of groups, shop and journey events.
_IGNORED = (
    "anonymous_",
    "update_user_info",
    "add_user_to_tag",
    "remove_user_from_tag",
    "remove_tag",
    "oa_reacted_message",
    "oa_call_user",
    "user_reply_consent",
    "update_group_info",
    "user_join_group",
    "user_request_join_group",
    "user_out_group",
    "user_leave_group",
    "reject_request_join_group",
    "accept_request_join_group",
    "react_request_join_group",
    "add_group_admin",
    "remove_group_admin",
    "shop_",
    "widget_",
    "extension_",
    "event_journey_",
)


def sort_of(event_name: str) -> Sort | None:
    """What the event is; None: one that nobody has told us about."""
    if known := _SORTS.get(event_name):
        return known
    if event_name.startswith(_IGNORED):
        return Sort.IGNORED
    return next((sort for start, sort in _STARTS if event_name.startswith(start)), None)


def kind_of(event_name: str) -> Kind:
    """What sort of thing a person sent."""
    name = event_name.removeprefix("user_send_").removeprefix("group_")
    return KINDS.get(name, Kind.OTHER)
