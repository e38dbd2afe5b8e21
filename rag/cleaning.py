"""An article as it was saved → its prose: page furniture out, bylines and dates kept as metadata.

A line goes when it speaks of the page and not of the world. Four things are asked of it: is it a
label, made of pages' words alone; has it the shape of a credit, byline or time; is it one of the
notices that sites word alike; else, do enough weak signs add up (`_points`)? What is finished like
a sentence must give more of them, and speech never goes. `docs/cleaning.md` has the measurements.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import pairwise

from rag.articles import Article, parse_date
from rag.errors import BadInput

# --- vocabulary ----------------------------------------------------------------------------------


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """`word` without a plural or possessive ending, roughly."""
    word = word.rstrip(".'&-/").removesuffix("'s")
    if word == "news":
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@lru_cache(maxsize=100_000)
def _stems(words: str) -> frozenset[str]:
    return frozenset(map(_stem, words.split()))


_SITE_ONLY = _stems(  # hardly anything but a page says these to its reader
    """
    newsletter inbox login subscribe subscribing unsubscribe subscription subscriber subscribed
    cookie cookies javascript paywall bookmark bookmarked browser recaptcha akismet autoplay playback epaper
    e-paper premoderated moderated adblocker captcha html5 taboola outbrain rss hyperlink ad-free
    adchoice unmute fullscreen permalink sitemap moderator
    """
)
_NETWORKS = _stems(
    """
    facebook twitter instagram youtube linkedin whatsapp telegram tiktok thread bluesky pinterest
    flipboard snapchat reddit tumblr messenger google apple spotify itune android io iphone signal
    viber
    """
)
_GOODS = _NETWORKS | _stems(  # what a site has, sells or asks for
    """
    @ account username email app alert notification podcast audio video clip player playlist
    page website site homepage web link story article post blog liveblog column content coverage
    news headline edition print newspaper magazine newsroom newsdesk editor reporter
    journalist correspondent columnist contributor author writer reader journalism reporting comment
    commenting commenter discussion conversation community guideline moderator moderation poll
    survey quiz crossword puzzle sudoku offer trial unlimited premium membership member supporter
    donation donate contribution privacy policy term consent ad advert advertising advertiser
    advertisement sponsor sponsored commission affiliate photo photograph file image picture gallery
    slideshow caption graphic transcript feed feedback typo form field screen device mobile desktop
    setting preference profile topic tag section category archive menu navigation share tweet follow
    copyright permission licence license reprint syndicated disclaimer correction clarification
    channel stream edited story-tip tip view independent access digital breaking latest
    registered registration refresh download server media loaded bulletin briefing roundup webinar
    personalised personalized partner log-in here screenshot emoji issue
    """
)
_LABEL_MARKS = _SITE_ONLY | _NETWORKS | _stems(  # a label has one of these …
    """
    @ account ad advert advertise advertisement advertiser advertorial advertising ago alert app
    archive article audio author back bookmark breaking bio button cancel caption career chat click
    close columnist comment commenting contact content copied copy correction clarification
    courtesy credit crossword sudoku desk directory disclaimer dismiss donate donation download
    edition editorial email embed enlarge error expand explainer analysis exclusive faq
    feedback feed file follow forgot gallery graphic handout headline help hide home
    ads homepage horoscope icon image obituary classified index jump keyword link listen live
    load loaded loading local logo mail menu min minute motor mute navigation news newsdesk
    newsroom notice notification opinion page password pause pic photo photograph picture
    pick pictured play player podcast popular post posted premium presented print
    privacy profile promoted promotion published puzzle quiz rate rated read reader reading
    recommended refresh register related remove reply report reporter representational
    representative sharing member mention mentioned puzzle games friendly obituary partner sponsor paid pinned gallery launch replica ethic choice preferred bookmark removed reset reprint saved save screengrab screenshot scroll search sent
    see section setting share shared shopping shop show sign similar site skip slide slideshow sort
    source sponsor sponsored sponsorship staff stock story submit summary supplied survey swipe tag
    tap tel toggle topic transcript trending try tweet uncategorized uncategorised updated
    update video view viewed visit vote watch weather web website whatsapp more contributor
    guest admin must-read listing fixture opinion letter complaint accessibility ok
    """
)
_LABEL_WORDS = _LABEL_MARKS | _GOODS | _stems(  # … and otherwise only these
    """
    a about add again agree next response respond poll continue latest following previous prev below alamy all allow also am an and annual any anytime anyone are around as at
    auto available be been best blog board bottom bst bt but buy by can category change check choose
    choice code collapsed community company condition confirm connected cookie conversation create
    current currently custom daily day deal detail did digital disable do does don't done down
    duration e edit end enable enter entry error et evening event every everyone exclusively
    external fact favorite favourite featured fewer filed filter find first font footer for format
    forum free friend from full get getty gift give gmt go good got great guide guideline had has
    have having he header hear hi hour house how hr i'm id if important in info inform install
    international into is ist it item its job join journalist just keep key know large larger last
    later learn legal less letter lifestyle like limited list login made main make manage map
    market marketplace may maybe me media member message mobile moment month morning most multiple
    must my name new need network never newest no not now number of off older oldest on one online only
    open option or order other our out outage own pa partner past pay per permission phone
    pick pin platform please pm am point policy politic previously pricing primary print problem
    product public quick quote recent recipe recommend request required result return reuters right
    rule s safety same second security select send sent service side sign simple size smaller
    so social sold something sound special sport staff standard start stay still stop stream
    style subject submit suggested suggestion support switch system t&c table text than thank that
    the there these thing this time timeline to today together tomorrow tool top total
    traffic travel tv type uk unavailable up upcoming upgrade upload us use user valid version via
    want way we week weekly what whats what's when where which why will window wire with
    within world write written wrong x year yesterday you your youtube zoom follower
    """
)
_ORDERS = _stems(  # how a site's orders to the reader begin
    """
    click tap press follow like join subscribe login register download get read watch listen hear
    see view share enter send email contact support donate become check find catch stay keep try
    start buy visit skip scroll enable turn allow disable tell let choose select receive access
    explore discover browse search report unlock continue enjoy upgrade manage help give make call
    tweet text pin save print copy swipe hit use write go return back learn open install refresh
    reload play add create upload submit vote take rate test nominate win pick book order reach meet
    sort show hide load close switch accept reject change activate verify confirm complete
    stream whitelist don't never be unsubscribe bookmark consider include note remember compare ask drop delete reuse
    """
)
_POLITE = frozenset("please just simply to now so or and then also why not you can today".split())
_APPEALS = _stems(
    """
    want got have did are do would already looking can't new love interested thanks thank sorry oops
    something forgotten forgot has if what we our you your we've we're you've you're unable
    welcome since know which for this all invalid
    """
)
_PARTY = frozenset("you your yours us our ours we we've we're you've you're you'll".split())
_REPORTED = _stems(  # a sentence that reports somebody's words or deeds is not the site speaking
    """
    said says say told asked added wrote claimed announced replied who whose was were had he she his
    her him they their them did went came took made gave i my me i'm would could became began left
    found won died killed got should might according
    """
)
_PAGE_PARTICIPLES = _stems(
    """
    updated published expressed required related logged affected registered used provided edited
    need embed feed shared posted signed reserved interested based marked closed disabled produced
    protected linked funded saved enabled
    """
)

# --- the notices that sites word alike -----------------------------------------------------------

_THIS = r"(this|the|our|an earlier version of this|a (previous|earlier|version of this)( version)?)"
_PIECE = r"(article|story|report|post|piece|page|column|video|content|item|headline|copy|blog)"
_NOTICES = [
    # copyright, reprints, small print
    r"^\W*(copyright( ©| \(c\)|:| \d{4}| [^.]*$)|©|\(c\) ?\d{4})|©\s*\w|\ball rights? reserved\b|\bcreative commons\b",
    r"\b(may|must|can) ?not be (reproduced|republished|redistributed|published, broadcast)",
    r"\b(views?|opinions?)\b.{0,40}\b(are|is|his|her) (the )?(author|personal|own|those of)|"
    r"\b(do|does|may) not (necessarily )?(reflect|represent) (the|our|those|public)",
    r"\bnot responsible for the content|\b(earn|receive)\b.{0,30}\bcommission\b|\baffiliate links?\b",
    r"^(\w+ ){0,2}(privacy|cookies?) (policy|notice|statement|settings|choices|rights|preferences)|"
    r"\b(privacy policy|terms of (use|service)|terms (and|&) conditions|t&cs?) (and|apply|here)",
    r"\b(registered|company) (office|in england|number)\b|^(proudly )?powered by|^theme by|"
    r"\bdo not sell\b|^(website|designed) .{0,24}\bby\b",
    # the story about itself
    rf"^\W*{_THIS} {_PIECE} (has|have|was|is|may|originally|first|initially|contains|uses|will|"
    r"appear(s|ed)|ran|incorrectly|misstated|misspelled|misidentified|gave)\b(?=.*\b(updated?|"
    r"corrected|amended|clarif\w+|edited|subscribers?|originally|first|appear\w*|produced|print|"
    r"developing|republished|syndicated|auto\w*|translated|written with|affiliate|paper|sponsored|"
    r"version|premium|members|removed|unavailable|available|years? old|support(ed)?)\b)",
    r"\bearlier version of (this|the) (article|story|post|report)|^we regret the error|"
    r"^\W*(corrections?|clarification|editor['’]?s['’]? note|note to readers|a note from|amended)\b"
    r".{0,12}[:–—]|^(note to readers|a note from the editor)|\b(this|a) (is a )?(developing|breaking) "
    r"(news )?story\b.*\b(check|refresh|updat|more)|^\W*(this is a )?(developing|breaking) (news )?"
    r"story\W*$|^more (to )?(come|follows?)\W*$|\b(the )?information in this article\b",
    r"\bcontributed( (to (this|the) (report|story|article|post)|reporting))?\W*$|\bcontributed to "
    r"this (report|story|article)\b|^\W*((additional|with) )?(reporting|writing|editing|research|"
    r"compiled|edited|reported|produced) by\b|^\W*(with|and)? ?(\w+ )?(reporting|files|inputs?|"
    r"agenc(y|ies))( inputs?)?( from\b.{1,60})?\)?\.?$|\bnot been edited by\b",
    r"\b(first|originally) (published|appeared|posted) (by|on|in|at)\b.{0,50}$",
    # pictures, players, counters
    r"^\W*(image|photo(graph)?|picture|pic|media|video|graphic|illustration|file|stock|cover|main|"
    r"featured|representat\w+|chart|map)s? ?((copyright|credit|caption|source|by|via|courtesy|"
    r"supplied|image|photo|photograph|picture|pic|data|of)s?\b ?){1,3}[,:/|©-]?( ?[^.!?]*$|.*:)",
    r"^image captions?\b|^(enlarge this image|toggle caption|facebook twitter|media playback)\b|"
    r"^(courtesy|handout)( of| via|:).{2,40}$|^\W*(chart|map|graphic|data|text|"
    r"words|voice|created|provided) (by|with|provided by|from|data ©)\b.{2,40}$",
    r"^\W*(ap|afp|reuters|epa|pti|ani|getty) ?(photo|images?|file)\b[^.]{0,60}$|^\W*(getty|alamy|shutterstock)",
    r"^\W*(\d+ ?(/|of) ?\d+|(image|slide|photo|page|showing|pages?:) \d+( ?[-/of]* ?\d+)*\b.*|"
    r"[\d:]+( ?/ ?[\d:]+)?|loaded: .*|\W*ad\W+\d*\)?|[\d.,]+k? (shares?|comments?|likes?|views?)|"
    r"(comments?|shares?|replies|duration|time|current time|remaining time) \W*[\d:]+\W*)$",
    r"\b(media|video|audio|player|content|playlist|page|form)\b.{0,40}\b(not|n['’]t|cannot|failed|"
    r"is) (\w+ )?(load(ed|ing)?|play(ed)?|supported|displayed|available|found)\b",
    # times
    r"^\W*(date )?(published|posted|updated|last[ -](updated|modified)|first published|modified|"
    r"created|added|uploaded|time)\b(?=[^.]*\d|[ :]*(today|yesterday))( ?[:|,–-]? ?)(?!by\b).{0,60}$",
    r"^\W*(about |updated )?(\d+|an?|one) ?(s|m|h|d|w|sec(ond)?s?|min(ute)?s?|hours?|hrs?|days?|"
    r"weeks?|months?|years?) ago\W*$|^\W*(est\w* )?(read(ing)? ?(time)?|listen)? ?[:•·]? ?\d+[ -]?"
    r"min(ute)?s?([ -](read|watch|listen|video))?\W*$|^listen\W+[\d:]+$|^all times\b|^just now\W*$",
    # a label before a headline
    r"^\W*(tags?|topics?|keywords?|photo(graph)?s?|pictured?|pic|images?|illustration|composite|graphic|video|audio|"
    r"source|credit|caption|quiz|poll|reader poll|filed (under|to)|opinion|analysis|explainer|gallery|podcast|live|url|via)"
    r"( of the (day|week))? ?[:|][^.!]*$",
    # where else to look, and whom to write to
    r"^latest( (news|stories|headlines))?( (from|in) [^.!?,:]{2,30})?:?$|^(more|read more|trending|popular|all|see all|view all|most read|recommended|related|"
    r"posts?|articles?|stories|news) (\w+ )?(from|in|on|by|about|to|for)\b(?!.*\b(is|are|was|were|"
    r"will|has|have|than)\b)[^.!?,:]{2,40}$",
    r"^\W*((also|now|must) )?(read|see|watch|listen|related|more(?= (on|from|in|about)\b|:))( \w+){0,3} ?(?<!\d)[:|»›→]|^[←«‹]|[»→›]\W*$|"
    r"^(previous|next)( (article|story|post|page|entry))?( ?:.*)?$",
    r"^(recommended|sponsored|promoted|presented|brought to you|paid for|in (association|"
    r"partnership)|reviewed|fact[- ]checked|ads|content|supplied) (by|with|from)\b[^.]{0,40}$|"
    r"^(by|via) (taboola|outbrain)",
    r"^(you (may|might) (also )?(like|enjoy|be interested)|in case you missed|people also|"
    r"don['’]t miss|what to (read|watch)|have your say|elsewhere on|also in the news|why (you can )?"
    r"trust|why am i seeing)\b",
    r"\b(e-?mail|contact|call|message|whatsapp|phone|text|write to|reach|tel|sent|send|emailing|"
    r"helpline|samaritans)\b.{0,90}([\w.+-]+@[\w-]+\.\w|\+?\d[\d ()-]{6,})",
    r"\b(follow|email|find|reach|contact) (him|her|them|me|us)\b.{0,30}\b(on|at|via)\b",
    r"^((the )?(writer|author) is|.{4,60}\bis (an?|the|our) .{0,60}\b(reporter|correspondent|"
    r"editor|columnist|writer|journalist|contributor|bureau chief))\b.*\b(him|her|them|personal|"
    r"views?|covers|covering|twitter|instagram|@|fellow|based in)",
    # comments and money
    r"^(leave a (reply|comment)|post a comment|sort(ed)? by|order by|name ?\*|e-?mail ?\*|required "
    r"fields|save my name|notify me|log ?in to|be the first to (comment|know)|reply to|report this)\b",
    r"\byour e-?mail (address )?(will|won['’]t)|\bfields are (marked|required)|\b(comment(s|ing)?|discussion)\b.{0,40} "
    r"(is|are|been|be) (now )?(closed|turned off|disabled|moderated|premoderated|judged|open\b|awaiting|reviewed)|^no comments yet|^(the|our) moderators?\b|\bclose comments|\b(awaiting|under) moderation\b|\bhouse rules\b",
    r"^((only |just )?[£$€₹]\d+|\d+p|special offer|limited time|save \d+)\b.{0,40}\b(months?|weeks?|"
    r"years?|offer|subscription|trial)\W*$|\bcancel (at )?any ?time|\b(free|as little as) .{0,20}"
    r"\b(trial|[£$€]\d+)|\b(fund|support|power|back)(s|ing)? (our|local|independent|quality) "
    r"(journalism|reporting|newsroom|news)\b",
    r"\b(independent press standards|ipso|press ombudsman|press council|editors['’] code|trust "
    r"principles)\b",
    r"^(a (post|photo|video) (shared|posted) by|end of (twitter|content))\b|^(pic\.|https?:|www\.)\S+$|"
    r"^(live |our )?(live )?coverage has ended\b|\bof interest to you\W*$|"
    r"^(available|find us|listen) on (the|google|apple|spotify)\b",
    r"^(the )?(associated press|press trust of india|agence france[- ]presse|press association|reuters|"
    r"afp|ap|pa|pti|ani|ians|(bbc|sky|itv|rt[ée]|cnn|fox|abc|nbc|cbs|cbc|npr) (news|sports?)(, \w+)?|"
    r"(\w+ ){1,2}news agency)$",
    r"^\W*(your |first |last |full |e-?mail |confirm )*(name|e-?mail|address|postcode|zip code|message)\W*$|"
    r"\byou (have|['’]ve) (now )?(read|reached|used|viewed|\d+|one|two|no)\b.{0,30}\b(free|articles?|limit|"
    r"stories|views)\b|^(terms|conditions|t&cs?|terms (and|&) conditions|terms of \w+)( apply)?\W*$|"
    r"^(please )?(enter|win|nominate|vote|book|buy) (our|your|tickets|now)\b[^.]{0,40}$|^special to the\b|"
    r"^(weather|traffic|travel|share prices|markets?|deals|what['’]s on|upcoming events|newest|oldest|send|"
    r"about|submit|translate|welcome back|full list)$|\b(today['’]s|local) (weather|forecast|paper)\b[^.]{0,20}$|"
    r"^(weather forecast|traffic and travel|place an ad)|\b(delayed( by)?( at least)? \d+ min)|"
    r"\bad[- ]?block(er|ing)|\b(need|rely on|depend on|thanks to|value) (your (support|help)|readers like|our readers|"
    r"advertising)|\b(small|a) favou?r to ask|\b(all|these) products (are|were|have been)\b.*\b(selected|chosen)|"
    r"\bnames? (have|has) been changed\b|^(welcome to|good (morning|afternoon|evening)\b).*\b(live|blog|coverage)\b|"
    r"\b(get|be) in touch with (me|us)\b|^that['’]s (all|it)( from us)? for (today|now|tonight)\b|"
    r"^(change|choose|select) (your )?(location|language|edition|region)|^(also available|read) in [A-Z]\w+$|"
    r"\b(not|nor) (medical|financial|legal|investment) advice\b|\bprices (are )?correct at",
    # idioms of buttons and error messages
    r"^\W*(stay (connected|informed|up to date|in the know)\b.*|(no|yes)\b,? (thanks|i (accept|agree))|"
    r"not now|get it|open(s|ed)? (this )?in (a )?new (tab|window)|posts?|fact[- ]checked|descriptions off.*|seek to live.*|maybe later|(accept|reject) all|got it|i (agree|accept)|text size|font size|a[+] a-|"
    r"buy (&|and) sell|(death|family|public) notices|dating|find a job|copied to clipboard|pin it|"
    r"(ist|et|gmt|bst)|yesterday|chapters|modal window|larger text|share ?\d+|report abuse|"
    r"subtitles off|more like this|help us improve|how to complain|our standards|key events|"
    r"us politics|now playing|goodnight)\W*$|^this is a modal|\blet us know\b|\b(thanks|thank you) for "
    r"(reading|registering|subscribing|signing|following|joining|your (support|patience|feedback))\b"
    r"(?! m[ey]\b)|\b(something|oops).{0,14} went wrong\b|\btry again later\W*$|\bdid you find this|"
    r"^(tell us|don['’]t show me)\b|\b(was|is) this (article|page|story|post) (helpful|useful)|\bcompatible source",
]
_NOTICE = re.compile("|".join(f"(?:{n})" for n in _NOTICES), re.I)

# --- shapes --------------------------------------------------------------------------------------

_AGENCY = (
    r"(?:Getty(?: Images)?|Shutterstock|AFP|Reuters|REUTERS|EPA|EPA-EFE|PA|PA (?:Wire|Media|Images?)|AP|"
    r"Rex(?: Features)?|iStock(?:photo)?|iStockphoto|Alamy(?: Stock Photo)?|Wikimedia Commons|Pixabay|Unsplash|"
    r"Zuma Press|Press Association|PTI|ANI|Handout|Supplied|Staff)"
)
_CREDIT = re.compile(  # the agency at the end of a caption, which no full stop follows
    rf"(?:[/|:(]|\b(?:via|by|Image|Photo|Picture),?) ?{_AGENCY}[)\]]?$|"
    r"\b(?:Getty Images|Shutterstock|iStock(?:photo)?|Alamy|Unsplash|PA (?:Wire|Media|Images))[)\]]?$|"
    r"\bREUTERS/[A-Z][^.]{3,40}$|/(?:Getty|Shutterstock|AP|AFP|Rex|PA)\b.{0,30}$"
)
_NAME = r"[A-Z][\w.'’-]*(?: (?:de|van|von|der|la|al|bin|[A-Z][\w.'’-]*)){0,4}"
_BYLINE = re.compile(
    rf"\W*(?:By|BY|by|Words|(?:Words|Written|Posted|Reported|Report|Story) by|Author) ?:? ?"
    rf"(?P<author>{_NAME}(?:(?:, | and | & |, and ){_NAME})*|admin)"
    r"(?: ?[,|–—•-] ?.{1,80}| (?:in|for|at|@).{1,60}| \d.{1,40}| [a-z]+)?"
)
_POST = (
    r"(?:[Cc]orrespondent|[Rr]eporter|[Ee]ditor|[Cc]olumnist|[Ww]riter|[Cc]ontributor|[Bb]ureau(?: [Cc]hief)?|"
    r"[Jj]ournalist|Staff|Desk|[Tt]eam|Service|Bureau)"
)
_ROLE = re.compile(  # a line that is only somebody's post at the paper, or a name with it
    rf"(?:(?:{_NAME}|[Ff]rom our|Our|The),? )?(?:[\w&'’-]+ ){{0,4}}{_POST}(?:,? (?:[Ii]n )?[A-Z]\w+(?: \w+)?)?"
)
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|"
    r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})"
)
_CLOCK = r"\d{1,2}[:.]\d{2}(?::\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?Z?(?: ?[A-Z]{2,4})?"
_DATELINE = re.compile(
    rf"\W*(?:{_CLOCK})?[\s,|•·–-]*(?:{_DAY},? )?(?P<date>{_DATE})?"
    rf"[\s,|•·–T-]*(?:at )?(?P<clock>{_CLOCK})?\W*"
)
_PART = r"[\w&'’.-]+(?: [\w&'’.-]+){0,3}"
_TRAIL = re.compile(rf"{_PART}(?:(?: ?[>»›|] ?{_PART})+|(?: [/•·] {_PART}){{2,}})")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_CLOSED = re.compile(r"[.!?…:,;][\"'”’)\]]*$")
_SPEECH = "\"“‘'«"
_SECTION = re.compile(  # what follows such a heading, up to the next prose, is the page's too
    r"^\W*(leave a (reply|comment)|related\b.{0,30}|comments?( \(\d+\))?|\d+ comments?|"
    r"most (read|popular|viewed|shared)|(more|latest|top|other|trending|popular|recommended)\b"
    r".{0,30}|read (more|next|also)|see also|click to follow|follow us.{0,40}|share this.{0,20}|"
    r"you (may|might) (also )?like|tags?|topics?|categories)\W*$",
    re.I,
)
_LOGIN = re.compile(r"\b(?:sign|log)(?:ed|ging|ing|ged)?[ -](?:up|in|on)\b")
_ADDRESS = re.compile(r"\S*@\S+|\bhttps?:\S+|\bwww\.\S+|\b[\w-]+\.(?:com|co\.uk|org|example)\b")


def clean(article: Article) -> Article:
    """`article` with regular text, no furniture, a title, and the byline and date that it showed.

    The text's paragraphs are separated by one blank line and hold no line break.
    """
    lines = list(_lines(regular(article.text)))
    title = regular(article.title).replace("\n", " ")
    furniture = _furniture([line for line, _ in lines], [apart for _, apart in lines], title)
    kept = [line for (line, _), out in zip(lines, furniture, strict=True) if not out]
    dropped = [line for (line, _), out in zip(lines, furniture, strict=True) if out]
    return replace(
        article,
        title=title or _headline(kept),
        text="\n\n".join(kept),
        author=article.author or next(filter(None, map(_author, dropped)), None),
        published=article.published or next(filter(None, map(_published, dropped)), None),
    )


def regular(text: str) -> str:
    """Text in NFC, with plain spaces and line ends, and nothing that is invisible or reorders it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(r"[\u2028\u2029\x0b\x0c\x85]", "\n", text)
    text = re.sub(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2060\ufeff\ufffe\uffff"
                  r"\u202a-\u202e\u2066-\u2069\ud800-\udfff]", "", text)
    return re.sub(r"[^\S\n]+", " ", text).strip()


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Paragraphs, and whether a blank line stood before each; hard-wrapped lines are joined."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if _wrapped(lines):
            lines = [" ".join(lines)]
        for at, line in enumerate(lines):
            yield line, at == 0


