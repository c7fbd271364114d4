"""Files as people bring them along, made here."""

import io
import zipfile
from collections.abc import Iterable

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TYPES = f"""<Types xmlns="{_P}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>"""
_PACKAGE = f"""<Relationships xmlns="{_P}/relationships">
<Relationship Id="r1" Type="{_R}/officeDocument" Target="word/document.xml"/></Relationships>"""
_LINKS = f"""<Relationships xmlns="{_P}/relationships">
<Relationship Id="r1" Type="{_R}/hyperlink" Target="https://www.lichtwerk.example/labor"
 TargetMode="External"/>
<Relationship Id="r2" Type="{_R}/hyperlink" Target="javascript:alert(1)" TargetMode="External"/>
</Relationships>"""
_STYLES = f"""<w:styles xmlns:w="{_W}"><w:style w:type="paragraph" w:styleId="Titel">
<w:name w:val="Title"/></w:style></w:styles>"""
_BULLETS = f"""<w:numbering xmlns:w="{_W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">
<w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1">
<w:abstractNumId w:val="0"/></w:num></w:numbering>"""

TITLE = '<w:pPr><w:pStyle w:val="Titel"/></w:pPr>'
BULLET = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
BOLD = "<w:r><w:rPr><w:b/></w:rPr><w:t>halbtags</w:t></w:r>"
LINK = '<w:hyperlink r:id="r1"><w:r><w:t>Labor</w:t></w:r></w:hyperlink>'
BAD_LINK = '<w:hyperlink r:id="r2"><w:r><w:t>hier</w:t></w:r></w:hyperlink>'


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(paragraphs: Iterable[str], before: str = "", ending: str = "xml", **parts: bytes) -> bytes:
    """A document of these paragraphs (the inside of ``w:p``); ``before`` stands before the XML,
    which lies in a file with this ``ending``.
    """
    inside = "".join(f"<w:p>{each}</w:p>" for each in paragraphs)
    document = (
        f'{before}<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{inside}</w:body></w:document>'
    )
    name = f"word/document.{ending}"
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _PACKAGE.replace("word/document.xml", name),
        name: document,
        f"word/_rels/document.{ending}.rels": _LINKS,
        "word/styles.xml": _STYLES,
        "word/numbering.xml": _BULLETS,
    }
    return packed(files | {f"word/{name}.xml": it for name, it in parts.items()})


def packed(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as it:
        for name, content in files.items():
            it.writestr(name, content)
    return out.getvalue()


LABOR = docx(
    [
        TITLE + run("Neues Messlabor"),
        run("Ab Januar stehen drei Messplätze offen."),
        run("Buchen lassen sie sich ") + BOLD + run(": ") + LINK + run(" oder ") + BAD_LINK,
        BULLET + run("Platz eins"),
        BULLET + run("Platz zwei"),
    ]
)


def ics(*events: str) -> bytes:
    """A calendar of events, each the lines inside one."""
    inside = "".join(f"BEGIN:VEVENT\n{each.strip()}\nEND:VEVENT\n" for each in events)
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//DE\n{inside}END:VCALENDAR\n"
    return whole.replace("\n", "\r\n").encode()


TAGUNG = """UID:tagung-2027@lichtwerk.example
SUMMARY:Fachtagung Licht\\, Messen
DTSTART;TZID=W. Europe Standard Time:20270316T093000
DTEND;TZID=W. Europe Standard Time:20270317T160000
LOCATION:Alte Schleiferei\\nMusterufer 7\\, Musterhavel
URL:https://www.lichtwerk.example/tagung?utm_source=ics
DESCRIPTION:Zwei Tage rund um optische Messtechnik.\\n\\nMit Vorträgen."""
