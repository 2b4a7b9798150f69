"""What words say the same in English, Russian, Kazakh, French and Spanish: negations, quantifiers, names.

Data for answer/translation.py. Patterns are searched without regard to capitals.
"""

import csv
import re
from dataclasses import dataclass
from importlib.resources import files

from crpd_qa.language import Language


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE)


_NOTHING = _pattern(r"(?!)")


@dataclass(frozen=True, slots=True)
class Negation:
    """How a language says no."""

    neutral: re.Pattern[str]
    """No negation, though it holds the word of one."""
    plain: re.Pattern[str]
    weak: re.Pattern[str]
    """What another language may say with a plain negation."""
    none: re.Pattern[str] = _NOTHING
    """Nobody, nothing: a negation only where nothing else is negated."""

    def count(self, text: str) -> tuple[int, int]:
        """Plain and weak negations."""
        text = self.neutral.sub(" ", text)
        weak = len(self.weak.findall(text))
        text = self.weak.sub(" ", text)
        return len(self.plain.findall(text)) or min(len(self.none.findall(text)), 1), weak


# After a vowel or л, р, й: -ма; after a nasal or з, ж: -ба; after a voiceless consonant: -па.
_KAZAKH_VERB = (
    r"(?!демеу|қамау)\w*(?:[аәеёоөұүыіуиюяэлрй]м|[мнңзж]б|[пкқстшчцщфхгвбғд]п)"
    r"(?:айд\w*|ейд\w*|айм\w+|ейм\w+|айтын\w*|ейтін\w*|аған\w*|еген\w*|ады\w*|еді\w*|ау\w*|еу\w*|ай|ей|айынша|ейінше"
    r"|ас|ес|аса|есе)"
)
NEGATION: dict[Language, Negation] = {
    "en": Negation(
        neutral=_pattern(r"non-governmental|No\. ?\d+|whether or not"),
        plain=_pattern(
            r"not|\w+n[’']t|cannot|no|nobody|none|nothing|never|nowhere|neither|without|prohibit\w*|forb[ia]d\w*|"
            r"ban(?:s|ned)?"
        ),
        weak=_pattern(
            r"not only|(?:not|no) (?:more|less|fewer|later|longer|lower|higher) than|not exceed\w*|nor|"
            r"(?:under|below|younger than)(?: the age of)? \d+|(?:un|in|im|il|ir)(?!form|clu|ter|tro|sur|div|vest|"
            r"itia|dic|"
            r"stit|stal|ten|cre|stead|fra|jur|dependent|ion|prov|portant|plement|pair|employ)\w+(?:ed|able|ible|ful|"
            r"al|ate)|\w+-free|"
            r"\w+less|lack\w*|fail\w*|refus\w+|den(?:y|ies|ied)|depriv\w*|exempt\w*|except|with the exception|"
            r"other than|unless|no longer|unable|inability|(?:keep|kept|stop|rul)\w* (?:\w+ ){0,3}(?:from|out)|"
            r"regardless|irrespective|sacrosanct|inviolab\w+|inalienab\w+|illegal\w*|unlawful\w*|undue|"
            r"disproportionate|exclud\w+|exclusion\w*|"
            r"absence|impossib\w+|incapab\w+|prevent\w*|free (?:of|from)(?! charge)"
        ),
    ),
    "ru": Negation(
        neutral=_pattern(
            r"без оплаты|без взимания платы|не ?только|если не|пока не|так или иначе|не(?: |-)?правительственн\w+|"
            r"не запрещ\w+"
        ),
        plain=_pattern(r"не|нет|нельзя|без|запрещ\w+|запрет\w*|воспрещ\w+"),
        weak=_pattern(
            r"не (?:было|исполнилось|достиг\w*)(?= \d)|не (?:более|менее|выше|ниже|позднее|старше|младше|превыша\w+)|"
            r"не допус\w+|больше не|"
            r"не(?:доступ|допущ|действит|закон|правомер|зависимо|возмож|дееспособ|трудоспособ|обосн|прикосн|отъемл|"
            r"отчужд)\w*|"
            r"бес?(?:препят|барьер)\w*|лиш[аеёи]\w+|отказ\w*|исключ(?!ит)\w+|освобожд\w+|отсутств\w+|кроме|"
            r"помимо|предотвращ\w+|предупрежд\w+|воспрепят\w+|несоразмерн\w+|неоправданн\w+"
        ),
    ),
    "kk": Negation(
        neutral=_pattern(r"немесе|\w+лық емес|\w+лік емес|\w+тық емес|\w+тік емес|қамтамасыз|қарамастан|ғана емес"),
        plain=_pattern(rf"жоқ\w*|емес\w*|тыйым|{_KAZAKH_VERB}"),
        weak=_pattern(
            r"кем емес|артық емес|көп емес|толма\w+|аспа\w+|асырма\w+|\w{3,}(?:сыз|сіз)\w*|бас тарт\w*|айыр(?:ыл|"
            r"у)\w*|босат\w+|"
            r"\w+[дтн][ае]н басқа|қоспағанда|болдырма\w+|жол берме\w+|шамадан тыс|алдын алу\w*"
        ),
    ),
    "fr": Negation(
        neutral=_pattern(r"non gouvernement\w+|sans (?:frais|emploi|abri)|ne serait-ce"),
        plain=re.compile(
            r"(?:\b(?:aucun\w*|nul|nulle|personne|rien|ni)\b[^.;]{0,60}?)?\bn(?:e\b|[’'])[^.;]{0,60}?"
            r"\b(?:pas|plus|aucun\w*|jamais|rien|personne|nul\w*|ni|point|guère)\b|"
            r"\b(?:aucun\w*|nul|nulle|personne|rien)\b[^.;]{0,60}?\bn(?:e\b|[’'])|"
            r"\b(?:sans|interdi\w+|prohib\w+|proscri\w+)\b",
            re.IGNORECASE,
        ),
        weak=_pattern(
            r"non seulement|ne [^.;,]{1,40}? que|pas plus de|pas moins de|im(?:poss|prat)\w+|inaccess\w+|illég\w+|"
            r"illicit\w+|"
            r"indépendamment|exempt\w*|exonér\w+|sauf|hormis|excepté\w*|à l[’']exception|priv(?:er|é\w*|ation)|"
            r"refus\w*|absence|défaut|empêch\w+|"
            r"inviolab\w+|inaliénab\w+|disproportionn\w+|indue?|non"
        ),
    ),
    "es": Negation(
        neutral=_pattern(r"no gubernamental\w*|sin (?:costo|coste|cargo|empleo|fines? de lucro)"),
        plain=_pattern(r"no|sin|prohib\w+|proh[ií]b\w+|nadie"),
        none=_pattern(r"nunca|jamás|ning[uú]n\w*|nada|tampoco"),
        weak=_pattern(
            r"no s[oó]lo|no solamente|no (?:más|menos|mayor|menor|superior|inferior) (?:de|a|que)|no excede\w*|"
            r"impos\w+|"
            r"inaccesib\w+|ileg\w+|ilícit\w+|independientemente|exent\w+|exim\w+|salvo|excepto|con excepción|"
            r"priva\w+|neg(?:ar|ó|ad\w+)|"
            r"deneg\w+|carec\w+|falta|impid\w+|impedi\w+|inviolab\w+|inalienab\w+|desproporcionad\w+|indebid\w+"
        ),
    ),
}

