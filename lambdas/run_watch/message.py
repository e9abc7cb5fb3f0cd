"""Messages for SNS: text for mail, and a JSON document for HTTPS endpoints and chat.

Amazon Q Developer in chat applications shows only messages of known services and messages of this form:
https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_SUBJECT_CHARACTERS = 100  # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
_MOST_TITLE_CHARACTERS, _MOST_DESCRIPTION_CHARACTERS = 250, 8000


@dataclass(frozen=True, kw_only=True)
class Message:
    """A report in lines, with the next commands; the subject is one line of ASCII."""

    subject: str
    facts: Sequence[str]
    steps: Sequence[str] = ()  # what to do, one command or page each
    links: Mapping[str, str]  # by what they show
    about: Mapping[str, str]  # for programs: domain, run, status, error

    @property
    def text(self) -> str:
        """Return the message as text for mail."""
        links = [f"{name}: {link}" for name, link in self.links.items()]
        parts = [part for part in (self.facts, self.steps, links) if part]
        return "\n\n".join("\n".join(part) for part in parts) + "\n"

    def publication(self) -> dict[str, Any]:
        """Return the arguments of sns:Publish."""
        document = {
            "version": "1.0",
            "source": "custom",
            "content": {
                "textType": "client-markdown",
                "title": self.subject[:_MOST_TITLE_CHARACTERS],
                "description": self._description()[:_MOST_DESCRIPTION_CHARACTERS],
                "nextSteps": list(self.steps),
            },
            "metadata": {
                "threadId": self.about.get("run", self.subject),
                "summary": self.facts[0],
                "additionalContext": dict(self.about),
            },
        }
        message = {"default": self.text, "https": json.dumps(document)}
        return {
            "Subject": _ascii(self.subject)[:_MOST_SUBJECT_CHARACTERS],
            "Message": json.dumps(message),
            "MessageStructure": "json",
        }

    def _description(self) -> str:
        links = " | ".join(
            f"<{link}|{name}>" if "://" in link else f"{name}: {link}" for name, link in self.links.items()
        )
        return "\n".join([*self.facts, *([links] if links else [])])


def _ascii(text: str) -> str:
    return " ".join(text.encode("ascii", "replace").decode().split())
