"""Words that may stand for one another in a question, form by form: for people's other words.

A line's words can take each other's place in most questions; each form has a line of its own.
"""

import random
import re

_LINES = """
fall drop decline decrease
falls drops declines decreases
fell dropped declined decreased
fallen dropped declined decreased
rise increase climb grow
rose increased climbed grew
risen increased climbed grown
start begin commence
starts begins commences
started began commenced
end finish conclude
ended finished concluded
stop halt cease
stopped halted ceased
close shut
closed shut
open launch
opened launched
buy purchase acquire
bought purchased acquired
help assist aid
helped assisted aided
showed revealed demonstrated
shows reveals demonstrates
say claim
said claimed
build construct erect
built constructed erected
destroy wreck ruin
destroyed wrecked ruined
damage harm
damaged harmed
hurt injured wounded
injuries wounds
die perish
died perished
attack assault
attacked assaulted
defeat beat
defeated beat
win gain secure
won gained secured
give provide supply
gave provided supplied
gives provides supplies
need require
needs requires
needed required
want wish desire
wants wishes
wanted wished
chose picked selected
chosen picked selected
used utilised
live reside dwell
lives resides
lived resided
stayed remained
leave quit depart
left quit
move relocate shift
moved relocated shifted
meet encounter
met encountered
marry wed
married wed
teach instruct
taught instructed
learn discover
learned discovered
find discover
happen occur
happened occurred
happens occurs
cause trigger prompt
caused triggered prompted
causes triggers prompts
allow permit let
allowed permitted let
ban prohibit outlaw
banned prohibited outlawed
forbidden banned prohibited
sack fire dismiss
sacked fired dismissed
resign quit
resigned quit
blame fault
blamed faulted
criticise condemn attack
criticised condemned attacked
criticized condemned attacked
praise applaud commend
praised applauded commended
support back endorse
supported backed endorsed
supports backs endorses
oppose resist
opposed resisted
reject refuse
rejected refused
accept approve
accepted approved
announce declare
announced declared
publish release
published released
write author pen
wrote authored penned
written authored penned
describe portray depict
described portrayed depicted
believe think reckon
believes thinks reckons
believed thought reckoned
think believe reckon
thinks believes reckons
thought believed reckoned
expect anticipate predict
expected anticipated predicted
plan intend
planned intended
decide resolve
decided resolved
agree consent
agreed consented
try attempt
tried attempted
change alter
changed altered
kept retained
protect guard shield
protected guarded shielded
save rescue
saved rescued
arrest detain
arrested detained
jail imprison
jailed imprisoned
founded established started
establish found
established founded
create form
created formed
visit tour
visited toured
see spot
saw spotted
watch view
watched viewed
replace succeed
replaced succeeded
own possess
owns possesses
owned possessed
reach attain
reached attained
connect link
connected linked
connects links
include comprise
includes comprises
rule govern
ruled governed
fight battle
fought battled
fear dread
feared dreaded
hate loathe
complain moan
investigate probe
investigated probed
prove show
proved showed
study examine
studied examined
tested trialled
treat cure
treated cured
suffer endure
suffered endured
repair mend fix
repaired mended fixed
carry transport
carried transported
send dispatch
sent dispatched
bring fetch
brought fetched
finance fund
financed funded
fund finance
funded financed
donate give
donated gave
approximately roughly
usually normally generally
often frequently
quickly rapidly
finally eventually
mainly mostly chiefly
nearly almost
currently now
big large huge
bigger larger
biggest largest
small little
smallest tiniest
old elderly
main chief principal primary
main chief primary
hire recruit
hired recruited
sick ill unwell
boss chief
leader chief
difficult hard tough
easy simple
rich wealthy
poor needy
dangerous hazardous risky
strange odd unusual
whole entire
entire whole
several various
many numerous
quick fast rapid
famous renowned
job post position
jobs posts positions
work labour
worker employee
workers employees staff
employees workers staff
staff employees workers
company firm business
companies firms businesses
firm company business
firms companies businesses
business firm company
shop store
shops stores
money cash funds
earnings profits income
profit earnings
profits earnings
income earnings revenue
revenue income
salary pay wage
wages pay salaries
child kid youngster
children kids youngsters
boy lad
mother mum
father dad
parents folks
baby infant
friend pal mate
friends pals mates
woman lady
people individuals
doctor physician medic
doctors physicians medics
illness disease sickness
disease illness
diseases illnesses
medicine drug medication
medicines drugs medications
drug medicine medication
police officers cops
prison jail
crime offence
lawyer attorney solicitor
court tribunal
trial hearing
judge magistrate
fire blaze
accident crash collision
crash collision accident
bomb explosive
explosion blast
war conflict
battle fight
soldiers troops
army military
weapons arms
strike walkout stoppage
protest demonstration
vote ballot
election poll
law legislation
laws rules
rule regulation
rules regulations
government administration
country nation
countries nations
nation country
village hamlet
house home
houses homes
flat apartment
road street
street road
car vehicle automobile
cars vehicles automobiles
ship vessel boat
ships vessels boats
boat vessel
school academy
pupils students schoolchildren
students pupils
student pupil
teacher tutor
teachers tutors
film movie
films movies
movie film
movies films
songs tracks tunes
singer vocalist
actor performer
author writer
writer author
team squad
game match
games matches
player footballer
fans supporters
prize award
award prize honour
awards prizes honours
reason cause
reasons causes
result outcome
results outcomes
effect impact
effects impacts
problem issue difficulty
problems issues difficulties
plans schemes proposals
project scheme
parts sections portions
kind type sort
kinds types sorts
type kind sort
types kinds sorts
way method manner
method way technique
area region zone
areas regions zones
region area
border boundary
size extent
amount quantity
meeting gathering
agreement deal accord
deal agreement
argument dispute quarrel
report study account
study research
scientists researchers academics
researchers scientists academics
animal creature beast
animals creatures beasts
food nourishment
rain rainfall
flood inundation
storm tempest
forest wood
river waterway
""".strip().splitlines()


def _table() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in _LINES:
        words = line.split()
        for word in words:
            found.setdefault(word, []).extend(w for w in words if w != word)
    return found


_OTHERS = _table()


def reworded(question: str, passage: str, draw: random.Random) -> str:
    """The question with other words for its own, where there are some that the passage lacks."""
    held = passage.casefold()

    def other(m: re.Match[str]) -> str:
        if question[: m.start()].casefold().endswith("how "):
            return m[0]  # "how many", "how old"
        choices = [w for w in _OTHERS.get(m[0], ()) if not re.search(rf"\b{w}\b", held)]
        return draw.choice(choices) if choices else m[0]

    return re.sub(r"(?<![\w-])[a-z]+(?![\w-])", other, question)


def masked(question: str, passage: str, draw: random.Random) -> str:
    """The question with one or two of the words that the passage has too left out."""
    held = set(re.findall(r"[a-z]+", passage.casefold()))
    shared = [m for m in re.finditer(r"(?<![\w-])[a-z]{4,}(?![\w-])", question) if m[0] in held]
    for m in sorted(draw.sample(shared, min(2, len(shared))), key=lambda m: -m.start()):
        question = f"{question[: m.start()]}[MASK]{question[m.end() :]}"
    return question