def _wrapped(lines: list[str]) -> bool:
    """True for lines of one paragraph that a machine broke at some column."""
    if len(lines) < 2:
        return False
    body, width = lines[:-1], max(map(len, lines))
    unfinished = sum(not _SENTENCE_END.search(line) for line in body)
    return 40 <= width <= 110 and min(map(len, body)) > 0.6 * width and unfinished * 2 > len(body)


# --- what goes -----------------------------------------------------------------------------------


def _furniture(lines: list[str], apart: list[bool], title: str = "") -> list[bool]:
    """For each line whether it goes. `apart[i]`: a blank line stands before line i."""
    out = [is_furniture(line) for line in lines]
    days = [i for i, line in enumerate(lines) if _is_day(line)]
    for i in days:  # several are a timeline's headings
        out[i] |= i < 8 or i > len(lines) - 4 or len(days) < 3
    for i in range(1, len(lines)):
        # "Click to follow" / "The Independent Online"; "Read more" / another story's headline
        heading = out[i - 1] and (
            _SECTION.match(lines[i - 1]) or (i > 1 and not apart[i - 1] and out[i - 2])
        )
        if heading and not apart[i] and _unfinished(lines[i]):
            out[i] = True
    if lines and (lines[0] == title or not title and _may_be_headline(lines[0])):
        out[0] = False
    return out


