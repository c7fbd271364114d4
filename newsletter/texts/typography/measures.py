"""Words that stand beside numbers, as parts of patterns."""

_GERMAN_MONTHS = (
    "Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
    r"|Jan\.|Feb\.|Apr\.|Aug\.|Sept?\.|Okt\.|Nov\.|Dez\."
)
ENGLISH_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
)
MONTHS = f"{_GERMAN_MONTHS}|{ENGLISH_MONTHS}"
UNITS = (
    r"%|‰|€|\$|EUR|Euro|Cent|US-Dollar|Dollar|Mio\.|Mrd\.|Tsd\.|Million(?:en)?|Milliarden?"
    "|million|billion|Prozent(?:punkte)?|percent|per cent|Uhr|Stunden?|Std\\.|Minuten?|Min\\."
    "|Tage?n?|Wochen?|Monate?n?|Jahre?n?|days?|weeks?|months?|years?|hours?|minutes?"
    "|[ap]\\.?m\\.|kg|mg|µg|g|t|Tonnen|km²|km|m²|m³|cm²|cm³|cm|mm|µm|nm|m|ha|Hektar|ml|l|Liter"
    "|[kMGT]?Wh?|kWp|MWp|mA|A|mV|kV|V|[kMG]?Hz|°C|°F|°|K|bar|hPa|Pa|dB|[kMGT]B|px|ppm"
)