_QUANTIFIERS: dict[str, dict[Language, tuple[str, str]]] = {
    "all": {
        "en": (r"all(?! the same)|every(?! (?:year|month|day|week))|everyone|everybody|each(?! (?:year|month|day|"
               r"other))",
               r"any\w*|whole|entire|always|throughout|no|nobody|none|full\w*|whatever|everywhere|total|across|"
               r"universal\w*|per|both"),
        "ru": (r"все|всех|всем|всеми|кажд(?:ый|ая|ое|ого|ому|ую|ым|ой)(?! год)",
               r"вс[её]|весь|вся|всю|всей|всего|люб\w+|всяк\w+|кажд\w+|цел\w+|полн\w+|всеобщ\w+|общ\w+|ежегодн\w*|"
               r"повсеместн\w+|никто|ни\w+"),
        "kk": (r"барлық|барлығы\w*|бәрі\w*|баршасы\w*|әрбір|әркім\w*",
               r"бүкіл|әр|барша|кез|тұтас|толық\w*|жалпы\w*|еш\w+|сайын|барлы\w+"),
        "fr": (r"tous|toutes|chacun\w*|chaque(?! (?:année|mois|jour))",
               r"tout\w*|ensemble|entier\w*|quelconque|quel\w*|chaque|pleine?\w*|nul|aucun\w*|intégral\w*"),
        "es": (r"todos|todas|cada(?! (?:año|mes|día|uno))",
               r"tod[oa]|cada|cualquier\w*|entero\w*|plen\w+|nadie|ning\w+|íntegr\w+|total\w*|conjunto"),
    },
    "only": {
        "en": (r"(?<!not )(?:only|solely|exclusively)", r"sole|alone|unless|except\w*|without|just|merely|single|"
               r"no|not"),
        "ru": (r"(?<!не )(?:только|лишь|исключительно)", r"единственн\w+|одн\w+|кроме|иначе"),
        "kk": (r"тек|(?:ғана|қана)(?! емес)", r"жалғыз|бір|тек\w*"),
        "fr": (r"seul\w*|uniquement|exclusivement", r"ne|n|qu|que|unique"),
        "es": (r"(?<!no )(?:s[oó]lo|solamente|únicamente|exclusivamente)", r"únic\w+|exclusiv\w+|sol[oa]"),
    },
    "most": {
        "en": (r"majority|most (?:of|children|people|men|women)|mostly|(?<!the )(?<!\d )most(?= \w+s\b)",
               r"most|main\w*|more than half|chief\w*|large\w*"),
        "ru": (r"большинств\w*|больш(?:ая|ей|ую) част\w+", r"в основном|преимущественно|больш\w+|наиболее|сам\w+"),
        "kk": (r"көпшілі\w+|басым бөліг\w+|басым көп\w+", r"көбі\w*|негізінен|көп\w*|ең"),
        "fr": (r"plupart|majorit\w+", r"principal\w*|essentiel\w*|plus|grande?"),
        "es": (r"mayor[ií]a\w*|mayor parte", r"principal\w*|mayor\w*|más"),
    },
}  # fmt: skip
QUANTIFIERS = {
    kind: {language: (_pattern(plain), _pattern(possible)) for language, (plain, possible) in words.items()}
    for kind, words in _QUANTIFIERS.items()
}
"""By kind and language: words that say it, and words that a translation may say it with."""