def is_furniture(line: str) -> bool:
    """True when `line`, a paragraph of its own, is the page's and not the article's."""
    if not any(c.isalnum() for c in line):
        return True
    if line[0] in _SPEECH or len(line) > 500:
        return False
    if _CREDIT.search(line) and not _SENTENCE_END.search(line):
        return True
    words = _words(line)
    if len(words) > 14:
        known = _GATE.intersection(words)
        if not (len(known) > 1 or known.intersection(words[:4] + words[-5:]) or known & _SITE_ONLY):
            return False
    return _is_label(words, bool(_SENTENCE_END.search(line))) or _has_shape(line) or _is_notice(line, words) or _points(line, words) >= 7


_GATE = _SITE_ONLY | _GOODS | _stems("reporting editing opinion reserved call text version")


def _words(line: str) -> list[str]:
    text = _LOGIN.sub("login", line.lower().replace("’", "'").replace("e-mail", "email"))
    if "@" in text or "." in text[:-1]:
        text = _ADDRESS.sub(" @ ", re.sub(r"\(@\w+\)|https://t\.co\S+|pic\.twitter\S+", "", text))
    return [_stem(w) for w in re.findall(r"@|[^\W_][\w'&+./-]*", text)]


def _is_label(words: list[str], finished: bool) -> bool:
    """Made of pages' words alone: "Share Tweet Email 12"."""
    named = [w for w in words if not w[0].isdigit()]
    return (
        len(words) <= 12
        and all(w in _LABEL_WORDS for w in named)
        and any(w in _LABEL_MARKS for w in named)
        and not (finished and named[0] in ("the", "a", "we", "it", "they", "and", "not", "what"))
    )


