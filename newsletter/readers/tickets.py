"""The signed links in readers' mails: made, and read without asking the database."""

from datetime import UTC, datetime, timedelta

from newsletter.errors import NotFound
from newsletter.language import N_
from newsletter.settings import Settings
from subscribers import tokens
from subscribers.errors import BadToken
from subscribers.models import Subscription
from subscribers.tokens import Purpose

PREFERENCES_WITHIN = timedelta(hours=24)  # WB-05


class BadLink(NotFound):
    """The token in an address was not signed by us."""

    sentence = N_("Dieser Link ist nicht gültig. Bitte prüfen Sie, ob er vollständig ist.")


def unsubscribe_url(settings: Settings, public_id: str, newsletter: str) -> str:
    """The address that ends one person's subscription to one newsletter; never expires."""
    token = tokens.sign(Purpose.UNSUBSCRIBE, [public_id, newsletter], settings.secrets)
    return settings.links.unsubscribe(token)


def preferences_url(settings: Settings, public_id: str, now: datetime) -> str:
    """The address of one person's own page; it shows the page for a day (WB-05), and knows
    whose it is for ever.
    """
    until = int((now + PREFERENCES_WITHIN).timestamp())
    token = tokens.sign(Purpose.PREFERENCES, [public_id, until], settings.secrets)
    return settings.links.preferences(token)


def confirm_url(settings: Settings, subscription: Subscription) -> str:
    """The address that confirms one pending subscription, once."""
    parts: list[str | int] = [subscription.id or 0, subscription.confirm_nonce or ""]
    return settings.links.confirm(tokens.sign(Purpose.CONFIRM, parts, settings.secrets))


def goodbye_in(settings: Settings, token: str) -> tuple[str, str]:
    """Public id and newsletter of an unsubscribe link. BadLink without asking the database."""
    public_id, newsletter = _parts(settings, Purpose.UNSUBSCRIBE, token)
    return public_id, newsletter


def confirmation_in(settings: Settings, token: str) -> tuple[int, str]:
    """Subscription id and nonce of a confirmation link. BadLink without asking the database."""
    subscription_id, nonce = _parts(settings, Purpose.CONFIRM, token)
    return int(subscription_id), nonce


def preferences_in(settings: Settings, token: str) -> tuple[str, datetime]:
    """Public id and end of a link to a reader's page. BadLink without asking the database."""
    public_id, until = _parts(settings, Purpose.PREFERENCES, token)
    return public_id, datetime.fromtimestamp(int(until), UTC)


def form_token(settings: Settings, served_at: datetime) -> str:
    """A token for the sign-up form that tells when it was served (WB-08)."""
    return tokens.sign(Purpose.FORM, [int(served_at.timestamp())], settings.secrets)


def form_served_at(settings: Settings, token: str) -> datetime | None:
    """When the form was served; None if it was not one of ours."""
    try:
        (seconds,) = tokens.verify(Purpose.FORM, token, settings.secrets)
    except BadToken:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def name_of(settings: Settings, newsletter: str) -> str:
    """What people call it; the slug, if it is not configured any more."""
    configured = settings.newsletters.get(newsletter)
    return configured.name if configured else newsletter


def _parts(settings: Settings, purpose: Purpose, token: str) -> list[str]:
    try:
        return tokens.verify(purpose, token, settings.secrets)
    except BadToken as exc:
        raise BadLink from exc