_BOUNDS: dict[Language, tuple[str, str]] = {
    "en": (r"(?<!no )(?<!not )more than|(?<!no )longer than|over(?= \d)|above|at least|(?:no|not) (?:less|"
           r"fewer) than|"
           r"exceed\w*|(?:or|and) (?:over|older|more|above)|minimum",
           r"(?<!no )(?<!not )(?:less|fewer) than|under|below|up to|at most|(?:no|not) (?:more|longer) than|"
           r"maximum|"
           r"younger|lower|almost|nearly"),
    "ru": (r"(?<!не )(?:более|больше|выше|старше|превыш\w+)|свыше|не (?:менее|меньше|ниже)|минимум|минимальн\w+",
           r"(?<!не )(?:менее|меньше|ниже|младше|моложе)|не (?:более|больше|выше|старше|превыш\w+)|до|максимум|"
           r"почти"),
    "kk": (r"астам|артық|көп|жоғары|кемінде|кем емес|ең төмен|ас(?:ады|атын|ып|қан)|\w+нан аса\w+|үлкен|кем дегенде",
           r"кем(?! емес| дегенде)|аз|ең көбі|(?<!ең )төмен|дейін|толма\w+|кіші|аспа\w+|жуық"),
    "fr": (r"plus d(?:e\b|[’'])|au moins|supérieur\w*|dépass\w+|ou plus|minimum|minimal\w*",
           r"(?<!au )moins d(?:e\b|[’'])|au plus|inférieur\w*|jusqu\w*|maximum|presque|près"),
    "es": (r"más de|al menos|por lo menos|superior\w*|supera\w*|mínimo|mínim\w+|mayores de|o más",
           r"(?<!al )menos de|a lo sumo|inferior\w*|hasta|máximo|menores de|casi"),
}  # fmt: skip
BOUNDS = {language: (_pattern(up), _pattern(down)) for language, (up, down) in _BOUNDS.items()}
"""Words that bound a figure from below, and from above."""