def _has_shape(line: str) -> bool:
    """A credit, byline, post, time, or trail of sections."""
    if len(line) > 160 or _SENTENCE_END.search(line) and not line.endswith(".m."):
        return False
    if len(line) <= 90 and (_BYLINE.fullmatch(line) or _ROLE.fullmatch(line)):
        return True
    return bool(len(line) <= 90 and _TRAIL.fullmatch(line)) and not re.search(r"\d", line)


def _is_notice(line: str, words: list[str]) -> bool:
    return bool(_NOTICE.search(line))


def _points(line: str, words: list[str]) -> int:
    """Weak signs that the site is speaking to its reader, added up; reported deeds count against."""
    known = set(words)
    starts = [[w for w in _words(s) if w not in _POLITE][:1] for s in re.split(r"[.!?:] ", line)]
    first = {s[0] for s in starts if s}
    only, party = len(known & _SITE_ONLY), len(known & (_PARTY | {"please"}))
    goods = len((known - (first & _ORDERS)) & _GOODS)
    if not only and not goods:
        return 0
    finished = bool(_CLOSED.search(line))
    points = 4 * min(only, 2) + 2 * min(goods, 2) + min(max(goods - 2, 0), 2)
    points += 2 * min(party, 2) + 4 * (not finished)
    points += 3 * bool(first & (_ORDERS | {"login"})) + 2 * bool(first & _APPEALS)
    points += 2 * bool(re.search(r"\b(click|tap|see|or|is)? ?(?<!\bwe )here\W*$|\bclick here|\bthis (article|story|page|site|website|content|video|link|newspaper|post)\b", line, re.I))
    points += bool(re.search(r"\b(please|free|now|today|latest|daily|unlimited)\b|[|•→»]", line, re.I))
    points += 2 * any(a in ("our", "your", "this") and b in _GOODS for a, b in pairwise(words))
    points -= 4 * min(len(known & _REPORTED), 2)
    points -= 2 * sum(w.endswith("ed") and len(w) > 4 and w not in _PAGE_PARTICIPLES for w in known)
    points -= 3 * bool(re.search(r"[“\"]", line))
    if finished and not party and not only:
        points -= 3
    return points - len(words) // 8


def _is_day(line: str) -> bool:
    return bool(_DATELINE.fullmatch(line)) and any(c.isdigit() for c in line)


def _unfinished(line: str) -> bool:
    return len(line) <= 90 and not _SENTENCE_END.search(line) and line[0] not in _SPEECH


def _may_be_headline(line: str) -> bool:
    """Five words or more without a full stop, and not a label, credit, byline or time."""
    words = _words(line)
    return (
        _unfinished(line) and len(words) >= 5 and not _is_label(words, False) and not _has_shape(line)
        and _points(line, words) < 12
    )


def _headline(lines: list[str]) -> str:
    """The first line, cut to a headline's length at a word."""
    first = lines[0] if lines else ""
    if len(first) <= 150:
        return first
    return first[:150].rsplit(" ", 1)[0] + "…"


def _author(line: str) -> str | None:
    found = _BYLINE.fullmatch(line)
    return found["author"] if found else None


def _published(line: str) -> date | None:
    found = re.search(_DATE, line)
    if not found or re.search(r"\b(amended|corrected|clarif|copyright|©)", line, re.I):
        return None
    try:
        return parse_date(found[0])
    except BadInput:
        return None
