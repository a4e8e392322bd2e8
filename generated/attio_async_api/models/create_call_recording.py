"""The body of create_call_recording."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class CreateCallRecording:
    """The body of create_call_recording."""

    video_url: str | Unset = UNSET
    transcript: list[Any] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "video_url": self.video_url,
                "transcript": self.transcript,
            }
        )