@dataclass(frozen=True, slots=True)
class TranslatedName:
    """A word of names that is translated, not spelled anew."""

    english: re.Pattern[str]
    """With capitals: it stands in a name."""
    elsewhere: dict[Language, re.Pattern[str]]


def _translated_names() -> tuple[TranslatedName, ...]:
    """Of data/translated-names.tsv: regular expressions, those of other languages being the beginnings of words."""
    lines = (files("crpd_qa") / "data" / "translated-names.tsv").read_text("utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    languages: tuple[Language, ...] = ("ru", "kk", "fr", "es")
    return tuple(
        TranslatedName(
            re.compile(rf"\b(?:{row['english']})\b"),
            {language: re.compile(rf"(?<![^\W_])(?:{row[language]})", re.IGNORECASE) for language in languages},
        )
        for row in rows
    )


TRANSLATED_NAMES = _translated_names()
ORDINARY = frozenset((
    "academy", "acting", "advocacy", "african", "agency", "anti-corruption", "april", "assembly", "august",
    "bargaining", "broadcasting", "central", "champion", "commission", "committee", "commonwealth", "communal",
    "competitiveness", "confederation", "council", "counter-terrorism", "covenant", "december", "decree",
    "demographic", "disappearance", "east", "easy", "february", "forum", "framework", "functioning", "game",
    "global", "i", "ii", "iii", "index", "institute", "international", "iv", "january", "july", "june", "march",
    "mass", "may", "minister", "ministry", "nation", "national", "north", "november", "october", "optional",
    "organise", "pacific", "paediatric", "protocol", "radio", "read", "republic", "september", "south", "spirit",
    "state", "strong", "sustainable", "united", "v", "west", "western", "world",
))  # fmt: skip
"""Words of names that a translation renders by their meaning; months and numerals are figures."""
GENERAL_CYRILLIC = re.compile(
    r"казахстан|қазақ|казах|республик|министерств|министрл|закон|заң|кодекс|правительств|үкімет|государств|мемлекет|"
    r"конвенци|суд|сот|комитет|комиссия|комиссии|совет|кеңес|оон|бұұ|уполномочен|уәкіл|омбудсмен|статья|статьи|бап|"
    r"нацио|ұлттық|прав|құқық|программ|бағдарлам|стратеги|план|жоспар|управлен|департамент|агентств|центр|орталы|фонд|"
    r"факультатив|протокол|халық|общ|жалпы|"
    r"инвалид|мүгедек|женщин|әйел|человек|адам|дет|ребен|бала|глобальн|жаһан|всемирн|дүниежүзілік|международн|"
    r"халықаралық"
)
"""What Russian and Kazakh names hold without their English holding it by sound."""
