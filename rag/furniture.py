"""What a line of page furniture looks like: told from its words and shape, line by line.

A line goes when it speaks of the page and not of the world. Four things are asked of it: is it a
label, made of pages' words alone; has it the shape of a credit, byline or time; is it one of the
notices that sites word alike; else, do enough weak signs add up (`points`)? What is finished like
a sentence must give more of them, and speech never goes. `docs/cleaning.md` has the measurements.
"""

import re
from functools import lru_cache
from itertools import pairwise

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


def _stems(words: str) -> frozenset[str]:
    return frozenset(map(_stem, words.split()))


_SITE_ONLY = _stems(  # hardly anything but a page says these to its reader
    """
    ad-free adblocker adchoice advertisement akismet autoplay bookmark bookmarked browser captcha
    cookie cookies e-paper epaper firefox fullscreen html5 hyperlink inbox iplayer javascript login
    moderated moderator newsletter outbrain paywall permalink playback premoderated recaptcha
    republish republishing rss sitemap subscribe subscribed subscriber subscribing subscription
    taboola text-only unmute unsubscribe
    """
)
_NETWORKS = _stems(
    """
    android apple bluesky facebook flipboard google instagram io iphone itune linkedin messenger
    pinterest reddit signal snapchat spotify telegram thread tiktok tumblr twitter viber whatsapp
    youtube
    """
)
_GOODS = _NETWORKS | _stems(  # what a site has, sells or asks for
    """
    @ abuse access account ad advert advertisement advertiser advertising affiliate alert app
    archive article audio author blog breaking briefing bulletin caption category clarification clip
    column columnist comment commenter commenting commission community complaint consent content
    contribution contributor conversation copyright correction correspondent coverage crossword
    desktop detail device digital disclaimer discussion documentary donate donation download edited
    edition editor email emoji episode feed feedback field file follow form gallery graphic
    guideline headline homepage image interactive issue journalism journalist latest legitimate
    liability licence license link liveblog loaded magazine mailing mailing-list media member
    membership menu mobile moderation moderator navigation news newsdesk newspaper newsroom
    notification offer page partner permission personalised personalized photo photograph picture
    player playlist podcast policy poll post preference premium print privacy profile publisher
    puzzle quiz reader refresh registered registration reporter reporting reprint roundup screen
    screenshot section server setting share site slideshow sponsor sponsored story stream sudoku
    supporter survey syndicated tag tip topic transcript trial tweet typo unlimited user username
    verification version video web webinar website writer
    """
)
_VAGUE = _stems(  # … and these the world has as well
    """
    access apple audio author breaking category channel column commission content device digital
    feed field file follow form image issue link media menu mobile page party permission photo
    photograph picture post print reader screen section share signal story stream term tip topic
    view writer
    """
)
_LABEL_MARKS = (
    _SITE_ONLY
    | _NETWORKS
    | _stems(  # a label has one of these …
        """
    classifieds obituaries notices blogroll
    @ accessibility account ad admin ads advert advertise advertiser advertising advertorial ago
    alert analysis app archive article audio author bio breaking button cancel caption career chat
    choice clarification classified click close columnist comment commenting complaint consent
    contact content contributor copied copy correction courtesy credit crossword desk directory
    disclaimer dismiss donate donation download edition editorial email embed enlarge error ethic
    exclusive expand explainer faq featured feed feedback file fixture flag follow following forgot
    friendly gallery games graphic guest handout headline help hide home homepage horoscope icon
    image imprint index jump keyword launch legal letter library link listen listing live load
    loaded loading local logo mail mailing map media member mention mentioned menu message min
    minute more motor must-read mute navigation news newsdesk newsroom notice notification obituary
    ok opinion page paid partner password pause photo photograph pic pick picture pictured pinned
    play player podcast popular post posted preferred premium presented print privacy profile
    promoted promotion published purchase puzzle quiz rate rated read reader reading recommended
    refresh register related remove removed replay replica reply report reporter representational
    representative reprint required reset retry retweet rights save saved screengrab screenshot
    scroll search section see sent setting share shared sharing shop shopping show sign similar site
    skip slide slideshow sort source sponsor sponsored sponsorship staff stock story submit sudoku
    summary supplied survey swipe tag tap tel toggle topic transcript trending tweet uncategorised
    uncategorized update updated video view viewed visit volume vote wait watch weather web website
    zoom
    """
    )
)
_LABEL_WORDS = (
    _LABEL_MARKS
    | _GOODS
    | _stems(  # … and otherwise only these
        """
    death public jobs cars property motors dating tributes announcements
    a about above add again agree alamy all allow also am an and annual any anyone anytime
    appropriate are around as at auto available be been below best board bottom bst bt business but
    buy by can change check choose code collapsed company condition confirm connected continue
    create culture current currently custom daily dark day deal did disable do does don't done down
    duration e edit education enable end enter entertainment entry environment et evening event
    every everyone exclusively external fact favorite favourite fewer filed filter finance find
    first follower font footer for format forum free friend from full get getty gift give gmt go
    good got great guide had has have having he header health hear hi hour house how hr i'm id if
    illustration important in inappropriate info inform install international into is ist it item
    its job join just keep key large larger last later learn less lifestyle light like limited list
    made main make manage market marketplace may maybe me mode moment month morning most multiple
    must my name need network never new newest next no not now number of off older oldest on one
    online only open option or order other our out outage own pa past pay per phone pin platform
    please pm point politic prev previous previously pricing primary problem product property public
    quick quote recent recipe recommend request respond response result return reuters rule s safety
    same science second security select send service side simple size smaller so social sold
    something sound special sport standard start stay still stop style subject suggested suggestion
    support switch system t&c table technology text thank that the there these thing this time
    timeline to today together tomorrow tool top total traffic travel tv type uk unavailable up
    upcoming upgrade upload us use valid via want way we week weekly what when where which why will
    window wire with within world write written wrong x year yesterday you your
    """
    )
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
    accept access activate add allow ask back be become book bookmark browse buy call catch change
    check choose click close compare complete confirm consider contact continue copy create delete
    disable discover dm don't donate download drop email enable enjoy enter explore find follow get
    give go hear help hide hit hover include install join keep lea learn let like listen load login
    make manage meet message never nominate note open order pick pin play press print rate reach
    read receive refresh register reject reload remember report return reuse save scroll search see
    select send share show skip sort start stay stream submit subscribe support swipe switch tag
    take tap tell test text try tune turn tweet unlock unsubscribe upgrade upload use verify view
    visit vote watch whitelist win write
    """
)
_POLITE = frozenset("please just simply to now so or and then also why not you can today".split())
_APPEALS = _stems(
    """
    all already are can't did do for forgot forgotten got has have if interested invalid know
    looking love new oops our since something sorry thank this try unable want we we're we've
    welcome what which would you you're you've your
    """
)
_WE = _stems("us our ours we we've we're we'd we'll please")
_YOU = _stems("you your yours you've you're you'll you'd")
_REPORTED = _stems(  # a sentence that reports somebody's words or deeds is not the site speaking
    """
    according added announced asked became began came claimed could did died found gave got had he
    her him his i i'm killed left made me might my replied said say she should their them they told
    took was went were who whose won would wrote
    """
)
_PAGE_PARTICIPLES = _stems(
    """
    affected based closed disabled edited embed enabled expressed feed funded interested linked
    logged marked need posted produced protected provided published registered related required
    reserved saved shared signed updated used
    """
)

# --- the notices that sites word alike -----------------------------------------------------------


def _any(before: str, alternatives: str) -> re.Pattern[str]:
    plain = re.sub(r"(?<!\\)\((?!\?)", "(?:", alternatives)  # capturing is three times as slow
    return re.compile(f"{before}(?:{plain})", re.I)


_OPENING = _any(  # how they begin, after any bullet or bracket
    r"(with )?additional (reporting|research|writing)\b|(next|previous) (post|story|article)\b|"
    r"(do|did|would|have|are|could|can) you\b.{0,60}\b(read|story|article|issues?|coverage|"
    r"reporting|journalism|views?|whatsapp|newsletters?|affected|witness|photos?|videos?)\b.{0,50}\?$|"
    r"how would you rate\b|click (through|on|the)\b|text size\b|older (posts|entries|stories)\b|"
    r"archives?:|blogroll$|our bureau\b|\(?supplied\b.{0,60}\)?$|"
    r"\W*",
    r"(copyright( ©| \(c\)|:| \d{4}| [^.]*$)|©|\(c\) ?\d{4})|"
    r"(\w+ ){0,2}(privacy|cookies?) (policy|notice|statement|settings|choices|rights|"
    r"preferences)|"
    r"(proudly )?powered by|(website|designed) .{0,24}\bby\b|"
    r"(this|our|an earlier version of this|a (previous|earlier|"
    r"version of this)( version)?) (article|story|report|post|piece|page|column|video|"
    r"content|item|headline|copy|blog) (has|have|was|is|may|originally|first|initially|"
    r"contains|uses|will|appear(s|ed)|ran|incorrectly|misstated|misspelled|misidentified|"
    r"gave)\b(?=.*\b(updated?|corrected|amended|clarif\w+|edited|subscribers?|originally|"
    r"first|appear\w*|produced|print|developing|republished|syndicated|auto\w*|translated|"
    r"written with|affiliate|paper|sponsored|version|premium|members|removed|unavailable|"
    r"available|years? old|support(ed)?)\b)|"
    r"(corrections?|clarification|editor['’]?s['’]? note|note to readers|a note from|"
    r"amended)\b.{0,12}[:–—]|"
    r"(this is a )?(developing|breaking) (news )?story\W*$|more (to )?(come|follows?)\W*$|"
    r"((additional|with|data) )?(reporting|writing|editing|research|analysis|interview|"
    r"compiled|edited|reported|produced|curated|translated) by\b(?=[^.]*$|.*;)|"
    r"(with|and) (\w+ )?(reporting|files|inputs?|agenc(y|"
    r"ies))( inputs?)?( from\b.{1,60})?\)?\.?$|"
    r"(image|photo(graph)?|picture|pic|media|video|graphic|illustration|file|stock|cover|"
    r"main|featured|representat\w+|chart|map)s? ?((copyright|credit|caption|source|by|via|"
    r"courtesy|supplied|image|photo|photograph|picture|pic|data|of)s?\b ?){1,3}[,:/|"
    r"©-]?( ?[^.!?]*$|.*:)|"
    r"image captions?\b|"
    r"(enlarge this image|toggle caption|facebook twitter|media playback)\b|"
    r"(courtesy|handout)( of| via|:).{2,40}$|"
    r"(chart|map|graphic|data|text|words|voice|created|provided) (by|with|provided by|from|"
    r"data ©)\b.{2,40}$|"
    r"(ap|afp|reuters|epa|pti|ani|getty) ?(photo|images?|file)\b[^.]{0,60}$|"
    r"(getty|alamy|shutterstock)|"
    r"(\d+ ?(/|of) ?\d+|(image|slide|photo|page|showing|pages?:) \d+( ?[-/of]* ?\d+)*\b.*|"
    r"\d[\d:]*( ?/ ?[\d:]+)|loaded: .*|\W*ad\W+\d*\)?|[\d.,]+k? (shares?|comments?|likes?|"
    r"views?)|(comments?|shares?|replies|duration|time|current time|"
    r"remaining time) \W*[\d:]+\W*)$|"
    r"(date )?(published|posted|updated|last[ -](updated|modified)|first published|modified|"
    r"publish(ed)? date|issued|(originally )?aired|web posted|last edited|created|"
    r"added|uploaded|time)\b(?=[^.]*\d|[ :]*(today|yesterday))( ?[:|"
    r",–-]? ?)(?!by\b).{0,60}$|"
    r"just now\W*$|(>>?|»|➜|→|▶) |[^«]*(>>|»|→)$|(credit|photo)\.{3}|"
    r"(recommended|explained|factbox|timeline|from the archives?|in pictures|pictures|map|"
    r"text|tip line|fax|tel|phone|up next|next up|tagged( with)?|posted under|in|category|"
    r"section|don['’]t miss|story|read) ?[:|][^.!]*$|"
    r"(tags?|tagged|categories|posted (in|under)|filed (in|under)) [^.!?]{2,60}$|"
    r"(tags?|topics?|keywords?|photo(graph)?s?|pictured?|pic|images?|illustration|composite|"
    r"graphic|video|audio|source|credit|caption|quiz|poll|reader poll|filed (under|to)|"
    r"opinion|analysis|explainer|gallery|podcast|live|url|via)( of the (day|week))? ?[:|"
    r"][^.!]*$|"
    r"(more|read more|trending|popular|all|see all|view all|most read|recommended|related|"
    r"posts?|articles?|stories|news) ((local|latest|news|stories|articles|posts|videos|"
    r"coverage|content|headlines|great|top) )?(from|in|on|by|about|to|for)\b(?!.*\b(is|are|"
    r"was|were|will|has|have|than)\b)[^.!?,:]{2,40}$|"
    r"((also|now|must) )?(read|see|watch|listen|related|more(?= (on|from|in|about)\b|"
    r":))( \w+){0,3} ?(?<!\d)[:|»›→]|"
    r"[←«‹]|(previous|next)( (article|story|post|page|entry))?( ?:.*)?$|"
    r"(recommended|sponsored|promoted|presented|brought to you|paid for|in (association|"
    r"partnership)|reviewed|fact[- ]checked|ads|content|supplied) (by|with|"
    r"from)\b[^.]{0,40}$|"
    r"(you (may|might) (also )?(like|enjoy|be interested)|in case you missed( it)?\W*$|"
    r"in case you missed it:|people also|"
    r"don['’]t miss|what to (read|watch)|have your say|elsewhere on|also in the news|"
    r"why (you can )?trust|why am i seeing)\b|"
    r"((the )?(writer|author) is|.{4,60}\bis (an?|the|our) .{0,60}\b(reporter|correspondent|"
    r"editor|columnist|writer|journalist|contributor|bureau chief))\b.*\b(covers|covering|"
    r"twitter|instagram|@|fellow|based in|views are)|"
    r"(leave a (reply|comment)|post a comment|sort(ed)? by|order by|name ?\*|e-?mail ?\*|"
    r"required fields|save my name|notify me|log ?in to|be the first to (comment|know)|"
    r"reply to|report this)\b|"
    r"no comments yet|"
    r"((only |just )?[£$€₹]\d+|\d+p|special offer|limited time|save \d+)\b.{0,40}\b(months?|"
    r"weeks?|years?|offer|subscription|trial)\W*$|"
    r"(a post shared by|end of (twitter|content))\b|"
    r"(pic\.|https?:|www\.)\S+$|(live |our )?(live )?coverage has ended\b|"
    r"(available|find us|listen) on (the|google|apple|spotify)\b|"
    r"(the )?(associated press|press trust of india|agence france[- ]presse|"
    r"press association|reuters|afp|ap|pa|pti|ani|ians|(bbc|sky|itv|rt[ée]|cnn|fox|abc|nbc|"
    r"cbs|cbc|npr) (news|sports?)(, \w+)?|(\w+ ){1,2}news agency)$|"
    r"(your |first |last |full |e-?mail |confirm )*(name|e-?mail|address|postcode|zip code|"
    r"message)\W*$|"
    r"(terms|conditions|t&cs?|terms (and|&) conditions|terms of \w+)( apply)?\W*$|"
    r"(please )?(enter|win|nominate|vote|book|buy) (our|your|tickets|now)\b[^.]{0,40}$|"
    r"(weather|traffic|travel|share prices|markets?|deals|what['’]s on|upcoming events|"
    r"newest|oldest|send|about|submit|translate|welcome back|full list)$|"
    r"(weather forecast|traffic and travel|place an ad)|"
    r"that['’]s (all|it)( from us)? for (today|now|tonight)\b|"
    r"(change|choose|select) (your )?(location|language|edition|region)|"
    r"(also available|read) in [A-Z]\w+$|click here:|\(?c\) |"
    r"\((adds|corrects|updates|refiles|recasts|rewrites|story has)\b.*\)$|updates with\b|"
    r"part \d+ of \d+$|"
    r"this (is|report is|article is|story is) part of (a|our|the)\b.{0,60}\b(series|"
    r"partnership|project)\b|"
    r"(all )?(material|content|text|images?)\b.{0,20}\bcopyright\b|"
    r"(reproduced|republished) \b[^.]*$|"
    r"(.{0,30}\breaders? |others?|people|you['’]?(ll| might| may)?) .{0,16}\b(also )(liked?|"
    r"read|viewed|bought)\b[^.]*$|"
    r"we (recommend|think you)\b[^.]{0,30}$|"
    r"(most|suggested|recommended|popular|featured|top)( \w+)?( for you| now)?$|"
    r"(chip in|give now|contribute( now)?|spread the word|pass it on|connect with us|"
    r"become a \w+|opt out|log out|an error occurred|failed to load|your (name|message|"
    r"rating|data).{0,16}|(go to |back to )?top|read the rest|code of conduct|rate card|"
    r"press (play|complaints|releases|enquiries|office)|(company|contact) info|media (kit|"
    r"enquiries)|(in|de)crease font size|add to \w+|choose a plan|download (as )?(a )?pdf|"
    r"(commercial|advertising|advertisement) feature|sound o(n|ff)|likes?|required|"
    r"remember me|get the data|buy me a coffee|scroll left and right|"
    r"5 things to know( today)?|what to know|(please )?wait|leave a message|advertise here|"
    r"(i |have you )?forgot(ten)? (your )?password|read the original|want to read more|"
    r"like this|got something to say|(enjoyed|liked|like) this (post|article|story|piece)|"
    r"related (internet )?links|never miss a (story|thing|beat|moment)|readers also \w+|"
    r"invalid \w+|getting your|don['’]t miss a thing|up next( for you)?|try again|"
    r"editor['’]s note|already (subscribed|a \w+)\?|stream \w+-free\b.*|"
    r"modern slavery statement)\W*$|"
    r"(this field|\* ?required|all fields)\b|"
    r"i (agree|consent|accept|have read)\b.{0,40}\b(terms|policy|data|stored|emails?|"
    r"cookies)\b|"
    r"disclaimer:|\d+ comments? on\b|there was an error|(full )?stor(y|ies) so far$|"
    r"full (coverage|list|story)$|"
    r"(the|an) (original|earlier|previous) (version|headline|caption) (of|on|to|in) (this|our)\b|"
    r"(all )?comments? (close|open|must|should|may|will|containing)\b|"
    r"(permission|material|content)\b.{0,60}\b(granted|quoted|link)\b|"
    r"(lottery results|planning notices|in memoriam|announcements|business directory|"
    r"jobs in [A-Z]\w+|homes for sale|things to do in [A-Z]\w+|(add|list) your \w+|(\d|"
    r"five)[- ]day forecast|switch to \w+ mode|adjust text size|listen in [A-Z]\w+|"
    r"fact[- ]?check|how we (made|reported) this( story)?|who we are|(ai|"
    r"auto)[- ]generated\b.*|key points|at a glance|in brief|from elsewhere|"
    r"part of the .{3,20} network|reader (offers|holidays|events)|this (week|"
    r"month)['’]s issue|((buy|get|order|pick up) )(the|a|your|our|back)( \w+)? (paper|"
    r"copies|copy|edition)\b.*)$|"
    r"(stay (connected|informed|up to date|in the know)\b.*|(no|yes)\b,? (thanks|i (accept|"
    r"agree))|not now|get it|open(s|ed)? (this )?in (a )?new (tab|window)|posts?|"
    r"fact[- ]checked|descriptions off.*|seek to live.*|maybe later|(accept|reject) all|"
    r"got it|i (agree|accept)|text size|font size|a[+] a-|buy (&|and) sell|(death|family|"
    r"public) notices|dating|find a job|copied to clipboard|pin it|(ist|et|gmt|bst)|"
    r"yesterday|chapters|modal window|larger text|share ?\d+|report abuse|subtitles off|"
    r"more like this|help us improve|how to complain|our standards|key events|us politics|"
    r"now playing|goodnight)\W*$|"
    r"(tell us|don['’]t show me)\b|"
    r"(this (news)?paper|this (site|website|publication)|we|if you|to (make|lodge)|"
    r"the \w+ (is|are) (a )?(member|regulated))\b.*\b(independent press standards|ipso|"
    r"press ombudsman|press council|editors['’] code)\b|"
    r"(independent press standards|ipso|the .{0,20}trust principles|our standards:)|"
    r"content is not available|(phone|tel|fax)\W*\+?[\d \(\)-]{7,}$|whatsapp us\b|"
    r"(enjoyed|liked|like) this\b.{0,12}\?|want to (read more|know more|keep reading)\b|"
    r"got a (story|tip|news)\b|(explore|read) more on (this|these)\b|"
    r"(essential|necessary|strictly necessary|functional|analytics|marketing) cookies\b|"
    r"(hosted|presented|produced|filmed|edited|music|mixed) by (?-i:[A-Z])[^.]*$|"
    r"(for )?(representation(al)?|illustrati(on|ve))( purposes?| only| image)+$|"
    r"(download|available|get it|also|find us|listen) on (the )?(?-i:[A-Z])[\w ]+$|"
    r"(light a candle|sign the (guest ?book)|cars for sale|jobs near (you|me)|auctions|"
    r"place an? (ad|obituary|notice)\b.*|near me|for you|my (feed|news|account|profile)|"
    r"unfollow|copy url|make it public|renew|upgrade( now| your plan)?|"
    r"more info(rmation)?( here)?|further information|(full )?details( here)?|resend code|"
    r"enter (your )?postcode|what you get|why (subscribe|register)\??|(welcome|"
    r"hello),? (guest|reader|back)\b.*|auto-renews\b.*|to enjoy additional benefits|"
    r"report as spam|report a (mistake|problem|bug)|suggest an? (edit|correction)|"
    r"request a correction|e-?edition|replica edition|short link|cite this article|"
    r"public notice portal|english \| .*|«? ?previous ?\| ?next ?»?|go back|back to (home|"
    r"news|search)|page not found|full ?screen|exit full ?screen|unlock full access|"
    r"replying to\b.*)$|"
    r"kindly (share|drop|like|follow|subscribe)\b|"
    r"(the )?(?-i:[A-Z])\w+ (online|digital|reporter|newspaper|web ?desk|news ?desk|bureau|"
    r"staff)$|"
    r"the (?-i:[A-Z])\w+ is (published by|regulated by|not responsible|a member of)\b|"
    r"(?-i:[A-Z][\w.’']+ [A-Z][\w’'-]+) (is|was) (an?|the) [\w’', -]{0,50}\b(reporter|"
    r"correspondent|columnist|journalist|staff writer|bureau chief)( (for|at|with|based|"
    r"covering|who|in)\b[^.]*)?\.?$|"
    r"this (article|story|post|content|page|report) (is|was)\b.{0,30}\b(archived|"
    r"years? (old|ago)|\d+ years?)\b|"
    r"(win|nominate|claim) (a family|our|your|tickets|free)\b[^.]{0,40}$|"
    r"(est\w*\.? )(read|reading) time\b.*|"
    r"share this\b.{0,50}\b(friends|family|everyone|someone)\b|"
    r"please (stay on|keep (it|comments|your)|note that comments|be (polite|kind|civil|"
    r"respectful))\b|"
    r"about (us|the (author|writer)|this (site|author))$|"
    r"(from left|left to right|l[- ]r|clockwise|pictured \w+)\b[^.]*[:,)][^.]*$|"
    r"pictured (above|below|left|right|in|at|with)\b[^.]*$|"
    r"(an? )?(undated|handout|aerial|general|file|archive)( \w+)? (image|photo|picture|view|"
    r"handout|photograph)\b[^.]*$|"
    r"we (apologise|apologize|regret|are (happy|sorry|pleased) to (clarify|correct)|"
    r"(have been|were) asked to (make clear|clarify|point out))\b|"
    r"(agency reports?|agencies|with agency reports?|nan|dpa|aap|bloomberg|xinhua|upi|efe|"
    r"tass|kyodo|gna|news24|ends?)$|"
    r"\d{1,2} ?(h|d|m|w|hrs?|mins?)$|(sponsored|promoted|advertisement|ad): |(#\w+ ?)+$|"
    r"click (here )?for more\b|visit\b.{0,40}\b(homepage|website|site|page|online)\b|"
    r"contribut(ing|ors?):|"
    r"this (article|report|story) (is based|contains|includes|was compiled|"
    r"uses)\b.{0,40}\b(wire|agency|material|reports|content)\b|"
    r"this is a rush transcript\b|\[(music|break|audio|pullquote|soundbite)[^\]]*\]$|"
    r"\(soundbite\b",
)
_WITHIN = _any(  # what gives them away elsewhere
    r"(paid for|funded|sponsored|supplied|produced) (by|for|in partnership with) (an?|our) "
    r"(advertisers?|sponsors?|partners?|clients?)\b|our (newsroom|(support|investigations|sports|"
    r"news|picture) desk)\b|ring samaritans\b|(generated|produced) automatically\b|"
    r"automatically (generated|translated|produced)\b|(use|using|with) (a )?screen reader|"
    r"reset your password|(taken as|constitute|considered|treated as) (financial|medical|legal|"
    r"investment|professional|tax) advice|questions about your (visit|experience)\b|"
    r"(reader|member|listener)-(funded|supported)\b|solely responsible for (all|its|the) "
    r"content|(short|quick|brief|reader) (survey|questionnaire)\b|"
    r"(complimentary|remaining|free) articles\b|"
    r"(data|prices|quotes) (is|are) (provided|delayed|supplied)\b|delayed (by )?at least\b|"
    r"embedded (post|tweet|content|video|media)\b|cannot vouch\b|"
    r"comments? (by|from|on|are|may|will)\b.*\b(held|approv\w+|moderat\w+|reviewed|removed)\b|"
    r"is an? ([\w-]+ ){0,3}(correspondent|reporter|columnist|staff writer|journalist) (based|for|"
    r"at|covering|who|with|and)\b|covers [\w ,]{4,40} for the \w+ and\b|e-?edition\b|"
    r"(on|of|for) external (web ?)?(sites|links)\b|imply (an |any )?endorsement|"
    r"reserves? the right to (remove|edit|refuse|close|delete|amend)|"
    r"correct at (the )?time of (publication|writing|going)|(may be|are) subject to change\W*$|"
    r"without (our |the )?(express |prior |prior written |written )(consent|permission)\b|"
    r"(agency|wire) (feed|copy|service)\b.*\b(modifi\w+|rewritten|redistributed|edited)\b|"
    r"letters (to the editor )?(should|must|may|will) be\b|"
    r"include your (full )?(name|address)\b|edited for (length|clarity|space|legal)\b|"
    r"(tickets|nominations|entries|bookings) (for .{1,60} )?(are|is) (now )?(on sale|open|"
    r"available|selling)\b|book (your|a) (table|tickets?|place|seat)s?\b|"
    r"if you or (someone|anyone) you know\b|for (confidential )?(support|help|advice),? "
    r"(call|contact|visit|ring)\b|affected by (any of )?(the|these) (issues|changes)\b.{0,40}"
    r"(\?|here|page|line|raised)|"
    r"joined (the )?(paper|newspaper|company|team|desk|magazine|site|[A-Z]\w+) in \d{4} and "
    r"(covers|writes|reports|edits)\b|"
    r"(deliver\w*|sent|send|straight|direct(ly)?)( to| into)? your (inbox|phone|door|e?mail)\b|"
    r"(every|each|any) (dollar|pound|euro|rand|rupee) (you|we|given|helps)\b|chip(ped)? in\b.{0,40}"
    r"(pounds|dollars|euros|few|support|secure)|buy me a (coffee|beer|pint)|"
    r"(monthly|regular|one-off|small) (gift|donation|contribution)\b|"
    r"unless you cancel|cancel (it )?(whenever|any ?time|at any time)|renews? automatically|"
    r"there was a problem\b.*\b(request|again)\b|"
    r"(computer|ai|automated|synthetic|artificial|robot)([- ]generated)? voice\b|"
    r"(link|url|text) copied\b|digiti[sz]ed (version|copy|archive)\b|"
    r"you can (tailor|manage|change|choose|update|customi[sz]e|adjust|turn) (the|your|which|off)\b|"
    r"turn (on|off) (push )?(notifications|alerts)\b|"
    r"(contact|complain to|write to) the (regulator|ombudsman|press (council|ombudsman))\b.{0,20}$|"
    r"\d+ ?°\W*(c\b|f\b)?.{0,20}$|"
    r"\b",
    r"all rights? reserved\b|creative commons\b|"
    r"(views?|opinions?)\b.{0,40}\b(are|is)\b.{0,24}"
    r"\b(author|writer|personal|(his|her|their) own|those of the (author|writer))|"
    r"(do|does|may) not (necessarily )?(reflect|represent)"
    r" (the |our |those |public )(views?|opinions?|position|policy|of)|"
    r"not responsible for the content|affiliate links?\b|"
    r"(privacy policy|terms of (use|service)|terms (and|&) conditions|t&cs?) (and|apply|"
    r"here)|"
    r"(registered|company) (office|in england|number)\b|do not sell\b|"
    r"earlier version of (this|the) (article|story|post|report)|"
    r"(this|a) (is a )?(developing|breaking) (news )?story\b.*\b(check|refresh|updat|more)|"
    r"(the )?information in this article\b|contributed to this (report|story|article)\b|"
    r"not been edited by\b|"
    r"(first|originally) (published|appeared|posted) (by|on|in|at)\b.{0,50}$|"
    r"(follow|find|reach|contact|email) (him|her|them|me|us)\b.{0,30}(@|"
    r"\bon (twitter|x|facebook|instagram|linkedin|bluesky|threads|tiktok)\b)|"
    r"your e-?mail (address )?(will|won['’]t)|fields are (marked|required)|"
    r"(comment(s|ing)?|discussion)\b.{0,40} (is|are|been|be) (now )?(closed|turned off|"
    r"disabled|moderated|premoderated|judged|open\b|awaiting|reviewed)|"
    r"(awaiting|under) moderation\b|cancel (at )?any ?time|"
    r"(fund|support|power|back)(s|ing)? (our|local|independent|quality) (journalism|"
    r"reporting|newsroom|news)\b|"
    r"you (have|['’]ve) (now )?(read|reached|used|viewed|\d+|one|two|no)\b.{0,30}\b(free|"
    r"articles?|limit|stories|views)\b|"
    r"(today['’]s|local) (weather|forecast|paper)\b[^.]{0,20}$|"
    r"(delayed( by)?( at least)? \d+ min)|ad[- ]?block(er|ing)|"
    r"(need|rely on|depend on|thanks to|value) (your (support|help)|readers like|"
    r"our readers|advertising)|"
    r"are you sure you want\b|"
    r"(reprint|republish|reproduc|used?)\w*( \w+)? (with|by|without) (\w+ )?permission\b|"
    r"(re|unauthori[sz]ed )production is prohibited|"
    r"unauthori[sz]ed (use|reproduction|copying)|"
    r"(not responsible for|responsibility of)\b.{0,30}\b(comments?|posted|content|who post)|"
    r"(value|fund|funded|made possible by|believe in|enjoy|like) (our|readers|this|what you|"
    r"it,? our) ?(work|like you|reporting|journalism|article|post|future)?\b.*\b(gift|"
    r"donat\w+|contribut\w+|you|share|future)\W*$|"
    r"(may|can) (opt out|unsubscribe)\b|"
    r"(headline|caption|version|chart|graphic)( \w+)? (of|on|in|to|with|for) (this |"
    r"an? (earlier|original) )(article|story|report|piece|version|post|page)|"
    r"(process|use)\w* your (personal )?(data|information|details)|"
    r"(verification code|legitimate interest|trust project|accepts? no (liability|"
    r"responsibility))\b|"
    r"(see|view|join|follow|hover|tap|click|swipe|scroll)\b.{0,20}\b(map|chart|graphic|"
    r"interactive|hashtag|arrows?)\b.*(here|figures|photographs|pictures|below|#\w+)\W*$|"
    r"(generated|created|produced|written|translated|summari[sz]ed) (by|with|using) (ai|"
    r"artificial intelligence)\b|"
    r"let us know\b|"
    r"(thanks|thank you) for (reading|registering|subscribing|signing|following|joining|"
    r"your (support|patience|feedback))\b(?! m[ey]\b)(?!.*[”\x22])|"
    r"(something|oops).{0,14} went wrong\b|try again later\W*$|"
    r"(was|is) this (article|page|story|post) (helpful|useful)|"
    r"our (house rules|community (guidelines|standards))\b|"
    r"(we|may) (may )?(earn|receive)\b.{0,30}\bcommission\b|"
    r"(available|limited|reserved|exclusive|open) (only )?(to|for) (our |paying |"
    r"registered |premium )*(subscribers|members|users|readers)( only)?\W*$|"
    r"contributed to (this|the) (report|story|article|post)\b|contributed reporting\b|"
    r"(hear from you|(please|can|to) support us|never share your|get in touch with (us|me)|"
    r"we (may|will) (contact|e?mail) you)\b|"
    r"(article|story|report|post|column|coverage|advertisement|reading) (continues?|"
    r"continued) (below|after)\b|"
    r"(material|article|content|part|text)\b.{0,40}\b(may|must|can) ?not be (reproduced|"
    r"republished|redistributed|published|copied)\b|"
    r"(may|must) not be published, broadcast\b|"
    r"(media|video|audio|player|playlist|embed)\b.{0,30}\b(not|n['’]t|cannot|failed to|"
    r"is) (be )?(load(ed|ing)?|play(ed)?|supported|displayed|available)\b|"
    r"(e-?mail|contact|call|message|whatsapp|phone|text|write to|reach|tel|sent|send|"
    r"emailing|ring)\b.{0,90}[\w.+-]+@[\w-]+\.\w|"
    r"(newsroom|news ?desk|reporters?|tips?|your (views|story)|letters|whatsapp us|"
    r"samaritans|affected by this story)\b.{0,60}\+?\d[\d \(\)-]{5,}|"
    r"(products?|items?)\b.{0,20}\b(independently|by our)\b.*\b(selected|chosen|editors)\b|"
    r"by (continuing|clicking|signing|using|subscribing|submitting|browsing|registering|"
    r"entering|providing|creating|closing|joining)\b.{0,80}\byou\b.{0,20}\b(agree|consent|"
    r"accept|confirm|acknowledge|understand)|"
    r"(you can|you may) (unsubscribe|opt[ -]out|withdraw)\b|unsubscribe at any ?time|"
    r"(your|this) browser\b.{0,50}\b(support|update|upgrade|out of date|old|javascript)|"
    r"javascript\b.{0,40}\b(enabled?|disabled|required|off)\b|"
    r"(protected|guarded) by re-?captcha|this (article|story) (first )?gave\b",
)
_ANYWHERE = _any(  # … and where no word begins
    "",
    r"©\s*\w|[»→›]\W*$|(?-i:^[A-Z][\w.]+ [A-Z]\w+\b.{0,90}) contributed\.?$|"
    r"\((left|right|cent(re|er)|far left|far right|pictured|file|l|r)\)[^.!?]*$|"
    r", (file|file (picture|photo|image|pic)|pictured)$",
)
_CAPTION = _any(  # what is seen in a picture, told in the present tense and with no full stop
    "",
    r"[^.!?:]{20,}\b(speaks|arrives|poses|addresses|gestures|waves|looks on|stands guard|"
    r"attends|receives|pictured)\b[^.!?:]{8,}$|"
    r"[^.!?:]{8,}\b(waits?|stands?|walks?|queues?|gathers?|march|inspects?|cheers?|"
    r"celebrates?|greets?|shelters?)\b[^.!?:]{0,60}\b(at|in|on|near|outside|during|along|"
    r"past|through|after)\b[^.!?:]{6,}$",
)

# --- shapes --------------------------------------------------------------------------------------

_AGENCY = (
    r"(?:Getty(?: Images)?|Shutterstock|AFP|Reuters|REUTERS|EPA(?:-EFE)?|AP|PTI|ANI|Pixabay|"
    r"PA(?: Wire| Media| Images?)?|Rex(?: Features)?|iStock(?:photo)?|Alamy(?: Stock Photo)?|"
    r"Unsplash|Wikimedia Commons|Zuma Press|Press Association|Handout|Supplied|Staff)"
)
_CREDIT = re.compile(  # at the end of a caption, which no full stop follows
    r"(?<!\w)(?:Photo(?:graph|graphs|grapher|s)?|Pictures?|Images?|Pic|Credit|Illustration)"
    r"(?: [Cc]redit| by)?: ?[A-Z@][^.:]{2,60}$|"
    r"(?<!\w)(?:Photo(?:graph)?|Picture|Image)s? (?:by|courtesy of|via) [A-Z][^.:]{2,60}$|"
    rf"(?:[/|:(]|\b(?:via|by|Image|Photo|Picture),?) ?{_AGENCY}[)\]]?$|"
    r"\b(?:Getty Images|Shutterstock|iStock(?:photo)?|Alamy|Unsplash|PA (?:Wire|Media|Images))"
    r"[)\]]?$|"
    r"\bREUTERS/[A-Z][^.]{3,40}$|/(?:Getty|Shutterstock|AP|AFP|Rex|PA)\b.{0,30}$"
)
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_MONTHS = (
    r"January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|"
    r"\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})"
)
_CAPITAL = "[A-ZÀ-ÖØ-ÞĀ-Ž]"
_NAME = (
    rf"{_CAPITAL}[\w.'’-]*"
    rf"(?: (?:de|van|von|der|la|al|bin|(?!{_MONTH} \d){_CAPITAL}[\w.'’-]*)){{0,4}}"
)
BYLINE = re.compile(
    rf"\W*(?:By|BY|by|Words|(?:Words|Written|Posted|Reported|Report|Story) by|Author)(?: ?: ?| )"
    rf"(?!{_DAY}\b|(?:{_MONTHS})\b|Christmas|Easter|Now|Then|Contrast|Comparison)"
    rf"(?P<author>{_NAME}(?:(?:, | and | & |, and ){_NAME})*|admin)"
    rf"(?: ?[,|–—•-] ?.{{1,80}}| (?:in|for|at|@).{{1,60}}| (?:{_MONTH} )?\d.{{1,40}})?"
)
_POST = (
    r"(?:(?:[Cc]orrespondent|[Rr]eporter|[Cc]olumnist)s?|Editor|Writer|Contributor|Journalist|"
    r"Bureau Chief|Reporting Service|(?:[Hh]ealth|[Pp]olitical|[Nn]ews|[Ss]taff|[Ss]ports?|"
    r"[Cc]hief|[Ss]enior|[Oo]nline|[Ww]eb|[Dd]igital|[Oo]pinion|[Ff]eatures?) "
    r"(?:editor|writer|contributor|[Dd]esk|[Tt]eam|[Ss]ervice|[Ss]taff|[Bb]ureau))"
)
_ROLE = re.compile(  # a line that is only somebody's post at the paper, or a name with it
    rf"(?!An? |The (?!\w+ staff))(?:By (?:our|a|an) [\w ]+|From {_NAME} in [A-Z]\w+|"
    rf"By {_NAME} \([\w ]+\)|{_NAME} reports?(?: from [A-Z]\w+)?\.?|(?:by )?{_NAME} and agencies|"
    rf"The \w+ staff|{_NAME}, (?:BBC|CNN|Sky|ITV|RT[EÉ]|Fox)(?: \w+){{0,2}}|"
    rf"{_NAME}[ ,|•·–-]+{DATE}.{{0,20}}|[A-Z]\w+ [A-Z][\w ]+ ?/ ?[A-Z][\w ]+|"
    rf"(?:(?:{_NAME}|[Ff]rom our|Our),? )?(?:[\w&'’-]+ ){{0,4}}{_POST}"
    r"(?:,? (?:[Ii]n )?[A-Z]\w+(?: \w+)?)?)"
)
_PART = r"[\w&'’.-]+(?: [\w&'’.-]+){0,3}"
_TRAIL = re.compile(rf"{_PART}(?:(?: ?[>»›|] ?{_PART})+|(?: [/•·] {_PART}){{2,}})")
SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_FULL_STOP = re.compile(r"(?<!\.\.)[.!?]$")
_CLOSED = re.compile(r"[.!?…:,;][\"'”’)\]]*$")
SPEECH = "\"“‘'«"
SECTION = re.compile(  # what follows such a heading, up to the next prose, is the page's too
    r"^\W*(leave a (reply|comment)|related\b.{0,30}|comments?( \(\d+\))?|\d+ comments?|"
    r"most (read|popular|viewed|shared)|(more|latest|top|other|trending|popular|recommended)\b"
    r".{0,30}|read (more|next|also)|see also|click to follow|follow us.{0,40}|share this.{0,20}|"
    r"you (may|might) (also )?like|tags?|topics?|categories)\W*$",
    re.I,
)
_LOGIN = re.compile(
    r"(?<!\ba )(?<!\bthe )(?<!\bno )\b(?:sign|log)(?:ed|ging|ing|ged)?[ -](?:up|in)\b|"
    r"\blog(?:ged|ging)? on\b"
)
_ADDRESS = re.compile(
    r"\S{0,64}@\S{1,64}|\bhttps?:\S{1,200}|\bwww\.\S{1,200}|\b[\w-]{1,63}\.(?:com|co\.uk|org|example)\b"
)
_TWEETED = re.compile(r"\(@\w+\)|https://t\.co\S+|pic\.twitter\S+")  # signs a quoted tweet
_POINTING = re.compile(
    r"(?<!\bwe )\bhere\W*$|\bclick here|\bthis (?:article|story|page|site|website|content|video|"
    r"link|newspaper|post)\b",
    re.I,
)
_ADVERTISING = re.compile(r"\b(?:please|free|now|today|latest|daily|unlimited)\b|[|•→»]", re.I)


# --- what goes ---------------------------------------------------------------------------------


_LONGEST = 500  # letters of a line of furniture; what is longer is not looked at


def is_furniture(line: str) -> bool:
    """True when `line`, a paragraph of its own, is the page's and not the article's."""
    if not any(c.isalnum() for c in line):
        return True
    if line[0] in SPEECH or len(line) > _LONGEST:
        return False
    ended = bool(SENTENCE_END.search(line))
    if not ended and (_CREDIT.search(line) or _CAPTION.match(line)):
        return True
    words = _words(line)
    if ended and len(words) > 14:  # most of an article is such lines: a quick look is enough
        known = _GATE.intersection(words)
        if not (known & _TELLING or len(known) > 1 or known.intersection(words[:4] + words[-5:])):
            return False
    return (
        (_is_label(words) and (not _FULL_STOP.search(line) or points(line, words) >= 3))
        or _has_shape(line)
        or _is_notice(line, words, ended)
        or points(line, words) >= 7
    )


def _is_notice(line: str, words: list[str], ended: bool) -> bool:
    if _OPENING.match(line):
        # "Comments are closed, the judge said." opens like a notice and is none.
        return not _SAID.search(line)
    look = not ended or len(words) <= 14 or not _TELLING.isdisjoint(words)
    if not look or not (_WITHIN.search(line) or _ANYWHERE.search(line)):
        return False
    # A paragraph of the story may hold such words too: "…, said the council. Write to …"
    return not ended or len(words) <= 20 or points(line, words) > _TOLD


_SAID = re.compile(r", (?:he|she|they|the [\w ]+|[A-Z][\w ]+) (?:said|says)\.$")
_TOLD = -6


_TELLING = (
    _SITE_ONLY
    | _WE
    | _YOU
    | _stems(
        "@ login copyright reserved opinion view article story version comment commission "
        "permission material"
    )
)
_GATE = _TELLING | _GOODS | _stems("reporting editing call text")


def _words(line: str) -> list[str]:
    """The line's stems; an address is "@", to log in or sign up is "login"."""
    text = _LOGIN.sub("login", line.lower().replace("’", "'").replace("e-mail", "email"))
    if "@" in text or "." in text[:-1]:
        text = _ADDRESS.sub(" @ ", _TWEETED.sub("", text))
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
    """A byline, somebody's post, a time, or a trail of sections."""
    if len(line) > 90 or (_FULL_STOP.search(line) and not line.endswith((".m.", "reports."))):
        return False
    if is_time(line) and re.search(r"(updat|modifi|publish|post|creat)ed", line, re.I):
        return True
    if BYLINE.fullmatch(line) or _ROLE.fullmatch(line):
        return True
    return bool(_TRAIL.fullmatch(line)) and not re.search(r"\d", line)


def points(line: str, words: list[str] | None = None) -> int:
    """Weak signs that the site is speaking to its reader, added up; reported deeds count against.

    Whoever tells the world's news gives few of them: 7 are enough for the line to go.
    """
    words = _words(line) if words is None else words
    known = set(words)
    starts = (_words(s) for s in re.split(r"[.!?:] ", line))
    first = {next((w for w in start if w not in _POLITE), "") for start in starts}
    ordered = not first.isdisjoint(_ORDERS)
    asked = ordered and (bool(known & {"us", "our"}) or words[-1] in ("now", "here", "today"))
    only = len(known & _SITE_ONLY)
    goods = len((known - (first & _ORDERS)) & _GOODS)
    if not (only or goods or asked):
        return 0
    finished, we, you = bool(_CLOSED.search(line)), len(known & _WE), len(known & _YOU)
    telling = only + len((known & _GOODS) - _VAGUE)
    points = 4 * min(only, 2) + 2 * min(goods, 2) + min(max(goods - 2, 0), 2)
    points += 2 * we + (1 if finished else 2) * you + 4 * (not finished) - (finished and not we)
    points += 3 * (ordered or "login" in first) + asked + 2 * (not first.isdisjoint(_APPEALS))
    points += 2 * bool(_POINTING.search(line)) + bool(_ADVERTISING.search(line))
    points += 2 * any(a in ("our", "your", "thi") and b in _GOODS for a, b in pairwise(words))
    if not finished and len(words) <= 8 and telling:
        points += 3 * (sum(w in _LABEL_WORDS for w in words) >= 0.6 * len(words))
    if finished and not (we or you or only):
        points -= 2
    if not finished and not (we or you) and telling < (1 if ordered else 2):
        points -= 3  # a single "story" or "page" is the world's as well
    points -= 4 * min(len(known & _REPORTED), 2) + 3 * bool(re.search(r"[“\"]", line))
    points -= 2 * sum(w.endswith("ed") and len(w) > 4 for w in known - _PAGE_PARTICIPLES)
    return points - len(words) // (6 if finished else 8)


def is_time(line: str) -> bool:
    """A date or a time of day, perhaps with "Updated"; but neither a lone year nor "14 March"."""
    words = _words(line) if len(line) <= 90 and any(c.isdigit() for c in line) else []
    if not words or not all(w in _TIMES or w[0].isdigit() for w in words):
        return False
    return bool(re.search(r"\d[:.]\d\d|\d[/-]\d+[/-]\d", line)) or (
        len(words) > 2 and any(c.isalpha() for c in line)
    )


def is_unfinished(line: str) -> bool:
    return len(line) <= 90 and not SENTENCE_END.search(line) and line[0] not in SPEECH


def is_headline(line: str) -> bool:
    """Three words or more without a full stop, and not a label, credit, byline or time."""
    words = _words(line)
    return (
        is_unfinished(line)
        and len(words) >= 3
        and not _is_label(words)
        and not _has_shape(line)
        and not is_time(line)
        and points(line, words) < 12
    )


def is_prose(line: str) -> bool:
    """Surely the article's own: a finished sentence that tells of deeds, or what somebody said."""
    if len(line) > _LONGEST:
        return True
    if not SENTENCE_END.search(line):
        return False
    words = _words(line)
    deeds = {w for w in words if w.endswith("ed") and len(w) > 4} - _PAGE_PARTICIPLES
    told = bool(deeds or _REPORTED & set(words))
    return line[0] in SPEECH or (told and points(line, words) <= 0)
