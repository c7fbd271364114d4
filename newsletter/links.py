"""Every address of ours, built in one place (pure). Contract: DESIGN §6, HTTP."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

# Parameters that say who sent or clicked a link, some of them personal (mc_eid).
_TRACKING = re.compile(
    r"(utm_.*|mtm_.*|pk_.*|piwik_.*|matomo_.*|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid"
    r"|twclid|igshid|mc_eid|mc_cid|_hsenc|_hsmi|hsctatracking|mkt_tok|vero_id|_openstat)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute addresses below ``base_url``, which has no trailing slash."""

    base_url: str

    @property
    def loopback(self) -> bool:
        """Whether we still stand on somebody's own machine; demands of the wide net are hints."""
        host = urlsplit(self.base_url).hostname or ""
        return bool(re.fullmatch(r"localhost|::1|127(\.\d{1,3}){3}", host))

    @property
    def host(self) -> str:
        """Host and port as a browser sends them in ``Host``."""
        return urlsplit(self.base_url).netloc

    def _at(self, *parts: str) -> str:
        return "/".join((self.base_url, *(quote(part, safe="") for part in parts)))

    def home(self) -> str:
        return self.base_url + "/"

    def submit(self, token: str = "") -> str:
        return self._at("submit", token) if token else self._at("submit")

    def access(self) -> str:
        """Where somebody who is not registered asks to hand in."""
        return self._at("access")

    def calls(self, token: str) -> str:
        """Where a person ends the calls for contributions, by their personal link's token."""
        return self._at("calls", token)

    def status(self, token: str) -> str:
        return self._at("s", token)

    def approval(self, token: str) -> str:
        return self._at("approval", token)

    def preview(self, token: str) -> str:
        """For editors who sit elsewhere; holds for some hours."""
        return self._at("preview", token)

    def upload(self, token: str) -> str:
        """Where an editor who sits elsewhere uploads one picture; holds for some hours."""
        return self._at("upload", token)

    def subscribe(self) -> str:
        return self._at("subscribe")

    def confirm(self, token: str) -> str:
        return self._at("confirm", token)

    def unsubscribe(self, token: str) -> str:
        return f"{self.base_url}/unsubscribe/{quote(token, safe='')}"  # one for each mail

    def preferences(self, token: str = "") -> str:
        """Where a reader settles what they get; without a token: where they ask for a link."""
        return f"{self.base_url}/preferences/{token}" if token else self._at("preferences")

    def read(self, issue_key: str) -> str:
        return self._at("read", issue_key)

    def archive(self, newsletter: str, number: str = "") -> str:
        if not number:
            return self._at("archive", newsletter) + "/"
        return self._at("archive", newsletter, number)

    def item(self, newsletter: str, reference: str) -> str:
        """The page of one published item; it stays while issues come and go."""
        return self._at("archive", newsletter, "items", reference)

    def search(self, newsletter: str) -> str:
        """Every published item of a newsletter, and where to look for one."""
        return self._at("archive", newsletter, "search")

    def public_items(self, newsletter: str) -> str:
        """The same as JSON, for other sites."""
        return self._at("api", "v1", "public", newsletter, "items")

    def upcoming(self, newsletter: str) -> str:
        """The dates that are not over, to read."""
        return self._at("archive", newsletter, "dates")

    def privacy(self) -> str:
        return self._at("privacy")

    def accessibility(self) -> str:
        return self._at("accessibility")

    def imprint(self) -> str:
        return self._at("imprint")

    def calendar(self, newsletter: str, land: str = "") -> str:
        """The dates of a public newsletter, to subscribe to; ``land``: of clusters there."""
        return self._at("archive", newsletter, *filter(None, [land]), "calendar.ics")

    def calendar_page(self, newsletter: str) -> str:
        """How to subscribe to the dates and the items of a public newsletter."""
        return self._at("archive", newsletter, "calendar")

    def feed(self, newsletter: str, kind: str, land: str = "", page: int = 1) -> str:
        """The items of a public newsletter for feed readers; ``kind``: "atom" or "json"."""
        where = self._at("archive", newsletter, *filter(None, [land]), f"feed.{kind}")
        return where if page == 1 else f"{where}?page={page}"

    def members_calendar(self, key: str) -> str:
        return self._at("read", key, "calendar.ics")

    def members_calendar_page(self, key: str) -> str:
        """The same for members; ``key`` is the newsletter's (Settings.calendar_key)."""
        return self._at("read", key, "calendar")

    def picture(self, key: str, file_name: str) -> str:
        """``key`` is unguessable: who has the address may see the picture (promise 4)."""
        return self._at("media", key, file_name)

    def logo(self, digest: str, file_name: str) -> str:
        return self._at("logos", digest, file_name)

    def date(self, uid: str) -> str:
        return self._at("dates", f"{uid}.ics")

    def dates_of(self, newsletter: str, number: str) -> str:
        """All dates of a public issue in one file."""
        return self._at("archive", newsletter, number, "dates.ics")

    def members_date(self, issue_key: str, reference: str) -> str:
        """A date of a members' issue: the issue's key is the secret (promise 4)."""
        return self._at("read", issue_key, f"{reference}.ics")

    def members_dates(self, issue_key: str) -> str:
        return self._at("read", issue_key, "dates.ics")


def untracked(query: str) -> str:
    """A query without the parameters that say who sent or clicked a link."""
    kept = (pair for pair in query.split("&") if not _TRACKING.fullmatch(pair.partition("=")[0]))
    return "&".join(kept)
