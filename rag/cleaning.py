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
    adchoice unmute fullscreen permalink sitemap moderator advertisement firefox iplayer republish republishing text-only
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
    donation donate contribution privacy policy consent ad advert advertising advertiser
    advertisement sponsor sponsored commission affiliate photo photograph file image picture gallery
    slideshow caption graphic transcript feed feedback typo form field screen device mobile desktop
    setting preference profile mailing-list topic tag section category archive menu navigation share tweet follow
    copyright permission licence license reprint syndicated disclaimer correction clarification
    mailing episode documentary abuse complaint version user verification interactive publisher liability legitimate detail stream edited tip access digital breaking latest
    registered registration refresh download server media loaded bulletin briefing roundup webinar
    personalised personalized partner screenshot emoji issue
    """
)
_VAGUE = _stems(  # … and these the world has as well
    """
    apple page story print post link form field file picture image issue tip reader photo photograph
    screen device section category signal access menu stream permission column content topic audio
    share follow author writer feed term channel media view mobile digital breaking commission party
    """
)
_LABEL_MARKS = _SITE_ONLY | _NETWORKS | _stems(  # a label has one of these …
    """
    @ account ad advert advertise advertisement advertiser advertorial advertising ago alert app
    archive article audio author bookmark breaking bio button cancel caption career chat click
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
    representative following advertise message retweet replay retry volume consent legal imprint featured wait zoom flag required rights purchase media mailing map library scroll sections sharing member mention mentioned puzzle games friendly obituary partner sponsor paid pinned gallery launch replica ethic choice preferred bookmark removed reset reprint saved save screengrab screenshot scroll search sent
    see section setting share shared shopping shop show sign similar site skip slide slideshow sort
    source sponsor sponsored sponsorship staff stock story submit summary supplied survey swipe tag
    tap tel toggle topic transcript trending tweet uncategorized uncategorised updated
    update video view viewed visit vote watch weather web website whatsapp more contributor
    guest admin must-read listing fixture opinion letter complaint accessibility ok
    """
)
_LABEL_WORDS = _LABEL_MARKS | _GOODS | _stems(  # … and otherwise only these
    """
    a about add again agree business lifestyle property culture entertainment health science
    technology education environment finance above add appropriate inappropriate illustration wait field list news next response respond poll continue latest following follow following previous prev below alamy all allow also am an and annual any anytime anyone are around as at
    auto available be been best blog board bottom bst bt but buy by can category change check choose
    choice code collapsed community company condition confirm connected cookie conversation create
    current currently custom daily day deal detail did digital disable do does don't done down
    duration e edit end enable enter entry error et evening event every everyone exclusively
    external fact favorite favourite featured fewer filed filter find first font footer for format
    forum free friend from full get getty gift give gmt go good got great guide guideline had has
    have having he header hear hi hour house how hr i'm id if important in info inform install
    international into is ist it item its job join journalist just keep key large larger last
    later learn legal less letter lifestyle like limited list login made main make manage map
    market marketplace may maybe me media member message mobile moment month morning most multiple
    must my name new need light dark mode network never newest no not now number of off older oldest on one online only
    open option or order other our out outage own pa partner past pay per permission phone
    pick pin platform please pm am point policy politic previously pricing primary print problem
    product public quick quote recent recipe recommend request required result return reuters right
    rule s safety same second security select send sent service side sign simple size smaller
    so social sold something sound special sport staff standard start stay still stop stream
    style subject submit suggested suggestion support switch system t&c table text thank that
    the there these thing this time timeline to today together tomorrow tool top total
    traffic travel tv type uk unavailable up upcoming upgrade upload us use user valid version via
    want way we week weekly what whats what's when where which why will window wire with
    within world write written wrong x year yesterday you your youtube zoom follower
    """
)
_TIMES = _stems(
    """
    mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun
    sunday jan january feb february mar march apr april may jun june jul july aug august sep sept
    september oct october nov november dec december am pm a.m p.m ist gmt bst et est edt utc wat eat
    sast aest pdt pst cet updated update published posted modified uploaded created first last on at
    date time today yesterday as of edited
    """
)
_ORDERS = _stems(  # how a site's orders to the reader begin
    """
    click tap press follow like join subscribe login register download get read watch listen hear hover tune lea dm tag message
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
    try want got have did are do would already looking can't new love interested thanks thank sorry oops
    something forgotten forgot has if what we our you your we've we're you've you're unable
    welcome since know which for this all invalid
    """
)
_WE = _stems("us our ours we we've we're we'd we'll please")
_YOU = _stems("you your yours you've you're you'll you'd")
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

_OPENING = re.compile(  # how they begin, after any bullet or bracket
    r"\W*(?:"
    r"(copyright( ©| \(c\)|:| \d{4}| [^.]*$)|©|\(c\) ?\d{4})|(\w+ ){0,2}(privacy|"
    r"cookies?) (policy|notice|statement|settings|choices|rights|preferences)|"
    r"(proudly )?powered by|theme by|(website|designed) .{0,24}\bby\b|(this|the|our|"
    r"an earlier version of this|a (previous|earlier|version of this)( version)?) (article|"
    r"story|report|post|piece|page|column|video|content|item|headline|copy|blog) (has|have|was|"
    r"is|may|originally|first|initially|contains|uses|will|appear(s|ed)|ran|incorrectly|"
    r"misstated|misspelled|misidentified|gave)\b(?=.*\b(updated?|corrected|amended|clarif\w+|"
    r"edited|subscribers?|originally|first|appear\w*|produced|print|developing|republished|"
    r"syndicated|auto\w*|translated|written with|affiliate|paper|sponsored|version|premium|"
    r"members|removed|unavailable|available|years? old|support(ed)?)\b)|we regret the error|"
    r"(corrections?|clarification|editor['’]?s['’]? note|note to readers|a note from|"
    r"amended)\b.{0,12}[:–—]|(note to readers|a note from the editor)|(this is a )?(developing|"
    r"breaking) (news )?story\W*$|more (to )?(come|follows?)\W*$|((additional|with|"
    r"data) )?(reporting|writing|editing|research|analysis|interview|compiled|edited|reported|"
    r"produced|curated|translated) by\b(?=[^.]*$|.*;)|as told to (?-i:[A-Z])|(with|"
    r"and)? ?(\w+ )?(reporting|files|inputs?|agenc(y|ies))( inputs?)?( from\b.{1,60})?\)?\.?$|"
    r"(image|photo(graph)?|picture|pic|media|video|graphic|illustration|file|stock|cover|main|"
    r"featured|representat\w+|chart|map)s? ?((copyright|credit|caption|source|by|via|courtesy|"
    r"supplied|image|photo|photograph|picture|pic|data|of)s?\b ?){1,3}[,:/|©-]?( ?[^.!?]*$|.*:)|"
    r"image captions?\b|(enlarge this image|toggle caption|facebook twitter|media playback)\b|"
    r"(courtesy|handout)( of| via|:).{2,40}$|(chart|map|graphic|data|text|words|voice|created|"
    r"provided) (by|with|provided by|from|data ©)\b.{2,40}$|(ap|afp|reuters|epa|pti|ani|"
    r"getty) ?(photo|images?|file)\b[^.]{0,60}$|(getty|alamy|shutterstock)|(\d+ ?(/|of) ?\d+|"
    r"(image|slide|photo|page|showing|pages?:) \d+( ?[-/of]* ?\d+)*\b.*|[\d:]+( ?/ ?[\d:]+)?|"
    r"loaded: .*|\W*ad\W+\d*\)?|[\d.,]+k? (shares?|comments?|likes?|views?)|(comments?|shares?|"
    r"replies|duration|time|current time|remaining time) \W*[\d:]+\W*)$|(date )?(published|"
    r"posted|updated|last[ -](updated|modified)|first published|modified|publish(ed)? date|"
    r"issued|as of|(originally )?aired|web posted|last edited|created|added|uploaded|"
    r"time)\b(?=[^.]*\d|[ :]*(today|yesterday))( ?[:|,–-]? ?)(?!by\b).{0,60}$|(about |"
    r"updated )?(\d+|an?|one) ?(s|m|h|d|w|sec(ond)?s?|min(ute)?s?|hours?|hrs?|days?|weeks?|"
    r"months?|years?) ago\W*$|(est\w*\.? )?(read(ing)? ?(time)?|"
    r"listen)? ?[:•·]? ?\d+[ -]?min(ute)?s?([ -](read|watch|listen|video))?\W*$|"
    r"listen\W+[\d:]+$|all times\b|just now\W*$|(>>?|»|➜|→|▶) |[^«]*(>>|»|→)$|related -|(credit|"
    r"photo)\.{3}|(recommended|explained|factbox|timeline|from the archives?|in pictures|"
    r"pictures|map|text|tip line|fax|tel|phone|up next|next up|tagged( with)?|posted under|in|"
    r"category|section|don['’]t miss|story|read) ?[:|][^.!]*$|(tags?|tagged|categories|"
    r"posted (in|under)|filed (in|under)) [^.!?]{2,60}$|photo (?-i:[A-Z][a-z]+ [A-Z]\w+)$|"
    r"(tags?|topics?|keywords?|photo(graph)?s?|pictured?|pic|images?|illustration|composite|"
    r"graphic|video|audio|source|credit|caption|quiz|poll|reader poll|filed (under|to)|opinion|"
    r"analysis|explainer|gallery|podcast|live|url|via)( of the (day|week))? ?[:|][^.!]*$|"
    r"latest( (news|stories|headlines))?( (from|in) [^.!?,:]{2,30})?:?$|(more|read more|"
    r"trending|popular|all|see all|view all|most read|recommended|related|posts?|articles?|"
    r"stories|news) (\w+ )?(from|in|on|by|about|to|for)\b(?!.*\b(is|are|was|were|will|has|have|"
    r"than)\b)[^.!?,:]{2,40}$|((also|now|must) )?(read|see|watch|listen|related|more(?= (on|"
    r"from|in|about)\b|:))( \w+){0,3} ?(?<!\d)[:|»›→]|[←«‹]|(previous|next)( (article|story|"
    r"post|page|entry))?( ?:.*)?$|(recommended|sponsored|promoted|presented|brought to you|"
    r"paid for|in (association|partnership)|reviewed|fact[- ]checked|ads|content|supplied) (by|"
    r"with|from)\b[^.]{0,40}$|(by|via) (taboola|outbrain)|(you (may|might) (also )?(like|enjoy|"
    r"be interested)|in case you missed|people also|don['’]t miss|what to (read|watch)|"
    r"have your say|elsewhere on|also in the news|why (you can )?trust|why am i seeing)\b|"
    r"((the )?(writer|author) is|.{4,60}\bis (an?|the|our) .{0,60}\b(reporter|correspondent|"
    r"editor|columnist|writer|journalist|contributor|bureau chief))\b.*\b(him|her|them|personal|"
    r"views?|covers|covering|twitter|instagram|@|fellow|based in)|(leave a (reply|comment)|"
    r"post a comment|sort(ed)? by|order by|name ?\*|e-?mail ?\*|required fields|save my name|"
    r"notify me|log ?in to|be the first to (comment|know)|reply to|report this)\b|"
    r"no comments yet|(the|our) moderators?\b|((only |just )?[£$€₹]\d+|\d+p|special offer|"
    r"limited time|save \d+)\b.{0,40}\b(months?|weeks?|years?|offer|subscription|trial)\W*$|"
    r"(a (post|photo|video) (shared|posted) by|end of (twitter|content))\b|(pic\.|https?:|"
    r"www\.)\S+$|(live |our )?(live )?coverage has ended\b|(available|find us|listen) on (the|"
    r"google|apple|spotify)\b|(the )?(associated press|press trust of india|"
    r"agence france[- ]presse|press association|reuters|afp|ap|pa|pti|ani|ians|(bbc|sky|itv|"
    r"rt[ée]|cnn|fox|abc|nbc|cbs|cbc|npr) (news|sports?)(, \w+)?|(\w+ ){1,2}news agency)$|"
    r"(your |first |last |full |e-?mail |confirm )*(name|e-?mail|address|postcode|zip code|"
    r"message)\W*$|(terms|conditions|t&cs?|terms (and|&) conditions|terms of \w+)( apply)?\W*$|"
    r"(please )?(enter|win|nominate|vote|book|buy) (our|your|tickets|now)\b[^.]{0,40}$|"
    r"special to the\b|(weather|traffic|travel|share prices|markets?|deals|what['’]s on|"
    r"upcoming events|newest|oldest|send|about|submit|translate|welcome back|full list)$|"
    r"(weather forecast|traffic and travel|place an ad)|(welcome to|good (morning|afternoon|"
    r"evening)\b).*\b(live|blog|coverage)\b|that['’]s (all|it)( from us)? for (today|now|"
    r"tonight)\b|(change|choose|select) (your )?(location|language|edition|region)|"
    r"(also available|read) in [A-Z]\w+$|(buy|get) a copy of (the|our)\b|click here:|"
    r"you are here\b|\(?c\) |try \w+ free\b|weekly round|learn more about (how|us|our)\b|"
    r"\((adds|corrects|updates|refiles|recasts|rewrites|story has)\b.*\)$|updates with\b|"
    r"part \d+ of \d+$|(the )?\w+ in a( \w+)?[- ]series$|this (is|report is|article is|"
    r"story is) part of (a|our|the)\b.{0,60}\b(series|partnership|project)\b|(all )?(material|"
    r"content|text|images?)\b.{0,20}\bcopyright\b|(reproduced|republished) \b[^.]*$|"
    r"the (?-i:[A-Z])[\w ]+ is a (registered )?charity\W*$|(.{0,30}\breaders? |others?|people|"
    r"you['’]?(ll| might| may)?) .{0,16}\b(also )(liked?|read|viewed|bought)\b[^.]*$|"
    r"what (people|others|readers|everyone|we) .{0,6}(are|is|['’]re) (reading|watching|"
    r"talking about)\b[^.]*$|we (recommend|think you)\b[^.]{0,30}$|(most|suggested|recommended|"
    r"popular|featured|top)( \w+)?( for you| now)?$|(please )?consider (donating|making|"
    r"supporting|subscribing|a )|(chip in|give now|contribute( now)?|spread the word|pass it on|"
    r"connect with us|become a \w+|opt out|log out|an error occurred|failed to load|your (name|"
    r"message|rating|data).{0,16}|(go to |back to )?top|read the rest|code of conduct|rate card|"
    r"press (play|complaints|releases|enquiries|office)|(company|contact) info|media (kit|"
    r"enquiries)|(in|de)crease font size|add to \w+|choose a plan|download (as )?(a )?pdf|"
    r"(commercial|advertising|advertisement) feature|sound o(n|ff)|likes?|required|remember me|"
    r"get the data|buy me a coffee|scroll left and right|5 things to know( today)?|what to know|"
    r"(please )?wait|leave a message|advertise here|(i |"
    r"have you )?forgot(ten)? (your )?password|read the original|want to read more|like this|"
    r"got something to say|(enjoyed|liked|like) this (post|article|story|piece)|"
    r"related (internet )?links|never miss a (story|thing|beat|moment)|readers also \w+|"
    r"invalid \w+|getting your|don['’]t miss a thing|up next( for you)?|try again|"
    r"editor['’]s note|already (subscribed|a \w+)\?|stream \w+-free\b.*|"
    r"modern slavery statement)\W*$|(this field|\* ?required|all fields)\b|i (agree|consent|"
    r"accept|have read)\b.{0,40}\b(terms|policy|data|stored|emails?|cookies)\b|disclaimer:|"
    r"support (the|our) (?-i:[A-Z]\w+)$|donate to (?-i:[A-Z]|the [A-Z]|our|us)|"
    r"\d+ comments? on\b|(?-i:[A-Z]\w+ [A-Z]\w+ Twitter)$|there was an error|keep up to date\b|"
    r"work for us$|special offer\b|(full )?stor(y|ies) so far$|full (coverage|list|story)$|(the|"
    r"an) (original|earlier|previous) (version|headline|caption)\b|(new )?episodes? (are|"
    r"is) released|this episode was|(all )?comments? (close|open|must|should|may|will|"
    r"containing)\b|\[?[A-Z]\w+ [A-Z]\w+, [A-Z][\w ]+\]$|(the )?(rest|remainder) of this\b|"
    r"(permission|material|content)\b.{0,60}\b(granted|quoted|link)\b|(lottery results|"
    r"planning notices|in memoriam|announcements|business directory|jobs in [A-Z]\w+|"
    r"homes for sale|things to do in [A-Z]\w+|(add|list) your \w+|(\d|five)[- ]day forecast|"
    r"switch to \w+ mode|adjust text size|listen in [A-Z]\w+|fact[- ]?check|how we (made|"
    r"reported) this( story)?|who we are|(ai|auto)[- ]generated\b.*|key points|at a glance|"
    r"in brief|from elsewhere|part of the .{3,20} network|reader (offers|holidays|events)|"
    r"this (week|month)['’]s issue|((buy|get|order|pick up) )(the|a|your|our|"
    r"back)( \w+)? (paper|copies|copy|edition)\b.*)$|weather: |(stay (connected|informed|"
    r"up to date|in the know)\b.*|(no|yes)\b,? (thanks|i (accept|agree))|not now|get it|open(s|"
    r"ed)? (this )?in (a )?new (tab|window)|posts?|fact[- ]checked|descriptions off.*|"
    r"seek to live.*|maybe later|(accept|reject) all|got it|i (agree|accept)|text size|"
    r"font size|a[+] a-|buy (&|and) sell|(death|family|public) notices|dating|find a job|"
    r"copied to clipboard|pin it|(ist|et|gmt|bst)|yesterday|chapters|modal window|larger text|"
    r"share ?\d+|report abuse|subtitles off|more like this|help us improve|how to complain|"
    r"our standards|key events|us politics|now playing|goodnight)\W*$|this is a modal|(tell us|"
    r"don['’]t show me)\b|(this (news)?paper|this (site|website|publication)|we|if you|to (make|"
    r"lodge)|the \w+ (is|are) (a )?(member|regulated))\b.*\b(independent press standards|ipso|"
    r"press ombudsman|press council|editors['’] code)\b|(independent press standards|ipso|"
    r"the .{0,20}trust principles|our standards:)|(stay with us|tune in)\b|"
    r"content is not available|(phone|tel|fax)\W*\+?[\d ()-]{7,}$|whatsapp us\b|(enjoyed|liked|"
    r"like) this\b.{0,12}\?|want to (read more|know more|keep reading)\b|"
    r"getting your\b.*\bready\W*$|got something to say\b|got a (story|tip|news)\b|"
    r"(« )?previous \| next\b.*|thank you for being\b|unfortunately, our (web)?site\b|"
    r"what are your thoughts\b|(explore|read) more on (this|these)\b|there are no comments\b|"
    r"a [\w ]+ (media|news(paper)?s?) (group )?publication$|(essential|necessary|"
    r"strictly necessary|functional|analytics|marketing) cookies\b|(alt(ernative)? text|"
    r"image (alt|description)|presenter|(executive )?producer|presented|hosted( by)?|"
    r"music( by)?|event|poll|alt|copyright holder|keywords)\s?:.*[^.]$|(hosted|presented|"
    r"produced|filmed|edited|music|mixed) by (?-i:[A-Z])[^.]*$|(author|profile|"
    r"writer)?['’]?s? ?(avatar|headshot|logo|photo|picture)( of (?-i:[A-Z]).*)?$|"
    r"(the )?(?-i:[A-Z]\w+)( \w+)?( logo|['’]s avatar)$|(for )?(representation(al)?|"
    r"illustrati(on|ve))( purposes?| only| image)+$|image used for\b.*|placeholder\b[^.]*$|"
    r"(yes[ /]+no\b.*|you have (already )?voted|thanks for voting\W*|this poll is closed|"
    r"question \d+ of \d+|you scored \d.*|s\d+ ?e\d+|(load|read|show|see) (all |earlier |more |"
    r"previous )?(updates?|posts))$|[\d,]+ (people have voted|votes?|characters remaining)$|"
    r"characters remaining\b|(feels like|h:|light \w+,|[A-Z]\w+) ?-?\d+°.*$|weather by\b|"
    r"[\d:]+ (gmt|bst|est|edt) key event$|(download|available|get it|also|find us|"
    r"listen) on (the )?(?-i:[A-Z])[\w ]+$|how (we|this site) makes? money$|(trusted|"
    r"established|founded|est\.?|serving .{3,20}) since \d{4}$|founded in \d{4}$|"
    r"trusted news initiative$|(light a candle|sign the (guest ?book)|cars for sale|"
    r"jobs near (you|me)|auctions|place an? (ad|obituary|notice)\b.*|near me|for you|my (feed|"
    r"news|account|profile)|unfollow|copy url|make it public|renew|upgrade( now| your plan)?|"
    r"more info(rmation)?( here)?|further information|(full )?details( here)?|resend code|"
    r"enter (your )?postcode|what you get|why (subscribe|register)\??|(welcome|hello),? (guest|"
    r"reader|back)\b.*|auto-renews\b.*|to enjoy additional benefits|report as spam|"
    r"report a (mistake|problem|bug)|suggest an? (edit|correction)|request a correction|"
    r"e-?edition|replica edition|short link|cite this article|public notice portal|english \|"
    r" .*|«? ?previous ?\| ?next ?»?|go back|back to (home|news|search)|page not found|"
    r"full ?screen|exit full ?screen|unlock full access|replying to\b.*)$|(tickets|entries|"
    r"nominations|bookings) are (now )?(on sale|open|closed)( for (our|"
    r"the (?-i:[A-Z]))[^.]*)\.?$|kindly (share|drop|like|follow|subscribe)\b|"
    r"independent\. local\.|your (local )?news\b[^.]*$|(award-winning )?local journalism$|(good|"
    r"quality|great|independent) journalism (costs|takes|matters|is expensive|isn['’]t)|"
    r"get the full experience\b|comments (are subject|powered|with|must|should|that)\b|"
    r"be (respectful|civil|polite|kind)\. |(the )?(?-i:[A-Z])\w+ (online|digital|reporter|"
    r"newspaper|web ?desk|news ?desk|bureau|staff)$|the (?-i:[A-Z])\w+ is (published by|"
    r"regulated by|not responsible|a member of)\b|(?-i:[A-Z][\w.’']+ [A-Z][\w’'-]+) (is|"
    r"was) (an?|the) [\w’', -]{0,50}\b(reporter|correspondent|columnist|journalist|staff writer|"
    r"bureau chief)( (for|at|with|based|covering|who|in)\b[^.]*)?\.?$|"
    r"(?-i:[A-Z][\w.’']+ [A-Z][\w’'-]+) (covers|writes about|"
    r"reports on)\b[^.]*( for (the )?(?-i:[A-Z])\w+.*)?\.?$|"
    r"(?-i:[A-Z]\w+) joined the (?-i:[A-Z])\w+ in \d{4}\b|(?-i:[A-Z]\w+ [A-Z]\w+), (pa|ap|afp|"
    r"reuters|gazette)$|(?-i:[A-Z]\w+ [A-Z]\w+) in (?-i:[A-Z]\w+) and (?-i:[A-Z]\w+ [A-Z]\w+) in"
    r" (?-i:[A-Z]\w+)$|(?-i:[A-Z]\w+ [A-Z]\w+) @\w+$|this (article|story|post|content|page|"
    r"report) (is|was)\b.{0,30}\b(archived|years? (old|ago)|\d+ years?)\b|"
    r"(this is an )?archived (article|content|story)$|this (live )?(page|blog|feed) (is|"
    r"has) (no longer|now|been)\b|we['’](ve|re) (wrapped|closing|pausing|ending)\b.*\bcoverage|"
    r"that['’]s where we['’]ll leave\b|\(?only the headline\b|(the )?rest of the content is\b|"
    r"(only )?the (headline|picture|image)\b.*\b(reworked|auto-generated|our staff)\b|(catch|"
    r"for) all the\b.*\b(news|updates)\b|for continued (free )?access\b|"
    r"from the .{3,24} archives?\b|(win|enter|nominate|claim) (a|an|our|your|tickets|"
    r"free)\b[^.]{0,40}$|tnn$|.{3,20} news service$|(it appears|"
    r"looks like)\b.{0,40}\bjavascript|we['’]re sorry, (but )?this\b.*\bfound\b|"
    r"we will bring you\b|keep reading\b|(est\w*\.? )(read|reading) time\b.*|"
    r"report: .*\bcamera:|lea esta\b|lire (en|cet)\b|share this\b.{0,50}\b(friends|family|"
    r"everyone|someone)\b|please (stay on|keep (it|comments|your)|note that comments|be (polite|"
    r"kind|civil|respectful))\b|you need (flash|javascript|an account|to (log in|sign in|"
    r"register|be logged))\b|(a )?file (photo|image|picture)\b|about (us|the (author|writer)|"
    r"this (site|author))$|every (contribution|donation|subscription|pound|penny)\b|(from left|"
    r"left to right|l[- ]r|clockwise|(pictured )?(above|below|left|right|"
    r"inset))\b[^.]*[:,)][^.]*$|pictured (above|below|left|right|in|at|with)\b[^.]*$|"
    r"(an? )?(undated|handout|aerial|general|file|archive)( \w+)? (image|photo|picture|view|"
    r"handout|photograph)\b[^.]*$|[^.!?:]{20,}\b(speaks|arrives|poses|addresses|gestures|waves|"
    r"looks on|stands guard|attends|receives|pictured)\b[^.!?:]{8,}$|(due to|because of|"
    r"owing to) an (editing|production|reporting) (error|mistake)\b|we (apologise|apologize|"
    r"regret|are (happy|sorry|pleased) to (clarify|correct)|(have been|"
    r"were) asked to (make clear|clarify|point out))\b|(this|the error|this error) (has been|"
    r"was|is now) (corrected|amended|fixed|updated)\.?$|for the record:|(agency reports?|"
    r"agencies|with agency reports?|nan|dpa|aap|bloomberg|xinhua|upi|efe|tass|kyodo|gna|news24|"
    r"ends?)$|(?-i:[A-Z]\w+ [A-Z]\w+) (reporting|for the (?-i:[A-Z])\w+|\S+@\S+)$|\d{1,2} ?(h|d|"
    r"m|w|hrs?|mins?)$|(text resize|resize text|aa|a a a|no spam\b.*|vat (number|no)\b.*|"
    r"you['’]re (almost there|all set|in)\b.*|that e?-?mail\b.*\b(in use|valid|registered|"
    r"exists)\.?|i am over \d+|(yes, )?sign me up\W*|count me in|remind me later|ask me later|"
    r"continue( without accepting| to (site|article))?|prev(ious)?|back|edit|collapse( all)?|"
    r"options|english|factbox|front page|(the )?(long|big) read|paid partnership|"
    r"comment and debate|leading article|why this ad\W*|please (tick|fill|check|complete)\b.*|"
    r"language)$|(sponsored|promoted|advertisement|ad): |(#\w+ ?)+$|(ftse|nasdaq|dow|nikkei|"
    r"sensex|nifty|s&p)\b[\w &]*(-?[\d.,%+]+ ?)*$|(uk|us|world|football|rugby|cricket|golf|"
    r"tennis|politics|business|tech|science|sport|news|opinion|culture|local|health|travel|"
    r"lifestyle|video|more| ){3,}$|[\w ]+ (media|newspapers|publishing|group|news) (ltd|limited|"
    r"plc|inc|llc)\b[^.]*$"
    r")",
    re.I,
)
_WITHIN = re.compile(  # what gives them away elsewhere
    r"©\s*\w|\ball rights? reserved\b|\bcreative commons\b|\b(views?|opinions?)\b.{0,40}\b(are|"
    r"is|his|her)\b.{0,8} (author|writer|personal|own\b|those of)|\b(do|does|"
    r"may) not (necessarily )?(reflect|represent) (the|our|those|public)|"
    r"\bnot responsible for the content|\baffiliate links?\b|\b(privacy policy|terms of (use|"
    r"service)|terms (and|&) conditions|t&cs?) (and|apply|here)|\b(registered|company) (office|"
    r"in england|number)\b|\bdo not sell\b|\bearlier version of (this|the) (article|story|post|"
    r"report)|\b(this|a) (is a )?(developing|breaking) (news )?story\b.*\b(check|refresh|updat|"
    r"more)|\b(the )?information in this article\b|\bcontributed to this (report|story|"
    r"article)\b|\bnot been edited by\b|\b(first|originally) (published|appeared|posted) (by|on|"
    r"in|at)\b.{0,50}$|[»→›]\W*$|\b(follow|email|find|reach|contact) (him|her|them|me|"
    r"us)\b.{0,30}\b(on|at|via)\b|\byour e-?mail (address )?(will|won['’]t)|"
    r"\bfields are (marked|required)|\b(comment(s|ing)?|discussion)\b.{0,40} (is|are|been|"
    r"be) (now )?(closed|turned off|disabled|moderated|premoderated|judged|open\b|awaiting|"
    r"reviewed)|\bclose comments|\b(awaiting|under) moderation\b|\bcancel (at )?any ?time|"
    r"\b(fund|support|power|back)(s|ing)? (our|local|independent|quality) (journalism|reporting|"
    r"newsroom|news)\b|\bof interest to you\W*$|\byou (have|['’]ve) (now )?(read|reached|used|"
    r"viewed|\d+|one|two|no)\b.{0,30}\b(free|articles?|limit|stories|views)\b|\b(today['’]s|"
    r"local) (weather|forecast|paper)\b[^.]{0,20}$|\b(delayed( by)?( at least)? \d+ min)|"
    r"\bad[- ]?block(er|ing)|\b(need|rely on|depend on|thanks to|value) (your (support|help)|"
    r"readers like|our readers|advertising)|\b(small|a) favou?r to ask|\b(get|"
    r"be) in touch with (me|us)\b|\b(not|nor) (medical|financial|legal|investment) advice\b|"
    r"\bprices (are )?correct at|\b(forgot|forgotten|lost) your (password|username)|"
    r"\bare you sure you want\b|\b(reprint|republish|reproduc|used?)\w*( \w+)? (with|by|"
    r"without) (\w+ )?permission\b|\b(re|unauthori[sz]ed )production is prohibited|"
    r"\bunauthori[sz]ed (use|reproduction|copying)|\b(not responsible for|"
    r"responsibility of)\b.{0,30}\b(comments?|posted|content|who post)|\breader[- ](funded|"
    r"supported|owned)\b|\b(value|fund|funded|made possible by|believe in|enjoy|like) (our|"
    r"readers|this|what you|it,? our) ?(work|like you|reporting|journalism|article|post|"
    r"future)?\b.*\b(gift|donat\w+|contribut\w+|you|share|future)\W*$|\b(may|can) (opt out|"
    r"unsubscribe)\b|\bfree articles?\W*$|\bautomatic(ally)? translat|\btranslation is auto|"
    r"\b(headline|caption|version|chart|graphic)( \w+)? (of|on|in|to|with|for) (this|the|"
    r"an) (earlier |original )?(article|story|report|piece|version|post|page)|\b(process|"
    r"use)\w* your (personal )?(data|information|details)|\b(verification code|"
    r"legitimate interest|trust project|accepts? no (liability|responsibility))\b|\b(see|view|"
    r"join|follow|hover|tap|click|swipe|scroll)\b.{0,20}\b(map|chart|graphic|interactive|"
    r"hashtag|arrows?)\b.*(here|figures|photographs|pictures|below|#\w+)\W*$|"
    r"\[(?-i:[A-Z]\w+ [A-Z]\w+, [A-Z][\w ]+)\]$|\b(generated|created|produced|written|"
    r"translated|summari[sz]ed) (by|with|using) (ai|artificial intelligence)\b|\blet us know\b|"
    r"\b(thanks|thank you) for (reading|registering|subscribing|signing|following|joining|"
    r"your (support|patience|feedback))\b(?! m[ey]\b)|\b(something|oops).{0,14} went wrong\b|"
    r"\btry again later\W*$|\bdid you find this|\b(was|is) this (article|page|story|"
    r"post) (helpful|useful)|\bcompatible source|\bour (house rules|community (guidelines|"
    r"standards))\b|\b(we|may) (may )?(earn|receive)\b.{0,30}\bcommission\b|\b(available|"
    r"limited|reserved|exclusive|open) (only )?(to|for) (our |paying |registered |"
    r"premium )*(subscribers|members|users|readers)( only)?\W*$|\bcontributed to (this|"
    r"the) (report|story|article|post)\b|\bcontributed reporting\b|"
    r"(?-i:^[A-Z][\w.]+ [A-Z]\w+\b.{0,90}) contributed\.?$|\b(hear from you|(please|can|"
    r"to) support us|never share your|get in touch with (us|me)|we (may|will) (contact|"
    r"e?mail) you)\b|\b(article|story|report|post|column|coverage|advertisement|"
    r"reading) (continues?|continued) (below|after)\b|\b(material|article|content|part|"
    r"text)\b.{0,40}\b(may|must|can) ?not be (reproduced|republished|redistributed|published|"
    r"copied)\b|\b(may|must) not be published, broadcast\b|\bpart of this (article|site|"
    r"website)\b|\b(media|video|audio|player|playlist|embed)\b.{0,30}\b(not|n['’]t|cannot|"
    r"failed to|is) (be )?(load(ed|ing)?|play(ed)?|supported|displayed|available)\b|\b(e-?mail|"
    r"contact|call|message|whatsapp|phone|text|write to|reach|tel|sent|send|emailing|"
    r"ring)\b.{0,90}[\w.+-]+@[\w-]+\.\w|\b(newsroom|news ?desk|reporters?|tips?|your (views|"
    r"story)|letters|whatsapp us|samaritans|affected by this story)\b.{0,60}\+?\d[\d ()-]{5,}|"
    r"\b(products?|items?)\b.{0,20}\b(independently|by our)\b.*\b(selected|chosen|editors)\b|"
    r"\bpersonal abuse will\b|\bby (continuing|clicking|signing|using|subscribing|submitting|"
    r"browsing|registering|entering|providing|creating|closing|"
    r"joining)\b.{0,80}\byou\b.{0,20}\b(agree|consent|accept|confirm|acknowledge|understand)|"
    r"\b(you can|you may) (unsubscribe|opt[ -]out|withdraw)\b|\bunsubscribe at any ?time|"
    r"\b(your|this) browser\b.{0,50}\b(support|update|upgrade|out of date|old|javascript)|"
    r"\bjavascript\b.{0,40}\b(enabled?|disabled|required|off)\b|\b(protected|"
    r"guarded) by re-?captcha|\((left|right|cent(re|er)|far left|far right|pictured|file|l|"
    r"r)\)[^.!?]*$|, (file|file (picture|photo|image|pic)|pictured)$|\bthis (article|"
    r"story) (first )?gave\b",
    re.I,
)

# --- shapes --------------------------------------------------------------------------------------

_AGENCY = (
    r"(?:Getty(?: Images)?|Shutterstock|AFP|Reuters|REUTERS|EPA|EPA-EFE|PA|PA (?:Wire|Media|Images?)|AP|"
    r"Rex(?: Features)?|iStock(?:photo)?|iStockphoto|Alamy(?: Stock Photo)?|Wikimedia Commons|Pixabay|Unsplash|"
    r"Zuma Press|Press Association|PTI|ANI|Handout|Supplied|Staff)"
)
_CREDIT = re.compile(
    r"(?<!\w)(?:Photo(?:graph|s|graphs|grapher)?|Pictures?|Images?|Pic|Credit|Illustration)(?: [Cc]redit| by)?: ?[A-Z@][^.:]{2,60}$|"
    r"(?<!\w)(?:Photo(?:graph|s)?|Picture|Image)s? (?:by|courtesy of|via) [A-Z][^.:]{2,60}$|"
  # the agency at the end of a caption, which no full stop follows
    rf"(?:[/|:(]|\b(?:via|by|Image|Photo|Picture),?) ?{_AGENCY}[)\]]?$|"
    r"\b(?:Getty Images|Shutterstock|iStock(?:photo)?|Alamy|Unsplash|PA (?:Wire|Media|Images))[)\]]?$|"
    r"\bREUTERS/[A-Z][^.]{3,40}$|/(?:Getty|Shutterstock|AP|AFP|Rex|PA)\b.{0,30}$"
)
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_NAME = r"[A-Z][\w.'’-]*(?: (?:de|van|von|der|la|al|bin|[A-Z][\w.'’-]*)){0,4}"
_BYLINE = re.compile(
    rf"\W*(?:By|BY|by|Words|(?:Words|Written|Posted|Reported|Report|Story) by|Author) ?:? ?"
    rf"(?P<author>{_NAME}(?:(?:, | and | & |, and ){_NAME})*|admin)"
    r"(?: ?[,|–—•-] ?.{1,80}| (?:in|for|at|@).{1,60}| \d.{1,40}| [a-z]+)?"
)
_POST = (
    r"(?:[Cc]orrespondents?|[Rr]eporter|[Ee]ditor|[Cc]olumnist|[Ww]riter|[Cc]ontributor|[Bb]ureau(?: [Cc]hief)?|"
    r"[Jj]ournalist|Staff|Desk|[Tt]eam|Service|Bureau)"
)
_ROLE = re.compile(  # a line that is only somebody's post at the paper, or a name with it
    rf"By (?:our|a|an) [\w ]+|From {_NAME} in [A-Z]\w+|By {_NAME} \([\w ]+\)|{_NAME} reports?(?: from [A-Z]\w+)?\.?|"
    rf"{_NAME}, (?:BBC|CNN|Sky|ITV|RT[EÉ]|Fox)(?: \w+){{0,2}}|{_NAME}[ ,|•·–-]+(?:\d|{_MONTH} \d|{_DAY}\b).*\d{{4}}.*|"
    rf"[A-Z]\w+ [A-Z][\w ]+ ?/ ?[A-Z][\w ]+|(?:by )?{_NAME} and agencies|The \w+ staff|"
    rf"(?:(?:{_NAME}|[Ff]rom our|Our|The),? )?(?:[\w&'’-]+ ){{0,4}}{_POST}(?:,? (?:[Ii]n )?[A-Z]\w+(?: \w+)?)?"
)
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|"
    r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})"
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
_LOGIN = re.compile(r"(?<!\ba )(?<!\bthe )(?<!\bno )\b(?:sign|log)(?:ed|ging|ing|ged)?[ -](?:up|in)\b|\blog(?:ged|ging)? on\b")
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
    days = [i for i, line in enumerate(lines) if _is_time(line)]
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
        if not (len(known) > 1 or known.intersection(words[:4] + words[-5:]) or known & _SITE_ONLY
                or _WE.intersection(words) or _YOU.intersection(words)):
            return False
    finished = bool(re.search(r"[.!?]$", line)) and not line.endswith("...")
    if _is_label(words) and not (finished and _points(line, words) < 3):
        return True
    return _has_shape(line) or _is_notice(line, words) or _points(line, words) >= 7


_GATE = _SITE_ONLY | _GOODS | _stems("reporting editing opinion reserved call text version")


def _words(line: str) -> list[str]:
    text = _LOGIN.sub("login", line.lower().replace("’", "'").replace("e-mail", "email"))
    if "@" in text or "." in text[:-1]:
        text = _ADDRESS.sub(" @ ", re.sub(r"\(@\w+\)|https://t\.co\S+|pic\.twitter\S+", "", text))
    return [_stem(w) for w in re.findall(r"@|[^\W_][\w'&+./-]*", text)]


def _is_label(words: list[str]) -> bool:
    """Made of pages' words alone: "Share Tweet Email 12"."""
    named = [w for w in words if not w[0].isdigit()]
    return (
        len(words) <= 12
        and all(w in _LABEL_WORDS for w in named)
        and any(w in _LABEL_MARKS for w in named)
    )


