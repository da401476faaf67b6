# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever stands in a mail, the reply has the fields a draft has, each once, and says the same after a round trip."""

from __future__ import annotations

import unicodedata
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.utils import parseaddr

from hypothesis import given
from hypothesis import strategies as st

from bot import config, post
from bot.model import Person
from bot.post.fields import mailbox, text
from tests.post.example import cover, occasion
from tests.post.example import policy as rules

NASTY = st.one_of(
    st.text(max_size=80),
    st.text(alphabet='\r\n\t :,;<>@"\\=?_-aé\u202e\x1b\ud800山', max_size=60),
    st.sampled_from(
        [
            'x\r\nBcc: all@lists.example',
            'x\nX-Evil: 1\n\nbody',
            '=?utf-8?q?a=0ABcc:_b@c.example?=',
            'a\u2028Bcc: b',
            'x' * 2000,
            '"',
            '\\',
            ' ',
        ]
    ),
)
ADDRESSES = st.one_of(
    NASTY, st.sampled_from(['a@vger.kernel.org', '-oQ/tmp@x.example', 'a@b.example\nBcc: c@d.example'])
)
PEOPLE = st.builds(Person, NASTY, ADDRESSES)
RULES = rules()
ONCE = {'From', 'Date', 'Message-ID', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding', 'Auto-Submitted'}
KNOWN = ONCE | {
    'To',
    'Cc',
    'Subject',
    'In-Reply-To',
    'References',
    'Reply-To',
    'X-Mailer',
    'X-Patchwork-Hint',
    'X-Lorebot-Run',
}


@given(NASTY, PEOPLE, st.lists(PEOPLE, max_size=3), NASTY, st.lists(NASTY, max_size=4), NASTY, NASTY)
def test_no_field_is_injected(
    subject: str, author: Person, to: list[Person], message_id: str, references: list[str], body: str, name: str
) -> None:
    changed = {'subject': subject, 'author': author, 'to': tuple(to), 'message_id': message_id}
    talk = post.Conversation(cover(**changed, references=tuple(references)))
    settings = config.Post(name=name, address='bot@bots.example', contact=f'{name} <o@bots.example>', policy='')
    made = post.draft(occasion('review', body, talk=talk, tool=f'lorebot {name}', run=name), RULES, settings)
    raw = post.mail(made)
    head, _, rest = raw.partition(b'\n\n')
    assert head.isascii() and b'\r' not in raw and rest.decode() == made.body
    assert all(len(line) <= 998 for line in head.split(b'\n'))
    assert all(line.strip() for line in head.split(b'\n'))
    parsed = BytesParser(policy=policy.compat32).parsebytes(raw)
    assert not parsed.defects
    names = parsed.keys()
    assert set(names) <= KNOWN and len(names) == len(set(names)) and set(names) >= ONCE
    assert [(n, ''.join(v.split('\n'))) for n, v in parsed.items()] == list(made.headers)


@given(st.text(max_size=120))
def test_free_text_comes_back(value: str) -> None:
    raw = b'Subject: ' + text(value).encode('ascii') + b'\n\n'
    seen = ''.join(' ' if c in '\t\n\r\v\f\x85\u2028\u2029' else c for c in value)
    seen = ''.join(c for c in seen if unicodedata.category(c) not in ('Cc', 'Cf', 'Cs', 'Co')).strip(' ')
    assert str(BytesParser(policy=policy.default).parsebytes(raw)['Subject']) == seen


@given(st.text(max_size=60))
def test_names_come_back(name: str) -> None:
    shown, address = parseaddr(mailbox(Person(name, 'a@b.example')))
    seen = ''.join(c for c in ' '.join(name.split()) if unicodedata.category(c) not in ('Cc', 'Cf', 'Cs', 'Co'))
    assert address == 'a@b.example'
    # The newer parser of Python 3.11 puts a blank between encoded words of a name, against RFC 2047 6.2.
    assert str(make_header(decode_header(shown))) == seen.strip(' ')


def test_words_of_encoded_text_keep_to_their_length() -> None:
    words = text('ü' * 300).split(' ')
    assert len(words) > 3 and all(len(word) <= 75 and word.startswith('=?utf-8?q?') for word in words)