def _has_shape(line: str) -> bool:
    """A credit, byline, post, time, or trail of sections."""
    if len(line) > 160 or _SENTENCE_END.search(line) and not line.lower().endswith((".m.", "reports.")):
        return False
    if _is_time(line) and re.search(r"updated|modified|published|posted|uploaded|created|[:.]\d\d", line, re.I):
        return True
    if len(line) <= 90 and (_BYLINE.fullmatch(line) or _ROLE.fullmatch(line)):
        return True
    return bool(len(line) <= 90 and _TRAIL.fullmatch(line)) and not re.search(r"\d", line)


def _is_notice(line: str, words: list[str]) -> bool:
    return bool(_OPENING.match(line) or _WITHIN.search(line))


def _points(line: str, words: list[str]) -> int:
    """Weak signs that the site is speaking to its reader, added up; reported deeds count against."""
    known = set(words)
    starts = [[w for w in _words(s) if w not in _POLITE][:1] for s in re.split(r"[.!?:] ", line)]
    first = {s[0] for s in starts if s}
    only, party = len(known & _SITE_ONLY), len(known & (_WE | _YOU))
    goods = len((known - (first & _ORDERS)) & _GOODS)
    asked = bool(first & _ORDERS and ({"us", "our"} & known or words[-1] in ("now", "here", "today")))
    if not only and not goods and not asked:
        return 0
    finished = bool(_CLOSED.search(line))
    points = 4 * min(only, 2) + 2 * min(goods, 2) + min(max(goods - 2, 0), 2)
    points += 2 * len(known & _WE) + (1 if finished else 2) * len(known & _YOU) + 4 * (not finished)
    points += 1 * asked + 3 * bool(first & (_ORDERS | {"login"})) + 2 * bool(first & _APPEALS)
    points += 2 * bool(re.search(r"\b(click|tap|see|or|is)? ?(?<!\bwe )here\W*$|\bclick here|\bthis (article|story|page|site|website|content|video|link|newspaper|post)\b", line, re.I))
    points += bool(re.search(r"\b(please|free|now|today|latest|daily|unlimited)\b|[|•→»]", line, re.I))
    points += 2 * any(a in ("our", "your", "this") and b in _GOODS for a, b in pairwise(words))
    telling = only + len(known & _GOODS - _VAGUE)
    if not finished and len(words) <= 8 and telling and sum(w in _LABEL_WORDS for w in words) >= 0.6 * len(words):
        points += 3
    points -= 4 * min(len(known & _REPORTED), 2)
    points -= 2 * sum(w.endswith("ed") and len(w) > 4 and w not in _PAGE_PARTICIPLES for w in known)
    points -= 3 * bool(re.search(r"[“\"]", line))
    if not party and (not only if finished else only + len(known & _GOODS - _VAGUE) < 1 + (not first & _ORDERS)):
        points -= 2 if finished else 3
    if finished and not known & _WE:
        points -= 1
    return points - len(words) // 8


def _is_time(line: str) -> bool:
    """A date or a time of day, perhaps with "Updated" or a place of publication."""
    words = _words(line) if len(line) <= 90 else []
    timed = words and all(w in _TIMES or w[0].isdigit() for w in words)
    return bool(timed and re.search(r"\d\d?[:.]\d\d|\d[/-]\d+[/-]\d|\w\W+\w+\W+\w", line)
                and any(c.isdigit() for c in line) and (":" in line or "." in line or any(c.isalpha() for c in line) or re.search(r"\d[/-]\d+[/-]\d", line)))


def _unfinished(line: str) -> bool:
    return len(line) <= 90 and not _SENTENCE_END.search(line) and line[0] not in _SPEECH


def _may_be_headline(line: str) -> bool:
    """Five words or more without a full stop, and not a label, credit, byline or time."""
    words = _words(line)
    return (
        _unfinished(line) and len(words) >= 3 and not _is_label(words) and not _has_shape(line)
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
